"""The size of workers: what their nodes hold, for every instance type and every division of a node."""

import random
from typing import Any

import pytest

from ray_platform.config.node_pools import InstanceFacts
from ray_platform.scheduling.capacity import allocatable
from ray_platform.scheduling.fit import NodeShape, PodShape, beside, node_shape, pods_on
from ray_platform.scheduling.layout import WorkerGroup
from ray_platform.scheduling.overhead import COREDNS, DEVICE_PLUGIN, EBS_CSI_CONTROLLER
from ray_platform.scheduling.resources import Resources
from tests.unit.scheduling.ec2 import NAMES, facts
from tests.unit.scheduling.given import layout, resolved, worker

# aws-node 50m, kube-proxy 100m, ebs-csi-node 30m and 120 MiB.
DAEMONS = Resources(cpu_millis=180, memory_mib=120)
GPU_DAEMONS = DAEMONS + DEVICE_PLUGIN
PAIR = COREDNS + EBS_CSI_CONTROLLER


def _usable(each: InstanceFacts) -> bool:
    """A type that pools may be made of: 2 vCPU and 4 GiB at least, no Mac, and GPUs of NVIDIA or none."""
    macs = "x86_64_mac" in each.architectures or "arm64_mac" in each.architectures
    return each.vcpus >= 2 and each.memory_mib >= 4096 and not macs and each.gpu_manufacturer in (None, "NVIDIA")


TYPES = [each for each in map(facts, NAMES) if _usable(each)]


def _pool(each: InstanceFacts, **ray: Any) -> dict[str, Any]:
    architecture = "arm64" if "arm64" in each.architectures else "x86_64"
    return {
        "gpu": each.gpus > 0,
        "architecture": architecture,
        "instanceTypes": [each.name],
        "ray": {"image": "registry.example/ray:1", **ray},
    }


def test_one_worker_to_a_node_keeps_95_percent_of_what_the_daemon_sets_leave_on_every_instance_type() -> None:
    assert len(TYPES) > 1000
    for each in TYPES:
        left = allocatable(each) - (GPU_DAEMONS if each.gpus else DAEMONS)
        size = worker(**_pool(each)).resources

        assert size.cpu_millis >= 0.95 * left.cpu_millis, each.name
        assert size.memory_mib >= 0.95 * left.memory_mib, each.name
        assert size.gpus == each.gpus, each.name
        assert size.fits_in(left), each.name


@pytest.mark.parametrize("pods_per_node", [2, 3, 7])
def test_several_workers_to_a_node_share_it_evenly_and_keep_as_much(pods_per_node: int) -> None:
    looked_at = 0
    for each in TYPES:
        left = allocatable(each) - (GPU_DAEMONS if each.gpus else DAEMONS)
        enough = left.cpu_millis >= 1000 * pods_per_node and left.memory_mib >= 2048 * pods_per_node
        if not enough or 0 < each.gpus < pods_per_node:
            continue
        looked_at += 1
        size = worker(**_pool(each, podsPerNode=pods_per_node)).resources
        together = size * pods_per_node

        assert together.cpu_millis >= 0.95 * left.cpu_millis, each.name
        assert together.memory_mib >= 0.95 * left.memory_mib, each.name
        assert size.gpus == each.gpus // pods_per_node, each.name
        assert together.fits_in(left), each.name
    assert looked_at > 500


def test_a_replica_of_the_systems_addons_fits_beside_a_worker_where_that_costs_little() -> None:
    assert worker().resources == Resources(cpu_millis=3580, memory_mib=13728)
    assert (Resources(cpu_millis=3580, memory_mib=13728) + PAIR + DAEMONS).fits_in(allocatable(facts("m5.xlarge")))


def test_on_small_nodes_the_worker_gets_the_whole_node() -> None:
    assert worker(instanceTypes=["m5.large"]).resources == Resources(cpu_millis=1750, memory_mib=6768)


def test_nothing_is_left_for_pods_that_a_hard_taint_keeps_away() -> None:
    hard = worker(taints=[{"key": "team", "effect": "NoSchedule"}]).resources
    soft = worker(taints=[{"key": "team", "effect": "PreferNoSchedule"}]).resources

    assert hard == Resources(cpu_millis=3740, memory_mib=14032)
    assert soft == Resources(cpu_millis=3580, memory_mib=13728)


def test_sizes_are_round_numbers_where_that_costs_little() -> None:
    sizes = [worker(**_pool(each)).resources for each in TYPES]
    round_ones = [size for size in sizes if size.cpu_millis % 10 == 0 and size.memory_mib % 16 == 0]

    assert len(round_ones) > 0.95 * len(sizes)


