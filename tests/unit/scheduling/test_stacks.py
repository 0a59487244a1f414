"""Where Ray runs in the stacks that the repository has, and without any configuration."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from ray_platform.config.problems import PROJECT
from ray_platform.scheduling.layout import HeadGroup, RayLayout, Toleration, WorkerGroup
from ray_platform.scheduling.resources import Resources
from tests.unit.scheduling.given import laid_out, layout

ROOT = Path(__file__).parents[3]

HEAD = HeadGroup(
    pool="cpu",
    node_selector={
        "ray.io/node-pool": "cpu",
        "ray.io/resource-type": "cpu",
        "ray.io/capacity": "on-demand",
        "kubernetes.io/arch": "amd64",
    },
    resources=Resources(cpu_millis=2000, memory_mib=8192),
    image="rayproject/ray:2.58.1-py312",
    reserved_nodes=1,
)


def _cpu_group(minimum: int, maximum: int) -> WorkerGroup:
    return WorkerGroup(
        name="cpu",
        node_selector={"ray.io/node-pool": "cpu", "kubernetes.io/arch": "amd64"},
        tolerations=(),
        resources=Resources(cpu_millis=3580, memory_mib=13728),
        pods_per_node=1,
        min_replicas=minimum,
        max_replicas=maximum,
        idle_timeout_seconds=None,
        spot=False,
        image="rayproject/ray:2.58.1-py312",
    )


def _gpu_group(maximum: int) -> WorkerGroup:
    return WorkerGroup(
        name="gpu",
        node_selector={"ray.io/node-pool": "gpu", "kubernetes.io/arch": "amd64"},
        tolerations=(Toleration(key="nvidia.com/gpu", value="true", effect="NoSchedule"),),
        resources=Resources(cpu_millis=3730, memory_mib=14288, gpus=1),
        pods_per_node=1,
        min_replicas=0,
        max_replicas=maximum,
        idle_timeout_seconds=None,
        spot=True,
        image="rayproject/ray:2.58.1-py312-gpu",
    )


def _sections(stack: str) -> dict[str, Any]:
    config = yaml.safe_load((ROOT / f"Pulumi.{stack}.yaml").read_text(encoding="utf-8"))["config"]
    return {key.removeprefix(f"{PROJECT}:"): value for key, value in config.items()}


@pytest.mark.parametrize(
    ("sections", "cpu", "gpu"),
    [({}, (1, 9), 5), (_sections("dev"), (0, 3), 2), (_sections("prod"), (1, 9), 5)],
    ids=["default", "dev", "prod"],
)
def test_head_and_workers_fill_the_pools_but_for_the_nodes_of_the_system(
    sections: dict[str, Any], cpu: tuple[int, int], gpu: int
) -> None:
    assert layout(**sections) == RayLayout(head=HEAD, worker_groups=(_cpu_group(*cpu), _gpu_group(gpu)))


def test_the_output_has_everything_as_plain_values() -> None:
    assert layout(**_sections("dev")).as_output() == {
        "head": {
            "pool": "cpu",
            "nodeSelector": {
                "ray.io/node-pool": "cpu",
                "ray.io/resource-type": "cpu",
                "ray.io/capacity": "on-demand",
                "kubernetes.io/arch": "amd64",
            },
            "resources": {"cpu": "2000m", "memory": "8192Mi"},
            "image": "rayproject/ray:2.58.1-py312",
            "reservedNodes": 1,
        },
        "workerGroups": {
            "cpu": {
                "nodeSelector": {"ray.io/node-pool": "cpu", "kubernetes.io/arch": "amd64"},
                "tolerations": [],
                "resources": {"cpu": "3580m", "memory": "13728Mi"},
                "podsPerNode": 1,
                "minReplicas": 0,
                "maxReplicas": 3,
                "idleTimeoutSeconds": None,
                "spot": False,
                "image": "rayproject/ray:2.58.1-py312",
            },
            "gpu": {
                "nodeSelector": {"ray.io/node-pool": "gpu", "kubernetes.io/arch": "amd64"},
                "tolerations": [
                    {"key": "nvidia.com/gpu", "operator": "Equal", "value": "true", "effect": "NoSchedule"}
                ],
                "resources": {"cpu": "3730m", "memory": "14288Mi", "nvidia.com/gpu": "1"},
                "podsPerNode": 1,
                "minReplicas": 0,
                "maxReplicas": 2,
                "idleTimeoutSeconds": None,
                "spot": True,
                "image": "rayproject/ray:2.58.1-py312-gpu",
            },
        },
    }


def test_without_ray_there_is_no_layout_and_nothing_to_refuse() -> None:
    too_big = {"enabled": False, "head": {"cpu": 1000}}

    assert laid_out(ray=too_big, nodePools={"cpu": {"ray": {"cpu": 1000}}}) == (None, [])
