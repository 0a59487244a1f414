"""Workers that no node holds are refused, with the numbers and the nearest that would fit."""

from typing import Any

import pytest

from tests.unit.scheduling.given import only_problem, problems, worker, worker_problem

SET = "pulumi config set --path 'ray-on-eks:nodePools.tested"


@pytest.mark.parametrize(
    ("key", "fits", "too_much", "rule"),
    [
        (
            "cpu",
            3.74,
            3.741,
            "at most 3.74 cores, because m5.xlarge has 3.92 cores for pods, of which the DaemonSets take 0.18",
        ),
        (
            "memoryGib",
            13.71,
            13.72,
            "at most 13.71 GiB, because m5.xlarge has 13.83 GiB for pods, of which the DaemonSets take 0.11",
        ),
        ("gpus", 0, 1, "at most 0 GPUs, because m5.2xlarge has 0 GPUs for pods"),
    ],
)
def test_a_size_beyond_the_smallest_node_is_refused(key: str, fits: float, too_much: float, rule: str) -> None:
    problem = worker_problem(instanceTypes=["m5.2xlarge", "m5.xlarge"], ray={key: too_much})

    assert worker(instanceTypes=["m5.2xlarge", "m5.xlarge"], ray={key: fits})
    assert (problem.path, problem.value, problem.rule) == (f"nodePools.tested.ray.{key}", too_much, rule)
    assert problem.remedy == f"{SET}.ray.{key}' {fits}"


def test_the_seeds_worker_of_4_cores_and_16_gib_is_refused_on_its_own_gpu_node() -> None:
    found = problems(nodePools={"system": {}, "gpu": {"gpu": True, "ray": {"cpu": 4, "memoryGib": 16}}})

    assert [(each.path, each.rule.split(",")[0]) for each in found] == [
        ("nodePools.gpu.ray.cpu", "at most 3.73 cores"),
        ("nodePools.gpu.ray.memoryGib", "at most 13.96 GiB"),
    ]


def test_a_size_that_does_not_fit_as_often_as_podspernode_says_is_refused() -> None:
    problem = worker_problem(ray={"podsPerNode": 2, "cpu": 1.9})

    assert problem.rule == (
        "at most 1.87 cores, because m5.xlarge has 3.92 cores for pods, of which the DaemonSets take 0.18 and 2 "
        "workers share 3.74"
    )
    assert worker(ray={"podsPerNode": 2, "cpu": 1.87}).resources.cpu_millis == 1870


def test_more_gpus_than_a_node_has_are_refused() -> None:
    problem = worker_problem(gpu=True, ray={"gpus": 2})

    assert (problem.path, problem.value) == ("nodePools.tested.ray.gpus", 2)
    assert problem.rule == "at most 1 GPU, because g4dn.xlarge has 1 GPU for pods"


def test_more_workers_than_gpus_are_refused_unless_they_go_without() -> None:
    problem = worker_problem(gpu=True, ray={"podsPerNode": 2})

    assert (problem.path, problem.value) == ("nodePools.tested.ray.podsPerNode", 2)
    assert problem.rule == "at most 1, one worker for each GPU of g4dn.xlarge"
    assert problem.remedy == f"{SET}.ray.podsPerNode' 1; or, for workers without GPU, {SET}.ray.gpus' 0"
    assert worker(gpu=True, ray={"podsPerNode": 2, "gpus": 0}).resources.gpus == 0
    assert worker_problem(gpu=True, ray={"podsPerNode": 8}).rule == problem.rule


def test_more_workers_than_a_node_takes_pods_are_refused() -> None:
    few = {"nodeConfig": {"kubelet": {"config": {"maxPods": 5}}}}
    problem = worker_problem(**few, ray={"podsPerNode": 3})

    assert problem.path == "nodePools.tested.ray.podsPerNode"
    assert problem.rule == "at most 2: a node of m5.xlarge takes no more pods beside those of the DaemonSets"
    assert worker(**few, ray={"podsPerNode": 2}).pods_per_node == 2


