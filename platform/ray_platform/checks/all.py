"""All checks: the table of what is asked, and the answers."""

from collections.abc import Iterator, Sequence
from types import ModuleType

from ray_platform.checks import (
    access,
    endpoints,
    health,
    instances,
    key,
    leftovers,
    network,
    quotas,
    releases,
    tools,
    ways_out,
)
from ray_platform.checks.facts import Case, Facts
from ray_platform.checks.finding import REFUSED, Check, Finding, found

REFUSAL = Check(
    code=REFUSED, group="Configuration", asks="Does the program accept the configuration and what it names in AWS?"
)
DOUBT = Check(code="config-doubt", group="Configuration", asks="Is the configuration likely to be what was meant?")
UNREAD = Check(code="unread", group="Tools and access", asks="Could everything be read that the checks look at?")

MODULES: tuple[ModuleType, ...] = (
    network,
    ways_out,
    endpoints,
    instances,
    quotas,
    key,
    releases,
    tools,
    access,
    leftovers,
    health,
)
# What the provider's own functions tell during a preview; the rest would take rights that an update has no need of.
IN_PREVIEW: tuple[ModuleType, ...] = (network, ways_out, instances, releases)

CATALOGUE: tuple[Check, ...] = (REFUSAL, DOUBT, *(check for module in MODULES for check in module.CHECKS), UNREAD)

_ORDER = {"error": 0, "warning": 1, "note": 2}


def findings(case: Case, modules: Sequence[ModuleType] = MODULES) -> list[Finding]:
    """Every finding of these modules, the worst first."""
    return worst_first(finding for module in modules for finding in module.findings(case))


def worst_first(found_: Iterator[Finding] | Sequence[Finding]) -> list[Finding]:
    return sorted(found_, key=lambda finding: _ORDER[finding.severity])


def unread(facts: Facts) -> Iterator[Finding]:
    """What AWS did not tell, so that silence is not taken for health. Without credentials ``access`` says so once."""
    for each in facts.unread if facts.caller_arn else ():
        yield found(
            UNREAD,
            "note",
            where=each.action,
            what=f"Not checked: {each.what}",
            evidence=each.reason,
            remedy=f"Allow {each.action} to whoever runs the check, or look at it by hand.",
        )
