"""Where the platform's own pods run, and what every one of them may not do."""

from collections.abc import Mapping
from typing import Any, Final

SYSTEM_NAMESPACE: Final = "kube-system"
OPERATOR_NAMESPACE: Final = "kuberay-system"

# Carried by the pods that gather on few nodes, so that the other nodes stay whole for Ray workers.
PACKED_LABEL: Final[Mapping[str, str]] = {"ray-platform.io/packed": "true"}

# The values of `ray.io/capacity` for nodes that AWS does not take back: of an on-demand pool, and of a fallback.
ON_DEMAND: Final = ("on-demand", "on-demand-fallback")

# "nobody": it owns no file, and the images here need none of their own.
NON_ROOT: Final = 65534

# With the pod's part below, what `restricted` of the Pod Security Standards asks for, and a file system that nobody
# can write to. https://kubernetes.io/docs/concepts/security/pod-security-standards/
CONTAINER_SECURITY: Final[Mapping[str, Any]] = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "readOnlyRootFilesystem": True,
}
POD_SECURITY: Final[Mapping[str, Any]] = {
    "runAsNonRoot": True,
    "runAsUser": NON_ROOT,
    "runAsGroup": NON_ROOT,
    "seccompProfile": {"type": "RuntimeDefault"},
}


def pod_security_labels() -> dict[str, str]:
    """Labels of a namespace that takes `restricted` pods only: others are refused, audited and warned about."""
    return {f"pod-security.kubernetes.io/{mode}": "restricted" for mode in ("enforce", "audit", "warn")}


def beside_packed_pods() -> dict[str, Any]:
    """A pod affinity that prefers a node with packed pods of any namespace, and does without where it is full."""
    return {
        "preferredDuringSchedulingIgnoredDuringExecution": [
            {
                "weight": 100,
                "podAffinityTerm": {
                    "labelSelector": {"matchLabels": dict(PACKED_LABEL)},
                    "namespaceSelector": {},
                    "topologyKey": "kubernetes.io/hostname",
                },
            }
        ]
    }


def on_system_nodes(home: str | None) -> dict[str, Any]:
    """The affinity of a system pod: on-demand nodes without GPUs only, and there beside the other packed pods.

    It prefers the pool ``home``, which the layout of Ray keeps a node of free for the head and these pods; the nodes
    of other pools are counted on for workers. It does without, for a cluster whose autoscaler has no place is stuck.
    """
    preferred = {"weight": 100, "preference": {"matchExpressions": [_is("ray.io/node-pool", home)]}} if home else None
    return {
        "nodeAffinity": {
            "requiredDuringSchedulingIgnoredDuringExecution": {
                "nodeSelectorTerms": [
                    {
                        "matchExpressions": [
                            _is("ray.io/resource-type", "cpu"),
                            _is("ray.io/capacity", *ON_DEMAND),
                        ]
                    }
                ]
            },
            "preferredDuringSchedulingIgnoredDuringExecution": [preferred] if preferred else [],
        },
        "podAffinity": beside_packed_pods(),
    }


def _is(label: str, *values: str) -> dict[str, Any]:
    return {"key": label, "operator": "In", "values": list(values)}
