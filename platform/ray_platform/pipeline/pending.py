"""What a killed run left unfinished in the state, and the state once it is known what became of it. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from ray_platform.plan.urns import name_in

CREATING: Final = "creating"
DEFAULTS: Final = "__defaults"
"""The input in which a bridged provider notes what it filled in itself, names above all."""
_PROVIDER: Final = "pulumi:providers:"
# A state without a version is upgraded from the first one, and for a cluster that sets what a change of replaces it:
# clusterStateUpgradeV0 in internal/service/eks of terraform-provider-aws. For the other types it changes nothing here.
SCHEMA_VERSIONS: Final[Mapping[str, str]] = {"aws:eks/cluster:Cluster": "1"}


@dataclass(frozen=True, kw_only=True)
class Pending:
    """An operation that began and of whose end the state knows nothing.

    ``operation`` is the engine's word: creating, updating, deleting, reading, importing. ``resource`` is as the state
    holds it; ``inputs`` are its properties after the provider's check, so with the name that the provider chose.
    """

    urn: str
    type: str
    operation: str
    resource: Mapping[str, Any]

    @property
    def inputs(self) -> Mapping[str, Any]:
        inputs: Mapping[str, Any] = self.resource.get("inputs") or {}
        return inputs

    @property
    def name(self) -> str:
        return name_in(self.urn)

    @property
    def is_real(self) -> bool:
        """Whether it stands for something outside of Pulumi: components and providers do not."""
        return bool(self.resource.get("custom")) and not self.type.startswith(_PROVIDER)

    def __str__(self) -> str:
        return f"{self.name} ({self.type.rpartition(':')[2]})"


@dataclass(frozen=True, kw_only=True)
class Found:
    """What AWS has of a pending create: its id in the state, and the ``outputs`` without which it cannot be read."""

    id: str
    outputs: Mapping[str, Any] = field(default_factory=dict)


def pending(deployment: Mapping[str, Any] | None) -> list[Pending]:
    """The unfinished operations of an exported deployment, the youngest first, as the engine keeps them."""
    return [
        Pending(
            urn=each["resource"]["urn"],
            type=each["resource"]["type"],
            operation=each["type"],
            resource=each["resource"],
        )
        for each in (deployment or {}).get("pending_operations") or ()
    ]


def ids(deployment: Mapping[str, Any], type_: str) -> frozenset[str]:
    """The physical ids of a type that the state holds."""
    return frozenset(each["id"] for each in deployment.get("resources") or () if each["type"] == type_ and "id" in each)


def settled(deployment: Mapping[str, Any], results: Sequence[tuple[Pending, Found | None]]) -> dict[str, Any]:
    """The deployment with nothing pending: each pending create as the resource that was found for it, or gone.

    What is not there after all, the next refresh drops.
    """
    resources = [dict(each) for each in deployment.get("resources") or ()]
    for each, found in results:
        if found and not any((known["type"], known.get("id")) == (each.type, found.id) for known in resources):
            _put(resources, _completed(each, found))
    return {**deployment, "resources": resources, "pending_operations": []}


def _completed(each: Pending, found: Found) -> dict[str, Any]:
    """As the state would have it had the create come to its end: the provider's own create ends with a read that knows
    the id and the inputs.

    Without outputs the refresh would be an import (pulumi-terraform-bridge, pkg/tfbridge/provider.go, Read). That
    forgets which names the provider made, so that the program's next run makes others and replaces everything; and it
    replaces the control plane (hashicorp/terraform-provider-aws#39058).
    """
    outputs = {**_without_defaults(each.inputs), **found.outputs}
    if each.type in SCHEMA_VERSIONS:
        outputs["__meta"] = json.dumps({"schema_version": SCHEMA_VERSIONS[each.type]})
    return {**each.resource, "id": found.id, "outputs": outputs}


def _without_defaults(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _without_defaults(inner) for key, inner in value.items() if key != DEFAULTS}
    return [_without_defaults(inner) for inner in value] if isinstance(value, list) else value


def _put(resources: list[dict[str, Any]], found: dict[str, Any]) -> None:
    """Where the state has another resource of the same URN, that one is in use and the found one surplus.

    Such a state comes from a kill in the middle of a replacement, or from a plain `pulumi up` since the kill. The
    surplus one is marked for the next update to delete, which makes the replacement again. The other way round an
    update could delete what the rest of the stack stands on.
    """
    for place, known in enumerate(resources):
        if known["urn"] == found["urn"] and not known.get("delete"):
            if known.get("pendingReplacement"):
                # Deleted already, to make room for the found one.
                resources[place] = found
            else:
                resources.append({**found, "delete": True, "protect": False})
            return
    resources.append(found)
