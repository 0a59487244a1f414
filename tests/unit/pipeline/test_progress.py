"""How far an operation is, by component."""

from __future__ import annotations

from ray_platform.pipeline.events import Change, Message, Status
from ray_platform.pipeline.progress import OTHERS, Progress, Row
from ray_platform.plan.timeline import Step, Timeline

COMPONENTS = {"urn:a": "Cluster", "urn:b": "Cluster", "urn:c": "Ray cluster"}


def change(urn: str, status: Status = "planned", op: str = "create") -> Change:
    return Change(status=status, op=op, urn=urn, type="aws:iam/role:Role", name=urn)


def step(urn: str, start: float, finish: float) -> Step:
    return Step(urn=urn, token="t", start=start, finish=finish, waited_for=None)


def progress() -> Progress:
    line = Timeline(steps=(step("urn:a", 0, 10), step("urn:b", 10, 40), step("urn:c", 40, 160)))
    return Progress(COMPONENTS, [change("urn:a"), change("urn:b"), change("urn:c")], line)


def row(component: str, state: str, done: int, total: int, elapsed: float, expected: float | None) -> Row:
    return Row(component=component, state=state, done=done, total=total, elapsed=elapsed, expected=expected)  # type: ignore[arg-type]


def test_before_anything_happens_every_component_waits_and_tells_what_is_expected() -> None:
    assert progress().rows(100.0) == [
        row("Cluster", "waiting", 0, 2, 0, 40),
        row("Ray cluster", "waiting", 0, 1, 0, 120),
    ]


def test_a_component_works_from_its_first_resource_to_its_last() -> None:
    told = progress()
    told.take(change("urn:a", "started"), 100.0)
    told.take(change("urn:a", "done"), 105.0)
    assert told.rows(107.0)[0] == row("Cluster", "working", 1, 2, 7, 40)

    told.take(change("urn:b", "started"), 106.0)
    told.take(change("urn:b", "done"), 130.0)
    assert told.rows(500.0)[0] == row("Cluster", "done", 2, 2, 30, 40), "its clock stands still"


def test_a_failed_resource_fails_its_component() -> None:
    told = progress()
    told.take(change("urn:c", "started"), 1.0)
    told.take(change("urn:c", "failed"), 3.0)

    assert told.rows(9.0)[1] == row("Ray cluster", "failed", 0, 1, 2, 120)


def test_what_was_not_planned_counts_where_it_is_and_what_stays_the_same_does_not() -> None:
    told = progress()
    told.take(change("urn:d", "done"), 1.0)
    told.take(change("urn:a", "done", op="same"), 1.0)
    told.take(Message(severity="info", text="hello", urn=""), 1.0)

    assert told.rows(2.0)[-1] == row(OTHERS, "done", 1, 1, 0, None)
    assert told.rows(2.0)[0].done == 0
