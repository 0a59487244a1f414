"""Where pods land in memory, on the nodes of the account's node groups."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.kubernetes.placement import placements
from simulator.kubernetes.pods import Landed
from tests.simulator.aws_by_hand import ByHand, SoundCluster
from tests.simulator.kubernetes_by_hand import kubernetes_object

CPU = {"cpu": "3"}
GPU_TAINT = {"key": "nvidia.com/gpu", "value": "true", "effect": "NO_SCHEDULE"}
TOLERATES_GPU = [{"key": "nvidia.com/gpu", "operator": "Equal", "value": "true", "effect": "NoSchedule"}]
DEVICE_PLUGINS = {"name": "plugins", "hostPath": {"path": "/var/lib/kubelet/device-plugins"}}


@pytest.fixture
def nodes(hand: ByHand, sound: SoundCluster) -> SoundCluster:
    """Two m5.xlarge of pool cpu, on which aws-node and kube-proxy run."""
    size = {"minSize": 1, "desiredSize": 2, "maxSize": 3}
    sound.node_group(scalingConfig=size, instanceTypes=["m5.xlarge"], labels={"ray.io/node-pool": "cpu"})
    return sound


def add_gpu_node(sound: SoundCluster) -> None:
    sound.node_group(
        nodeGroupName="gpu",
        scalingConfig={"minSize": 1, "desiredSize": 1, "maxSize": 1},
        instanceTypes=["g4dn.xlarge"],
        amiType="AL2023_x86_64_NVIDIA",
        labels={"ray.io/node-pool": "gpu"},
        taints=[GPU_TAINT],
    )


def pod(requests: dict[str, str] | None = None, **spec: Any) -> dict[str, Any]:
    return {"containers": [{"name": "main", "resources": {"requests": requests or {}}}], **spec}


def deploy(sound: SoundCluster, kind: str, name: str, template: dict[str, Any], **spec: Any) -> None:
    made = kubernetes_object(kind, name, "apps/v1", spec={"template": template, **spec})
    sound.hand.account.kubernetes.append({"cluster": "ray", "type": kind, "id": name, "inputs": made})


def landed(sound: SoundCluster, beginning: str) -> list[Landed]:
    return [each for each in placements(sound.hand.account) if each.name.startswith(beginning)]


def test_what_is_on_every_node_comes_first_and_takes_its_room(nodes: SoundCluster) -> None:
    assert {each.node for each in landed(nodes, "aws-node-")} == {"cpu-0", "cpu-1"}
    # Of 3920m allocatable, aws-node takes 50m and kube-proxy 100m.
    deploy(nodes, "Deployment", "whole", {"spec": pod({"cpu": "3770m"})}, replicas=2)
    deploy(nodes, "Deployment", "one-more", {"spec": pod({"cpu": "1m"})})
    assert {each.node for each in landed(nodes, "whole")} == {"cpu-0", "cpu-1"}
    (late,) = landed(nodes, "one-more")
    assert late.node is None
    assert late.reason == "CPU millicores: 1 wanted, 0 free"


def test_a_selector_an_affinity_and_a_taint_keep_a_pod_off(nodes: SoundCluster) -> None:
    add_gpu_node(nodes)
    expression = {"key": "ray.io/node-pool", "operator": "In", "values": ["gpu"]}
    terms = {"nodeSelectorTerms": [{"matchExpressions": [expression]}]}
    affinity = {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": terms}}
    on_gpu = {"nodeSelector": {"ray.io/node-pool": "gpu"}}
    deploy(nodes, "Deployment", "selected", {"spec": pod(**on_gpu, tolerations=TOLERATES_GPU)})
    deploy(nodes, "Deployment", "admitted", {"spec": pod(affinity=affinity, tolerations=TOLERATES_GPU)})
    deploy(nodes, "Deployment", "tainted", {"spec": pod(**on_gpu)})

    assert [each.node for each in landed(nodes, "selected")] == ["gpu-0"]
    assert [each.node for each in landed(nodes, "admitted")] == ["gpu-0"]
    (kept_off,) = landed(nodes, "tainted")
    assert kept_off.node is None
    assert "taint nvidia.com/gpu=true:NoSchedule is not tolerated" in kept_off.reason


def test_gpus_count_only_where_a_device_plugin_runs(nodes: SoundCluster) -> None:
    add_gpu_node(nodes)
    worker = pod({"nvidia.com/gpu": "1"}, tolerations=TOLERATES_GPU)
    deploy(nodes, "Deployment", "worker", {"spec": worker})
    assert [each.node for each in landed(nodes, "worker")] == [None]

    plugin = pod(volumes=[DEVICE_PLUGINS], nodeSelector={"ray.io/node-pool": "gpu"}, tolerations=TOLERATES_GPU)
    deploy(nodes, "DaemonSet", "plugin", {"spec": plugin})
    assert [each.node for each in landed(nodes, "worker")] == ["gpu-0"]
    assert len(landed(nodes, "plugin")) == 1


def test_pods_gather_where_they_are_told_to_and_spread_where_not(nodes: SoundCluster) -> None:
    term = {"labelSelector": {"matchLabels": {"packed": "yes"}}, "topologyKey": "kubernetes.io/hostname"}
    preferred = [{"weight": 100, "podAffinityTerm": term}]
    near = {"podAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": preferred}}
    packed = {"metadata": {"labels": {"packed": "yes"}}, "spec": pod({"cpu": "500m"}, affinity=near)}
    deploy(nodes, "Deployment", "spread", {"spec": pod({"cpu": "500m"})}, replicas=2)
    deploy(nodes, "Deployment", "packed", packed, replicas=3)

    assert len({each.node for each in landed(nodes, "spread")}) == 2
    assert len({each.node for each in landed(nodes, "packed")}) == 1


def test_a_ray_cluster_has_its_head_with_the_autoscaler_and_the_least_of_its_workers(nodes: SoundCluster) -> None:
    head = {"template": {"spec": pod({"cpu": "3"}, nodeSelector={"ray.io/node-pool": "cpu"})}}
    group = {"groupName": "cpu", "minReplicas": 2, "maxReplicas": 5, "template": {"spec": pod({"cpu": "3"})}}
    autoscaler = {"resources": {"requests": {"cpu": "500m"}, "limits": {"cpu": "500m"}}}
    spec = {
        "enableInTreeAutoscaling": True,
        "autoscalerOptions": autoscaler,
        "headGroupSpec": head,
        "workerGroupSpecs": [group],
    }
    made = kubernetes_object("RayCluster", "ray", "ray.io/v1", spec=spec)
    nodes.hand.account.kubernetes.append({"cluster": "ray", "type": "", "id": "", "inputs": made})

    pods = {each.name: each for each in landed(nodes, "ray-")}
    assert pods["ray-head"].ray_group == "headgroup"
    assert pods["ray-head"].node_labels["node.kubernetes.io/instance-type"] == "m5.xlarge"
    assert pods["ray-cpu-worker-0"].node not in (None, pods["ray-head"].node)
    # Two nodes are full with the head and a worker; beside the head would be 270m.
    assert pods["ray-cpu-worker-1"].reason == (
        "CPU millicores: 3000 wanted, 270 free; CPU millicores: 3000 wanted, 770 free"
    )


def test_a_cluster_without_nodes_says_so(sound: SoundCluster) -> None:
    deploy(sound, "Deployment", "lost", {"spec": pod()})
    assert [each.reason for each in landed(sound, "lost")] == ["there is no node"]
