"""What the platform's own pods may not do on their nodes. Other pods are Pod Security's to judge."""

from collections.abc import Iterator
from typing import Any, Final

from ray_platform.guardrails.kubernetes import Part, containers, pods
from ray_platform.guardrails.values import UNKNOWN, Unknown, each, look
from ray_platform.guardrails.verdict import Answer, Guardrail, Stack, Unclear, expect

_NAMESPACES_OF_THE_NODE: Final = ("hostNetwork", "hostPID", "hostIPC")

# The one pod that runs as root and sees a directory of its node: the kubelet's socket belongs to root.
_DEVICE_PLUGIN: Final = ("kube-system", "nvidia-device-plugin")
_DEVICE_PLUGIN_PATH: Final = "/var/lib/kubelet/device-plugins"


def _restricted(stack: Stack) -> Iterator[Answer]:
    for pod in pods(stack):
        plugin = _is_device_plugin(pod)
        if plugin is UNKNOWN:
            yield Unclear(resource=pod.resource, path="metadata.name")
        for key in _NAMESPACES_OF_THE_NODE:
            path, shared = f"{pod.path}.{key}", look(pod.value, key)
            yield from expect(pod.resource, path, shared, _is_not_true, "must not be true")
        yield from _volumes(pod, () if plugin is False else (_DEVICE_PLUGIN_PATH,))
        for container in containers(pod):
            yield from _container(container)
            if plugin is False:
                yield from _not_root(pod, container)


def _is_device_plugin(pod: Part) -> bool | Unknown:
    metadata = look(pod.resource.inputs, "metadata")
    names = (look(metadata, "namespace"), look(metadata, "name"))
    return UNKNOWN if UNKNOWN in names else names == _DEVICE_PLUGIN


def _volumes(pod: Part, allowed: tuple[str, ...]) -> Iterator[Answer]:
    for at, volume in each(pod.value, "volumes"):
        path, where = f"{pod.path}.{at}.hostPath", look(volume, "hostPath", "path")
        yield from expect(pod.resource, path, where, lambda value: value in (None, *allowed), "must not be of the node")


def _container(container: Part) -> Iterator[Answer]:
    security = f"{container.path}.securityContext"
    privileged = look(container.value, "securityContext", "privileged")
    yield from expect(container.resource, f"{security}.privileged", privileged, _is_not_true, "must not be true")
    gains = look(container.value, "securityContext", "allowPrivilegeEscalation")
    path = f"{security}.allowPrivilegeEscalation"
    yield from expect(container.resource, path, gains, lambda value: value is False, "must be false")
    for at, capability in each(container.value, "securityContext", "capabilities", "add"):
        yield from expect(
            container.resource, f"{container.path}.{at}", capability, lambda _: False, "must not be added"
        )


def _not_root(pod: Part, container: Part) -> Iterator[Answer]:
    """What a container does not say, its pod says for it."""
    own = look(container.value, "securityContext", "runAsNonRoot")
    value = look(pod.value, "securityContext", "runAsNonRoot") if own is None else own
    path = f"{container.path}.securityContext.runAsNonRoot"
    yield from expect(container.resource, path, value, lambda value: value is True, "must be true")


def _is_not_true(value: Any) -> bool:
    return value is not True


GUARDRAILS: Final = (
    Guardrail(
        code="restricted-pods",
        promise="The platform's pods do not run as root, gain no rights, and see nothing of their node. (The device "
        "plugin runs as root, without any capability, and sees the directory of the kubelet's plugins.)",
        remedy="Mend the manifest (manifests/).",
        check=_restricted,
    ),
)
