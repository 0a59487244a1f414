"""Whether the pools' instance types can be had where the pools are, and are alike enough to share one.

``config.hardware`` has what the program itself refuses: architecture, and GPUs.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from ray_platform.checks.facts import Case
from ray_platform.checks.finding import Check, Finding, found
from ray_platform.checks.pools import pool_path
from ray_platform.config.network_rules import ZONES_MIN
from ray_platform.config.node_pools import InstanceFacts, ResolvedPool
from ray_platform.config.problems import set_command

NOT_OFFERED: Final = Check(
    code="instance-type-not-offered",
    group="Instance types",
    asks="Does each zone of the subnets offer a type of each pool?",
)
NOT_SOLD: Final = Check(
    code="instance-type-not-sold-so",
    group="Instance types",
    asks="Is each type sold as its pool buys it, on spot or on demand?",
)
UNEQUAL: Final = Check(
    code="instance-types-unequal", group="Instance types", asks="Are the types of a pool of one shape?"
)
GPUS_DIFFER: Final = Check(
    code="instance-gpus-differ", group="Instance types", asks="Do all types of a pool have the same GPU?"
)
CHECKS: Final = (NOT_OFFERED, NOT_SOLD, UNEQUAL, GPUS_DIFFER)

USAGES: Final = {"SPOT": "spot", "ON_DEMAND": "on-demand"}
# Twice the size is what the default pools pair: two workers on a node, or a GPU with more beside it than it needs. And
# types that are sold as of the same ratio differ a little.
FACTOR_MAX: Final = 2.0
RATIO_MAX: Final = 1.25


def findings(case: Case) -> Iterator[Finding]:
    yield from _not_offered(case)
    yield from _not_sold(case)
    for pool in case.pools:
        if pool.fallback_for is None:
            types = _interchangeable(case, pool)
            yield from _unequal(pool, types)
            yield from _different_gpus(pool, types)


def _own_pool(case: Case, fallback: ResolvedPool) -> ResolvedPool:
    return next(pool for pool in case.pools if pool.name == fallback.fallback_for)


def _not_offered(case: Case) -> Iterator[Finding]:
    """A fallback is told of for the zones in which its pool has a type."""
    for pool in case.pools:
        zones = _zones_without(case, pool)
        if pool.fallback_for is not None:
            told = _zones_without(case, _own_pool(case, pool))
            zones = [zone for zone in zones if zone not in told]
        if zones:
            yield _not_offered_finding(case, pool, zones)


def _zones_without(case: Case, pool: ResolvedPool) -> list[str]:
    """One type is enough in a zone: EKS gives them to the Auto Scaling group as alternatives."""
    offerings = case.facts.offerings
    if offerings is None:
        return []
    zones = dict.fromkeys(subnet.availability_zone for subnet in case.facts.network.subnets)
    offered = [offerings[name] for name in pool.instance_types if name in offerings]
    return [zone for zone in zones if offered and not any(zone in each for each in offered)]


def _not_offered_finding(case: Case, pool: ResolvedPool, zones: list[str]) -> Finding:
    """EKS reports a group as failed (AsgInstanceLaunchFailures) that wants a node now and may not have it in a zone."""
    subnets = case.facts.network.subnets
    others = {subnet.availability_zone for subnet in subnets} - set(zones)
    offered = sorted({zone for name in pool.instance_types for zone in (case.facts.offerings or {}).get(name, ())})
    there = [subnet.subnet_id for subnet in subnets if subnet.availability_zone in zones]
    alternative = f"\nOr leave {', '.join(there)} out of network.subnetIds." if len(others) >= ZONES_MIN else ""
    kind = f"{pool.instance_types[0].rpartition('.')[0]}.*"
    return found(
        NOT_OFFERED,
        "error" if not others or pool.desired_size else "warning",
        where=pool_path(pool, "instanceTypes"),
        what=f"{pool.name} can have no node in {', '.join(zones)}: none of its instance types is offered there",
        evidence=f"{', '.join(pool.instance_types)}: offered in {', '.join(offered) or 'no zone of the region'}; the "
        f"subnets in {', '.join(zones)} are {', '.join(there)}",
        remedy="Add a type that is offered there, of the same shape. This shows them, here those like the first:\n"
        "aws ec2 describe-instance-type-offerings --location-type availability-zone --filters "
        f"Name=location,Values={','.join(zones)} 'Name=instance-type,Values={kind}' "
        "--query 'InstanceTypeOfferings[].[Location,InstanceType]' --output text "
        f"--region {case.settings.aws.region}{alternative}",
    )


def _not_sold(case: Case) -> Iterator[Finding]:
    for pool in case.pools:
        usage = USAGES[pool.capacity_type]
        for index, name in enumerate(pool.instance_types):
            sold = case.facts.instance_types[name].usage_classes
            if usage not in sold:
                yield found(
                    NOT_SOLD,
                    "error",
                    where=pool_path(pool, "instanceTypes", index),
                    what=f"{name} is not sold {'on spot' if usage == 'spot' else 'on demand'}, as {pool.name} buys it",
                    evidence=f"EC2 sells {name} as {', '.join(sold) or 'nothing'}",
                    remedy=_other_way(pool),
                )


def _other_way(pool: ResolvedPool) -> str:
    """A fallback is on demand by its nature."""
    if pool.fallback_for is not None:
        return f"Name another type in {pool_path(pool, 'instanceTypes')}."
    other = "ON_DEMAND" if pool.capacity_type == "SPOT" else "SPOT"
    return f"Name another type, or buy the pool the other way: {set_command(pool_path(pool, 'capacityType'), other)}"


def _interchangeable(case: Case, pool: ResolvedPool) -> list[InstanceFacts]:
    """The types that Ray and the autoscaler take for one: those of the pool and of its fallback."""
    names = dict.fromkeys(
        name for each in case.pools if pool.name in (each.name, each.fallback_for) for name in each.instance_types
    )
    return [case.facts.instance_types[name] for name in names]


def _unequal(pool: ResolvedPool, types: Sequence[InstanceFacts]) -> Iterator[Finding]:
    vcpus = [each.vcpus for each in types]
    memory = [each.memory_mib for each in types]
    ratios = [each.memory_mib / each.vcpus for each in types]
    if (
        max(vcpus) <= FACTOR_MAX * min(vcpus)
        and max(memory) <= FACTOR_MAX * min(memory)
        and max(ratios) <= RATIO_MAX * min(ratios)
    ):
        return
    worst = max(types, key=lambda each: max(each.vcpus / min(vcpus), each.memory_mib / min(memory)))
    cpu, gib = _idle(min(vcpus), worst.vcpus), _idle(min(memory), worst.memory_mib)
    yield found(
        UNEQUAL,
        "warning",
        where=_types_of(pool, worst),
        what=f"The instance types of {pool.name} are of different shapes, but a worker is as large as the smallest of "
        "them, and scaling takes all of them for the first",
        evidence=f"{', '.join(_shape(each) for each in types)}; a worker that fits all leaves {cpu} of the CPU and "
        f"{gib} of the memory of {worst.name} idle",
        remedy=f"Choose types with the same memory for each vCPU, none more than {FACTOR_MAX:g} times the size of "
        "another, or make a pool for each shape.",
    )


def _different_gpus(pool: ResolvedPool, types: Sequence[InstanceFacts]) -> Iterator[Finding]:
    first = types[0]
    others = [each for each in types if each.gpus and first.gpus and each.gpu_name != first.gpu_name]
    if others:
        yield found(
            GPUS_DIFFER,
            "warning",
            where=_types_of(pool, others[0]),
            what=f"The GPUs of {pool.name} differ in memory and features: a job gets the one or the other, and the "
            f"nodes are labelled for {first.gpu_name} all of them",
            evidence=", ".join(f"{each.name} has {each.gpu_name}" for each in types),
            remedy="Choose types with the same GPU, or make a pool for each.",
        )


def _types_of(pool: ResolvedPool, facts: InstanceFacts) -> str:
    """The list that names a type: the pool's, or else its fallback's."""
    if facts.name in pool.instance_types:
        return pool_path(pool, "instanceTypes", pool.instance_types.index(facts.name))
    return pool_path(pool, "onDemandFallback", "instanceTypes")


def _shape(facts: InstanceFacts) -> str:
    return f"{facts.name} has {facts.vcpus} vCPUs and {facts.memory_mib / 1024:g} GiB"


def _idle(used: int, there: int) -> str:
    return f"{100 - 100 * used // there} %"
