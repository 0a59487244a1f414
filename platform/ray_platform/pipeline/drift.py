"""Finding what somebody changed by hand: a refresh that writes nothing, without what belongs to others."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from pulumi import automation as auto

from ray_platform.marks import SECRET
from ray_platform.pipeline.drift_owners import owner_of
from ray_platform.pipeline.drift_paths import (
    Difference,
    Keys,
    differences,
    keys_of,
    path_of,
    value_at,
    without_secrets,
)
from ray_platform.pipeline.drift_report import DriftReport, Item, Kind, LeftOut, Property
from ray_platform.pipeline.events import Change, Message
from ray_platform.pipeline.operation import Listener, OperationFailed, operate
from ray_platform.pipeline.progress import OTHERS
from ray_platform.plan.picture import COMPONENTS, PARTS

# What a refresh says of a resource that it read: it differs, or it is gone.
_FOUND: Final[Mapping[str, Kind]] = {"update": "changed", "delete": "deleted"}
_KUBERNETES_SECRET: Final = "kubernetes:core/v1:Secret"
_SECRET_FIELDS: Final = ("data", "stringData")


def run_drift(stack: auto.Stack, listener: Listener, interrupted: Callable[[], object] = lambda: None) -> DriftReport:
    """Read every resource of the stack and report what differs. Changes neither the state nor the account.

    ``listener`` hears each resource as ``started``, when it is read, and then as ``found``, with the operation
    ``same``, ``update`` or ``delete``. A resource that cannot be read is an item of the report, and the others are read
    all the same (pulumi 3.259.0, pkg/resource/deploy/deployment_executor.go: a refresh goes on after errors). Raises
    ``OperationFailed`` when the refresh fails otherwise.
    """
    facts: list[Change | Message] = []

    def hear(fact: Change | Message) -> None:
        if isinstance(fact, Change) and fact.status == "done":
            fact = replace(fact, status="found")
        facts.append(fact)
        listener(fact)

    try:
        operate(stack.preview_refresh, stack, listener=hear, interrupted=interrupted)
    except OperationFailed as failure:
        if failure.reason != "failed" or not any(_is_unread(fact) for fact in facts):
            raise
    return drift(facts)


def drift(facts: Iterable[Change | Message]) -> DriftReport:
    """The report on what a refresh told."""
    items: dict[str, Item] = {}
    left_out: list[LeftOut] = []
    for fact in facts:
        if isinstance(fact, Message):
            if _is_unread(fact):
                items[fact.urn] = _item(fact.urn, "unreadable", why=fact.text)
        elif fact.op == "delete":
            items[fact.urn] = _item(fact.urn, "deleted")
        elif fact.op == "update":
            ours, others = _properties(fact)
            left_out += others
            if ours or not others:
                items[fact.urn] = _item(fact.urn, "changed", properties=ours)
    return DriftReport(
        items=tuple(items[urn] for urn in sorted(items)),
        left_out=tuple(sorted(left_out, key=lambda each: (each.urn, each.path))),
    )


def _is_unread(fact: Change | Message) -> bool:
    return isinstance(fact, Message) and fact.severity == "error" and bool(fact.urn)


def _item(urn: str, kind: Kind, *, properties: tuple[Property, ...] = (), why: str = "") -> Item:
    types, _, name = urn.split("::", 2)[2].rpartition("::")
    *within, type_ = types.split("$")
    components = [each for each in within if each.startswith(COMPONENTS) and each not in PARTS]
    component = components[-1].removeprefix(COMPONENTS) if components else OTHERS
    return Item(urn=urn, type=type_, name=name, component=component, kind=kind, properties=properties, why=why)


def _properties(change: Change) -> tuple[tuple[Property, ...], list[LeftOut]]:
    """The properties that somebody changed, and those that belong to others."""
    ours: dict[str, Property] = {}
    others: dict[str, LeftOut] = {}
    for each in _differences(change):
        path = path_of(each.keys)
        if row := owner_of(change.type, each):
            others[path] = LeftOut(urn=change.urn, path=path, owner=row.owner, reason=row.reason)
        else:
            ours[path] = Property(path=path, expected=each.expected, found=each.found)
    return tuple(ours[path] for path in sorted(ours)), list(others.values())


def _differences(change: Change) -> Iterator[Difference]:
    old, new = (_readable(change.type, each) for each in (change.old, change.new))
    old_outputs, new_outputs = (_readable(change.type, each) for each in (change.old_outputs, change.new_outputs))
    for path, kind in change.diff.items():
        keys = keys_of(path)
        expected = None if kind.startswith("add") else _either(old, old_outputs, keys)
        found = None if kind.startswith("delete") else _either(new, new_outputs, keys)
        yield from differences(_named(keys), expected, found)
    if change.diff:
        return
    # Of what it only reads, such as a stack reference, the engine does not tell the paths.
    for before, after in ((old, new), (old_outputs, new_outputs)):
        if before != after:
            yield from differences((), before, after)
            return


def _either(inputs: Any, outputs: Any, keys: Keys) -> Any:
    """What the program gives, or else what the provider reports."""
    value = value_at(inputs, keys)
    return value_at(outputs, keys) if value is None else value


def _named(keys: Keys) -> Keys:
    """pulumi-aws tells a tag twice, in ``tags`` and, with the default tags, in ``tagsAll``: to people it is one."""
    return ("tags", *keys[1:]) if keys[:1] == ("tagsAll",) else keys


def _readable(type_: str, values: Mapping[str, Any]) -> dict[str, Any]:
    # Names that begin with two underscores are the provider's own notes.
    shown = {name: without_secrets(value) for name, value in values.items() if not name.startswith("__")}
    if type_ == _KUBERNETES_SECRET:
        shown |= {name: SECRET for name in _SECRET_FIELDS if name in shown}
    return shown
