"""What a real API server tells of its pods, and of what is left of a stack that went."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simulator.account import Account
from simulator.cluster.control_plane import ControlPlane, ControlPlaneError
from simulator.kubernetes.api import MANAGER, Api
from simulator.kubernetes.follower import Follower
from simulator.kubernetes.package import BUILT_IN_NAMESPACES
from simulator.kubernetes.pods import Landed

GONE_SECONDS = 60.0
# Of these a cluster has none of its own.
NOT_BUILT_IN = ("CustomResourceDefinition", "Node", "Pod")

Object = Mapping[str, Any]


def landed(account: Account, control_plane: ControlPlane) -> list[Landed]:
    """Every pod that the scheduler has judged; it is waited for until it has judged all."""
    Follower(account, control_plane).follow()
    api = Api(control_plane.api)

    def pods() -> list[dict[str, Any]]:
        return api.list(api.kind("v1", "Pod"))

    def all_are_judged() -> bool:
        return all(_node(pod) or _refusal(pod) for pod in pods())

    control_plane.wait_until(all_are_judged, what="The scheduler's verdict on each pod")
    nodes = {node["metadata"]["name"]: node["metadata"]["labels"] for node in api.list(api.kind("v1", "Node"))}
    return [
        Landed(
            namespace=pod["metadata"]["namespace"],
            name=pod["metadata"]["name"],
            labels=pod["metadata"].get("labels", {}),
            node=_node(pod),
            node_labels=nodes.get(_node(pod) or "", {}),
            reason=_refusal(pod) or "",
        )
        for pod in pods()
    ]


def leftovers(account: Account, control_plane: ControlPlane) -> list[str]:
    """What is still there of a stack that was destroyed, once the cluster has had the time to clear up."""
    Follower(account, control_plane).follow()
    api = Api(control_plane.api)
    try:
        control_plane.wait_until(lambda: not _left(api), what="The clearing up", seconds=GONE_SECONDS)
    except ControlPlaneError:
        return _left(api)
    return []


def _left(api: Api) -> list[str]:
    return [
        f"{kind.kind} {'/'.join(filter(None, (each['metadata'].get('namespace'), each['metadata']['name'])))}"
        for kind in api.every_kind()
        for each in api.list(kind)
        if _is_of_a_stack(each)
    ]


def _is_of_a_stack(live: Object) -> bool:
    metadata = live["metadata"]
    if live["kind"] in NOT_BUILT_IN:
        return True
    if live["kind"] == "Namespace":
        return metadata["name"] not in BUILT_IN_NAMESPACES
    return any(each["manager"] == MANAGER for each in metadata.get("managedFields", ()))


def _node(pod: Object) -> str | None:
    name: str | None = pod["spec"].get("nodeName")
    return name


def _refusal(pod: Object) -> str | None:
    """Why the scheduler found no node; None as long as it has not looked."""
    conditions = pod.get("status", {}).get("conditions", ())
    unmet = (each for each in conditions if each["type"] == "PodScheduled" and each["status"] == "False")
    return next((each.get("message") or each["reason"] for each in unmet), None)
