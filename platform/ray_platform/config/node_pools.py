"""Node pools as they are built: the configured pools and their fallbacks, with everything decided."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from ray_platform.config.pool_config import ACCELERATOR_LABEL, GPU_TAINT_KEY, NodePoolConfig, TaintEffect
from ray_platform.config.pool_defaults import AmiType, Architecture, CapacityType

# Where the cluster autoscaler reads, on the Auto Scaling group, what a node of an empty group would be like
# (its documentation, "Auto-Discovery Setup").
NODE_TEMPLATE: Final = "k8s.io/cluster-autoscaler/node-template"

FALLBACK_SUFFIX: Final = "-on-demand"


@dataclass(frozen=True, kw_only=True)
class InstanceFacts:
    """What EC2 tells about an instance type.

    `architectures` as EC2 names them (x86_64, arm64), `memory_mib` as advertised, `gpus` the number of GPUs,
    `network_interfaces` (of its default network card) and `addresses_per_interface` (IPv4) the most it can have,
    `usage_classes` how it is sold (on-demand, spot, capacity-block).
    """

    name: str
    architectures: tuple[str, ...]
    vcpus: int
    memory_mib: int
    gpus: int
    gpu_name: str | None
    gpu_manufacturer: str | None
    network_interfaces: int
    addresses_per_interface: int
    usage_classes: tuple[str, ...]


def interfaces_of_default_card(by_card: Mapping[int, int], default_card: int, of_all: int) -> int:
    """`InstanceFacts.network_interfaces`: those of the default card, of all where AWS tells no cards.

    The VPC CNI attaches its interfaces to one network card, which is how nodeadm counts pods (eni-max-pods.txt).
    """
    return by_card.get(default_card, of_all)


@dataclass(frozen=True, kw_only=True)
class Taint:
    """A node taint, its effect as Kubernetes spells it."""

    key: str
    value: str
    effect: TaintEffect


GPU_TAINT: Final = Taint(key=GPU_TAINT_KEY, value="true", effect="NoSchedule")


@dataclass(frozen=True, kw_only=True)
class ResolvedPool:
    """One node group to be.

    `fallback_for` names the pool this one stands in for. `gpu_count` is the GPUs of one node: the fewest of
    any of its instance types, 0 without GPU. `taints` begins with the GPU taint where there is one.
    """

    name: str
    instance_types: tuple[str, ...]
    capacity_type: CapacityType
    min_size: int
    desired_size: int
    max_size: int
    disk_gib: int
    gpu: bool
    architecture: Architecture
    ami_type: AmiType
    labels: Mapping[str, str]
    taints: tuple[Taint, ...]
    max_unavailable: int
    node_repair: bool
    node_config: Mapping[str, Any]
    fallback_for: str | None
    gpu_count: int

    @property
    def takes_system_pods(self) -> bool:
        """Whether pods without tolerations always find a node here: CoreDNS, operators, the Ray head."""
        return self.capacity_type == "ON_DEMAND" and self.min_size >= 1 and not self.taints

    def autoscaling_tags(self) -> dict[str, str]:
        """Tags of the Auto Scaling group with which the cluster autoscaler scales it from zero."""
        tags = {f"{NODE_TEMPLATE}/label/{key}": value for key, value in self.labels.items()}
        tags |= {f"{NODE_TEMPLATE}/taint/{taint.key}": f"{taint.value}:{taint.effect}" for taint in self.taints}
        tags[f"{NODE_TEMPLATE}/resources/ephemeral-storage"] = f"{self.disk_gib}Gi"
        if self.gpu_count:
            tags[f"{NODE_TEMPLATE}/resources/{GPU_TAINT_KEY}"] = str(self.gpu_count)
        return tags


def resolve_pools(
    node_pools: Mapping[str, NodePoolConfig], instance_facts: Mapping[str, InstanceFacts]
) -> tuple[ResolvedPool, ...]:
    """Every node group, in the order of the configuration, a fallback right after its pool.

    `instance_facts` has an entry for each instance type of the pools and fallbacks (KeyError otherwise), and
    the rules of `hardware` hold for them.
    """
    resolved = []
    for name, pool in node_pools.items():
        resolved.append(_pool(name, pool, instance_facts))
        if pool.has_fallback:
            resolved.append(_fallback(name, pool, instance_facts))
    return tuple(resolved)


def _pool(name: str, pool: NodePoolConfig, facts: Mapping[str, InstanceFacts]) -> ResolvedPool:
    capacity = "spot" if pool.capacity_type == "SPOT" else "on-demand"
    return _resolved(
        pool,
        name=name,
        labels=_labels(name, pool, capacity, facts[pool.instance_types[0]]),
        instance_types=pool.instance_types,
        capacity_type=pool.capacity_type,
        sizes=(pool.min_size, pool.desired_size, pool.max_size),
        fallback_for=None,
        facts=facts,
    )


def _fallback(name: str, pool: NodePoolConfig, facts: Mapping[str, InstanceFacts]) -> ResolvedPool:
    fallback, types = pool.on_demand_fallback, pool.fallback_instance_types
    return _resolved(
        pool,
        name=f"{name}{FALLBACK_SUFFIX}",
        labels=_labels(name, pool, "on-demand-fallback", facts[types[0]]),
        instance_types=types,
        capacity_type="ON_DEMAND",
        sizes=(fallback.min_size, fallback.desired_size, fallback.max_size),
        fallback_for=name,
        facts=facts,
    )


def _resolved(
    pool: NodePoolConfig,
    *,
    name: str,
    labels: Mapping[str, str],
    instance_types: tuple[str, ...],
    capacity_type: CapacityType,
    sizes: tuple[int, int, int],
    fallback_for: str | None,
    facts: Mapping[str, InstanceFacts],
) -> ResolvedPool:
    extra = tuple(Taint(key=each.key, value=each.value, effect=each.effect) for each in pool.taints)
    minimum, desired, maximum = sizes
    return ResolvedPool(
        name=name,
        instance_types=instance_types,
        capacity_type=capacity_type,
        min_size=minimum,
        desired_size=desired,
        max_size=maximum,
        disk_gib=pool.disk_gib,
        gpu=pool.gpu,
        architecture=pool.architecture,
        ami_type=pool.ami_type,
        labels=labels,
        taints=(GPU_TAINT, *extra) if pool.gpu else extra,
        max_unavailable=pool.max_unavailable,
        node_repair=pool.node_repair,
        node_config=pool.node_config,
        fallback_for=fallback_for,
        gpu_count=min(facts[each].gpus for each in instance_types) if pool.gpu else 0,
    )


def _labels(pool_name: str, pool: NodePoolConfig, capacity: str, first_type: InstanceFacts) -> dict[str, str]:
    """A fallback has its pool's `ray.io/node-pool`, so that one node selector finds the nodes of both."""
    labels = {
        "ray.io/node-type": "worker",
        "ray.io/resource-type": "gpu" if pool.gpu else "cpu",
        "ray.io/node-pool": pool_name,
        "ray.io/capacity": capacity,
    }
    if pool.gpu:
        labels[GPU_TAINT_KEY] = "true"
        # Without it the autoscaler does not see that a booting node will have GPUs (autoscaler#1949).
        labels[ACCELERATOR_LABEL] = f"nvidia-{first_type.gpu_name}".lower().replace(" ", "-")
    return labels | pool.labels
