"""A stack of the platform on a real control plane, and what tests ask and do there."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from ray_platform.scheduling.resources import GPU_RESOURCE
from simulator.aws.eks_nodes import set_desired_size
from simulator.cluster import rest
from simulator.cluster.control_plane import ControlPlane
from simulator.cluster.machines import NODE_GROUP
from simulator.cluster.nodes import NODES
from simulator.kubernetes.follower import Follower
from tests.support.deployment import Deployment, Run

RAY = "ray"
RAY_PODS = f"/api/v1/namespaces/{RAY}/pods"
RAY_CLUSTER = f"/apis/ray.io/v1/namespaces/{RAY}/rayclusters/{RAY}"
POOL = "ray.io/node-pool"
GROUP = "ray.io/group"
# Everything here is on this machine: what takes longer never comes.
SECONDS = 120.0

Object = dict[str, Any]
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Platform:
    """The stack, its cluster, and what the first `up` did."""

    plane: ControlPlane
    deployment: Deployment
    follower: Follower
    first_up: Run

    @property
    def layout(self) -> Object:
        """Head and worker groups as the stack's output tells them."""
        layout: Object = self.first_up.outputs["ray"]
        return layout

    def wait_until(self, condition: Callable[[], T | None], what: str) -> T:
        """While it is waited for, nodes, addons and operator follow the account and the cluster."""

        def follow_and_ask() -> T | None:
            self.follower.follow()
            return condition()

        return self.plane.wait_until(follow_and_ask, what=what, seconds=SECONDS)

    def pods(self) -> list[Object]:
        return rest.items(self.plane.api, "/api/v1/pods")

    def all_pods_run(self) -> bool:
        return all(map(runs, self.pods()))

    def workers(self, group: str) -> list[Object]:
        return rest.items(self.plane.api, RAY_PODS, labelSelector=f"{GROUP}={group}")

    def node_labels(self) -> dict[str, dict[str, str]]:
        return {node["metadata"]["name"]: node["metadata"]["labels"] for node in rest.items(self.plane.api, NODES)}

    def gpus(self) -> int:
        """The GPUs that all nodes have to give."""
        nodes = rest.items(self.plane.api, NODES)
        return sum(int(node["status"]["allocatable"].get(GPU_RESOURCE, "0")) for node in nodes)

    def ray_cluster(self) -> Object:
        return rest.call(self.plane.api, "GET", RAY_CLUSTER)

    def template(self, group: str) -> Object:
        """The pod template of a worker group."""
        (found,) = [each for each in self.ray_cluster()["spec"]["workerGroupSpecs"] if each["groupName"] == group]
        template: Object = found["template"]
        return template

    def try_worker(self, name: str, group: str, **changes: Any) -> Object:
        """Make a pod like a worker of the group, past the operator, and return it once the scheduler has judged it."""
        spec = {**copy.deepcopy(self.template(group)["spec"]), **changes}
        rest.call(self.plane.api, "POST", RAY_PODS, body={"metadata": {"name": name}, "spec": spec})
        return self.wait_until(lambda: self._judged(name), f"A verdict on the pod {name}")

    def drop(self, *names: str) -> None:
        """Remove such pods, and wait until their room is free again."""
        for name in names:
            rest.delete(self.plane.api, f"{RAY_PODS}/{name}")
        self.wait_until(lambda: not set(names) & self.pod_names(), f"The end of {', '.join(names)}")

    def pod_names(self) -> set[str]:
        return {pod["metadata"]["name"] for pod in rest.items(self.plane.api, RAY_PODS)}

    def grow(self, pool: str, size: int | None = None) -> None:
        """Let the pool's own node group desire so many nodes, or its most, as the cluster autoscaler would."""
        for record in self.deployment.account.records(NODE_GROUP):
            labels = record.inputs["labels"]
            if labels[POOL] == pool and not labels["ray.io/capacity"].endswith("-fallback"):
                most = record.inputs["scalingConfig"]["maxSize"]
                set_desired_size(self.deployment.account, record.id, most if size is None else size)

    def ask_for_workers(self, replicas: dict[str, int]) -> None:
        """Set the replicas of worker groups, as Ray's autoscaler does."""
        cluster = self.ray_cluster()
        for group in cluster["spec"]["workerGroupSpecs"]:
            group["replicas"] = replicas.get(group["groupName"], group.get("replicas", 0))
        rest.call(self.plane.api, "PUT", RAY_CLUSTER, body=cluster)

    def _judged(self, name: str) -> Object | None:
        pod = rest.call(self.plane.api, "GET", f"{RAY_PODS}/{name}")
        return pod if pod["spec"].get("nodeName") or why_pending(pod) else None


def why_pending(pod: Object) -> str:
    """The scheduler's reason; empty when it gave none."""
    wanted = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable"}
    conditions = pod["status"].get("conditions", [])
    return next((each["message"] for each in conditions if wanted.items() <= each.items()), "")


def runs(pod: Object) -> bool:
    """Whether it is on a node and does its work there, or has done it."""
    return bool(pod["spec"].get("nodeName")) and pod["status"]["phase"] in ("Running", "Succeeded")
