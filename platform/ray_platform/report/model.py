"""What is told about a stack before it is built, and the sentences that every form of the report shares."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, get_args

from ray_platform.checks.finding import Finding, Group, Severity
from ray_platform.costs.estimate import Estimate
from ray_platform.plan.picture import Box, BoxStep, Picture
from ray_platform.plan.timeline import Timeline
from ray_platform.report.words import count, joined

SEVERITIES: Final[tuple[Severity, ...]] = get_args(Severity)
GROUPS: Final[tuple[Group, ...]] = get_args(Group)


@dataclass(frozen=True, kw_only=True)
class Report:
    """All that is known of a stack before ``pulumi up``.

    ``checks`` is how many questions were asked. ``simulated`` tells that the facts are those of a simulated account.
    ``cost`` is None where the price of the pools could not be worked out, ``timeline`` and ``picture`` where the
    program would refuse to run.
    """

    stack: str
    region: str
    checked_on: date
    simulated: bool
    findings: tuple[Finding, ...]
    cost: Estimate | None
    timeline: Timeline | None
    picture: Picture | None
    checks: int

    def count(self, severity: Severity) -> int:
        return sum(finding.severity == severity for finding in self.findings)

    @property
    def worst(self) -> Severity | None:
        """The worst severity of all findings; None without any."""
        return min((finding.severity for finding in self.findings), key=SEVERITIES.index, default=None)


@dataclass(frozen=True, kw_only=True)
class FindingGroup:
    """The findings of one group, the worst first."""

    name: Group
    findings: tuple[Finding, ...]

    @property
    def worst(self) -> Severity:
        return self.findings[0].severity


def grouped(findings: Sequence[Finding]) -> list[FindingGroup]:
    """The findings by group: the group with the worst finding first, otherwise in the order of the groups."""
    groups = [
        FindingGroup(
            name=name,
            findings=tuple(
                sorted(
                    (finding for finding in findings if finding.group == name),
                    key=lambda finding: SEVERITIES.index(finding.severity),
                )
            ),
        )
        for name in GROUPS
        if any(finding.group == name for finding in findings)
    ]
    return sorted(groups, key=lambda group: SEVERITIES.index(group.worst))


def closing(report: Report) -> str:
    """The one line that a report ends with: ``No findings: 41 checks``, ``2 errors, 1 warning: 41 checks``."""
    return f"{_counts(report) or 'No findings'}: {count(report.checks, 'check')}"


def verdict(report: Report) -> str:
    """One sentence for someone who reads no further."""
    stack = f"the stack {report.stack}"
    match report.worst:
        case "error":
            return f"Do not build {stack} yet: {count(report.count('error'), 'error')} would make it fail."
        case "warning":
            return f"You can build {stack}, but look at {count(report.count('warning'), 'warning')} first."
        case "note":
            return f"You can build {stack}: nothing is wrong with what could be checked."
        case None:
            return f"You can build {stack}: {count(report.checks, 'check')} found nothing wrong."


def critical_steps(picture: Picture) -> list[tuple[Box, BoxStep]]:
    """What decides the time to ready, first to last, each with the box that it is in."""
    return [(box, step) for box in picture.boxes for step in box.steps if step.critical]


def _counts(report: Report) -> str:
    return joined([count(found, each) for each in SEVERITIES if (found := report.count(each))])
