"""After a kill: what was under way is found in AWS and put into the state, before the next operation begins.

`pulumi refresh --import-pending-creates` is no help. Pulumi 3.259 turns the pending create into a pending import, of
which its next snapshot keeps nothing: the resource is in no state then, and is no longer pending (tried; pkg/backend,
snapshot.go and journal.go, carry over the operations of type creating only).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pulumi import automation as auto

from ray_platform.marks import STACK_TYPE
from ray_platform.pipeline import identity, identity_eks, pending
from ray_platform.pipeline.asking import Asking, CannotTell, Client
from ray_platform.pipeline.local_state import readable
from ray_platform.pipeline.locks import past_dead_locks
from ray_platform.pipeline.pending import CREATING, Found, Pending

Tell = Callable[[str], object]


@dataclass(frozen=True, kw_only=True)
class Left:
    """A pending create that stays so, and why it cannot be told what became of it."""

    pending: Pending
    why: str


@dataclass(frozen=True, kw_only=True)
class Recovery:
    """What became of the pending creates: in the state now; not in AWS, or in the state already; not to be told.

    As long as something is ``left`` the state is as it was, and the operation must not begin: it would make a second
    one of what may be there already.
    """

    imported: tuple[Pending, ...] = ()
    cleared: tuple[Pending, ...] = ()
    left: tuple[Left, ...] = ()


def recover(stack: auto.Stack, client: Client, told: Tell, answers: Mapping[str, str] | None = None) -> Recovery:
    """Settle what a killed run left pending, and say so, in sentences. Does nothing where nothing is pending.

    ``answers`` are what somebody found out by hand: URN -> physical id, or an empty string for what is not there.
    The state is written once, at the end, so that a kill of this leaves all to the next. Must be followed by an
    operation that refreshes first. Raises what the Automation API raises, so for a lock that a living process may hold.
    """
    project = stack.workspace.project_settings().name
    before = readable(stack.export_stack, lambda: stack.workspace, project, stack.name).deployment
    unfinished = pending.pending(before)
    if not before or not unfinished:
        return Recovery()
    # A refresh of nothing takes the stack's lock: whoever still works on the stack keeps it, and this ends here.
    past_dead_locks(stack, told, lambda: stack.refresh(target=_root(before)))
    told(f"An earlier run on {stack.name} was killed while it worked on {len(unfinished)} resources.")
    for each in unfinished:
        if each.operation != CREATING:
            _await(each, client, told)
    exported = stack.export_stack()
    recovery, results = _look(exported.deployment or {}, client, told, answers or {})
    if recovery.left:
        told(_by_hand(recovery.left))
    elif results:
        after = pending.settled(exported.deployment or {}, results)
        stack.import_stack(auto.Deployment(version=exported.version, deployment=after))
    return recovery


def _look(
    deployment: Mapping[str, Any], client: Client, told: Tell, answers: Mapping[str, str]
) -> tuple[Recovery, list[tuple[Pending, Found | None]]]:
    """What becomes of the pending creates, and what was found of each that can be told."""
    results: list[tuple[Pending, Found | None]] = []
    left: list[Left] = []
    for each in _creates(deployment):
        try:
            found = _found(each, deployment, client, answers)
        except CannotTell as why:
            left.append(Left(pending=each, why=str(why)))
        else:
            results.append((each, found))
            told(f"  {each}: {_said(each, found)}")
    if left:
        return Recovery(left=tuple(left)), results
    imported = tuple(each for each, found in results if found)
    return Recovery(imported=imported, cleared=tuple(each for each, found in results if not found)), results


def _creates(deployment: Mapping[str, Any]) -> list[Pending]:
    return [each for each in pending.pending(deployment) if each.operation == CREATING]


def _root(deployment: Mapping[str, Any]) -> list[str]:
    """The URN of the stack's own resource; none where the kill came before even that was there, and so nothing was."""
    return [str(each["urn"]) for each in deployment.get("resources") or () if each["type"] == STACK_TYPE]


def _await(each: Pending, client: Client, told: Tell) -> None:
    """An update or a deletion needs no more than to be over: the refresh sees what became of it."""
    told(f"  {each}: it was {each.operation}; the refresh sees what became of it")
    try:
        identity_eks.wait_for(each.type, Asking(client=client), each.inputs)
    except CannotTell as why:
        told(f"    {why}")


def _found(each: Pending, deployment: Mapping[str, Any], client: Client, answers: Mapping[str, str]) -> Found | None:
    """What has to be in the state; None for what is not in AWS, is nothing in AWS, or is in the state already."""
    if not each.is_real:
        return None
    if each.urn in answers:
        return identity.answered(answers[each.urn])
    known = pending.ids(deployment, each.type)
    found = identity.identified(each, Asking(client=client, taken=known))
    return None if found and found.id in known else found


def _said(each: Pending, found: Found | None) -> str:
    if not each.is_real:
        return "nothing outside of Pulumi; it is made again"
    if found is None:
        return "AWS does not have it, or the state does already; nothing to mend"
    if identity.is_asked_for(each.type):
        return f"it is there, as {found.id}; put into the state"
    return f"put into the state as {found.id}; the refresh drops it again if it is not there"


def _by_hand(left: Sequence[Left]) -> str:
    """All that is left in one message, each with what to do."""
    lines = [f"What became of {len(left)} of them cannot be told, so nothing was changed:"]
    lines += [f"  {each.pending}: {each.why}.\n    {each.pending.urn}" for each in left]
    lines += [
        "Mend what is named and run this again. Or look for each, in the AWS console or by the AWS CLI, and run this "
        "again with --pending URN=ID for what is there and --pending URN= for what is not.",
    ]
    return "\n".join(lines)
