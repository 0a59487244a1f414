"""Everything that has to be known, and can be refused, before the first resource of a stack is made."""

import asyncio
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from ray_platform.account import AwsAccount
from ray_platform.config.hardware import hardware_problems
from ray_platform.config.load import Declared, declared, from_pulumi_config, parse
from ray_platform.config.network_rules import SubnetFacts, VpcFacts, network_problems
from ray_platform.config.node_pools import InstanceFacts, ResolvedPool, resolve_pools
from ray_platform.config.problems import ConfigError, Problem
from ray_platform.config.sections import Settings
from ray_platform.lookups import LookupFailed, Lookups, collect, first_paths
from ray_platform.previous import previous_outputs
from ray_platform.scheduling.changes import changes
from ray_platform.scheduling.layout import RayLayout
from ray_platform.scheduling.registries import mirror_problems
from ray_platform.scheduling.resolve import lay_out

NETWORK_REMEDY = "Set an id that exists in aws.region of the account in use (`aws sts get-caller-identity` names it)."
INSTANCE_REMEDY = "See `aws ec2 describe-instance-type-offerings`, or change aws.region."


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """A valid configuration with what it names in AWS, and the provider that everything is made with.

    ``name`` is the cluster's name and begins every logical name. ``tags`` are on every resource. ``ray`` is None when
    Ray is switched off.
    """

    settings: Settings
    account: AwsAccount
    vpc: VpcFacts
    subnets: tuple[SubnetFacts, ...]
    pools: tuple[ResolvedPool, ...]
    ray: RayLayout | None
    tags: dict[str, str]
    provider: aws.Provider

    @property
    def name(self) -> str:
        return self.settings.cluster.name

    @property
    def opts(self) -> pulumi.ResourceOptions:
        """Options of a top-level component: its AWS resources use the stack's own provider."""
        return pulumi.ResourceOptions(providers=[self.provider])


@dataclass(frozen=True, kw_only=True)
class _Found:
    account: AwsAccount | None = None
    vpc: VpcFacts | None = None
    subnets: tuple[SubnetFacts, ...] = ()
    instance_types: Mapping[str, InstanceFacts]


async def prepare() -> Prepared:
    """Read the stack's configuration, look up what it names in AWS, and check both.

    Raises ``pulumi.RunError`` with every problem at once; Pulumi shows it without a traceback. By then no resource
    is registered but the AWS provider, which the lookups need.
    """
    _warn_without_aws_cli()
    raw = from_pulumi_config()
    settings, problems = parse(raw)
    named = declared(raw)
    if named.region is None:
        raise pulumi.RunError(str(ConfigError(problems)))
    tags = _tags(settings)
    provider = aws.Provider("aws", region=named.region, default_tags=aws.ProviderDefaultTagsArgs(tags=tags))
    found, more = await _look_up(Lookups(provider, named.region), named)
    ray, unfit = _lay_out(named, found.instance_types)
    undrained, warnings = changes(await previous_outputs(), ray, named.scheduling.ray) if named.scheduling else ([], [])
    problems += [*more, *unfit, *undrained]
    if settings is None or found.account is None or found.vpc is None or problems:
        raise pulumi.RunError(str(ConfigError(problems)))
    for warning in [*warnings, *_doubts(settings, ray)]:
        pulumi.log.warn(warning)
    return Prepared(
        settings=settings,
        account=found.account,
        vpc=found.vpc,
        subnets=found.subnets,
        pools=resolve_pools(settings.node_pools, found.instance_types),
        ray=ray,
        tags=tags,
        provider=provider,
    )


def _warn_without_aws_cli() -> None:
    """A warning and no refusal: an attached provider may do without it, and pulumi-eks refuses by itself."""
    if shutil.which("aws") is None:
        pulumi.log.warn(
            "The AWS CLI is not on PATH. pulumi-eks runs it to make the control plane, and the kubeconfig to get a "
            "token: install version 2 before `pulumi up`."
        )


def _doubts(settings: Settings, ray: RayLayout | None) -> Iterator[str]:
    """What is allowed, and hardly meant."""
    if ray is None:
        return
    if not settings.addons.vpc_cni.network_policy:
        yield (
            "addons.vpcCni.networkPolicy is false, so nobody enforces the network policies of the Ray namespace: every "
            "pod of the cluster reaches Ray's ports, and only the token keeps it out."
        )
    if not any(group.max_replicas for group in ray.worker_groups):
        yield (
            "No pool can have Ray workers, and the head takes no tasks: jobs would wait for ever. Raise maxSize of a "
            f"pool (of {ray.head.pool}, {ray.head.reserved_nodes} is kept for the head), or add a pool."
        )


def _tags(settings: Settings | None) -> dict[str, str]:
    """The platform's tags with the user's over them. IAM takes tag keys that differ in case only for the same key."""
    platform = {"Project": pulumi.get_project(), "Environment": pulumi.get_stack(), "ManagedBy": "pulumi"}
    own = dict(settings.aws.tags) if settings else {}
    taken = {key.lower() for key in own}
    return {key: value for key, value in platform.items() if key.lower() not in taken} | own


async def _look_up(lookups: Lookups, named: Declared) -> tuple[_Found, list[Problem]]:
    try:
        account = await lookups.account()
    except LookupFailed as error:
        unreachable = Problem(
            path="aws.region",
            value=named.region,
            rule=f"a region in which AWS answers with the credentials in use, but it says: {error}",
            remedy="Sign in (`aws sts get-caller-identity` must work), or set AWS_PROFILE.",
        )
        return _Found(instance_types={}), [unreachable]
    vpc_paths = {named.vpc_id: "network.vpcId"} if named.vpc_id else {}
    subnet_paths = {each: f"network.subnetIds[{index}]" for index, each in enumerate(named.subnet_ids)}
    type_paths = first_paths((name, path) for pool in named.pools for path, name in pool.paths())
    (vpcs, vpc_problems), (subnets, subnet_problems), (instance_types, type_problems) = await asyncio.gather(
        collect(vpc_paths, lookups.vpc, NETWORK_REMEDY),
        collect(subnet_paths, lookups.subnet, NETWORK_REMEDY),
        collect(type_paths, lookups.instance_type, INSTANCE_REMEDY),
    )
    found = _Found(
        account=account,
        vpc=next(iter(vpcs.values()), None),
        subnets=tuple(subnets.values()),
        instance_types=instance_types,
    )
    return found, [*vpc_problems, *subnet_problems, *type_problems, *_broken_rules(named, found)]


def _broken_rules(named: Declared, found: _Found) -> list[Problem]:
    return [
        *network_problems(
            vpc=found.vpc,
            subnets=found.subnets,
            subnet_ids=named.subnet_ids,
            service_ipv4_cidr=named.service_ipv4_cidr,
        ),
        *hardware_problems(named.pools, found.instance_types),
    ]


def _lay_out(named: Declared, instance_types: Mapping[str, InstanceFacts]) -> tuple[RayLayout | None, list[Problem]]:
    """Silent where the sections or the hardware it rests on have problems of their own, or are not known."""
    types = {name for pool in named.pools for _, name in pool.paths()}
    if named.scheduling is None or types - instance_types.keys() or hardware_problems(named.pools, instance_types):
        return None, []
    pools = resolve_pools(named.scheduling.node_pools, instance_types)
    layout, problems = lay_out(
        node_pools=named.scheduling.node_pools,
        addons=named.scheduling.addons,
        ray=named.scheduling.ray,
        pools=pools,
        facts=instance_types,
    )
    if named.egress == "private" and not problems:
        problems = list(mirror_problems(named.scheduling.addons, pools, layout))
    return layout, problems