def test_where_a_round_number_would_cost_too_much_every_mib_counts() -> None:
    assert worker(architecture="arm64", instanceTypes=["a1.xlarge"]).resources.memory_mib == 6095


def test_what_would_make_a_worker_too_small_is_not_left_free() -> None:
    found = worker(architecture="arm64", instanceTypes=["a1.xlarge"], ray={"podsPerNode": 3})

    assert found.resources == Resources(cpu_millis=1240, memory_mib=2128)


def test_the_smallest_instance_type_decides_by_each_amount_for_itself() -> None:
    # c5.2xlarge has twice the cores and r5.large twice the memory per core.
    size = worker(instanceTypes=["c5.2xlarge", "r5.large"], taints=[{"key": "a", "effect": "NoExecute"}]).resources

    assert size.cpu_millis == allocatable(facts("r5.large")).cpu_millis - DAEMONS.cpu_millis
    assert size.memory_mib <= allocatable(facts("c5.2xlarge")).memory_mib - DAEMONS.memory_mib


def test_the_instance_types_of_the_fallback_count_too() -> None:
    pool = {"capacityType": "SPOT", "instanceTypes": ["m5.2xlarge"]}
    fallback = {"onDemandFallback": {"enabled": True, "instanceTypes": ["m5.xlarge"]}}

    assert worker(**pool).resources.cpu_millis == 7570
    assert worker(**pool, **fallback).resources.cpu_millis == 3580


def test_the_daemon_sets_that_are_switched_off_take_nothing() -> None:
    addons = {"ebsCsiDriver": {"enabled": False}, "devicePlugin": {"enabled": False}}
    without = {each.name: each.resources for each in layout(addons=addons).worker_groups}

    assert without["cpu"] == Resources(cpu_millis=3670, memory_mib=14080)
    assert without["gpu"] == Resources(cpu_millis=3770, memory_mib=14480, gpus=1)


def test_a_pool_that_reserves_more_for_the_kubelet_leaves_less_to_ray() -> None:
    node_config = {"kubelet": {"config": {"kubeReserved": {"cpu": "580m"}}}}

    assert worker(nodeConfig=node_config).resources.cpu_millis == 3580 - 500


def test_sizes_of_ones_own_replace_what_follows_from_the_node() -> None:
    size = worker(gpu=True, ray={"cpu": 1.5, "memoryGib": 4.5, "gpus": 0}).resources

    assert size == Resources(cpu_millis=1500, memory_mib=4608, gpus=0)
    assert worker(ray={"cpu": 0.25}).resources == Resources(cpu_millis=250, memory_mib=13728)


def _nodes(group: WorkerGroup, **sections: Any) -> list[NodeShape]:
    """Empty nodes of the group's pool and of its fallback, as the scheduler sees them."""
    return [
        beside(
            node_shape(pool, facts(name)),
            [Resources(cpu_millis=50), Resources(cpu_millis=100), Resources(cpu_millis=30, memory_mib=120)]
            + ([DEVICE_PLUGIN] if pool.gpu else []),
        )
        for pool in resolved(**sections)
        if group.name in (pool.name, pool.fallback_for)
        for name in pool.instance_types
    ]


def _random_pool(chance: random.Random) -> dict[str, Any]:
    first = chance.choice([each for each in TYPES if each.vcpus >= 4 and each.memory_mib >= 16384])
    like = [
        each.name
        for each in TYPES
        if (each.gpus, each.architectures) == (first.gpus, first.architectures) and each.vcpus >= first.vcpus
        if each.memory_mib >= first.memory_mib and each.name != first.name
    ]
    pool = _pool(first, podsPerNode=chance.randint(1, max(1, min(first.vcpus // 2, first.gpus or 4, 4))))
    pool["instanceTypes"] = [first.name, *chance.sample(like, min(len(like), 2))]
    pool["capacityType"] = chance.choice(["SPOT", "ON_DEMAND"])
    pool["onDemandFallback"] = {"enabled": pool["capacityType"] == "SPOT"}
    effects = chance.sample(["NoSchedule", "NoExecute", "PreferNoSchedule"], chance.randint(0, 2))
    pool["taints"] = [{"key": effect.lower(), "value": "yes", "effect": effect} for effect in effects]
    return pool


@pytest.mark.parametrize("seed", range(100))
def test_every_group_fits_every_node_of_its_pool_as_often_as_it_says(seed: int) -> None:
    sections = {"nodePools": {"system": {}, "tested": _random_pool(random.Random(seed))}}
    for group in layout(**sections).worker_groups:
        pod = PodShape(resources=group.resources, node_selector=group.node_selector, tolerations=group.tolerations)
        nodes = _nodes(group, **sections)

        assert nodes
        assert min(pods_on(pod, node) for node in nodes) >= group.pods_per_node
