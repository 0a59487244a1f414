"""What can be wrong with a pool as a home of Ray workers, told with the numbers and the nearest that would do."""

from collections.abc import Iterator

from ray_platform.config.problems import Problem, set_command
from ray_platform.scheduling.amounts import AMOUNTS, CPU, GPUS, MEMORY, Amount
from ray_platform.scheduling.fit import pods_on
from ray_platform.scheduling.nodes import PoolNodes
from ray_platform.scheduling.resources import Resources
from ray_platform.scheduling.workers import SMALLEST_WORKER, most_workers


def size_problems(nodes: PoolNodes, resources: Resources) -> list[Problem]:
    """Why workers with these resources, `podsPerNode` of them, do not fit each node of the pool."""
    crowded = list(_crowded(nodes))
    return crowded or [
        *(problem for amount in AMOUNTS for problem in _too_big(nodes, amount)),
        *_too_small(nodes, resources),
    ]


def replica_problems(nodes: PoolNodes, reserved_nodes: int) -> Iterator[Problem]:
    """Bounds beyond what the nodes hold at the pool's maximum."""
    group, pool = nodes.config.ray, nodes.pool
    most = most_workers(nodes, reserved_nodes)
    kept = f", {reserved_nodes} of them kept for the Ray head and the system's pods" if reserved_nodes else ""
    for key, value in (("minReplicas", group.min_replicas), ("maxReplicas", group.max_replicas)):
        if value is not None and value > most:
            yield Problem(
                path=_path(nodes, key),
                value=value,
                rule=f"at most {most}: the pool has at most {_count(pool.max_size, 'node')} (maxSize){kept}, and "
                f"a node holds {_count(group.pods_per_node, 'worker')}",
                remedy=f"{set_command(_path(nodes, key), most)}; or raise nodePools.{pool.name}.maxSize",
            )


def _crowded(nodes: PoolNodes) -> Iterator[Problem]:
    """More workers on a node than it has GPUs, or than the kubelet takes pods."""
    group, path = nodes.config.ray, _path(nodes, "podsPerNode")
    poorest = nodes.smallest(GPUS)
    if nodes.pool.gpu and group.gpus is None and group.pods_per_node > poorest.room.gpus:
        yield Problem(
            path=path,
            value=group.pods_per_node,
            rule=f"at most {poorest.room.gpus}, one worker for each GPU of {poorest.instance_type}",
            remedy=f"{set_command(path, poorest.room.gpus)}; or, for workers without GPU, "
            f"{set_command(_path(nodes, GPUS.key), 0)}",
        )
    fullest = min(nodes.nodes, key=lambda node: node.shape.pods)
    if group.pods_per_node > fullest.shape.pods:
        yield Problem(
            path=path,
            value=group.pods_per_node,
            rule=f"at most {fullest.shape.pods}: a node of {fullest.instance_type} takes no more pods beside those of "
            "the DaemonSets",
            remedy=set_command(path, max(1, fullest.shape.pods)),
        )


def _too_big(nodes: PoolNodes, amount: Amount) -> Iterator[Problem]:
    group, node = nodes.config.ray, nodes.smallest(amount)
    configured = amount.set_by(group)
    if configured is None:
        return
    alone = nodes.worker(Resources(**{amount.field: amount.read(configured)}))
    if pods_on(alone, node.shape) >= group.pods_per_node:
        return
    path, left = _path(nodes, amount.key), amount.of(node.room)
    most = max(0, left // group.pods_per_node)
    taken = f", of which the DaemonSets take {amount.text(amount.of(node.daemons))}" if amount is not GPUS else ""
    shared = f" and {group.pods_per_node} workers share {amount.text(left)}" if group.pods_per_node > 1 else ""
    yield Problem(
        path=path,
        value=configured,
        rule=f"at most {amount.with_unit(most)}, because {node.instance_type} has "
        f"{amount.with_unit(amount.of(node.allocatable))} for pods{taken}{shared}",
        remedy=set_command(path, amount.text(most))
        if most or amount is GPUS
        else f"Choose a larger type in place of {nodes.type_path(node.instance_type)}.",
    )


def _too_small(nodes: PoolNodes, resources: Resources) -> Iterator[Problem]:
    """A part of the node too small for Ray, unless the pool itself asks for so little."""
    group = nodes.config.ray
    lacking = [
        amount
        for amount in (CPU, MEMORY)
        if amount.set_by(group) is None and amount.of(resources) < amount.of(SMALLEST_WORKER)
    ]
    if not lacking:
        return
    node = nodes.smallest(lacking[0])
    wanted = " and ".join(amount.with_unit(amount.of(SMALLEST_WORKER)) for amount in (CPU, MEMORY))
    left = " and ".join(amount.with_unit(amount.of(node.room)) for amount in (CPU, MEMORY))
    fitting = min(amount.of(nodes.room) // amount.of(SMALLEST_WORKER) for amount in (CPU, MEMORY))
    rule = f"{wanted} or more for each Ray worker; the DaemonSets leave {left} of {node.instance_type}"
    if fitting >= 1:
        path = _path(nodes, "podsPerNode")
        yield Problem(path=path, value=group.pods_per_node, rule=rule, remedy=set_command(path, fitting))
    else:
        yield Problem(
            path=nodes.type_path(node.instance_type),
            value=node.instance_type,
            rule=rule,
            remedy=f"Choose a larger type, or run no workers there: {set_command(_path(nodes, 'enabled'), 'false')}",
        )


def _path(nodes: PoolNodes, key: str) -> str:
    return f"nodePools.{nodes.pool.name}.ray.{key}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
