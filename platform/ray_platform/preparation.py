"""Everything that has to be known, and can be refused, before the first resource of a stack is made."""

import asyncio
import shutil
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, TypeVar

import pulumi
import pulumi_aws as aws

from ray_platform.account import AwsAccount
from ray_platform.checks import all as checks
from ray_platform.checks.facts import Case, Facts, Machine, NetworkFacts
from ray_platform.config.hiding import without_secrets
from ray_platform.config.load import Declared, declared, from_pulumi_config, parse
from ray_platform.config.network_rules import SubnetFacts, VpcFacts
from ray_platform.config.network_source import StackOutputs, StackUnreadable, from_stack, with_ids
from ray_platform.config.node_pools import ResolvedPool, resolve_pools
from ray_platform.config.problems import ConfigError, Problem
from ray_platform.config.sections import Settings
from ray_platform.config.version_step import step_problems
from ray_platform.costs.budget import budget_problems
from ray_platform.examination import (
    INSTANCE_REMEDY,
    NETWORK_REMEDY,
    broken_rules,
    doubts,
    laid_out,
    named_in,
)
from ray_platform.lookups import LookupFailed, Lookups, collect
from ray_platform.previous import outputs_of, previous_outputs
from ray_platform.scheduling.changes import changes
from ray_platform.scheduling.layout import RayLayout

K = TypeVar("K")
T = TypeVar("T")


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
    given = from_pulumi_config()
    raw, problems = await _with_network(given)
    settings, wrong = parse(raw)
    problems += wrong
    named = declared(raw)
    if named.region is None:
        raise _refusal(problems, given)
    tags = _tags(settings)
    provider = aws.Provider("aws", region=named.region, default_tags=aws.ProviderDefaultTagsArgs(tags=tags))
    lookups = Lookups(provider, named.region)
    (previous, out_of_reach), (facts, more) = await asyncio.gather(_look_back(lookups, named), _look_up(lookups, named))
    ray, unfit = laid_out(named, facts.instance_types)
    undrained, warnings = changes(previous, ray, named.scheduling.ray) if named.scheduling else ([], [])
    problems += [*more, *unfit, *undrained, *out_of_reach]
    account, vpc = facts.account, facts.network.vpc
    if settings is None or account is None or vpc is None or problems:
        raise _refusal(problems, given)
    pools = resolve_pools(settings.node_pools, facts.instance_types)
    doubtful, refused = _judge(Case(settings=settings, pools=pools, layout=ray, facts=facts))
    if refused:
        raise _refusal(refused, given)
    for warning in [*warnings, *map(str, doubts(settings, ray)), *doubtful]:
        pulumi.log.warn(warning)
    return Prepared(
        settings=settings,
        account=account,
        vpc=vpc,
        subnets=facts.network.subnets,
        pools=pools,
        ray=ray,
        tags=tags,
        provider=provider,
    )


async def _with_network(raw: dict[str, Any]) -> tuple[dict[str, Any], list[Problem]]:
    """The sections with the ids of the network, which another stack may have among its outputs."""
    source = from_stack(raw)
    if source is None:
        return raw, []
    try:
        answer: StackOutputs | StackUnreadable = await outputs_of(source.stack)
    except StackUnreadable as error:
        answer = error
    return with_ids(raw, source, answer)


async def _look_back(lookups: Lookups, named: Declared) -> tuple[Mapping[str, Any], list[Problem]]:
    """What the last update exported, and what is out of reach from there."""
    previous = await previous_outputs()
    return previous, await _out_of_reach(lookups, named, previous)


async def _out_of_reach(lookups: Lookups, named: Declared, previous: Mapping[str, Any]) -> list[Problem]:
    """What is wrong with the Kubernetes version for the cluster that the stack made.

    Its version is what AWS says, since EKS upgrades clusters by itself; the last output, where AWS does not say.
    """
    name, wanted = named.cluster_name, named.kubernetes_version
    if name is None or wanted is None or previous.get("clusterName") != name:
        return []
    in_use = await _if_allowed(lookups.cluster_version, name) or previous.get("clusterVersion")
    return step_problems(name, in_use, wanted) if in_use else []


