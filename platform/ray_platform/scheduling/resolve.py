"""From the configuration to the layout: the head's place, and a Ray worker group for each pool."""

from collections.abc import Mapping, Sequence

from ray_platform.config.addons_config import AddonsConfig
from ray_platform.config.node_pools import InstanceFacts, ResolvedPool
from ray_platform.config.pool_config import NodePoolConfig
from ray_platform.config.problems import Problem
from ray_platform.config.ray_config import RayConfig
from ray_platform.scheduling.fit import HARD_EFFECTS
from ray_platform.scheduling.head import choose_home, head_resources, head_selector
from ray_platform.scheduling.images import head_image, worker_image
from ray_platform.scheduling.layout import HeadGroup, RayLayout, WorkerGroup
from ray_platform.scheduling.nodes import PoolNodes, nodes_of_pools
from ray_platform.scheduling.overhead import replicated_pods, system_pods, total
from ray_platform.scheduling.resources import NOTHING, Resources
from ray_platform.scheduling.worker_rules import replica_problems, size_problems
from ray_platform.scheduling.workers import replica_bounds, worker_resources


def lay_out(
    *,
    node_pools: Mapping[str, NodePoolConfig],
    addons: AddonsConfig,
    ray: RayConfig,
    pools: Sequence[ResolvedPool],
    facts: Mapping[str, InstanceFacts],
) -> tuple[RayLayout | None, list[Problem]]:
    """Where Ray runs, or everything that keeps it from running there; neither when Ray is switched off.

    The rules of the configuration and of `hardware` hold for what is given, and `facts` knows every instance type.
    """
    if not ray.enabled:
        return None, []
    nodes, problems = nodes_of_pools(node_pools, addons, pools, facts)
    spot = any(pool.capacity_type == "SPOT" for pool in pools)
    home, more = choose_home(ray, nodes, system_pods(addons, spot=spot))
    problems += more
    strays = total(replicated_pods(addons))
    reserved = _reserved_nodes(home, strays) if home else 0
    groups = []
    for each in nodes:
        if each.config.ray.enabled:
            group, more = _worker_group(ray, each, strays, reserved if each is home else 0)
            problems += more
            groups += [group] if group else []
    if home is None or problems:
        return None, problems
    return RayLayout(head=_head(ray, home, reserved), worker_groups=tuple(groups)), []


def _head(ray: RayConfig, home: PoolNodes, reserved: int) -> HeadGroup:
    image = head_image(ray, home.pool.architecture)
    assert image is not None  # `choose_home` takes no pool without one
    return HeadGroup(
        pool=home.pool.name,
        node_selector=head_selector(home),
        resources=head_resources(ray.head),
        image=image,
        reserved_nodes=reserved,
    )


def _worker_group(
    ray: RayConfig, nodes: PoolNodes, strays: Resources, reserved: int
) -> tuple[WorkerGroup | None, list[Problem]]:
    group, pool = nodes.config.ray, nodes.pool
    resources = worker_resources(nodes, _strays_on(nodes, strays))
    image, problems = worker_image(ray, group, pool, gpu=resources.gpus > 0)
    problems += [*size_problems(nodes, resources), *replica_problems(nodes, reserved)]
    bounds = replica_bounds(nodes, reserved)
    if problems or bounds is None:
        return None, problems
    minimum, maximum = bounds
    return WorkerGroup(
        name=pool.name,
        node_selector=nodes.node_selector,
        tolerations=nodes.tolerations,
        resources=resources,
        pods_per_node=group.pods_per_node,
        min_replicas=minimum,
        max_replicas=maximum,
        idle_timeout_seconds=group.idle_timeout_seconds,
        spot=pool.capacity_type == "SPOT",
        image=image,
    ), []


def _strays_on(nodes: PoolNodes, strays: Resources) -> Resources:
    """A hard taint keeps the replicas of EKS's own addons away; anywhere else one of each may stand."""
    return NOTHING if any(taint.effect in HARD_EFFECTS for taint in nodes.pool.taints) else strays


def _reserved_nodes(home: PoolNodes, strays: Resources) -> int:
    """Nodes of the head's pool that take no workers: one for the head with the system's pods.

    EKS's own addons have two replicas, which rather stand on different nodes. Where the second ones find no room
    beside a worker, they get a node as well.
    """
    workers = worker_resources(home, strays) * home.config.ray.pods_per_node
    crowded = workers.fits_in(home.room) and not (workers + strays).fits_in(home.room)
    return 2 if crowded and home.config.ray.enabled else 1
