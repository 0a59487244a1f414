"""The pods and the Ray clusters in a stack's Kubernetes objects."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ray_platform.guardrails.values import each, look
from ray_platform.guardrails.verdict import Resource, Stack

_KUBERNETES: Final = "kubernetes:"
_RAY: Final = "kubernetes:ray.io/"

# Where an object of a kind has its pod.
_PODS: Final[Mapping[str, tuple[str, ...]]] = {
    "CronJob": ("spec", "jobTemplate", "spec", "template", "spec"),
    "DaemonSet": ("spec", "template", "spec"),
    "Deployment": ("spec", "template", "spec"),
    "Job": ("spec", "template", "spec"),
    "Pod": ("spec",),
    "ReplicaSet": ("spec", "template", "spec"),
    "StatefulSet": ("spec", "template", "spec"),
}
# Where a kind of KubeRay describes a Ray cluster.
_RAY_CLUSTERS: Final[Mapping[str, tuple[str, ...]]] = {
    "RayCluster": ("spec",),
    "RayCronJob": ("spec", "jobTemplate", "rayClusterSpec"),
    "RayJob": ("spec", "rayClusterSpec"),
    "RayService": ("spec", "rayClusterConfig"),
}
_CONTAINERS: Final = ("initContainers", "containers", "ephemeralContainers")


@dataclass(frozen=True, kw_only=True)
class Part:
    """A part of a resource's inputs, and where it is in them."""

    resource: Resource
    path: str
    value: Any


def of_kind(stack: Stack, *kinds: str) -> Iterator[Resource]:
    """The Kubernetes objects of these kinds, whatever their version."""
    for resource in stack.resources:
        if resource.type.startswith(_KUBERNETES) and resource.kind in kinds:
            yield resource


def ray_clusters(stack: Stack) -> Iterator[Part]:
    """The description of each Ray cluster, also of those that a RayJob or a RayService makes."""
    for resource in stack.resources:
        if resource.type.startswith(_RAY) and resource.kind in _RAY_CLUSTERS:
            path = _RAY_CLUSTERS[resource.kind]
            found = look(resource.inputs, *path)
            # A RayJob may name a cluster that is there instead of describing one.
            if found is not None or resource.kind == "RayCluster":
                yield Part(resource=resource, path=".".join(path), value=found)


def pods(stack: Stack) -> Iterator[Part]:
    """The description of each kind of pod, Ray's own among them."""
    for resource in of_kind(stack, *_PODS):
        path = _PODS[resource.kind]
        yield Part(resource=resource, path=".".join(path), value=look(resource.inputs, *path))
    for cluster in ray_clusters(stack):
        groups = [*each(cluster.value, "headGroupSpec"), *each(cluster.value, "workerGroupSpecs")]
        for at, group in groups:
            pod = look(group, "template", "spec")
            yield Part(resource=cluster.resource, path=f"{cluster.path}.{at}.template.spec", value=pod)


def containers(pod: Part) -> Iterator[Part]:
    """All containers of a pod, those that run before the others included."""
    for kind in _CONTAINERS:
        for path, container in each(pod.value, kind):
            yield Part(resource=pod.resource, path=f"{pod.path}.{path}", value=container)
