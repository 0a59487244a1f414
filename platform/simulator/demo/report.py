"""What a run is told as: progress while it lasts, then the tree of resources, the outputs and a summary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from pulumi import automation as auto
from pulumi.automation import EngineEvent, OpType
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table
from rich.tree import Tree

from ray_platform.cli.show_outputs import plain
from ray_platform.cli.telling import in_words
from ray_platform.marks import STACK_TYPE
from ray_platform.pipeline.events import Message, read
from ray_platform.plan.timeline import Timeline

# More siblings of one type than this are one line of the tree.
SIBLINGS_SHOWN = 3
CHANGES = {OpType.CREATE, OpType.UPDATE, OpType.DELETE, OpType.CREATE_REPLACEMENT, OpType.DELETE_REPLACED}
# Without a terminal a line is printed for so many resources.
LINE_EVERY = 25


class Progress:
    """Counts the resources that are done and collects what the engine calls an error. Give it to
    ``on_event``.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._status = console.status("")
        self.done = 0
        self.errors: list[str] = []

    def __enter__(self) -> Progress:
        self._status.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._status.stop()

    def __call__(self, event: EngineEvent) -> None:
        if event.res_outputs_event and event.res_outputs_event.metadata.op in CHANGES:
            self._count(event.res_outputs_event.metadata.urn)
        fact = read(event, previewing=False)
        if isinstance(fact, Message) and fact.severity == "error":
            self._note(fact)

    def _count(self, urn: str) -> None:
        self.done += 1
        self._status.update(f"{self.done} done, {short(urn)}")
        if not self._console.is_terminal and self.done % LINE_EVERY == 0:
            self._console.print(f"  {self.done} resources done")

    def _note(self, message: Message) -> None:
        # The engine repeats what the program said.
        if not any(known in message.text for known in self.errors):
            self.errors.append(f"{short(message.urn)}: {message.text}" if message.urn else message.text)


def short(urn: str) -> str:
    """A resource as people name it: the last part of its type and its logical name."""
    *_, types, name = urn.split("::")
    return f"{types.split('$')[-1].split(':')[-1]} {name}"


def resource_tree(resources: Sequence[Mapping[str, Any]]) -> Tree:
    """The resources of an exported deployment by parent; many siblings of one type are one line."""
    children: dict[str, list[Mapping[str, Any]]] = {}
    for resource in resources:
        children.setdefault(resource.get("parent", ""), []).append(resource)
    (root,) = [each for each in resources if each["type"] == STACK_TYPE]
    tree = Tree(short(root["urn"]), highlight=False)
    _grow(tree, root["urn"], children)
    return tree


def _grow(tree: Tree, parent: str, children: Mapping[str, list[Mapping[str, Any]]]) -> None:
    siblings = children.get(parent, [])
    counts = Counter(each["type"] for each in siblings)
    told = set()
    for each in siblings:
        many = counts[each["type"]] > SIBLINGS_SHOWN
        if many and each["type"] not in told:
            tree.add(f"{each['type']} x {counts[each['type']]}")
            told.add(each["type"])
        elif not many:
            _grow(tree.add(f"[bold]{each['urn'].split('::')[-1]}[/] {each['type']}"), each["urn"], children)


def outputs_table(outputs: Mapping[str, auto.OutputValue]) -> Table:
    """The outputs of a stack; what is secret stays so."""
    table = Table("output", Column("value", overflow="fold"), title="Outputs", title_justify="left")
    for name, value in plain(outputs).items():
        table.add_row(name, escape(_text(value)))
    return table


def _text(value: Any) -> str:
    if isinstance(value, Mapping):
        return "\n".join(f"{key}: {_text(each)}" for key, each in value.items())
    return str(value)


def changes(summary: Mapping[OpType, int] | None) -> str:
    """The engine's count of operations in words: ``0 changes`` when everything was as it should be."""
    # In spite of its type the SDK hands on the engine's own words.
    return in_words({OpType(operation).value: count for operation, count in (summary or {}).items()})


def time_to_ready(timeline: Timeline) -> str:
    """How long AWS would have taken, and the chain of resources that decides it."""
    path = " → ".join(f"{step.name} {_duration(step.seconds)}" for step in timeline.notable_path)
    return f"On AWS this takes about {_duration(timeline.time_to_ready)}: {path}"


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def monthly_cost(outputs: Mapping[str, auto.OutputValue]) -> str:
    cost = outputs["estimatedMonthlyCost"].value
    return (
        f"About {cost['configured']:,.0f} {cost['currency']} a month as configured, {cost['minimum']:,.0f} with every "
        f"pool at its minimum, {cost['maximum']:,.0f} at its maximum. {cost['assumes']}"
    )
