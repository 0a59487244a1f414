"""How many workers a group has: as many as its nodes hold beside the head."""

from typing import Any

import pytest

from tests.unit.scheduling.given import group, layout, only_problem, problems, worker, worker_problem


def _sized(minimum: int, maximum: int, **keys: Any) -> dict[str, Any]:
    return {"minSize": minimum, "desiredSize": minimum, "maxSize": maximum, **keys}


def test_a_pool_of_its_own_gives_all_its_nodes() -> None:
    found = worker(**_sized(2, 5))

    assert (found.min_replicas, found.max_replicas) == (2, 5)


def test_several_workers_to_a_node_multiply_both_bounds() -> None:
    found = worker(**_sized(2, 5, ray={"podsPerNode": 3}))

    assert (found.min_replicas, found.max_replicas) == (6, 15)


def test_the_pool_of_the_head_keeps_one_node_back() -> None:
    found = group("cpu", nodePools={"cpu": _sized(2, 5, ray={"podsPerNode": 2})})

    assert (found.min_replicas, found.max_replicas) == (2, 8)


@pytest.mark.parametrize(
    ("keys", "reserved"),
    [
        ({}, 1),
        ({"instanceTypes": ["m5.large"]}, 2),
        ({"ray": {"cpu": 3.58, "memoryGib": 13}}, 1),
        ({"ray": {"cpu": 3.6, "memoryGib": 13}}, 2),
        ({"ray": {"cpu": 3.5, "memoryGib": 13.7}}, 2),
        ({"ray": {"enabled": False}, "instanceTypes": ["m5.large"]}, 1),
    ],
)
def test_it_keeps_two_back_where_the_systems_addons_find_no_room_beside_a_worker(
    keys: dict[str, Any], reserved: int
) -> None:
    found = layout(nodePools={"cpu": _sized(3, 5, **keys)}, ray={"head": {"cpu": 0.5, "memoryGib": 2}})

    assert found.head.reserved_nodes == reserved
    for each in found.worker_groups:
        assert (each.min_replicas, each.max_replicas) == (3 - reserved, 5 - reserved)


def test_a_pool_that_only_holds_the_head_has_no_group() -> None:
    found = layout(nodePools={"cpu": _sized(1, 1), "work": _sized(0, 3)})

    assert [each.name for each in found.worker_groups] == ["work"]


def test_a_fallback_stands_in_for_the_nodes_of_its_pool_and_adds_none() -> None:
    fallback = {"enabled": True, "minSize": 1, "desiredSize": 1, "maxSize": 7}
    found = worker(**_sized(1, 5, capacityType="SPOT", onDemandFallback=fallback))

    assert (found.min_replicas, found.max_replicas) == (1, 5)
    assert found.spot


def test_a_pool_without_ray_has_no_group() -> None:
    found = layout(nodePools={"cpu": {}, "other": {"ray": {"enabled": False}}})

    assert [each.name for each in found.worker_groups] == ["cpu"]


@pytest.mark.parametrize(
    ("ray", "bounds"),
    [
        ({"minReplicas": 0}, (0, 5)),
        ({"minReplicas": 5}, (5, 5)),
        ({"maxReplicas": 3}, (2, 3)),
        ({"maxReplicas": 1}, (1, 1)),
        ({"minReplicas": 1, "maxReplicas": 4}, (1, 4)),
        ({"maxReplicas": 0}, (0, 0)),
    ],
)
def test_bounds_of_ones_own_hold_within_what_the_nodes_hold(ray: dict[str, int], bounds: tuple[int, int]) -> None:
    found = worker(**_sized(2, 5, ray=ray))

    assert (found.min_replicas, found.max_replicas) == bounds


def test_a_drained_group_stays_even_where_its_pool_holds_no_worker() -> None:
    found = group("cpu", nodePools={"cpu": _sized(1, 1, ray={"maxReplicas": 0}), "work": {}})

    assert (found.min_replicas, found.max_replicas) == (0, 0)


@pytest.mark.parametrize("key", ["minReplicas", "maxReplicas"])
def test_more_workers_than_the_nodes_hold_are_refused_with_the_most(key: str) -> None:
    problem = worker_problem(**_sized(0, 3, ray={"podsPerNode": 2, key: 7}))

    assert (problem.path, problem.value) == (f"nodePools.tested.ray.{key}", 7)
    assert problem.rule == "at most 6: the pool has at most 3 nodes (maxSize), and a node holds 2 workers"
    assert problem.remedy == (
        f"pulumi config set --path 'ray-on-eks:nodePools.tested.ray.{key}' 6; or raise nodePools.tested.maxSize"
    )


def test_in_the_pool_of_the_head_the_node_that_is_kept_back_is_told() -> None:
    problem = only_problem(nodePools={"cpu": _sized(1, 4, ray={"maxReplicas": 4})})

    assert problem.rule == (
        "at most 3: the pool has at most 4 nodes (maxSize), 1 of them kept for the Ray head and the system's pods, "
        "and a node holds 1 worker"
    )


def test_a_worker_too_big_for_a_node_is_no_reason_to_keep_more_nodes_back() -> None:
    found = problems(nodePools={"cpu": _sized(1, 4, ray={"memoryGib": 20, "maxReplicas": 4})})

    assert [each.rule.split(":")[0].split(",")[0] for each in found] == ["at most 13.71 GiB", "at most 3"]


def test_a_group_may_have_an_idle_timeout_of_its_own() -> None:
    assert worker(ray={"idleTimeoutSeconds": 300}).idle_timeout_seconds == 300
    assert worker().idle_timeout_seconds is None
