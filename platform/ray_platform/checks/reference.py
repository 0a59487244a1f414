"""The table of all checks, made from the checks themselves.

`python -m ray_platform.checks.reference` prints it; with `--write`, in the repository's root, it puts it into
docs/check.md.
"""

from pathlib import Path
from typing import Final

from ray_platform.checks.all import CATALOGUE
from ray_platform.generated import GeneratedPart, print_or_write

PART: Final = GeneratedPart(document=Path("docs/check.md"), command="python -m ray_platform.checks.reference --write")


def markdown() -> str:
    """One row for each check, in the order in which they are asked."""
    rows = [f"| {check.group} | `{check.code}` | {check.asks} |" for check in CATALOGUE]
    return "\n".join(["| group | code | what is asked |", "|---|---|---|", *rows])


if __name__ == "__main__":
    print_or_write(PART, markdown())
