"""Of every valid configuration: it is taken, Ray's pods fit, bounds and priorities hold."""

import re
from typing import Any

import yaml
from hypothesis import given

from ray_platform import naming
from ray_platform.config.load import declared, parse
from ray_platform.config.node_pools import ResolvedPool, resolve_pools
from ray_platform.examination import laid_out
from ray_platform.manifests.cluster_autoscaler import priorities, rank
from ray_platform.scheduling.layout import RayLayout, WorkerGroup
from ray_platform.scheduling.resources import Resources
from tests.support.mocked_aws import INSTANCE_TYPES
from tests.unit.properties.nodes import Amount, beside_the_head, daemons, empty_node
from tests.unit.properties.profile import examples
from tests.unit.properties.stacks import CLUSTER_NAMES, POOL_NAMES, Stack, stacks

FACTS = {each.name: each for each in INSTANCE_TYPES}


def _amount(resources: Resources) -> Amount:
    return resources.cpu_millis, resources.memory_mib, resources.gpus


def _pools(stack: Stack) -> tuple[ResolvedPool, ...]:
    settings, problems = parse(stack)
    assert settings is not None, [str(problem) for problem in problems]
    return resolve_pools(settings.node_pools, FACTS)


@examples(100)
@given(stacks())
def test_it_is_taken_and_every_ray_pod_fits_every_node_it_may_run_on(stack: Stack) -> None:
    pools = _pools(stack)
    layout, problems = laid_out(declared(stack), FACTS)

    assert problems == []
    assert (layout is None) == (not stack.get("ray", {}).get("enabled", True))
    if layout is not None:
        _the_head_fits(stack, layout, pools)
        for group in layout.worker_groups:
            _workers_fit(stack, group, pools)
            _bounds_hold(group, layout, pools)


def _the_head_fits(stack: Stack, layout: RayLayout, pools: tuple[ResolvedPool, ...]) -> None:
    addons = stack.get("addons", {})
    (home,) = (pool for pool in pools if pool.name == layout.head.pool)
    spot = any(pool.capacity_type == "SPOT" for pool in pools)
    assert (home.gpu, home.capacity_type, home.taints, home.fallback_for) == (False, "ON_DEMAND", (), None)
    assert home.min_size >= 1
    assert _chosen(layout.head.node_selector, pools) == [home]
    pods = [_amount(layout.head.resources), *beside_the_head(addons, spot=spot)]
    # The head and its autoscaler are one pod, which makes the count of pods stricter by one.
    for instance_type in home.instance_types:
        assert empty_node(instance_type, home.node_config).holds([*daemons(addons, gpu=False), *pods]), instance_type


def _workers_fit(stack: Stack, group: WorkerGroup, pools: tuple[ResolvedPool, ...]) -> None:
    chosen = _chosen(group.node_selector, pools)
    assert [pool.name for pool in chosen if pool.fallback_for is None] == [group.name]
    assert {pool.fallback_for for pool in chosen} <= {None, group.name}
    for pool in chosen:
        tolerated = {(each.key, each.value, each.effect) for each in group.tolerations}
        assert {(each.key, each.value, each.effect) for each in pool.taints} <= tolerated
        pods = daemons(stack.get("addons", {}), gpu=pool.gpu) + [_amount(group.resources)] * group.pods_per_node
        for instance_type in pool.instance_types:
            assert empty_node(instance_type, pool.node_config).holds(pods), (pool.name, instance_type)


def _chosen(selector: Any, pools: tuple[ResolvedPool, ...]) -> list[ResolvedPool]:
    """The node groups whose nodes have the labels of a selector."""
    arch = {"x86_64": "amd64", "arm64": "arm64"}
    labels = [(pool, {**pool.labels, "kubernetes.io/arch": arch[pool.architecture]}) for pool in pools]
    return [pool for pool, known in labels if selector.items() <= known.items()]


def _bounds_hold(group: WorkerGroup, layout: RayLayout, pools: tuple[ResolvedPool, ...]) -> None:
    (pool,) = (each for each in pools if each.name == group.name)
    kept = layout.head.reserved_nodes if layout.head.pool == pool.name else 0
    assert layout.head.reserved_nodes >= 1
    assert 0 <= group.min_replicas <= group.max_replicas
    assert group.max_replicas <= max(0, pool.max_size - kept) * group.pods_per_node


@examples(30)
@given(stacks())
def test_a_node_group_has_one_priority_and_spot_is_tried_before_what_stands_in_for_it(stack: Stack) -> None:
    pools = _pools(stack)
    cluster = stack.get("cluster", {}).get("name", "ray-ml-cluster")
    # Names of which one is the beginning of another, as a pool's is of its fallback's.
    groups = {pool.name: f"eks-{naming.resource(cluster, pool.name)}" for pool in pools}

    by_rank = yaml.safe_load(priorities({groups[pool.name]: rank(pool) for pool in pools}))

    found = {
        name: [value for value in by_rank for one in by_rank[value] if re.search(one, groups[name])] for name in groups
    }
    assert all(len(ranks) == 1 for ranks in found.values())
    for pool in pools:
        if pool.fallback_for is not None:
            assert found[pool.name] < found[pool.fallback_for]
        if pool.capacity_type == "SPOT":
            assert found[pool.name] == [max(by_rank)]


@examples(100)
@given(CLUSTER_NAMES, POOL_NAMES, POOL_NAMES)
def test_the_name_of_a_node_group_fits_and_is_nobody_elses(cluster: str, pool: str, other: str) -> None:
    name = f"{naming.resource(cluster, pool)}-1a2b3c4"

    assert len(name) <= 63
    assert re.fullmatch(r"[0-9A-Za-z][A-Za-z0-9_-]*", name)
    assert not name.startswith("sg-")
    assert (naming.resource(cluster, pool) == naming.resource(cluster, other)) == (pool == other)
    assert len(naming.log_group(cluster)) <= 512 and len(naming.key_alias(cluster)) <= 256
