"""How the properties are searched: the same examples in every run, and no clock in it."""

from tempfile import TemporaryDirectory
from typing import Final

from hypothesis import HealthCheck, Phase, settings
from hypothesis.configuration import set_hypothesis_home_dir

# Hypothesis keeps what it learned of the sources, with their paths, in a folder that would be the repository's.
_HOME: Final = TemporaryDirectory(prefix="hypothesis-")
set_hypothesis_home_dir(_HOME.name)


def examples(count: int, *, shrink: bool = True) -> settings:
    """So many examples. The machine may be as slow as it likes, and nothing is kept from one run to the next.

    Without `shrink` the first failing example is told as it is: hundreds of runs of the program take minutes.
    """
    return settings(
        max_examples=count,
        derandomize=True,
        database=None,
        deadline=None,
        phases=(Phase.explicit, Phase.generate, *((Phase.shrink,) if shrink else ())),
        suppress_health_check=[HealthCheck.too_slow],
    )
