"""Where Ray runs: the head's place and the worker groups, with everything decided."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from ray_platform.scheduling.resources import Resources


@dataclass(frozen=True, kw_only=True)
class Toleration:
    """A toleration as Kubernetes reads it: an empty effect means every effect, an empty key with Exists every taint."""

    key: str
    operator: Literal["Equal", "Exists"] = "Equal"
    value: str = ""
    effect: str = ""


@dataclass(frozen=True, kw_only=True)
class HeadGroup:
    """The head, in the pool `pool`, of which `reserved_nodes` nodes are kept for it and the system's pods.

    `resources` are those of the Ray container; the autoscaler beside it has its own (`overhead.RAY_AUTOSCALER`).
    """

    pool: str
    node_selector: Mapping[str, str]
    resources: Resources
    image: str
    reserved_nodes: int


@dataclass(frozen=True, kw_only=True)
class WorkerGroup:
    """The Ray workers on the nodes of one pool and of its fallback, named after the pool.

    `resources` are requests and limits of one worker. `spot` says whether its nodes may be taken back.
    """

    name: str
    node_selector: Mapping[str, str]
    tolerations: tuple[Toleration, ...]
    resources: Resources
    pods_per_node: int
    min_replicas: int
    max_replicas: int
    idle_timeout_seconds: int | None
    spot: bool
    image: str


@dataclass(frozen=True, kw_only=True)
class RayLayout:
    """One head and the worker groups in the order of the pools."""

    head: HeadGroup
    worker_groups: tuple[WorkerGroup, ...]

    def as_output(self) -> dict[str, Any]:
        """Plain values for the stack's output: `head`, and `workerGroups` by name."""
        return {
            "head": {
                "pool": self.head.pool,
                "nodeSelector": dict(self.head.node_selector),
                "resources": self.head.resources.quantities(),
                "image": self.head.image,
                "reservedNodes": self.head.reserved_nodes,
            },
            "workerGroups": {group.name: _group_output(group) for group in self.worker_groups},
        }


def _group_output(group: WorkerGroup) -> dict[str, Any]:
    return {
        "nodeSelector": dict(group.node_selector),
        "tolerations": [asdict(each) for each in group.tolerations],
        "resources": group.resources.quantities(),
        "podsPerNode": group.pods_per_node,
        "minReplicas": group.min_replicas,
        "maxReplicas": group.max_replicas,
        "idleTimeoutSeconds": group.idle_timeout_seconds,
        "spot": group.spot,
        "image": group.image,
    }
