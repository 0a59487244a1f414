"""The arithmetic of the bench: ratios, growth, and which targets are met."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, Final

PROGRAM_AT_MOST: Final = 1.3
BEND_AT_MOST: Final = 1.2
SIDE_BY_SIDE_AT_MOST: Final = 1.0
IMPORTS_AT_MOST: Final = 2.0
KEPT_RUNS: Final = 3


@dataclass(frozen=True, kw_only=True)
class Target:
    """A figure, and what it may be at most."""

    name: str
    value: float
    at_most: float

    @property
    def met(self) -> bool:
        return self.value <= self.at_most

    def __str__(self) -> str:
        return f"{self.name}: {self.value:.2f}, at most {self.at_most:g}: {'met' if self.met else 'MISSED'}"


def ratio(ours: Sequence[float], floor: Sequence[float]) -> float:
    """The median of the rounds' ratios. The two of a round ran one after the other, so what slows both is in both."""
    return median(our / other for our, other in zip(ours, floor, strict=True))


def per_added(pools: Sequence[int], seconds: Sequence[float], first: int, last: int) -> float:
    """Seconds for each pool added between two sizes that were measured."""
    by_pools = dict(zip(pools, seconds, strict=True))
    return (by_pools[last] - by_pools[first]) / (last - first)


def bend(pools: Sequence[int], seconds: Sequence[float]) -> float:
    """What an added pool costs in the upper half of the sizes, as a ratio to the lower half; 1 is a straight line.

    Preferred to the residual of a fitted line: a cost that grows with the number of pools moves this ratio much more
    than it moves the points away from a line through them.
    """
    low, high = pools[0], pools[-1]
    middle = min(pools, key=lambda each: abs(each - (low + high) / 2))
    return per_added(pools, seconds, middle, high) / per_added(pools, seconds, low, middle)


def targets(result: Mapping[str, Any]) -> list[Target]:
    """Every target with what was measured."""
    side, growth = result["sideBySide"], result["growth"]
    return [
        *(
            Target(name=f"{verb} of dev against the floor", value=result["program"][verb]["ratio"], at_most=bound)
            for verb, bound in (("preview", PROGRAM_AT_MOST), ("up", PROGRAM_AT_MOST))
        ),
        Target(
            name=f"preview of {growth['pools'][-1]} pools against the floor",
            value=growth["preview"]["ratios"][-1],
            at_most=PROGRAM_AT_MOST,
        ),
        Target(
            name="cost of an added pool, far against near",
            value=growth["recorded"]["bend"],
            at_most=BEND_AT_MOST,
        ),
        Target(name="stacks that were not previewed rightly", value=side["stacks"] - side["right"], at_most=0),
        Target(
            name=f"{side['stacks']} stacks side by side against one after the other",
            value=side["ratio"],
            at_most=SIDE_BY_SIDE_AT_MOST,
        ),
        Target(name="seconds of imports", value=result["imports"]["seconds"], at_most=IMPORTS_AT_MOST),
    ]


def runs(result: Mapping[str, Any], earlier: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The judged figures of the newest runs, this one last.

    Those of an earlier result count only when it was made by the same versions, with as many cores and rounds, and
    when they were judged by the same targets.
    """
    this = {"date": result["made"]["date"], "figures": {each.name: each.value for each in targets(result)}}
    before = earlier["runs"] if _circumstances(result) == _circumstances(earlier) else []
    return [*(run for run in before if run["figures"].keys() == this["figures"].keys()), this][-KEPT_RUNS:]


def _circumstances(result: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in result["made"].items() if name != "date"}
