"""Service accounts and their rights in the cluster."""

from collections.abc import Mapping, Sequence
from typing import Any

Manifest = dict[str, Any]

_API_GROUP = "rbac.authorization.k8s.io"
_API_VERSION = f"{_API_GROUP}/v1"

READ = ("get", "list", "watch")


def rule(group: str, resources: Sequence[str], verbs: Sequence[str], *, names: Sequence[str] = ()) -> dict[str, Any]:
    """One rule; ``group`` is empty for the core API, and ``names`` restricts it to single objects."""
    only = {"resourceNames": list(names)} if names else {}
    return {"apiGroups": [group], "resources": list(resources), "verbs": list(verbs), **only}


def service_account(name: str, namespace: str, *, role_arn: Any = None) -> Manifest:
    """A service account; with ``role_arn`` its pods get credentials of that IAM role (IRSA)."""
    metadata: dict[str, Any] = {"name": name, "namespace": namespace}
    if role_arn is not None:
        metadata["annotations"] = {"eks.amazonaws.com/role-arn": role_arn}
    return {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata}


def cluster_rights(account: Mapping[str, Any], rules: Sequence[Mapping[str, Any]]) -> dict[str, Manifest]:
    """A ClusterRole and its binding, by the ends of their logical names. Both bear the service account's name."""
    name = account["metadata"]["name"]
    return {
        "cluster-role": _role("ClusterRole", {"name": name}, rules),
        "cluster-binding": _binding("ClusterRole", {"name": name}, account),
    }


def namespace_rights(
    account: Mapping[str, Any], namespace: str, rules: Sequence[Mapping[str, Any]]
) -> dict[str, Manifest]:
    """A Role in ``namespace`` and its binding, by the ends of their logical names."""
    metadata = {"name": account["metadata"]["name"], "namespace": namespace}
    return {"role": _role("Role", metadata, rules), "binding": _binding("Role", metadata, account)}


def _role(kind: str, metadata: Mapping[str, Any], rules: Sequence[Mapping[str, Any]]) -> Manifest:
    return {
        "apiVersion": _API_VERSION,
        "kind": kind,
        "metadata": dict(metadata),
        "rules": [dict(each) for each in rules],
    }


def _binding(kind: str, metadata: Mapping[str, Any], account: Mapping[str, Any]) -> Manifest:
    owner = account["metadata"]
    return {
        "apiVersion": _API_VERSION,
        "kind": f"{kind}Binding",
        "metadata": dict(metadata),
        "roleRef": {"apiGroup": _API_GROUP, "kind": kind, "name": metadata["name"]},
        "subjects": [{"kind": "ServiceAccount", "name": owner["name"], "namespace": owner["namespace"]}],
    }
