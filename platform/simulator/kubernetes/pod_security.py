"""Pod Security `restricted` as the API server enforces it, its main points (kubernetes.io, "Pod Security Standards").

The API server refuses the pods and only warns about what makes them. In memory nothing makes pods, so what would
never get one is refused itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from simulator.account.resource import Refusal

ENFORCE = "pod-security.kubernetes.io/enforce"
VOLUMES = frozenset(
    {"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"}
)
SECCOMP = ("RuntimeDefault", "Localhost")

Spec = Mapping[str, Any]


def refuse_pods(inputs: Mapping[str, Any], namespace: Mapping[str, Any]) -> None:
    """Raise Refusal when the namespace enforces `restricted` and a pod made from the object would break it."""
    if (namespace["metadata"].get("labels") or {}).get(ENFORCE) != "restricted":
        return
    broken = [f"{path}: {rule}" for path, pod in pod_specs(inputs) for rule in violations(pod)]
    if broken:
        raise Refusal("Forbidden", f'violates PodSecurity "restricted:latest": {"; ".join(broken)}')


def pod_specs(inputs: Mapping[str, Any]) -> Iterator[tuple[str, Spec]]:
    """The specs of the pods that are made from an object, each with its path in it."""
    spec = inputs.get("spec") or {}
    if inputs["kind"] == "Pod":
        yield "spec", spec
    elif inputs["kind"] == "RayCluster":
        yield "spec.headGroupSpec", spec["headGroupSpec"]["template"]["spec"]
        for group in spec.get("workerGroupSpecs", []):
            yield f"spec.workerGroupSpecs[{group['groupName']}]", group["template"]["spec"]
    elif isinstance(template := spec.get("template"), Mapping) and "spec" in template:
        yield "spec.template", template["spec"]


def violations(pod: Spec) -> Iterator[str]:
    """Every rule that the pod breaks, worded as the API server words them."""
    for key in ("hostNetwork", "hostPID", "hostIPC"):
        if pod.get(key):
            yield f"host namespaces ({key}=true)"
    for volume in pod.get("volumes") or []:
        if not VOLUMES & volume.keys():
            yield f'restricted volume types (volume "{volume["name"]}")'
    shared = pod.get("securityContext") or {}
    for container in [*(pod.get("initContainers") or []), *pod["containers"]]:
        for rule in _broken_by(container, shared):
            yield f'{rule} (container "{container["name"]}")'


def _broken_by(container: Spec, shared: Spec) -> Iterator[str]:
    own = container.get("securityContext") or {}
    capabilities = own.get("capabilities") or {}
    if own.get("privileged"):
        yield "privileged"
    if own.get("allowPrivilegeEscalation") is not False:
        yield "allowPrivilegeEscalation != false"
    if "ALL" not in capabilities.get("drop", ()) or set(capabilities.get("add") or ()) - {"NET_BIND_SERVICE"}:
        yield "unrestricted capabilities"
    if (own.get("runAsNonRoot", shared.get("runAsNonRoot"))) is not True:
        yield "runAsNonRoot != true"
    if own.get("runAsUser", shared.get("runAsUser")) == 0:
        yield "runAsUser=0"
    if (own.get("seccompProfile") or shared.get("seccompProfile") or {}).get("type") not in SECCOMP:
        yield "seccompProfile"
    if any(port.get("hostPort") for port in container.get("ports") or []):
        yield "hostPort"
