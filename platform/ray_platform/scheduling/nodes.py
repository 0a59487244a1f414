"""The nodes of a pool and of its fallback, as the rules of the layout look at them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ray_platform.config.addons_config import AddonsConfig
from ray_platform.config.node_pools import InstanceFacts, ResolvedPool
from ray_platform.config.pool_config import NodePoolConfig
from ray_platform.config.problems import PathPart, Problem, yaml_path
from ray_platform.scheduling.amounts import Amount
from ray_platform.scheduling.capacity import allocatable
from ray_platform.scheduling.fit import (
    ARCHITECTURE_LABEL,
    KUBERNETES_ARCHITECTURES,
    NodeShape,
    PodShape,
    node_shape,
)
from ray_platform.scheduling.kubelet import kubelet_settings
from ray_platform.scheduling.layout import Toleration
from ray_platform.scheduling.overhead import daemon_pods, total
from ray_platform.scheduling.resources import Resources

POOL_LABEL: Final = "ray.io/node-pool"


@dataclass(frozen=True, kw_only=True)
class Node:
    """An empty node of one instance type, which runs its DaemonSets and nothing else."""

    instance_type: str
    allocatable: Resources
    daemons: Resources
    shape: NodeShape

    @property
    def room(self) -> Resources:
        return self.shape.free


@dataclass(frozen=True, kw_only=True)
class PoolNodes:
    """A configured pool with a node of each of its instance types, those of its fallback included."""

    config: NodePoolConfig
    pool: ResolvedPool
    nodes: tuple[Node, ...]

    @property
    def node_selector(self) -> dict[str, str]:
        """Finds the nodes of the pool and of its fallback."""
        return {
            POOL_LABEL: self.pool.labels[POOL_LABEL],
            ARCHITECTURE_LABEL: KUBERNETES_ARCHITECTURES[self.pool.architecture],
        }

    @property
    def tolerations(self) -> tuple[Toleration, ...]:
        return tuple(Toleration(key=each.key, value=each.value, effect=each.effect) for each in self.pool.taints)

    def worker(self, resources: Resources) -> PodShape:
        """A Ray worker of this pool that asks for so much."""
        return PodShape(resources=resources, node_selector=self.node_selector, tolerations=self.tolerations)

    @property
    def room(self) -> Resources:
        """What every node has at least for pods besides the DaemonSets'."""
        rooms = [node.room for node in self.nodes]
        return Resources(
            cpu_millis=min(room.cpu_millis for room in rooms),
            memory_mib=min(room.memory_mib for room in rooms),
            gpus=min(room.gpus for room in rooms),
        )

    def smallest(self, amount: Amount) -> Node:
        """The node with the least room for this amount."""
        return min(self.nodes, key=lambda node: amount.of(node.room))

    def type_path(self, instance_type: str) -> str:
        """Where the configuration names the type."""
        at: tuple[PathPart, ...] = ("nodePools", self.pool.name)
        own, fallback = self.config.instance_types, self.config.fallback_instance_types
        if instance_type in own:
            return yaml_path((*at, "instanceTypes", own.index(instance_type)))
        return yaml_path((*at, "onDemandFallback", "instanceTypes", fallback.index(instance_type)))


def nodes_of_pools(
    node_pools: Mapping[str, NodePoolConfig],
    addons: AddonsConfig,
    pools: Sequence[ResolvedPool],
    facts: Mapping[str, InstanceFacts],
) -> tuple[tuple[PoolNodes, ...], list[Problem]]:
    """Each configured pool's nodes, in order, and the node configurations that leave their room unknown."""
    found, problems = [], []
    for name, config in node_pools.items():
        daemons = daemon_pods(addons, gpu=config.gpu)
        settings, unreadable = kubelet_settings(name, config.node_config, daemons=len(daemons))
        problems += unreadable
        own = next(pool for pool in pools if pool.name == name)
        nodes = tuple(
            Node(
                instance_type=each,
                allocatable=allocatable(facts[each], settings),
                daemons=total(daemons),
                shape=node_shape(pool, facts[each], daemons, settings),
            )
            for pool in pools
            if name in (pool.name, pool.fallback_for)
            for each in pool.instance_types
        )
        found.append(PoolNodes(config=config, pool=own, nodes=nodes))
    return tuple(found), problems
