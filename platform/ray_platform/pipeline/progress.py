"""How far an operation is, by component: what is done, how long it has taken, how long it is expected to take."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from ray_platform.pipeline.events import Change, Message
from ray_platform.plan.timeline import Timeline

State = Literal["waiting", "working", "done", "failed"]
# Resources of no component: the provider, and whatever somebody adds to the program beside them.
OTHERS: Final = "Others"


@dataclass(frozen=True, kw_only=True)
class Row:
    """One component. ``elapsed`` and ``expected`` are seconds; ``expected`` is None where nothing tells it."""

    component: str
    state: State
    done: int
    total: int
    elapsed: float
    expected: float | None


@dataclass(kw_only=True)
class _Tally:
    urns: set[str]
    done: set[str]
    expected: float | None = None
    began: float | None = None
    ended: float | None = None
    failed: bool = False


class Progress:
    """Counts as the facts come. ``components`` has the component of each URN, ``planned`` the changes to be done.

    Times come in from outside, in seconds of any clock that only goes forwards.
    """

    def __init__(self, components: Mapping[str, str], planned: Iterable[Change], expected: Timeline | None) -> None:
        self._components = components
        self._tallies: dict[str, _Tally] = {}
        for change in planned:
            tally = self._tallies.setdefault(self.component(change.urn), _Tally(urns=set(), done=set()))
            tally.urns.add(change.urn)
        if expected:
            self._expect(expected)

    def component(self, urn: str) -> str:
        return self._components.get(urn, OTHERS)

    def take(self, fact: Change | Message, now: float) -> None:
        if not isinstance(fact, Change) or not fact.counts:
            return
        tally = self._tallies.setdefault(self.component(fact.urn), _Tally(urns=set(), done=set()))
        tally.urns.add(fact.urn)
        tally.began = now if tally.began is None else tally.began
        if fact.status == "done":
            tally.done.add(fact.urn)
            tally.ended = now
        elif fact.status == "failed":
            tally.failed, tally.ended = True, now

    def rows(self, now: float) -> list[Row]:
        """A row for each component that changes, in the order in which they were planned."""
        return [_row(name, tally, now) for name, tally in self._tallies.items()]

    def _expect(self, expected: Timeline) -> None:
        spans: dict[str, tuple[float, float]] = {}
        for step in expected.steps:
            name = self.component(step.urn)
            if step.seconds and name in self._tallies:
                begin, end = spans.get(name, (step.start, step.finish))
                spans[name] = min(begin, step.start), max(end, step.finish)
        for name, (begin, end) in spans.items():
            self._tallies[name].expected = end - begin


def _row(name: str, tally: _Tally, now: float) -> Row:
    state: State = "waiting"
    if tally.failed:
        state = "failed"
    elif tally.done >= tally.urns:
        state = "done"
    elif tally.began is not None:
        state = "working"
    over = state in ("done", "failed") and tally.ended is not None
    until = tally.ended if over and tally.ended is not None else now
    return Row(
        component=name,
        state=state,
        done=len(tally.done),
        total=len(tally.urns),
        elapsed=0.0 if tally.began is None else until - tally.began,
        expected=tally.expected,
    )
