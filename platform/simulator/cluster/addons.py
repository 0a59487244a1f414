"""Stand-ins for EKS's own addons: the same names and requests, on the nodes where the real ones run."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from kubernetes import client

from ray_platform.scheduling import overhead
from ray_platform.scheduling.resources import Resources
from simulator.account import Account
from simulator.cluster import rest

ADDON = "aws:eks/addon:Addon"
ADDON_LABEL = "simulated-addon"
FINGERPRINT = "simulated-addon/fingerprint"
NAMESPACE = "kube-system"
PATHS = {kind: f"/apis/apps/v1/namespaces/{NAMESPACE}/{kind.lower()}s" for kind in ("DaemonSet", "Deployment")}
NODE_CRITICAL, CLUSTER_CRITICAL = "system-node-critical", "system-cluster-critical"
ANY_TAINT = ({"operator": "Exists"},)
# Neither the CNI nor kube-proxy waits for a network, which they make.
HOST_NETWORK = {"hostNetwork": True}
# As the manifests of the two Deployments have it: they stay off tainted nodes.
CRITICAL_ADDONS = ({"key": "CriticalAddonsOnly", "operator": "Exists"},)


def make_addons(api: client.ApiClient, account: Account) -> None:
    """Make what runs in kube-system that of the account's addons. With nothing to do it changes nothing."""
    with account.lock:
        installed = {record.inputs["addonName"] for record in account.records(ADDON)}
    wanted = {_key(each): each for addon in sorted(installed) for each in MANIFESTS.get(addon, ())}
    present = _fingerprints(api)
    for kind, name in present.keys() - wanted.keys():
        rest.delete(api, f"{PATHS[kind]}/{name}", propagationPolicy="Background")
    for (kind, name), manifest in wanted.items():
        if present.get((kind, name)) != _fingerprint(manifest):
            manager = {"fieldManager": "eks", "force": "true"}
            rest.call(api, "PATCH", f"{PATHS[kind]}/{name}", query=manager, body=manifest, content=rest.APPLY)


def _key(manifest: Mapping[str, Any]) -> tuple[str, str]:
    return manifest["kind"], manifest["metadata"]["name"]


def _fingerprint(manifest: Mapping[str, Any]) -> str:
    return str(manifest["metadata"]["annotations"][FINGERPRINT])


def _fingerprints(api: client.ApiClient) -> dict[tuple[str, str], str]:
    """What the cluster has: kind and name -> the fingerprint of the manifest it was made from."""
    return {
        (kind, each["metadata"]["name"]): _fingerprint(each)
        for kind, path in PATHS.items()
        for each in rest.items(api, path, labelSelector=ADDON_LABEL)
    }


def _manifest(
    kind: str,
    addon: str,
    name: str,
    requests: Resources,
    *,
    priority: str,
    tolerations: tuple[Mapping[str, str], ...],
    labels: Mapping[str, str] | None = None,
    pod: Mapping[str, Any] | None = None,
    **spec: Any,
) -> dict[str, Any]:
    """A workload of one container that asks for what the real one's containers ask for together."""
    labels = labels or {"app": name}
    container = {"name": name, "image": f"simulated/{name}:0", "resources": {"requests": requests.quantities()}}
    template = {
        "metadata": {"labels": {**labels, ADDON_LABEL: addon}},
        "spec": {
            "priorityClassName": priority,
            "tolerations": list(tolerations),
            "containers": [container],
            **(pod or {}),
        },
    }
    content = {**spec, "selector": {"matchLabels": dict(labels)}, "template": template}
    fingerprint = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]
    return {
        "apiVersion": "apps/v1",
        "kind": kind,
        "metadata": {
            "name": name,
            "namespace": NAMESPACE,
            "labels": {ADDON_LABEL: addon},
            "annotations": {FINGERPRINT: fingerprint},
        },
        "spec": content,
    }


def _on_every_node(addon: str, name: str, requests: Resources, **pod: Any) -> dict[str, Any]:
    return _manifest("DaemonSet", addon, name, requests, priority=NODE_CRITICAL, tolerations=ANY_TAINT, pod=pod)


def _in_two_places(addon: str, name: str, requests: Resources, labels: Mapping[str, str]) -> dict[str, Any]:
    """Two replicas, which rather stand on different nodes."""
    apart = {
        "podAffinityTerm": {"labelSelector": {"matchLabels": dict(labels)}, "topologyKey": "kubernetes.io/hostname"},
        "weight": 100,
    }
    affinity = {"podAntiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [apart]}}
    return _manifest(
        "Deployment",
        addon,
        name,
        requests,
        priority=CLUSTER_CRITICAL,
        tolerations=CRITICAL_ADDONS,
        labels=labels,
        pod={"affinity": affinity},
        replicas=2,
    )


MANIFESTS: Mapping[str, tuple[Mapping[str, Any], ...]] = {
    "vpc-cni": (_on_every_node("vpc-cni", "aws-node", overhead.AWS_NODE, **HOST_NETWORK),),
    "kube-proxy": (_on_every_node("kube-proxy", "kube-proxy", overhead.KUBE_PROXY, **HOST_NETWORK),),
    # NetworkPolicies find the DNS servers by this label.
    "coredns": (_in_two_places("coredns", "coredns", overhead.COREDNS, {"k8s-app": "kube-dns"}),),
    "aws-ebs-csi-driver": (
        _on_every_node("aws-ebs-csi-driver", "ebs-csi-node", overhead.EBS_CSI_NODE),
        _in_two_places(
            "aws-ebs-csi-driver",
            "ebs-csi-controller",
            overhead.EBS_CSI_CONTROLLER,
            {"app": "ebs-csi-controller"},
        ),
    ),
}
"""EKS addon -> what it runs."""
