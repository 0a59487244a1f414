"""Running one operation of the engine: what it told, how it ended, and why it failed in plain words."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from pulumi import automation as auto
from pulumi.automation import EngineEvent, StepEventMetadata
from pulumi.automation.errors import CommandError, ConcurrentUpdateError

from ray_platform.pipeline.command import InterruptibleCommand, passing_on_interrupts
from ray_platform.pipeline.events import Change, Message, read
from ray_platform.pipeline.local_state import UNREADABLE
from ray_platform.pipeline.lock_holders import Holder, holders

Listener = Callable[[Change | Message], object]
Reason = Literal["failed", "locked", "interrupted"]

REFUSED_CONFIG = "in the stack configuration; nothing was created or changed."
# What the engine says, in the preview already, of a deletion and of a replacement of something protected (pulumi
# 3.259.0, pkg/resource/deploy/step.go and step_generator.go).
PROTECTED = ("because it is protected", "as it is currently marked for protection")


@dataclass(kw_only=True)
class Told:
    """What an operation told: its changes in order, and its messages, each once."""

    changes: list[Change] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)

    def take(self, fact: Change | Message) -> None:
        if isinstance(fact, Change):
            self.changes.append(fact)
        elif not any(fact.text in known.text for known in self.messages):
            self.messages.append(fact)

    @property
    def errors(self) -> list[str]:
        return [each.text for each in self.messages if each.severity == "error"]

    def counts(self, status: str) -> dict[str, int]:
        """Operation -> how many resources it was told of with this status, without those that stay the same."""
        counts: dict[str, int] = {}
        for change in self.changes:
            if change.status == status and change.counts:
                counts[change.op] = counts.get(change.op, 0) + 1
        return counts


class OperationFailed(Exception):
    """The engine did not end well. ``messages`` say why, in its own words or, for a lock, in ours.

    ``holders`` are the engines whose locks it met, where the backend names them.
    """

    def __init__(self, reason: Reason, messages: list[str], told: Told, holders: Sequence[Holder] = ()) -> None:
        super().__init__("\n".join(messages))
        self.reason, self.messages, self.told, self.holders = reason, messages, told, holders

    @property
    def is_protected(self) -> bool:
        """Whether the engine refused to delete or replace something that is protected."""
        return any(words in message for words in PROTECTED for message in self.messages)

    @property
    def is_bad_config(self) -> bool:
        """Whether the program itself refused to run."""
        return any(REFUSED_CONFIG in message for message in self.messages)


@dataclass(frozen=True, kw_only=True)
class Ended:
    """An operation that ended well. ``result`` is the Automation API's."""

    result: Any
    told: Told
    seconds: float


def operate(
    operation: Callable[..., Any],
    stack: auto.Stack,
    *,
    listener: Listener,
    previewing: bool = False,
    interrupted: Callable[[], object] = lambda: None,
    on_step: Callable[[StepEventMetadata], object] = lambda step: None,
    **options: Any,
) -> Ended:
    """Run ``operation``, a method of the stack, to its end; ``listener`` hears every fact as it comes.

    ``on_step`` gets what the engine tells of each resource, before and after its step, as it is.

    An interrupt lets the resources under way be finished: ``interrupted`` is called at once, and the end is an
    ``OperationFailed`` with the reason ``interrupted``. Raises ``OperationFailed``.
    """
    told = Told()

    def take(event: EngineEvent) -> None:
        for of_step in (event.resource_pre_event, event.res_outputs_event):
            if of_step:
                on_step(of_step.metadata)
        fact = read(event, previewing=previewing)
        if fact is not None:
            told.take(fact)
            listener(fact)

    started = time.monotonic()
    command = stack.workspace.pulumi_command
    assert isinstance(command, InterruptibleCommand)
    with passing_on_interrupts(command, interrupted) as interruption:
        try:
            result = operation(on_event=take, **options)
        except CommandError as error:
            if interruption.came:
                raise OperationFailed("interrupted", told.errors, told) from None
            raise failure(error, told, stack.name) from None
    if interruption.came:
        raise OperationFailed("interrupted", told.errors, told)
    return Ended(result=result, told=told, seconds=time.monotonic() - started)


def failure(error: CommandError, told: Told, stack: str) -> OperationFailed:
    """A command of the CLI that failed, in plain words."""
    text = str(error)
    if found := holders(text):
        who = f"{found[0].user}@{found[0].host} (process {found[0].pid}) has held it since {found[0].since}"
        return OperationFailed("locked", [_locked(stack, who)], told, found)
    if UNREADABLE in text:
        return OperationFailed("locked", [_locked(stack, "its state was being written when it was read")], told)
    if isinstance(error, ConcurrentUpdateError):
        return OperationFailed("locked", [_locked(stack, "another update is under way")], told)
    return OperationFailed("failed", told.errors or [said(error)], told)


def said(error: CommandError) -> str:
    """What the CLI says on its standard error. What stops the engine before it begins is there, and is no event."""
    text = str(error)
    return text.partition("stderr:")[2].strip() or text


def _locked(stack: str, holder: str) -> str:
    return (
        f"Somebody else is changing {stack}: {holder}. Wait until that has ended and run this again. If that process "
        f"no longer exists, `pulumi cancel --stack {stack}` takes its lock away."
    )
