"""Kubernetes manifests as resources of the stack."""

import re
from collections.abc import Callable, Mapping
from typing import Any

import pulumi
import pulumi_kubernetes as k8s

from ray_platform.images import with_mirrors

_RBAC = k8s.rbac.v1

# The class of pulumi-kubernetes for each kind that the platform makes, by apiVersion and kind.
_TYPED: Mapping[tuple[str, str], Callable[..., pulumi.Resource]] = {
    ("v1", "ConfigMap"): k8s.core.v1.ConfigMap,
    ("v1", "Namespace"): k8s.core.v1.Namespace,
    ("v1", "ServiceAccount"): k8s.core.v1.ServiceAccount,
    ("apps/v1", "DaemonSet"): k8s.apps.v1.DaemonSet,
    ("apps/v1", "Deployment"): k8s.apps.v1.Deployment,
    ("networking.k8s.io/v1", "NetworkPolicy"): k8s.networking.v1.NetworkPolicy,
    ("policy/v1", "PodDisruptionBudget"): k8s.policy.v1.PodDisruptionBudget,
    ("rbac.authorization.k8s.io/v1", "ClusterRole"): _RBAC.ClusterRole,
    ("rbac.authorization.k8s.io/v1", "ClusterRoleBinding"): _RBAC.ClusterRoleBinding,
    ("rbac.authorization.k8s.io/v1", "Role"): _RBAC.Role,
    ("rbac.authorization.k8s.io/v1", "RoleBinding"): _RBAC.RoleBinding,
    ("storage.k8s.io/v1", "StorageClass"): k8s.storage.v1.StorageClass,
}


def kubernetes_object(
    name: str, manifest: Mapping[str, Any], *, mirrors: Mapping[str, str], opts: pulumi.ResourceOptions
) -> pulumi.Resource:
    """Register one manifest under the logical name ``name``, its images taken from ``mirrors`` (see ``mirrored``).

    A kind of Kubernetes itself becomes its own class; a kind of a group with another domain a ``CustomResource``.
    Raises ``KeyError`` for a kind of Kubernetes that the table does not have.
    """
    api_version, kind = manifest["apiVersion"], manifest["kind"]
    rest = {key: value for key, value in with_mirrors(manifest, mirrors).items() if key not in ("apiVersion", "kind")}
    if _is_custom(api_version):
        return k8s.apiextensions.CustomResource(name, api_version=api_version, kind=kind, opts=opts, **rest)
    arguments = {_snake_case(key): value for key, value in rest.items()}
    return _TYPED[api_version, kind](name, opts=opts, **arguments)


def _is_custom(api_version: str) -> bool:
    group, _, _ = api_version.rpartition("/")
    return "." in group and not group.endswith(".k8s.io")


def _snake_case(key: str) -> str:
    """``roleRef`` is the argument ``role_ref``; only the fields at the top are arguments."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", key).lower()
