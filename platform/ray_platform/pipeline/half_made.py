"""What EKS accepted, could not make and keeps: told before an update, and marked for the update to make anew.

Such a create ends in an error with the id, so the state has the resource, and the engine notes that it was not ready.
The refresh before the next update forgets that note (pulumi/pulumi#17949, open on 2026-11-23; tried with 3.259), and
to the engine a node group without nodes is as good as a sound one then.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pulumi import automation as auto

from ray_platform.pipeline import identity_eks
from ray_platform.pipeline.asking import Asking, CannotTell, Client
from ray_platform.pipeline.locks import past_dead_locks
from ray_platform.pipeline.recovery import Tell, root

_NODE_GROUP: Final = "aws:eks/nodeGroup:NodeGroup"
_ADDON: Final = "aws:eks/addon:Addon"
# EKS never goes on with these. It refuses to update such a node group: "not in Active State"
# (aws/containers-roadmap#2204), and such an addon came right only when it was deleted (#1411; both read 2026-11-23).
_LOST: Final = "CREATE_FAILED"
# What comes right by itself, once what it lacks is there, or by an update.
_AILING: Final = frozenset({"DEGRADED", "UPDATE_FAILED"})


@dataclass(frozen=True, kw_only=True)
class HalfMade:
    """Something of the state that EKS has and that does not work. ``issues`` are in EKS's words."""

    urn: str
    type: str
    status: str
    issues: tuple[str, ...]

    @property
    def is_lost(self) -> bool:
        """Whether it has to be made anew."""
        return self.status == _LOST

    def __str__(self) -> str:
        name, kind = self.urn.rpartition("::")[2], self.type.rpartition(":")[2]
        next_ = "the update makes another and deletes it" if self.is_lost else "it comes right once that is mended"
        return f"{name} ({kind}) is {self.status}: {'; '.join(self.issues) or 'EKS does not say why'}. So {next_}."


def mend(stack: auto.Stack, client: Client, told: Tell) -> tuple[HalfMade, ...]:
    """Say what of the stack does not work, and have the next update replace what never will.

    It is marked as by `pulumi state taint`. Must be followed by an operation that shows what it is going to do. Raises
    what the Automation API raises.
    """
    deployment = stack.export_stack().deployment or {}
    found = tuple(_half_made(deployment, Asking(client=client), told))
    for each in found:
        told(str(each))
    lost = {each.urn for each in found if each.is_lost}
    if lost:
        # A refresh of nothing takes the stack's lock, so nobody else is at work on the stack.
        past_dead_locks(stack, told, lambda: stack.refresh(target=root(deployment)))
        exported = stack.export_stack()
        after = tainted(exported.deployment or {}, lost)
        stack.import_stack(auto.Deployment(version=exported.version, deployment=after))
    return found


def tainted(deployment: Mapping[str, Any], urns: set[str]) -> dict[str, Any]:
    """The deployment with these resources marked for replacement. What is to be deleted anyway stays as it is."""
    resources = [
        {**each, "taint": True} if each["urn"] in urns and not each.get("delete") else each
        for each in deployment.get("resources") or ()
    ]
    return {**deployment, "resources": resources}


def _half_made(deployment: Mapping[str, Any], ask: Asking, told: Tell) -> Iterator[HalfMade]:
    for each in deployment.get("resources") or ():
        if not _is_doubtful(each):
            continue
        try:
            found = identity_eks.described(each["type"], ask, each["inputs"])
        except CannotTell as why:
            told(f"It cannot be told whether {each['urn'].rpartition('::')[2]} works: {why}.")
            continue
        if found and (found["status"] == _LOST or found["status"] in _AILING):
            issues = (found.get("health") or {}).get("issues") or ()
            yield HalfMade(urn=each["urn"], type=each["type"], status=found["status"], issues=tuple(map(_said, issues)))


def _is_doubtful(resource: Mapping[str, Any]) -> bool:
    """A node group that was once ready does not become CREATE_FAILED. The provider does not tell of an addon's
    status, so each is asked for.
    """
    if resource.get("delete") or not resource.get("id"):
        return False
    is_ready = (resource.get("outputs") or {}).get("status") == "ACTIVE"
    return resource["type"] == _ADDON or (resource["type"] == _NODE_GROUP and not is_ready)


def _said(issue: Mapping[str, Any]) -> str:
    return ": ".join(str(issue[part]) for part in ("code", "message") if issue.get(part))
