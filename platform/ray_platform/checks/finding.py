"""One thing that a check found, and the table of all that is checked."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Literal

from ray_platform.config.problems import Problem

Severity = Literal["error", "warning", "note"]
"""An error would fail, now or when the pools grow to the size they begin with; a warning would fail or surprise
later; a note is for information, above all that something could not be checked.
"""

Group = Literal[
    "Configuration", "VPC", "Instance types", "Quotas", "Encryption key", "Versions", "Tools and access", "Leftovers"
]

REFUSED = "config-refused"


@dataclass(frozen=True, kw_only=True)
class Check:
    """One question that is asked. ``code`` is its stable name, ``asks`` the question in plain words."""

    code: str
    group: Group
    asks: str


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One answer that is not as it should be.

    ``where`` is a path of the configuration or the id of an AWS resource, ``what`` the fault in one sentence,
    ``evidence`` what was read, ``remedy`` the command or the edit that mends it (several lines where it takes several).
    """

    code: str
    group: Group
    severity: Severity
    where: str
    what: str
    evidence: str
    remedy: str

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def found(check: Check, severity: Severity, *, where: str, what: str, evidence: str, remedy: str) -> Finding:
    """A finding of this check."""
    return Finding(
        code=check.code,
        group=check.group,
        severity=severity,
        where=where,
        what=what,
        evidence=evidence,
        remedy=remedy,
    )


def refusals(problems: list[Problem]) -> Iterator[Finding]:
    """What the program itself would refuse, as findings."""
    groups: dict[str, Group] = {"network": "VPC", "nodePools": "Instance types", "security": "Encryption key"}
    for problem in problems:
        yield Finding(
            code=REFUSED,
            group=groups.get(problem.path.partition(".")[0].partition("[")[0], "Configuration"),
            severity="error",
            where=problem.path,
            what=f"The program refuses it. The rule: {problem.rule}",
            evidence=f"{problem.path} = {problem.shown_value}",
            remedy=problem.remedy,
        )
