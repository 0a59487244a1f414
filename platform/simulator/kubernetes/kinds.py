"""What has to be known of a Kubernetes kind: whether it has a namespace, and what of it cannot change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from simulator.account.resource import Refusal
from simulator.protocol.diff import leads_into

CLUSTER_SCOPED = frozenset(
    {
        "APIService",
        "CSIDriver",
        "CSINode",
        "CertificateSigningRequest",
        "ClusterRole",
        "ClusterRoleBinding",
        "CustomResourceDefinition",
        "FlowSchema",
        "IngressClass",
        "MutatingWebhookConfiguration",
        "Namespace",
        "Node",
        "PersistentVolume",
        "PriorityClass",
        "PriorityLevelConfiguration",
        "RuntimeClass",
        "StorageClass",
        "ValidatingAdmissionPolicy",
        "ValidatingAdmissionPolicyBinding",
        "ValidatingWebhookConfiguration",
        "VolumeAttachment",
    }
)
BUILT_IN_GROUPS = frozenset({"apps", "autoscaling", "batch", "policy"})
"""The API groups of Kubernetes itself without a domain; its others end in .k8s.io."""

# What pulumi-kubernetes replaces an object for, and what the API server refuses to change.
_OF_EVERY_KIND = ("apiVersion", "kind", "metadata.name", "metadata.namespace")
_IMMUTABLE: Mapping[str, tuple[str, ...]] = {
    "ClusterRoleBinding": ("roleRef",),
    "ConfigMap": ("data", "binaryData"),
    "DaemonSet": ("spec.selector",),
    "Deployment": ("spec.selector",),
    "Job": ("spec.selector", "spec.template"),
    "PersistentVolumeClaim": (
        "spec.accessModes",
        "spec.selector",
        "spec.storageClassName",
        "spec.volumeName",
    ),
    "RoleBinding": ("roleRef",),
    "Secret": ("type", "data", "stringData"),
    "Service": ("spec.clusterIP",),
    "StatefulSet": (
        "spec.podManagementPolicy",
        "spec.selector",
        "spec.serviceName",
        "spec.volumeClaimTemplates",
    ),
    "StorageClass": ("parameters", "provisioner", "reclaimPolicy", "volumeBindingMode"),
}


def is_immutable(kind: str, keys: tuple[str | int, ...], *, config_map_mutable: bool) -> bool:
    """Whether a change of the field that the keys lead to needs a new object.

    pulumi-kubernetes replaces a ConfigMap for its data unless the provider is told that it may be changed.
    """
    own = () if kind == "ConfigMap" and config_map_mutable else _IMMUTABLE.get(kind, ())
    return leads_into((*_OF_EVERY_KIND, *own), keys)


def is_namespaced(api_version: str, kind: str, existing: Iterable[Mapping[str, Any]]) -> bool:
    """Whether objects of the kind live in a namespace.

    `existing` are the objects of the cluster: its CustomResourceDefinitions say which other kinds there are.
    Raises Refusal for a kind that the cluster does not have.
    """
    group, _, _ = api_version.rpartition("/")
    if not group or group in BUILT_IN_GROUPS or group.endswith(".k8s.io"):
        return kind not in CLUSTER_SCOPED
    for each in existing:
        spec = each.get("spec", {})
        if each["kind"] == "CustomResourceDefinition" and (spec["group"], spec["names"]["kind"]) == (
            group,
            kind,
        ):
            return bool(spec["scope"] == "Namespaced")
    raise Refusal("NoKindMatch", f'no matches for kind "{kind}" in version "{api_version}"')
