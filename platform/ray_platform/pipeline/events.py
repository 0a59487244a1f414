"""What the engine tells while it works, as the few plain facts that people and pipelines want."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from ray_platform.marks import STACK_TYPE
from ray_platform.plan.urns import name_in

if TYPE_CHECKING:
    from pulumi.automation import EngineEvent, StepEventMetadata

# `found` is what a refresh without writing tells: nothing was done.
Status = Literal["planned", "started", "done", "failed", "found"]
# The engine's own closing words, which say nothing of the cause.
EMPTY_WORDS = frozenset({"update failed", "preview failed", "destroy failed", "refresh failed"})
# The steps that change something; a replacement is told once, as `replace`.
CHANGES = frozenset({"create", "update", "delete", "replace", "import"})


@dataclass(frozen=True, kw_only=True)
class Change:
    """A step of the engine on one resource.

    ``op`` is the engine's word (create, update, replace, delete, create-replacement …, same, refresh). ``diff`` has the
    paths of the properties that differ with the kind of difference; ``old`` and ``new`` are the inputs then and now,
    ``old_outputs`` and ``new_outputs`` what the provider reports.
    """

    status: Status
    op: str
    urn: str
    type: str
    name: str
    protect: bool = False
    diff: Mapping[str, str] = field(default_factory=dict)
    old: Mapping[str, Any] = field(default_factory=dict)
    new: Mapping[str, Any] = field(default_factory=dict)
    old_outputs: Mapping[str, Any] = field(default_factory=dict)
    new_outputs: Mapping[str, Any] = field(default_factory=dict)

    @property
    def counts(self) -> bool:
        """Whether it is a change that is told, and no part of one."""
        return self.op in CHANGES and self.type != STACK_TYPE


@dataclass(frozen=True, kw_only=True)
class Message:
    """A diagnostic; ``urn`` is empty where it is about the whole stack."""

    severity: Literal["info", "warning", "error"]
    text: str
    urn: str


def read(event: EngineEvent, *, previewing: bool) -> Change | Message | None:
    """The fact in an event of the engine, or None."""
    if event.resource_pre_event:
        return _change(event.resource_pre_event.metadata, "planned" if previewing else "started")
    if event.res_outputs_event and not previewing:
        return _change(event.res_outputs_event.metadata, "done")
    if event.res_op_failed_event:
        return _change(event.res_op_failed_event.metadata, "failed")
    if event.diagnostic_event:
        return _message(event.diagnostic_event.severity, event.diagnostic_event.message, event.diagnostic_event.urn)
    return None


def _change(step: StepEventMetadata, status: Status) -> Change:
    old, new = step.old, step.new
    return Change(
        status=status,
        op=step.op.value,
        urn=step.urn,
        type=step.type,
        name=name_in(step.urn),
        protect=bool((old and old.protect) or (new and new.protect)),
        diff={path: each.diff_kind.value for path, each in (step.detailed_diff or {}).items()},
        old=(old.inputs if old else None) or {},
        new=(new.inputs if new else None) or {},
        old_outputs=(old.outputs if old else None) or {},
        new_outputs=(new.outputs if new else None) or {},
    )


def _message(severity: str, text: str, urn: str | None) -> Message | None:
    text = text.strip()
    if severity == "debug" or not text or text in EMPTY_WORDS:
        return None
    known: dict[str, Literal["info", "warning", "error"]] = {"warning": "warning", "error": "error"}
    of_stack = not urn or f"::{STACK_TYPE}::" in urn
    return Message(severity=known.get(severity, "info"), text=text, urn="" if of_stack else str(urn))