def _warn_without_aws_cli() -> None:
    """A warning and no refusal: an attached provider may do without it, and pulumi-eks refuses by itself."""
    if shutil.which("aws") is None:
        pulumi.log.warn(
            "The AWS CLI is not on PATH. pulumi-eks runs it to make the control plane, and the kubeconfig to get a "
            "token: install version 2 before `pulumi up`."
        )


def _refusal(problems: list[Problem], given: Mapping[str, Any]) -> pulumi.RunError:
    """What is raised instead of an update: all that is wrong with the configuration as it was given."""
    return pulumi.RunError(str(ConfigError(without_secrets(problems, given))))


def _judge(case: Case) -> tuple[list[str], list[Problem]]:
    """What the checks that a preview makes say: the warnings, and what would fail."""
    findings = checks.findings(case, checks.IN_PREVIEW)
    problems = [
        *budget_problems(case.settings, case.pools, on=case.facts.today),
        *(
            Problem(path=each.where, value=each.evidence, rule=each.what, remedy=each.remedy)
            for each in findings
            if each.severity == "error"
        ),
    ]
    return [f"{each.where}: {each.what} {each.remedy}" for each in findings if each.severity == "warning"], problems


def _tags(settings: Settings | None) -> dict[str, str]:
    """The platform's tags with the user's over them. IAM takes tag keys that differ in case only for the same key."""
    platform = {"Project": pulumi.get_project(), "Environment": pulumi.get_stack(), "ManagedBy": "pulumi"}
    own = dict(settings.aws.tags) if settings else {}
    taken = {key.lower() for key in own}
    return {key: value for key, value in platform.items() if key.lower() not in taken} | own


async def _look_up(lookups: Lookups, named: Declared) -> tuple[Facts, list[Problem]]:
    """What a preview knows. This machine plays no part in it: the provider may run on another."""
    facts = Facts(today=date.today(), machine=Machine(pulumi=None, aws_cli=None, kubectl=None))
    try:
        account = await lookups.account()
    except LookupFailed as error:
        unreachable = Problem(
            path="aws.region",
            value=named.region,
            rule=f"a region in which AWS answers with the credentials in use, but it says: {error}",
            remedy="Sign in (`aws sts get-caller-identity` must work), or set AWS_PROFILE.",
        )
        return facts, [unreachable]
    ids = named_in(named)
    extra = asyncio.gather(
        _if_allowed(lookups.route_tables, named.vpc_id), _if_allowed(lookups.offerings, tuple(ids.instance_types))
    )
    (vpcs, vpc_problems), (subnets, subnet_problems), (instance_types, type_problems) = await asyncio.gather(
        collect(ids.vpcs, lookups.vpc, NETWORK_REMEDY),
        collect(ids.subnets, lookups.subnet, NETWORK_REMEDY),
        collect(ids.instance_types, lookups.instance_type, INSTANCE_REMEDY),
    )
    route_tables, offerings = await extra
    vpc = next(iter(vpcs.values()), None)
    facts = replace(
        facts,
        account=account,
        network=NetworkFacts(vpc=vpc, subnets=tuple(subnets.values()), route_tables=route_tables),
        instance_types=instance_types,
        offerings=offerings,
    )
    return facts, [*vpc_problems, *subnet_problems, *type_problems, *broken_rules(named, facts)]


async def _if_allowed(ask: Callable[[K], Awaitable[T]], key: K | None) -> T | None:
    """The answer; None where there is nothing to ask for, or AWS does not tell: the rules that want it stay silent."""
    if not key:
        return None
    try:
        return await ask(key)
    except LookupFailed:
        return None
