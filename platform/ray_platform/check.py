"""The whole check of one stack: read, judge, count, time, draw. Nothing is changed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pulumi

from ray_platform.checks import all as checks
from ray_platform.checks.facts import Case, Facts
from ray_platform.checks.finding import Finding, found, refusals
from ray_platform.config.hardware import hardware_problems
from ray_platform.config.load import Declared, declared, parse
from ray_platform.config.network_source import resolved
from ray_platform.config.node_pools import resolve_pools
from ray_platform.config.problems import ConfigError, Problem
from ray_platform.config.sections import Settings
from ray_platform.config.stack_file import PROGRAM_FILE, project_name
from ray_platform.costs.estimate import Estimate, estimate
from ray_platform.costs.price_api import api_prices
from ray_platform.costs.prices import table_prices
from ray_platform.examination import (
    INSTANCE_REMEDY,
    NETWORK_REMEDY,
    broken_rules,
    doubts,
    laid_out,
    named_in,
    not_found,
)
from ray_platform.plan.picture import Picture, picture
from ray_platform.plan.recorder import record
from ray_platform.plan.recording import Recording
from ray_platform.plan.timeline import Timeline, timeline
from ray_platform.report.model import Report
from ray_platform.survey.environment import Environment
from ray_platform.survey.read import survey

UNKNOWN_TO_AWS = "there is none in this region of this account"
# What is not known because these may not be called is told as unread, and not as missing.
LOOKUPS = frozenset(
    {"ec2:DescribeVpcs", "ec2:DescribeVpcAttribute", "ec2:DescribeSubnets", "ec2:DescribeInstanceTypes"}
)


@dataclass(frozen=True, kw_only=True)
class Subject:
    """The stack to be checked: its project's folder, and its configuration as `config.stack_file` reads it."""

    project: Path
    stack: str
    sections: Mapping[str, Any]


def check(
    subject: Subject,
    environment: Environment,
    *,
    today: date,
    simulated: bool = False,
    spot_share: float = 1.0,
    priced: bool = True,
) -> Report:
    """The report. Time and picture are left out where the program would refuse to run, cost where a pool is unknown.

    Unless it is to be ``priced`` nobody is asked for prices, and it has no cost either. Raises ``ConfigError`` when the
    configuration is not valid in itself.
    """
    sections, problems = resolved(subject.sections, environment.stack_outputs)
    subject = replace(subject, sections=sections)
    settings, wrong = parse(sections)
    if settings is None or problems:
        raise ConfigError([*problems, *wrong])
    facts = survey(environment, subject.sections, today=today)
    case, findings = judged(settings, declared(subject.sections), facts)
    line, drawing = planned(subject, facts)
    return Report(
        stack=subject.stack,
        region=settings.aws.region,
        checked_on=today,
        simulated=simulated,
        findings=tuple(findings),
        checks=len(checks.CATALOGUE),
        cost=_cost(case, environment, spot_share) if case.pools and priced else None,
        timeline=line,
        picture=drawing,
    )


def judged(settings: Settings, named: Declared, facts: Facts) -> tuple[Case, list[Finding]]:
    """The findings, the worst first. The case has no pools where an instance type is not known or not fit for one."""
    layout, unfit = laid_out(named, facts.instance_types)
    unknown = list(_unknown(named, facts))
    problems = [*unknown, *broken_rules(named, facts), *unfit]
    types = named_in(named).instance_types.keys()
    sound = types <= facts.instance_types.keys() and not hardware_problems(named.pools, facts.instance_types)
    pools = resolve_pools(settings.node_pools, facts.instance_types) if sound else ()
    case = Case(settings=settings, pools=pools, layout=layout, facts=facts)
    told = [*refusals(problems), *_doubtful(case), *checks.unread(facts), *checks.findings(case)]
    return case, checks.worst_first(told)


def planned(subject: Subject, facts: Facts) -> tuple[Timeline | None, Picture | None]:
    """When everything would be ready, and the picture of it: from what the program registers when it meets the facts.

    Both are None where the program refuses to run; the findings say why.
    """
    recording = recorded(subject, facts)
    if recording is None:
        return None, None
    resources = recording.resources()
    line = timeline(resources)
    return line, picture(resources, line)


def recorded(subject: Subject, facts: Facts) -> Recording | None:
    """What the program registers when it meets the facts; None where it refuses to run, or nobody knows the account."""
    if facts.account is None:
        return None
    program, project = subject.project / PROGRAM_FILE, project_name(subject.project)
    try:
        return record(program, project=project, stack=subject.stack, config=subject.sections, facts=facts)
    except pulumi.RunError:
        return None


def _unknown(named: Declared, facts: Facts) -> Iterator[Problem]:
    if facts.account is None or LOOKUPS & {each.action for each in facts.unread}:
        return
    wanted = named_in(named)
    subnets = {subnet.subnet_id for subnet in facts.network.subnets}
    for ids, known, remedy in (
        (wanted.vpcs, {facts.network.vpc.vpc_id} if facts.network.vpc else set(), NETWORK_REMEDY),
        (wanted.subnets, subnets, NETWORK_REMEDY),
        (wanted.instance_types, facts.instance_types.keys(), INSTANCE_REMEDY),
    ):
        for key, path in ids.items():
            if key not in known:
                yield not_found(path, key, UNKNOWN_TO_AWS, remedy)


def _doubtful(case: Case) -> Iterator[Finding]:
    for doubt in doubts(case.settings, case.layout):
        yield found(
            checks.DOUBT,
            "warning",
            where=doubt.path,
            what=doubt.what,
            evidence=doubt.evidence,
            remedy=doubt.remedy,
        )


def _cost(case: Case, environment: Environment, spot_share: float) -> Estimate:
    """At the prices of AWS's price API, or of the dated table where that may not be asked."""
    types = sorted({name for pool in case.pools for name in pool.instance_types})
    today = case.facts.today
    prices = api_prices(environment.client("pricing"), region=environment.region, instance_types=types, today=today)
    return estimate(case.settings, case.pools, prices or table_prices(), on=today, spot_share=spot_share)
