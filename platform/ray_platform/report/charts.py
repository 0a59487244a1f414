"""The numbers behind the bars of the HTML report: parts of a whole in per cent, so that the page may have any width."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil
from typing import Final

from ray_platform.costs.estimate import Amounts, Estimate
from ray_platform.plan.picture import Picture
from ray_platform.report.box_text import span
from ray_platform.report.words import SHARED, duration, money

# After Okabe and Ito: told apart by every common form of colour blindness. Red is the critical path's.
COLOURS: Final = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#8c6d31", "#f0e442", "#7f7f7f")
# On these a white letter reads better than a dark one.
DARK: Final = frozenset({"#0072b2", "#009e73", "#8c6d31", "#7f7f7f"})
# A narrower part of a bar has no room for its name; the legend tells it.
NAMED_FROM_PERCENT: Final = 12.0
MOST_TICKS: Final = 10
TICK_MINUTES: Final = (1, 2, 5, 10, 15, 30, 60)


@dataclass(frozen=True, kw_only=True)
class Part:
    """One pool's part of a bar. ``label`` is empty where there is no room for it."""

    pool: str
    amount: str
    percent: float
    colour: str
    dark: bool
    label: str


@dataclass(frozen=True, kw_only=True)
class CostBar:
    """One of the three sizes; its parts make up ``total``."""

    size: str
    meaning: str
    total: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, kw_only=True)
class TimeBar:
    """A part of the stack from ``left`` on, ``percent`` wide. ``label`` stands on the side that has more room."""

    name: str
    left: float
    percent: float
    critical: bool
    label: str
    label_before: bool
    steps: str


@dataclass(frozen=True, kw_only=True)
class Tick:
    left: float
    minutes: int


SIZES: Final = (
    ("floor", "every pool at its smallest"),
    ("configured", "every pool at the size it begins with"),
    ("ceiling", "every pool at its largest"),
)


def cost_bars(cost: Estimate) -> list[CostBar]:
    """Floor, configured and ceiling on one scale: the largest is the whole width."""
    whole = max((_amount(cost.total(), size) for size, _ in SIZES), default=0.0) or 1.0
    return [
        CostBar(
            size=size,
            meaning=meaning,
            total=money(_amount(cost.total(), size)),
            parts=tuple(_parts(cost, size, whole)),
        )
        for size, meaning in SIZES
    ]


def colours(cost: Estimate) -> dict[str, str]:
    """The colour of each pool, in the order of the bars."""
    return {pool or SHARED: COLOURS[place % len(COLOURS)] for place, pool in enumerate(cost.by_pool())}


def time_bars(picture: Picture, whole: float) -> list[TimeBar]:
    """A bar for each part that is made, in the order of their start; ``whole`` seconds are the whole width."""
    return [
        TimeBar(
            name=box.name,
            left=_percent(box.start, whole),
            percent=_percent(box.finish - box.start, whole),
            critical=box.critical,
            label=f"{span(box)}{', critical' if box.critical else ''}",
            label_before=box.start > whole - box.finish,
            steps=", ".join(f"{step.label} {duration(step.seconds)}" for step in box.steps),
        )
        for box in picture.boxes
        if box.resources
    ]


def ticks(whole: float) -> list[Tick]:
    """Whole minutes at even distances, as few as read well."""
    minutes = whole / 60
    step = next((each for each in TICK_MINUTES if minutes / each <= MOST_TICKS), ceil(minutes / MOST_TICKS))
    return [Tick(left=_percent(each * 60, whole), minutes=each) for each in range(0, int(minutes) + 1, step)]


def _parts(cost: Estimate, size: str, whole: float) -> Iterator[Part]:
    paint = colours(cost)
    for pool, amounts in cost.by_pool().items():
        amount, name = _amount(amounts, size), pool or SHARED
        percent = _percent(amount, whole)
        if amount:
            yield Part(
                pool=name,
                amount=money(amount),
                percent=percent,
                colour=paint[name],
                dark=paint[name] in DARK,
                label=name if percent >= NAMED_FROM_PERCENT else "",
            )


def _amount(amounts: Amounts, size: str) -> float:
    return {"floor": amounts.floor, "configured": amounts.configured, "ceiling": amounts.ceiling}[size]


def _percent(part: float, whole: float) -> float:
    return round(100 * part / whole, 2) if whole else 0.0
