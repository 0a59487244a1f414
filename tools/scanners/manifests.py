"""The Kubernetes objects of a recording as manifests, and the pods that KubeRay will make of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ray_platform.plan.recording import Recording
from tools.scanners.terraform import COMPONENT, plain

Manifest = dict[str, Any]

# No scanner knows this kind. Its pods are judged as Pods; the object itself by the real API server and the real CRD
# in tests/cluster.
RAY_CLUSTER: Final = "RayCluster"


def manifests(recording: Recording) -> dict[str, Manifest]:
    """By the resource's name, every object the program writes, the Ray pods in place of the RayCluster.

    Without the CRDs, which the program takes from KubeRay's release and does not write.
    """
    found: dict[str, Manifest] = {}
    for node in recording.nodes.values():
        if not node.type.startswith("kubernetes:") or not node.inputs.get("kind"):
            continue
        manifest = plain(node.inputs)
        if manifest["kind"] == RAY_CLUSTER:
            found |= {f"{node.name}-{group}": pod for group, pod in ray_pods(manifest)}
        else:
            found[node.name] = manifest
    return found


def ray_pods(cluster: Mapping[str, Any]) -> Iterator[tuple[str, Manifest]]:
    """The head, with the autoscaler's container as KubeRay adds it, and one worker of each group."""
    spec, namespace = cluster["spec"], cluster["metadata"]["namespace"]
    head = spec["headGroupSpec"]["template"]
    head_spec = dict(head["spec"])
    if spec.get("enableInTreeAutoscaling"):
        head_spec["containers"] = [*head_spec["containers"], autoscaler(spec)]
    yield "head", _pod("head", namespace, head.get("metadata", {}), head_spec)
    for group in spec["workerGroupSpecs"]:
        template = group["template"]
        yield group["groupName"], _pod(group["groupName"], namespace, template.get("metadata", {}), template["spec"])


def autoscaler(spec: Mapping[str, Any]) -> Manifest:
    """KubeRay 1.6.2: the autoscaler runs the head's image; security context, resources and mounts are its options'."""
    options = spec.get("autoscalerOptions", {})
    taken = ("securityContext", "resources", "volumeMounts", "env")
    image = options.get("image") or spec["headGroupSpec"]["template"]["spec"]["containers"][0]["image"]
    return {"name": "autoscaler", "image": image, **{key: options[key] for key in taken if key in options}}


def kubernetes_version(recording: Recording) -> str:
    """The minor version of the control plane: 1.35."""
    return next(str(node.inputs["version"]) for node in recording.nodes.values() if node.type == COMPONENT)


def _pod(name: str, namespace: str, metadata: Mapping[str, Any], spec: Mapping[str, Any]) -> Manifest:
    named = {**metadata, "name": f"ray-{name}", "namespace": namespace}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": named, "spec": dict(spec)}
