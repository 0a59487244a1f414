"""Everything that has to be known, and can be refused, before the first resource of a stack is made."""

import asyncio
import shutil
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from ray_platform.account import AwsAccount
from ray_platform.config.load import Declared, declared, from_pulumi_config, parse
from ray_platform.config.network_rules import SubnetFacts, VpcFacts
from ray_platform.config.node_pools import ResolvedPool, resolve_pools
from ray_platform.config.problems import ConfigError, Problem
from ray_platform.config.sections import Settings
from ray_platform.examination import (
    INSTANCE_REMEDY,
    NETWORK_REMEDY,
    Found,
    broken_rules,
    doubts,
    laid_out,
    named_in,
)
from ray_platform.lookups import LookupFailed, Lookups, collect
from ray_platform.previous import previous_outputs
from ray_platform.scheduling.changes import changes
from ray_platform.scheduling.layout import RayLayout


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
    ray, unfit = laid_out(named, found.instance_types)
    undrained, warnings = changes(await previous_outputs(), ray, named.scheduling.ray) if named.scheduling else ([], [])
    problems += [*more, *unfit, *undrained]
    if settings is None or found.account is None or found.vpc is None or problems:
        raise pulumi.RunError(str(ConfigError(problems)))
    for warning in [*warnings, *map(str, doubts(settings, ray))]:
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


def _tags(settings: Settings | None) -> dict[str, str]:
    """The platform's tags with the user's over them. IAM takes tag keys that differ in case only for the same key."""
    platform = {"Project": pulumi.get_project(), "Environment": pulumi.get_stack(), "ManagedBy": "pulumi"}
    own = dict(settings.aws.tags) if settings else {}
    taken = {key.lower() for key in own}
    return {key: value for key, value in platform.items() if key.lower() not in taken} | own


async def _look_up(lookups: Lookups, named: Declared) -> tuple[Found, list[Problem]]:
    try:
        account = await lookups.account()
    except LookupFailed as error:
        unreachable = Problem(
            path="aws.region",
            value=named.region,
            rule=f"a region in which AWS answers with the credentials in use, but it says: {error}",
            remedy="Sign in (`aws sts get-caller-identity` must work), or set AWS_PROFILE.",
        )
        return Found(), [unreachable]
    ids = named_in(named)
    (vpcs, vpc_problems), (subnets, subnet_problems), (instance_types, type_problems) = await asyncio.gather(
        collect(ids.vpcs, lookups.vpc, NETWORK_REMEDY),
        collect(ids.subnets, lookups.subnet, NETWORK_REMEDY),
        collect(ids.instance_types, lookups.instance_type, INSTANCE_REMEDY),
    )
    found = Found(
        account=account,
        vpc=next(iter(vpcs.values()), None),
        subnets=tuple(subnets.values()),
        instance_types=instance_types,
    )
    return found, [*vpc_problems, *subnet_problems, *type_problems, *broken_rules(named, found)]
