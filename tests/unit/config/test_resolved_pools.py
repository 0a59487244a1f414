"""Pools as they are built, with their fallbacks, labels, taints and autoscaling tags."""

import re
from typing import Any

import pytest

from ray_platform import naming
from ray_platform.config.node_pools import GPU_TAINT, ResolvedPool, Taint, resolve_pools
from tests.unit.config.given import AnyType, settings


def _resolve(pools: dict[str, Any] | None = None) -> dict[str, ResolvedPool]:
    return {pool.name: pool for pool in resolve_pools(settings(nodePools=pools).node_pools, AnyType())}


def test_the_default_pools_are_three_groups_the_fallback_after_its_pool() -> None:
    assert list(_resolve()) == ["cpu", "gpu", "gpu-on-demand"]


def test_the_default_cpu_pool_is_the_seeds() -> None:
    assert _resolve()["cpu"] == ResolvedPool(
        name="cpu",
        instance_types=("m5.xlarge", "m5.2xlarge"),
        capacity_type="ON_DEMAND",
        min_size=2,
        desired_size=3,
        max_size=10,
        disk_gib=100,
        gpu=False,
        architecture="x86_64",
        ami_type="AL2023_x86_64_STANDARD",
        labels={
            "ray.io/node-type": "worker",
            "ray.io/resource-type": "cpu",
            "ray.io/node-pool": "cpu",
            "ray.io/capacity": "on-demand",
        },
        taints=(),
        max_unavailable=1,
        node_repair=True,
        node_config={},
        fallback_for=None,
        gpu_count=0,
    )


def test_the_default_gpu_pool_is_the_seeds() -> None:
    assert _resolve()["gpu"] == ResolvedPool(
        name="gpu",
        instance_types=("g4dn.xlarge", "g4dn.2xlarge"),
        capacity_type="SPOT",
        min_size=0,
        desired_size=0,
        max_size=5,
        disk_gib=200,
        gpu=True,
        architecture="x86_64",
        ami_type="AL2023_x86_64_NVIDIA",
        labels={
            "ray.io/node-type": "worker",
            "ray.io/resource-type": "gpu",
            "ray.io/node-pool": "gpu",
            "ray.io/capacity": "spot",
            "nvidia.com/gpu": "true",
            "k8s.amazonaws.com/accelerator": "nvidia-t4",
        },
        taints=(GPU_TAINT,),
        max_unavailable=1,
        node_repair=True,
        node_config={},
        fallback_for=None,
        gpu_count=1,
    )


def test_the_fallback_differs_from_its_pool_in_name_capacity_types_and_sizes_only() -> None:
    pools = _resolve()
    fallback = pools["gpu-on-demand"]

    assert fallback.fallback_for == "gpu"
    assert fallback.capacity_type == "ON_DEMAND"
    assert fallback.instance_types == ("g4dn.xlarge",)
    assert (fallback.min_size, fallback.desired_size, fallback.max_size) == (0, 0, 1)
    assert fallback.labels == {**pools["gpu"].labels, "ray.io/capacity": "on-demand-fallback"}
    assert fallback.taints == pools["gpu"].taints
    assert (fallback.disk_gib, fallback.ami_type) == (200, "AL2023_x86_64_NVIDIA")


def test_a_fallback_of_its_own_types_has_their_accelerator() -> None:
    pools = _resolve({"cpu": {}, "gpu": {"gpu": True, "onDemandFallback": {"instanceTypes": ["g5.xlarge"]}}})

    assert pools["gpu-on-demand"].instance_types == ("g5.xlarge",)
    assert pools["gpu-on-demand"].labels["k8s.amazonaws.com/accelerator"] == "nvidia-a10g"


def test_extra_labels_and_taints_come_on_top_of_the_platforms() -> None:
    taint = {"key": "team", "value": "ml", "effect": "NoExecute"}
    pool = _resolve({"cpu": {}, "gpu": {"gpu": True, "labels": {"team": "ml"}, "taints": [taint]}})["gpu"]

    assert pool.labels["team"] == "ml"
    assert pool.labels["ray.io/node-pool"] == "gpu"
    assert pool.taints == (GPU_TAINT, Taint(key="team", value="ml", effect="NoExecute"))


def test_a_gpu_node_is_described_to_the_autoscaler_by_label_taint_gpu_and_disk() -> None:
    prefix = "k8s.io/cluster-autoscaler/node-template"

    assert _resolve()["gpu"].autoscaling_tags() == {
        f"{prefix}/label/ray.io/node-type": "worker",
        f"{prefix}/label/ray.io/resource-type": "gpu",
        f"{prefix}/label/ray.io/node-pool": "gpu",
        f"{prefix}/label/ray.io/capacity": "spot",
        f"{prefix}/label/nvidia.com/gpu": "true",
        f"{prefix}/label/k8s.amazonaws.com/accelerator": "nvidia-t4",
        f"{prefix}/taint/nvidia.com/gpu": "true:NoSchedule",
        f"{prefix}/resources/nvidia.com/gpu": "1",
        f"{prefix}/resources/ephemeral-storage": "200Gi",
    }


def test_a_cpu_node_is_described_without_gpu_and_taint() -> None:
    tags = _resolve()["cpu"].autoscaling_tags()

    assert not [key for key in tags if "/taint/" in key or key.endswith("nvidia.com/gpu")]


def test_the_gpu_count_reaches_the_autoscaler() -> None:
    pool = _resolve({"cpu": {}, "gpu": {"gpu": True, "instanceTypes": ["g4dn.12xlarge"]}})["gpu"]

    assert pool.gpu_count == 4
    assert pool.autoscaling_tags()["k8s.io/cluster-autoscaler/node-template/resources/nvidia.com/gpu"] == "4"


def test_the_longest_label_and_taint_still_fit_a_tag() -> None:
    pool = {"labels": {"l" * 63: "v" * 63}, "taints": [{"key": "t" * 63, "value": "v" * 63, "effect": "NoExecute"}]}
    tags = _resolve({"cpu": {}, "long": pool})["long"].autoscaling_tags()

    assert max(len(key) for key in tags) <= naming.TAG_KEY_MAX
    assert max(len(value) for value in tags.values()) <= naming.TAG_VALUE_MAX


def test_the_longest_pool_name_fits_labels_and_node_group_names() -> None:
    name = "p" * 40
    pools = _resolve({"cpu": {}, name: {"gpu": True}})

    assert all(len(value) <= 63 for pool in pools.values() for value in pool.labels.values())
    assert all(re.fullmatch(r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?", pool) for pool in pools)
    assert len({naming.resource("c" * 100, pool) for pool in pools}) == len(pools)


@pytest.mark.parametrize(
    ("keys", "takes"),
    [
        ({}, True),
        ({"minSize": 0}, False),
        ({"capacityType": "SPOT"}, False),
        ({"gpu": True, "capacityType": "ON_DEMAND", "minSize": 1, "desiredSize": 1}, False),
        ({"taints": [{"key": "a", "effect": "NoSchedule"}]}, False),
    ],
)
def test_system_pods_go_to_untainted_on_demand_nodes_that_are_always_there(keys: dict[str, Any], takes: bool) -> None:
    assert _resolve({"system": {}, "tested": keys})["tested"].takes_system_pods is takes
