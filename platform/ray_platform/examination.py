"""What a configuration and the facts it names say together: the refusals, and the doubts.

The program (`preparation`) and the check before it (`check`) look at the same facts from different sources, and judge
them here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ray_platform.checks.facts import Facts
from ray_platform.config.hardware import hardware_problems
from ray_platform.config.load import Declared
from ray_platform.config.network_rules import network_problems
from ray_platform.config.node_pools import InstanceFacts, resolve_pools
from ray_platform.config.problems import Problem, set_command
from ray_platform.config.sections import Settings
from ray_platform.scheduling.layout import RayLayout
from ray_platform.scheduling.registries import mirror_problems
from ray_platform.scheduling.resolve import lay_out

NETWORK_REMEDY = "Set an id that exists in aws.region of the account in use (`aws sts get-caller-identity` names it)."
INSTANCE_REMEDY = "See `aws ec2 describe-instance-type-offerings`, or change aws.region."


@dataclass(frozen=True, kw_only=True)
class Doubt:
    """Something that is allowed, and hardly meant: its path in the config, and what follows from it."""

    path: str
    what: str
    evidence: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.evidence}. {self.what} {self.remedy}"


@dataclass(frozen=True, kw_only=True)
class Named:
    """Where the configuration names something in AWS: id or name -> its first path."""

    vpcs: Mapping[str, str]
    subnets: Mapping[str, str]
    instance_types: Mapping[str, str]


def named_in(declared: Declared) -> Named:
    """Each thing once, so that nothing is looked up twice."""
    types: dict[str, str] = {}
    for pool in declared.pools:
        for path, name in pool.paths():
            types.setdefault(name, path)
    return Named(
        vpcs={declared.vpc_id: "network.vpcId"} if declared.vpc_id else {},
        subnets={each: f"network.subnetIds[{index}]" for index, each in enumerate(declared.subnet_ids)},
        instance_types=types,
    )


def not_found(path: str, key: str, answer: str, remedy: str) -> Problem:
    """What AWS does not know, with its own words."""
    return Problem(path=path, value=key, rule=f"AWS must know it, but says: {answer}", remedy=remedy)


def broken_rules(declared: Declared, facts: Facts) -> list[Problem]:
    """What is wrong with the network and the hardware, as far as they could be looked up."""
    return [
        *network_problems(
            vpc=facts.network.vpc,
            subnets=facts.network.subnets,
            subnet_ids=declared.subnet_ids,
            service_ipv4_cidr=declared.service_ipv4_cidr,
        ),
        *hardware_problems(declared.pools, facts.instance_types),
    ]


def laid_out(declared: Declared, instance_types: Mapping[str, InstanceFacts]) -> tuple[RayLayout | None, list[Problem]]:
    """Where Ray's pods run. Silent where the sections or the hardware have problems of their own, or are not known."""
    types = {name for pool in declared.pools for _, name in pool.paths()}
    unknown = types - instance_types.keys()
    if declared.scheduling is None or unknown or hardware_problems(declared.pools, instance_types):
        return None, []
    pools = resolve_pools(declared.scheduling.node_pools, instance_types)
    layout, problems = lay_out(
        node_pools=declared.scheduling.node_pools,
        addons=declared.scheduling.addons,
        ray=declared.scheduling.ray,
        pools=pools,
        facts=instance_types,
    )
    if declared.egress == "private" and not problems:
        problems = list(mirror_problems(declared.scheduling.addons, pools, layout))
    return layout, problems


def doubts(settings: Settings, ray: RayLayout | None) -> Iterator[Doubt]:
    """What is allowed, and hardly meant."""
    if ray is None:
        return
    if not settings.addons.vpc_cni.network_policy:
        path = "addons.vpcCni.networkPolicy"
        yield Doubt(
            path=path,
            what="Nobody enforces the network policies of the Ray namespace: every pod of the cluster reaches Ray's "
            "ports, and only the token keeps it out.",
            evidence=f"{path} is false",
            remedy=set_command(path, "true"),
        )
    if not any(group.max_replicas for group in ray.worker_groups):
        yield Doubt(
            path="nodePools",
            what="No pool can have Ray workers, and the head takes no tasks: jobs would wait for ever.",
            evidence=f"every worker group has at most 0 replicas; of {ray.head.pool}, {ray.head.reserved_nodes} "
            "is kept for the head",
            remedy="Raise maxSize of a pool, or add a pool.",
        )
