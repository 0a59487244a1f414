"""The pods of a cluster as the demo tells of them, and those that its controllers would make from other objects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ray_platform.config.pool_rules import RAY_HEAD_GROUP
from ray_platform.manifests.ray_names import CLUSTER_LABEL, GROUP_LABEL, NODE_TYPE_LABEL, RAY_NODE
from ray_platform.scheduling.overhead import RAY_AUTOSCALER
from ray_platform.scheduling.resources import NOTHING, Resources
from simulator.kubernetes.quantities import resources

Object = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Pod:
    """A pod before it has a node. `spec` is that of its template."""

    namespace: str
    name: str
    labels: Mapping[str, str]
    spec: Object
    resources: Resources


@dataclass(frozen=True, kw_only=True)
class Landed:
    """A pod and the node it is on; without one `reason` says why. The labels are those of pod and node."""

    namespace: str
    name: str
    labels: Mapping[str, str]
    node: str | None = None
    node_labels: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""

    @property
    def ray_group(self) -> str | None:
        """The group of the Ray cluster that the pod is of."""
        return self.labels.get(GROUP_LABEL)


def replicated(workload: Object) -> Iterator[Pod]:
    """The pods of a Deployment or a RayCluster; none for any other object."""
    if workload["kind"] == "Deployment":
        for index in range(workload["spec"].get("replicas", 1)):
            yield from_template(workload, workload["spec"]["template"], str(index))
    elif workload["kind"] == "RayCluster":
        yield from _ray_pods(workload)


def from_template(workload: Object, template: Object, ending: str, **labels: str) -> Pod:
    """A pod of the workload, its name with the ending."""
    metadata, spec = workload["metadata"], template["spec"]
    return Pod(
        namespace=metadata.get("namespace", "default"),
        name=f"{metadata['name']}-{ending}",
        labels={**(template.get("metadata") or {}).get("labels", {}), **labels},
        spec=spec,
        resources=requests(spec),
    )


def requests(spec: Object) -> Resources:
    """What all containers of a pod ask for together; a limit without a request counts as one."""
    asked = [container.get("resources") or {} for container in spec["containers"]]
    return sum((resources({**each.get("limits", {}), **each.get("requests", {})}) for each in asked), start=NOTHING)


def _ray_pods(cluster: Object) -> Iterator[Pod]:
    """Head and as many workers as each group has at least, with the labels and the sidecar that KubeRay gives them."""
    spec = cluster["spec"]
    common = {**RAY_NODE, CLUSTER_LABEL: cluster["metadata"]["name"]}
    head = _with_autoscaler(spec["headGroupSpec"]["template"], spec)
    yield from_template(cluster, head, "head", **common, **{NODE_TYPE_LABEL: "head", GROUP_LABEL: RAY_HEAD_GROUP})
    for group in spec.get("workerGroupSpecs", []):
        labels = {**common, NODE_TYPE_LABEL: "worker", GROUP_LABEL: group["groupName"]}
        for index in range(group.get("minReplicas", 0)):
            yield from_template(cluster, group["template"], f"{group['groupName']}-worker-{index}", **labels)


def _with_autoscaler(template: Object, spec: Object) -> Object:
    if not spec.get("enableInTreeAutoscaling"):
        return template
    options = spec.get("autoscalerOptions") or {}
    sidecar = {"name": "autoscaler", "resources": options.get("resources", {"limits": RAY_AUTOSCALER.quantities()})}
    return {**template, "spec": {**template["spec"], "containers": [*template["spec"]["containers"], sidecar]}}
