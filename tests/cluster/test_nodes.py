"""Nodes and EKS's addons in the cluster follow the account; a node's GPUs follow the device plugin."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from unittest import mock

import pytest

from ray_platform.config.node_pools import InstanceFacts
from ray_platform.manifests import device_plugin
from ray_platform.scheduling import overhead
from ray_platform.scheduling.resources import GPU_RESOURCE
from simulator.cluster import rest
from simulator.cluster.addons import ADDON, MANIFESTS, make_addons
from simulator.cluster.control_plane import ControlPlane
from simulator.cluster.machines import NODE_GROUP_LABEL, Machine
from simulator.cluster.nodes import NODES, put_nodes

pytestmark = pytest.mark.cluster

DAEMON_SETS = "/apis/apps/v1/namespaces/kube-system/daemonsets"
PODS = "/api/v1/namespaces/kube-system/pods"
FACTS = InstanceFacts(
    name="g4dn.xlarge",
    architectures=("x86_64",),
    vcpus=4,
    memory_mib=16384,
    gpus=1,
    gpu_name="T4",
    gpu_manufacturer="NVIDIA",
    network_interfaces=3,
    addresses_per_interface=10,
    usage_classes=("on-demand", "spot"),
)
GPU_TAINT = {"key": "nvidia.com/gpu", "value": "true", "effect": "NoSchedule"}
ONE = Machine(name="one", facts=FACTS, labels={NODE_GROUP_LABEL: "gpu", "nvidia.com/gpu": "true"}, taints=(GPU_TAINT,))
TWO = replace(ONE, name="two")
PLAIN = Machine(name="plain", facts=replace(FACTS, name="m5.xlarge", gpus=0), labels={NODE_GROUP_LABEL: "cpu"})


class Installed:
    """An account of which only the addons are asked."""

    def __init__(self, *names: str) -> None:
        self.lock = mock.MagicMock()
        self._records = [mock.Mock(inputs={"addonName": name}) for name in names]

    def records(self, token: str) -> list[Any]:
        assert token == ADDON
        return self._records


def install(plane: ControlPlane, *names: str) -> None:
    account: Any = Installed(*names)
    make_addons(plane.api, account)


@pytest.fixture(autouse=True)
def empty(plane: ControlPlane) -> Iterator[None]:
    yield
    install(plane)
    rest.delete(plane.api, f"{DAEMON_SETS}/{device_plugin.NAME}", propagationPolicy="Background")
    put_nodes(plane.api, [])
    plane.wait_until(lambda: not rest.items(plane.api, PODS), what="The end of all pods")


def node(plane: ControlPlane, name: str) -> dict[str, Any]:
    return rest.call(plane.api, "GET", f"{NODES}/{name}")


def gpus(plane: ControlPlane, *machines: Machine) -> str | None:
    """What the first of these has to give, with the nodes brought up to date."""
    put_nodes(plane.api, machines)
    found: str | None = node(plane, machines[0].name)["status"]["allocatable"].get(GPU_RESOURCE)
    return found


def running(plane: ControlPlane) -> set[str]:
    """The names of the containers that run."""
    pods = rest.items(plane.api, PODS, fieldSelector="status.phase=Running")
    return {container(pod)["name"] for pod in pods}


def container(pod: dict[str, Any]) -> dict[str, Any]:
    (only,) = pod["spec"]["containers"]
    found: dict[str, Any] = only
    return found


def all_placed(plane: ControlPlane, count: int) -> list[dict[str, Any]]:
    """The pods, once there are so many and each has a node."""
    pods = rest.items(plane.api, PODS)
    return pods if len(pods) == count and all("nodeName" in pod["spec"] for pod in pods) else []


def is_settled(plane: ControlPlane, *machines: Machine) -> bool:
    """Kubernetes taints a new node until it is ready."""
    return all(
        node(plane, each.name)["spec"].get("taints", []) == [dict(taint) for taint in each.taints] for each in machines
    )


def changes(plane: ControlPlane, action: Callable[[], None]) -> list[str]:
    """The calls of an action that change something."""
    with mock.patch.object(rest, "call", side_effect=rest.call) as calls:
        action()
    return [each.args[2] for each in calls.call_args_list if each.args[1] != "GET"]


def run_device_plugin(plane: ControlPlane) -> None:
    rest.call(plane.api, "POST", DAEMON_SETS, body=device_plugin.daemon_set())


def test_a_node_offers_what_the_fit_check_counts_on_and_becomes_ready(plane: ControlPlane) -> None:
    put_nodes(plane.api, [PLAIN])
    plane.wait_until(lambda: is_settled(plane, PLAIN), what="The readiness of the node")
    assert node(plane, "plain")["status"]["allocatable"] == {"cpu": "3920m", "memory": "14481Mi", "pods": "29"}


def test_with_nothing_to_do_nothing_is_changed(plane: ControlPlane) -> None:
    put_nodes(plane.api, [ONE, PLAIN])
    install(plane, "vpc-cni", "coredns")
    run_device_plugin(plane)
    plane.wait_until(lambda: is_settled(plane, ONE, PLAIN), what="The readiness of the nodes")
    plane.wait_until(lambda: gpus(plane, ONE, PLAIN) == "1", what="The GPU of the node")
    assert changes(plane, lambda: put_nodes(plane.api, [ONE, PLAIN])) == []
    assert changes(plane, lambda: install(plane, "vpc-cni", "coredns")) == []


def test_edited_labels_and_taints_reach_the_nodes_that_are_there(plane: ControlPlane) -> None:
    put_nodes(plane.api, [ONE])
    plane.wait_until(lambda: is_settled(plane, ONE), what="The readiness of the node")
    edited = replace(ONE, labels={NODE_GROUP_LABEL: "gpu", "team": "ml"}, taints=({**GPU_TAINT, "value": "yes"},))
    put_nodes(plane.api, [edited])
    assert node(plane, "one")["metadata"]["labels"] == edited.all_labels()
    assert is_settled(plane, edited)


def test_gpus_come_and_go_with_the_device_plugin(plane: ControlPlane) -> None:
    assert gpus(plane, ONE) is None
    run_device_plugin(plane)
    plane.wait_until(lambda: gpus(plane, ONE) == "1", what="The GPU of the node")
    rest.delete(plane.api, f"{DAEMON_SETS}/{device_plugin.NAME}", propagationPolicy="Foreground")
    plane.wait_until(lambda: gpus(plane, ONE) == "0", what="The end of the GPU")


def test_another_daemon_set_brings_no_gpu(plane: ControlPlane) -> None:
    put_nodes(plane.api, [ONE])
    install(plane, "kube-proxy")
    plane.wait_until(lambda: running(plane) == {"kube-proxy"}, what="That kube-proxy runs")
    assert gpus(plane, ONE) is None


def test_a_node_that_goes_takes_its_pods_along(plane: ControlPlane) -> None:
    put_nodes(plane.api, [ONE, TWO])
    install(plane, "vpc-cni")
    plane.wait_until(lambda: len(rest.items(plane.api, PODS)) == 2, what="A pod on each node")
    put_nodes(plane.api, [TWO])
    assert [each["metadata"]["name"] for each in rest.items(plane.api, NODES)] == ["two"]
    assert {pod["spec"]["nodeName"] for pod in rest.items(plane.api, PODS)} == {"two"}


def test_addons_run_where_the_real_ones_do_and_ask_for_as_much(plane: ControlPlane) -> None:
    put_nodes(plane.api, [ONE, PLAIN])
    install(plane, *MANIFESTS)
    plane.wait_until(lambda: is_settled(plane, ONE, PLAIN), what="The readiness of the nodes")
    pods = plane.wait_until(lambda: all_placed(plane, 10), what="A node for every pod")
    places: dict[str, list[str]] = {}
    for pod in pods:
        places.setdefault(container(pod)["name"], []).append(pod["spec"]["nodeName"])
    assert {name: sorted(nodes) for name, nodes in places.items()} == {
        "aws-node": ["one", "plain"],
        "kube-proxy": ["one", "plain"],
        "ebs-csi-node": ["one", "plain"],
        "coredns": ["plain", "plain"],
        "ebs-csi-controller": ["plain", "plain"],
    }
    dns = next(pod for pod in pods if container(pod)["name"] == "coredns")
    assert container(dns)["resources"]["requests"] == overhead.COREDNS.quantities()
    assert dns["metadata"]["labels"]["k8s-app"] == "kube-dns"


def test_an_addon_that_leaves_the_account_leaves_the_cluster(plane: ControlPlane) -> None:
    install(plane, "vpc-cni", "kube-proxy")
    install(plane, "kube-proxy")
    assert [each["metadata"]["name"] for each in rest.items(plane.api, DAEMON_SETS)] == ["kube-proxy"]
