"""The cluster's nodes, kept as the machines of the account's node groups are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from kubernetes import client

from ray_platform.scheduling.resources import GPU_RESOURCE
from simulator.cluster import rest
from simulator.cluster.machines import NODE_GROUP_LABEL, Machine

NODES = "/api/v1/nodes"
PODS = "/api/v1/pods"
# Kubernetes' own taints, which its controllers put on nodes and take away.
CONTROLLERS_TAINTS = "node.kubernetes.io/"
# Where a device plugin meets the kubelet (Kubernetes documentation, "Device Plugins").
DEVICE_PLUGINS = "/var/lib/kubelet/device-plugins"


def put_nodes(api: client.ApiClient, machines: Iterable[Machine]) -> None:
    """Make the cluster's nodes just these machines.

    As on a real node, GPUs count from when a device plugin runs on it. Of a node that goes, the pods go too. Call
    it again whenever account or cluster may have changed; with nothing to do it changes nothing.
    """
    wanted = {machine.name: machine for machine in machines}
    present = {_name(node): node for node in rest.items(api, NODES, labelSelector=NODE_GROUP_LABEL)}
    for name in present.keys() - wanted.keys():
        _remove(api, name)
    for name in wanted.keys() - present.keys():
        rest.call(api, "POST", NODES, body=wanted[name].node())
    both = sorted(wanted.keys() & present.keys())
    for name in both:
        _update(api, present[name], wanted[name].node())
    _announce_gpus(api, [(wanted[name], present[name]) for name in both if wanted[name].facts.gpus])


def _name(node: Mapping[str, Any]) -> str:
    return str(node["metadata"]["name"])


def _remove(api: client.ApiClient, name: str) -> None:
    """The node first: a DaemonSet would put new pods on it. No kubelet is left to confirm the end of a pod."""
    rest.delete(api, f"{NODES}/{name}")
    for pod in rest.items(api, PODS, fieldSelector=f"spec.nodeName={name}"):
        path = f"/api/v1/namespaces/{pod['metadata']['namespace']}/pods/{pod['metadata']['name']}"
        rest.delete(api, path, gracePeriodSeconds="0")


def _update(api: client.ApiClient, present: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
    """EKS puts a group's edited labels and taints on the nodes that are there already."""
    old, new = present["metadata"]["labels"], wanted["metadata"]["labels"]
    on_it = [_plain(taint) for taint in present["spec"].get("taints", [])]
    taints = wanted["spec"]["taints"] + [taint for taint in on_it if taint["key"].startswith(CONTROLLERS_TAINTS)]
    if old == new and sorted(taints, key=str) == sorted(on_it, key=str):
        return
    labels = {**dict.fromkeys(old.keys() - new.keys()), **new}
    change = {"metadata": {"labels": labels}, "spec": {"taints": taints}}
    rest.call(api, "PATCH", f"{NODES}/{_name(present)}", body=change, content=rest.MERGE)


def _plain(taint: Mapping[str, str]) -> dict[str, str]:
    """Without the time that Kubernetes adds to some."""
    return {"key": taint["key"], "value": taint.get("value", ""), "effect": taint["effect"]}


def _announce_gpus(api: client.ApiClient, nodes: list[tuple[Machine, dict[str, Any]]]) -> None:
    served = _served_by_device_plugins(api) if nodes else set()
    for machine, node in nodes:
        count = str(machine.facts.gpus if machine.name in served else 0)
        if node["status"]["allocatable"].get(GPU_RESOURCE, "0") != count:
            amounts = {GPU_RESOURCE: count}
            change = {"status": {"capacity": amounts, "allocatable": amounts}}
            rest.call(api, "PATCH", f"{NODES}/{machine.name}/status", body=change, content=rest.MERGE)


def _served_by_device_plugins(api: client.ApiClient) -> set[str]:
    """The nodes on which a DaemonSet's pod runs that can register a device with the kubelet."""
    return {
        pod["spec"]["nodeName"]
        for pod in rest.items(api, PODS, fieldSelector="status.phase=Running")
        if any(owner["kind"] == "DaemonSet" for owner in pod["metadata"].get("ownerReferences", []))
        and any(_meets_the_kubelet(volume) for volume in pod["spec"].get("volumes", []))
    }


def _meets_the_kubelet(volume: Mapping[str, Any]) -> bool:
    path: str = volume.get("hostPath", {}).get("path", "")
    return path.rstrip("/") == DEVICE_PLUGINS
