"""How people call the components of the platform and what takes long in them."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from ray_platform.config.node_pools import FALLBACK_SUFFIX

_NODE_POOL: Final = "NodePool"
_NODE_GROUP: Final = "aws:eks/nodeGroup:NodeGroup"

# Name and kind of the components that are not called by their type alone.
_CAPTIONS: Final[Mapping[str, tuple[str, str]]] = {
    "Network": ("Network", "given, not changed"),
    "Security": ("Security", "key, roles, rules"),
    "Cluster": ("Cluster", "control plane"),
    "Addons": ("DNS and volumes", "EKS addons"),
    "ClusterAutoscaler": ("Cluster autoscaler", "adds and removes nodes"),
    "TerminationHandler": ("Termination handler", "drains spot nodes"),
    "DevicePlugin": ("GPU device plugin", "on every GPU node"),
    "KubeRayOperator": ("KubeRay operator", "looks after Ray"),
    "RayCluster": ("Ray cluster", "head and workers"),
    "Budget": ("Budget", "alarm at the ceiling"),
}

_STEPS: Final[Mapping[str, str]] = {
    "aws:eks/cluster:Cluster": "control plane",
    _NODE_GROUP: "nodes",
    "kubernetes:ray.io/v1:RayCluster": "Ray's pods",
}


def caption(type_: str, inside: Sequence[Mapping[str, Any]]) -> tuple[str, str]:
    """The name and the kind of a component of this type, with the resources inside it."""
    last = type_.rsplit(":", 1)[1]
    groups = [each["inputs"] for each in inside if each["type"] == _NODE_GROUP]
    if last == _NODE_POOL and groups:
        return _node_pool(groups[0])
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", last).capitalize()
    return _CAPTIONS.get(last, (words, "component"))


def _node_pool(group: Mapping[str, Any]) -> tuple[str, str]:
    """The pool's name is a label of its nodes; of the logical name a long cluster's name leaves but a hash."""
    labels, sizes = group["labels"], group["scalingConfig"]
    fallback = FALLBACK_SUFFIX if labels["ray.io/capacity"] == "on-demand-fallback" else ""
    capacity = "spot" if group["capacityType"] == "SPOT" else "on demand"
    name = f"Node pool {labels['ray.io/node-pool']}{fallback}"
    return name, f"{capacity}, {sizes['minSize']:g} to {sizes['maxSize']:g} nodes"


def step_label(resource: Mapping[str, Any]) -> str:
    """What takes the time: the addon's name, the Kubernetes object's, or a word for the type."""
    inputs = resource["inputs"]
    named = inputs.get("addonName") or (inputs.get("metadata") or {}).get("name")
    return _STEPS.get(resource["type"]) or named or resource["type"].rsplit(":", 1)[1]
