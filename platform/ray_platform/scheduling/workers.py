"""The size of a pool's Ray workers, and how many there may be."""

from dataclasses import replace
from typing import Final

from ray_platform.scheduling.amounts import AMOUNTS, CPU, MEMORY
from ray_platform.scheduling.nodes import PoolNodes
from ray_platform.scheduling.resources import Resources

# A worker keeps at least this much of what the DaemonSets leave of a node, all workers of the node together.
SHARE_PERCENT: Final = 95

# Below it Ray's own processes leave nothing to work with. A size that a pool sets itself may be smaller.
SMALLEST_WORKER: Final = Resources(cpu_millis=1000, memory_mib=2048)

_STEP: Final = Resources(cpu_millis=10, memory_mib=16)


def derived_resources(room: Resources, beside: Resources, pods_per_node: int) -> Resources:
    """The equal part of a node for each of its workers: in round numbers, and with room for the pods `beside` them.

    Both only as far as the workers keep `SHARE_PERCENT` of the CPU and of the memory, and are not too small.
    """
    for shared in (room - beside, room):
        exact = shared // pods_per_node
        for each in (_rounded(exact), exact):
            if _keeps_share(each * pods_per_node, room) and SMALLEST_WORKER.fits_in(each):
                return each
    return room // pods_per_node


def worker_resources(nodes: PoolNodes, beside: Resources) -> Resources:
    """Requests and limits of one worker: what the pool sets, and for the rest its part of the smallest node.

    `beside` is what ought to find room on the same node.
    """
    group = nodes.config.ray
    derived = derived_resources(nodes.room, beside, group.pods_per_node)
    given = {amount: amount.set_by(group) for amount in AMOUNTS}
    return replace(derived, **{each.field: each.read(value) for each, value in given.items() if value is not None})


def replica_bounds(nodes: PoolNodes, reserved_nodes: int) -> tuple[int, int] | None:
    """Fewest and most workers; None for a pool that holds none, unless `maxReplicas: 0` drains it on purpose."""
    group, pool = nodes.config.ray, nodes.pool
    most = most_workers(nodes, reserved_nodes)
    if most == 0 and group.max_replicas is None:
        return None
    maximum = most if group.max_replicas is None else group.max_replicas
    always = max(0, pool.min_size - reserved_nodes) * group.pods_per_node
    return (min(always, maximum) if group.min_replicas is None else group.min_replicas), maximum


def most_workers(nodes: PoolNodes, reserved_nodes: int) -> int:
    """What the pool holds at its maximum. A fallback stands in for the pool's nodes and adds none."""
    return max(0, nodes.pool.max_size - reserved_nodes) * nodes.config.ray.pods_per_node


def _rounded(resources: Resources) -> Resources:
    return replace(
        resources,
        cpu_millis=resources.cpu_millis // _STEP.cpu_millis * _STEP.cpu_millis,
        memory_mib=resources.memory_mib // _STEP.memory_mib * _STEP.memory_mib,
    )


def _keeps_share(part: Resources, whole: Resources) -> bool:
    return all(amount.of(part) * 100 >= amount.of(whole) * SHARE_PERCENT for amount in (CPU, MEMORY))
