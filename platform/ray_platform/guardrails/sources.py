"""Where the resources of a stack are read from: a recording, the engine's preview, a policy pack."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final, Protocol

from ray_platform.guardrails.values import UNKNOWN, Unknown, look, plain
from ray_platform.guardrails.verdict import Limits, Resource, Stack
from ray_platform.marks import STACK_TYPE

AWS_PROVIDER: Final = "pulumi:providers:aws"
# A step that only tells how it is, and not how it is to be.
_REFRESH: Final = "refresh"


class RecordedNode(Protocol):
    """What is needed of `plan.recording.Node`."""

    @property
    def urn(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def parent(self) -> str: ...
    @property
    def provider(self) -> str: ...
    @property
    def inputs(self) -> Mapping[str, Any]: ...


class Recorded(Protocol):
    """What is needed of `plan.recording.Recording`."""

    @property
    def nodes(self) -> Mapping[str, RecordedNode]: ...
    @property
    def outputs(self) -> Mapping[str, Any]: ...


def from_recording(recording: Recorded, limits: Limits) -> Stack:
    """The stack as the recorder saw it: every value is known."""
    registered = [(each.urn, each.type, each.parent, each.provider, each.inputs) for each in recording.nodes.values()]
    return Stack(resources=_resources(registered), outputs=plain(recording.outputs), limits=limits)


def from_preview(steps: Iterable[Any], limits: Limits) -> Stack:
    """The stack as it will be, from the steps of a preview: the metadata of each `resource_pre_event` and, for the
    stack's outputs, of each `res_outputs_event`, as the Automation API gives them.

    What a preview does not change is among its steps as well, so this is the whole stack; what is deleted is not in it.
    """
    registered: dict[str, tuple[str, str, str, str, Any]] = {}
    outputs: Any = None
    for step in steps:
        new, operation = step.new, getattr(step.op, "value", step.op)
        if new is None or operation == _REFRESH:
            continue
        if step.type == STACK_TYPE:
            outputs = plain(new.outputs) if new.outputs else outputs
        else:
            registered[step.urn] = (step.urn, step.type, new.parent or "", new.provider or "", new.inputs or {})
    return Stack(resources=_resources(registered.values()), outputs=outputs, limits=limits)


def _resources(registered: Iterable[tuple[str, str, str, str, Any]]) -> tuple[Resource, ...]:
    """From URN, type, parent, provider reference (its URN and its id) and inputs of each."""
    each_one = list(registered)
    tags = {urn: default_tags(plain(inputs)) for urn, type_, _, _, inputs in each_one if type_ == AWS_PROVIDER}
    return tuple(
        Resource(
            urn=urn,
            type=type_,
            parent=parent,
            inputs=plain(inputs),
            default_tags=tags.get(provider.rpartition("::")[0], {}),
        )
        for urn, type_, parent, provider, inputs in each_one
    )


def default_tags(provider: Any) -> Mapping[str, Any] | Unknown:
    """The tags that a provider of AWS adds, from its inputs; objects among these are JSON."""
    given = look(provider, "defaultTags")
    if isinstance(given, str):
        given = plain(json.loads(given))
    tags = look(given, "tags")
    return UNKNOWN if tags is UNKNOWN else tags or {}


def resource(
    *,
    urn: str,
    type: str,
    inputs: Any,
    parent: str = "",
    provider: Any = None,
    hidden_by: tuple[type[Exception], ...] = (),
) -> Resource:
    """One resource, as a policy pack meets it.

    ``provider`` are the properties of its provider; ``hidden_by`` is as in `values.plain`.
    """
    tags = default_tags(plain(provider, hidden_by)) if type.startswith("aws:") else {}
    return Resource(urn=urn, type=type, parent=parent, inputs=plain(inputs, hidden_by), default_tags=tags)
