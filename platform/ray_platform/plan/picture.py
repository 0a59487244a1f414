"""The stack as a picture for people: a box for each component of the program, an arrow for each that waits for another.

Only what is to be drawn: where the boxes stand is the report's business.
"""

import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from graphlib import TopologicalSorter
from typing import Any, Final

from ray_platform.plan.captions import caption, step_label
from ray_platform.plan.timeline import NOTABLE_SECONDS, Step, Timeline, dependencies

COMPONENTS: Final = "ray-platform:components:"
# Parts of what they stand in, and so no boxes of their own.
PARTS: Final = {f"{COMPONENTS}NodePools", f"{COMPONENTS}ServiceAccountRole"}


@dataclass(frozen=True, kw_only=True)
class BoxStep:
    """Something in a box that takes time; ``critical`` when the time to ready depends on it."""

    label: str
    seconds: float
    critical: bool


@dataclass(frozen=True, kw_only=True)
class Box:
    """A component. ``kind`` says in a few words what it is, ``resources`` how many of them it stands for.

    ``start`` is when what takes long in it begins, or its first resource where nothing does, ``finish`` when it is
    ready, in seconds after the start of the run. ``steps`` are what takes long, in order; one that is critical makes
    the box so.
    """

    name: str
    kind: str
    resources: int
    start: float
    finish: float
    steps: tuple[BoxStep, ...]
    critical: bool


@dataclass(frozen=True, kw_only=True)
class Arrow:
    """``after`` waits for ``before``; both are names of boxes."""

    before: str
    after: str
    critical: bool


@dataclass(frozen=True, kw_only=True)
class Picture:
    """Boxes in the order of their start. No arrow says what others together say already."""

    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]


def picture(resources: Iterable[Mapping[str, Any]], line: Timeline) -> Picture:
    """The picture of a deployment, as ``timeline`` takes it, with its timeline.

    A component without resources is a box where others were given what it knows, such as the ids of the network.
    Raises ``graphlib.CycleError`` for components that wait for each other.
    """
    stack = _Stack(resources)
    waits = stack.waits()
    depths = _depths(waits)
    critical = [step.urn for step in line.notable_path]
    boxes = [_box(stack, urn, line, frozenset(critical)) for urn in waits]
    names = dict(zip(waits, (box.name for box in boxes), strict=True))
    order = [names[each] for each, _ in itertools.groupby(stack.box_of(urn) for urn in critical) if each in names]
    path = set(itertools.pairwise(order))
    depth = {names[urn]: number for urn, number in depths.items()}
    arrows = [(names[before], names[after]) for after, befores in _reduced(waits).items() for before in befores]
    boxes.sort(key=lambda box: (box.start, depth[box.name], box.name))
    place = {box.name: number for number, box in enumerate(boxes)}
    return Picture(
        boxes=tuple(boxes),
        arrows=tuple(
            Arrow(before=before, after=after, critical=(before, after) in path)
            for before, after in sorted(arrows, key=lambda pair: (place[pair[0]], place[pair[1]]))
        ),
    )


def box_names(resources: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """URN -> the name of the box that the resource is in, as ``picture`` draws it; without those that are in none."""
    known = list(resources)
    stack = _Stack(known)
    names = {urn: caption(stack.resource(urn)["type"], stack.inside[urn])[0] for urn in stack.boxes}
    return {each["urn"]: names[box] for each in known if (box := stack.box_of(each["urn"]))}


class _Stack:
    """The resources by component."""

    def __init__(self, resources: Iterable[Mapping[str, Any]]) -> None:
        self._all = {each["urn"]: each for each in resources if not each.get("delete")}
        self.boxes = [urn for urn, each in self._all.items() if _is_box(each)]
        self.inside: dict[str, list[Mapping[str, Any]]] = {urn: [] for urn in self.boxes}
        for urn, each in self._all.items():
            box = self.box_of(urn)
            if box and each["custom"] and not each["type"].startswith("pulumi:providers:"):
                self.inside[box].append(each)

    def resource(self, urn: str) -> Mapping[str, Any]:
        return self._all[urn]

    def box_of(self, urn: str) -> str | None:
        """The innermost component with a box that a resource is in; its own for such a component."""
        while urn in self._all:
            if _is_box(self._all[urn]):
                return urn
            urn = self._all[urn].get("parent", "")
        return None

    def waits(self) -> dict[str, set[str]]:
        """For each box to be drawn, the boxes that it waits for."""
        waits: dict[str, set[str]] = {urn: set() for urn in self.boxes}
        for urn, each in self._all.items():
            if after := self.box_of(urn):
                waits[after] |= {before for need in dependencies(each) if (before := self.box_of(need))} - {after}
        given = {value: urn for urn in self.boxes if not self.inside[urn] for value in _ids(self._all[urn])}
        for after, inside in self.inside.items():
            waits[after] |= {given[text] for each in inside for text in _texts(each["inputs"]) if text in given}
        used = set().union(*waits.values())
        return {urn: waits[urn] for urn in self.boxes if self.inside[urn] or urn in used}


def _is_box(resource: Mapping[str, Any]) -> bool:
    return bool(resource["type"].startswith(COMPONENTS)) and resource["type"] not in PARTS


def _ids(component: Mapping[str, Any]) -> set[str]:
    """The ids of AWS among what a component tells."""
    return {text for text in _texts(component.get("outputs") or {}) if text.startswith(("vpc-", "subnet-"))}


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _texts(each)


def _box(stack: _Stack, urn: str, line: Timeline, critical: frozenset[str]) -> Box:
    inside = {each["urn"] for each in stack.inside[urn]}
    steps = [step for step in line.steps if step.urn in inside]
    long = [step for step in steps if step.seconds >= NOTABLE_SECONDS]
    name, kind = caption(stack.resource(urn)["type"], stack.inside[urn])
    return Box(
        name=name,
        kind=kind,
        resources=len(inside),
        start=min((step.start for step in long or steps), default=0.0),
        finish=max((step.finish for step in steps), default=0.0),
        steps=tuple(_box_step(step, stack.resource(step.urn), critical) for step in long),
        critical=not critical.isdisjoint(inside),
    )


def _box_step(step: Step, resource: Mapping[str, Any], critical: frozenset[str]) -> BoxStep:
    return BoxStep(label=step_label(resource), seconds=step.seconds, critical=step.urn in critical)


def _depths(waits: Mapping[str, set[str]]) -> dict[str, int]:
    """How many boxes at most come one after the other before each."""
    depths: dict[str, int] = {}
    for each in TopologicalSorter(waits).static_order():
        depths[each] = max((depths[before] + 1 for before in waits[each]), default=0)
    return depths


def _reduced(waits: Mapping[str, set[str]]) -> dict[str, list[str]]:
    """What each box waits for, without what it waits for by way of another."""
    earlier: dict[str, set[str]] = {}
    for each in TopologicalSorter(waits).static_order():
        earlier[each] = set(waits[each]).union(*(earlier[before] for before in waits[each]))
    return {
        after: [each for each in befores if not any(each in earlier[other] for other in befores)]
        for after, befores in waits.items()
    }