@pytest.mark.parametrize(("gpu", "least"), [(False, 4), (True, 5)])
def test_fewer_pods_than_run_on_a_node_in_any_case_are_refused_with_the_fewest_that_leave_room(
    gpu: bool, least: int
) -> None:
    def limited(most: int) -> dict[str, Any]:
        return {"gpu": gpu, "nodeConfig": {"kubelet": {"config": {"maxPods": most}}}}

    for most in (1, least - 1):
        problem = worker_problem(**limited(most))

        assert problem.path == "nodePools.tested.nodeConfig.kubelet.config.maxPods"
        assert problem.rule.startswith(
            f"a whole number from {least} to 65536: {least - 1} pods run on each node already"
        )
    assert worker(**limited(least)).pods_per_node == 1


def test_the_node_that_takes_the_fewest_pods_decides() -> None:
    problem = worker_problem(instanceTypes=["m5.2xlarge", "m5.large"], ray={"podsPerNode": 27})

    assert problem.rule.startswith("at most 26: a node of m5.large")


def test_a_node_cut_into_parts_too_small_for_ray_is_refused_with_the_most_parts() -> None:
    problem = worker_problem(ray={"podsPerNode": 4})

    assert (problem.path, problem.value) == ("nodePools.tested.ray.podsPerNode", 4)
    assert problem.rule == (
        "1 core and 2 GiB or more for each Ray worker; the DaemonSets leave 3.74 cores and 13.71 GiB of m5.xlarge"
    )
    assert problem.remedy == f"{SET}.ray.podsPerNode' 3"
    assert worker(ray={"podsPerNode": 3}).resources.cpu_millis == 1190


@pytest.mark.parametrize(
    ("keys", "path"),
    [
        ({"instanceTypes": ["m5.xlarge", "t3.small"]}, "instanceTypes[1]"),
        (
            {
                "capacityType": "SPOT",
                "onDemandFallback": {"enabled": True, "instanceTypes": ["m5.xlarge", "t3.small"]},
            },
            "onDemandFallback.instanceTypes[1]",
        ),
    ],
)
def test_a_type_too_small_for_any_worker_is_refused_where_it_is_named(keys: dict[str, Any], path: str) -> None:
    problem = worker_problem(**keys)

    assert (problem.path, problem.value) == (f"nodePools.tested.{path}", "t3.small")
    assert "the DaemonSets leave 1.75 cores" in problem.rule
    assert problem.remedy == f"Choose a larger type, or run no workers there: {SET}.ray.enabled' false"


def test_a_small_worker_is_fine_where_the_pool_itself_asks_for_it() -> None:
    assert worker(instanceTypes=["t3.small"], ray={"memoryGib": 1}).resources.memory_mib == 1024


def test_a_node_without_any_room_has_no_nearest_size() -> None:
    reserved = {"kubelet": {"config": {"systemReserved": {"cpu": "3900m"}}}}
    problem = worker_problem(nodeConfig=reserved, ray={"cpu": 1})

    assert problem.rule.startswith("at most 0 cores")
    assert problem.remedy == "Choose a larger type in place of nodePools.tested.instanceTypes[0]."


def test_a_reservation_that_cannot_be_read_is_refused() -> None:
    reserved = {"kubelet": {"config": {"kubeReserved": {"cpu": "much"}}}}

    assert worker_problem(nodeConfig=reserved).path == "nodePools.tested.nodeConfig.kubelet.config.kubeReserved.cpu"


def test_the_faults_of_all_pools_and_of_the_head_come_together() -> None:
    found = problems(
        ray={"head": {"memoryGib": 64}},
        nodePools={
            "system": {"ray": {"maxReplicas": 100}},
            "a": {"ray": {"cpu": 64, "memoryGib": 640}},
            "b": {"gpu": True, "architecture": "arm64", "instanceTypes": ["g5g.xlarge"]},
        },
    )

    assert {each.path for each in found} == {
        "ray.head.memoryGib",
        "nodePools.system.ray.maxReplicas",
        "nodePools.a.ray.cpu",
        "nodePools.a.ray.memoryGib",
        "nodePools.b.ray.image",
    }


def test_one_fault_is_told_once() -> None:
    assert only_problem(nodePools={"cpu": {"ray": {"memoryGib": 20}}}).path == "nodePools.cpu.ray.memoryGib"
