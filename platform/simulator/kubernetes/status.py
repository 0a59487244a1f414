"""What the controllers of a cluster would write into an object's status once its pods run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Status = dict[str, Any]


def with_status(live: dict[str, Any]) -> dict[str, Any]:
    """The object with its status, where its kind has one that somebody reads."""
    status_of = _STATUS.get(live["kind"])
    return {**live, "status": status_of(live)} if status_of else live


def _deployment(live: Mapping[str, Any]) -> Status:
    replicas = live.get("spec", {}).get("replicas", 1)
    available = {"type": "Available", "status": "True", "reason": "MinimumReplicasAvailable"}
    return {
        "replicas": replicas,
        "updatedReplicas": replicas,
        "readyReplicas": replicas,
        "availableReplicas": replicas,
        "conditions": [available],
    }


def _ray_cluster(live: Mapping[str, Any]) -> Status:
    """KubeRay 1.6.2: `ready` once the head and every worker of `minReplicas` run."""
    groups = live.get("spec", {}).get("workerGroupSpecs", [])
    return {
        "state": "ready",
        "desiredWorkerReplicas": sum(group.get("minReplicas", 0) for group in groups),
        "minWorkerReplicas": sum(group.get("minReplicas", 0) for group in groups),
        "maxWorkerReplicas": sum(group.get("maxReplicas", 0) for group in groups),
        "head": {"serviceName": f"{live['metadata']['name']}-head-svc"},
    }


_STATUS: Mapping[str, Callable[[Mapping[str, Any]], Status]] = {
    "CustomResourceDefinition": lambda live: {"conditions": [{"type": "Established", "status": "True"}]},
    "Deployment": _deployment,
    "Namespace": lambda live: {"phase": "Active"},
    "RayCluster": _ray_cluster,
}
