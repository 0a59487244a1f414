"""What an update must not do by accident: replace or delete what the rest of the stack stands on."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from ray_platform.pipeline.events import Change
from ray_platform.plan.urns import name_in

# A replacement of any of these is a new cluster: its workloads, its addresses and its trust are gone.
GUARDED: Final[Mapping[str, str]] = {
    "eks:index:Cluster": "the control plane",
    "aws:eks/cluster:Cluster": "the control plane",
    "aws:kms/key:Key": "the encryption key, without which the cluster's secrets cannot be read",
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": "the OIDC provider, which the pods' roles trust",
}
ENDS_IT: Final = frozenset({"replace", "delete"})


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """A step that is not done unless it is named. ``why`` is what ends with the resource."""

    urn: str
    op: str
    why: str

    def __str__(self) -> str:
        done = "replaced" if self.op == "replace" else "deleted"
        return f"{name_in(self.urn)} would be {done}: it is {self.why}.\n    --allow-replace '{self.urn}'"


def refusals(changes: Iterable[Change], allowed: Collection[str]) -> list[Refusal]:
    """The steps that end something guarded or protected and that nobody named by its URN."""
    found: dict[str, Refusal] = {}
    for change in changes:
        why = GUARDED.get(change.type) or ("protected" if change.protect else None)
        if change.op in ENDS_IT and why and change.urn not in allowed:
            found.setdefault(change.urn, Refusal(urn=change.urn, op=change.op, why=why))
    return list(found.values())
