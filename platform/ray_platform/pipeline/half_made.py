"""What EKS accepted, could not make or delete, and keeps: told before an update, and named for it to replace.

Such a create ends in an error with the id, so the state has the resource, and the engine notes that it was not ready.
The refresh before the next update forgets that note (pulumi/pulumi#17949, open on 2026-11-23; tried with 3.259), and
to the engine a node group without nodes is as good as a sound one then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pulumi import automation as auto

from ray_platform.eks_status import AILING, FAILED, LOST, UPDATE_FAILED, issues
from ray_platform.pipeline import identity_eks
from ray_platform.pipeline.asking import Asking, CannotTell, Client, NoAnswer
from ray_platform.pipeline.recovery import Tell
from ray_platform.plan.urns import name_in

_NEXT: Final[Mapping[str, str]] = dict.fromkeys(LOST, "the update replaces it") | {
    "DEGRADED": "it comes right once that is mended",
    UPDATE_FAILED: "another update of it is needed, once that is mended",
}


@dataclass(frozen=True, kw_only=True)
class HalfMade:
    """Something of the state that EKS has and that does not work. ``issues`` are in EKS's words; ``next`` is what
    becomes of it.
    """

    urn: str
    type: str
    status: str
    issues: tuple[str, ...]
    next: str

    @property
    def is_lost(self) -> bool:
        """Whether the update has to replace it."""
        return self.status in LOST

    def __str__(self) -> str:
        name, kind = name_in(self.urn), self.type.rpartition(":")[2]
        return f"{name} ({kind}) is {self.status}: {'; '.join(self.issues) or 'EKS does not say why'}. So {self.next}."


def half_made(stack: auto.Stack, client: Client, told: Tell) -> tuple[HalfMade, ...]:
    """What of the stack does not work, told in sentences. Changes nothing.

    A preview and an update are to be given the URNs of what is lost as ``replace``. Raises what the Automation API
    raises.
    """
    deployment = stack.export_stack().deployment or {}
    asked = [each for each in deployment.get("resources") or () if _is_in_use(each)]
    ask, found = Asking(client=client), list[HalfMade]()
    for place, each in enumerate(asked):
        try:
            described = identity_eks.described(each["type"], ask, each["inputs"])
        except NoAnswer as why:
            told(_untold(asked[place:], why))
            break
        except CannotTell as why:
            told(_untold([each], why))
            continue
        if described and described["status"] in AILING:
            found.append(_half_made(each, described))
            told(str(found[-1]))
    return tuple(found)


def _is_in_use(resource: Mapping[str, Any]) -> bool:
    """What EKS makes, and what is not to be deleted anyway. The state does not tell whether it works: it has no status
    of an addon, and that of a node group as it was before EKS failed to delete it.
    """
    return bool(resource["type"] in identity_eks.KINDS and resource.get("id") and not resource.get("delete"))


def _half_made(resource: Mapping[str, Any], described: Mapping[str, Any]) -> HalfMade:
    status: str = described["status"]
    deletion = identity_eks.deletion(resource["type"], resource["inputs"])
    return HalfMade(
        urn=resource["urn"],
        type=resource["type"],
        status=status,
        issues=issues(described),
        next=f"it has to be deleted by hand, by `{deletion}`" if status == FAILED else _NEXT[status],
    )


def _untold(resources: Sequence[Mapping[str, Any]], why: CannotTell) -> str:
    return f"It cannot be told whether all is well with {', '.join(name_in(each['urn']) for each in resources)}: {why}."
