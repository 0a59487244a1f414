"""The changes of a preview in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from ray_platform.cli.telling import Teller
from ray_platform.pipeline.progress import OTHERS
from ray_platform.report.words import duration

if TYPE_CHECKING:
    from ray_platform.pipeline.events import Change
    from ray_platform.pipeline.planned import Planned

WILL = {
    "create": "to create",
    "update": "to update",
    "replace": "to replace",
    "delete": "to delete",
    "import": "to import",
}
# What is made anew is told by number; what changes, goes or is replaced is told one by one.
TOLD_ONE_BY_ONE = ("update", "replace", "delete", "import")


def show(plan: Planned, teller: Teller) -> None:
    """The changes by component, and what they take."""
    for line in _lines(plan):
        teller.say(line)
    teller.say(total(plan))


def total(plan: Planned) -> str:
    if not plan.changes:
        return "No changes."
    counts = ", ".join(f"{plan.counts[op]} {words}" for op, words in WILL.items() if plan.counts.get(op))
    return f"{counts}. On AWS this takes about {duration(plan.expected.time_to_ready)}."


def markdown(plan: Planned, stack: str) -> str:
    """For a comment on a pull request."""
    lines = [f"### Preview of `{stack}`", "", total(plan), ""]
    for component, changes in _by_component(plan):
        lines.append(f"- **{component}**: {_counted(changes)}")
        lines += [f"  - {_told(change)}" for change in changes if change.op in TOLD_ONE_BY_ONE]
    return "\n".join(lines) + "\n"


def _lines(plan: Planned) -> Iterator[str]:
    for component, changes in _by_component(plan):
        yield f"{component}: {_counted(changes)}"
        for change in changes:
            if change.op in TOLD_ONE_BY_ONE:
                yield f"    {_told(change)}"


def _by_component(plan: Planned) -> Iterator[tuple[str, list[Change]]]:
    """The components that change, in the order of the program, after what is in none."""
    groups: dict[str, list[Change]] = {name: [] for name in (OTHERS, *plan.components.values())}
    for change in plan.changes:
        groups[plan.components.get(change.urn, OTHERS)].append(change)
    return ((component, changes) for component, changes in groups.items() if changes)


def _counted(changes: list[Change]) -> str:
    counts: Mapping[str, int] = {op: sum(change.op == op for change in changes) for op in WILL}
    return ", ".join(f"{count} {WILL[op]}" for op, count in counts.items() if count)


def _told(change: Change) -> str:
    kind = change.type.rpartition(":")[2]
    paths = ", ".join(sorted(change.diff))
    return f"{change.op} {kind} {change.name}" + (f" ({paths})" if paths and change.op != "delete" else "")
