"""Who may speak to Ray's pods, and to whom they may speak.

Whoever reaches the dashboard, the client port or Ray's own ports can run code on the cluster. Policies add up: the
first denies everything, the others allow. They hold where the CNI enforces them (``addons.vpcCni.networkPolicy``).
The kubelet's probes and ``kubectl port-forward`` come from the node itself and need no allowance.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from ray_platform.manifests.placement import OPERATOR_NAMESPACE, SYSTEM_NAMESPACE
from ray_platform.manifests.ray_names import HEAD_PORTS, RAY_NODE
from ray_platform.manifests.rbac import Manifest

# Every namespace carries it (Kubernetes, "Labels: kubernetes.io/metadata.name").
_NAMESPACE_NAME: Final = "kubernetes.io/metadata.name"

# The Job controller puts it on its pods. KubeRay submits a RayJob by a Job whose pods have no other label.
JOB_LABEL: Final = "batch.kubernetes.io/job-name"

# The operator asks the dashboard about jobs and Serve applications, and the head's proxy about its health.
_OPERATOR_PORTS: Final = (HEAD_PORTS["dashboard"], HEAD_PORTS["serve"])
_GUEST_PORTS: Final = tuple(HEAD_PORTS[name] for name in ("dashboard", "client", "serve", "metrics"))

_EVERY_POD: Final[dict[str, Any]] = {}
_RAY_PODS: Final = {"matchLabels": RAY_NODE}
_JOB_PODS: Final = {"matchExpressions": [{"key": JOB_LABEL, "operator": "Exists"}]}


def network_policies(*, namespace: str, allowed_namespaces: Sequence[str] = ()) -> list[Manifest]:
    """The policies of the Ray namespace. Pods of ``allowed_namespaces`` reach what Ray offers to users."""
    dashboard = _tcp(HEAD_PORTS["dashboard"])
    among_themselves = [{"podSelector": _RAY_PODS}]
    policies = [
        _policy(namespace, "default-deny", _EVERY_POD, ingress=[], egress=[]),
        _policy(namespace, "dns", _EVERY_POD, egress=[{"to": [_dns_pods()], "ports": [*_udp(53), *_tcp(53)]}]),
        _policy(
            namespace,
            "ray-among-themselves",
            _RAY_PODS,
            ingress=[{"from": among_themselves}],
            egress=[{"to": among_themselves}],
        ),
        _policy(
            namespace,
            "ray-to-https",
            _RAY_PODS,
            egress=[{"to": [{"ipBlock": {"cidr": "0.0.0.0/0"}}], "ports": _tcp(443)}],
        ),
        _policy(
            namespace,
            "operator-to-ray",
            _RAY_PODS,
            ingress=[{"from": [_namespaces([OPERATOR_NAMESPACE])], "ports": _tcp(*_OPERATOR_PORTS)}],
        ),
        _policy(
            namespace, "jobs-to-ray", _RAY_PODS, ingress=[{"from": [{"podSelector": _JOB_PODS}], "ports": dashboard}]
        ),
        _policy(namespace, "jobs", _JOB_PODS, egress=[{"to": [{"podSelector": _RAY_PODS}], "ports": dashboard}]),
    ]
    if allowed_namespaces:
        guests = [{"from": [_namespaces(allowed_namespaces)], "ports": _tcp(*_GUEST_PORTS)}]
        policies.append(_policy(namespace, "guests-to-ray", _RAY_PODS, ingress=guests))
    return policies


def _policy(
    namespace: str,
    name: str,
    pods: dict[str, Any],
    *,
    ingress: list[dict[str, Any]] | None = None,
    egress: list[dict[str, Any]] | None = None,
) -> Manifest:
    """A policy for the directions that are given; an empty list of rules allows nothing."""
    rules = {"ingress": ingress, "egress": egress}
    given = {direction: each for direction, each in rules.items() if each is not None}
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {
            "podSelector": pods,
            "policyTypes": [direction.capitalize() for direction in given],
            **{direction: each for direction, each in given.items() if each},
        },
    }


def _dns_pods() -> dict[str, Any]:
    """CoreDNS of the EKS addon."""
    return _namespaces([SYSTEM_NAMESPACE]) | {"podSelector": {"matchLabels": {"k8s-app": "kube-dns"}}}


def _namespaces(names: Sequence[str]) -> dict[str, Any]:
    among = {"key": _NAMESPACE_NAME, "operator": "In", "values": list(names)}
    return {"namespaceSelector": {"matchExpressions": [among]}}


def _tcp(*ports: int) -> list[dict[str, Any]]:
    return list(_ports("TCP", ports))


def _udp(*ports: int) -> list[dict[str, Any]]:
    return list(_ports("UDP", ports))


def _ports(protocol: str, ports: Iterable[int]) -> Iterable[dict[str, Any]]:
    return ({"protocol": protocol, "port": port} for port in ports)
