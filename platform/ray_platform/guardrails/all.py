"""All guardrails, and what they say of a stack."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from ray_platform.guardrails import capacity, encryption, logs, network, pinned, pods, ray, rights, tags
from ray_platform.guardrails.verdict import Answer, Fault, Guardrail, Stack, Undecided, Violation

MODULES: Final = (encryption, network, rights, capacity, pinned, tags, logs, ray, pods)
CATALOGUE: Final[tuple[Guardrail, ...]] = tuple(each for module in MODULES for each in module.GUARDRAILS)


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """What the guardrails say of a stack.

    ``excepted`` are violations that the configuration lets pass, each with its reason. ``undecided`` is what a value
    that is not known yet will decide: nothing of it is reported as a violation, and nothing of it is called sound.
    ``judged`` are the URNs that were looked at; the empty one is the stack's own.
    """

    violations: tuple[Violation, ...] = ()
    excepted: tuple[tuple[Violation, str], ...] = ()
    undecided: tuple[Undecided, ...] = ()
    judged: frozenset[str] = frozenset()


def judge(stack: Stack, guardrails: Iterable[Guardrail] = CATALOGUE) -> Judgement:
    """Every guardrail over the stack, within its limits."""
    violations, excepted, undecided = [], [], []
    for guardrail in guardrails:
        for answer in guardrail.check(stack):
            if not isinstance(answer, Fault):
                undecided.append(_undecided(guardrail, answer))
            elif guardrail.code in stack.limits.exceptions:
                excepted.append((_violation(guardrail, answer), stack.limits.exceptions[guardrail.code]))
            else:
                violations.append(_violation(guardrail, answer))
    return Judgement(
        violations=tuple(violations),
        excepted=tuple(excepted),
        undecided=tuple(undecided),
        judged=frozenset({"", *(resource.urn for resource in stack.resources)}),
    )


def violations(stack: Stack) -> tuple[Violation, ...]:
    """What forbids this stack; empty for a sound one."""
    return judge(stack).violations


def together(*judgements: Judgement) -> Judgement:
    """One judgement of several views of the same stack, such as the engine's preview and a recording.

    A violation in one of them is one, and is told once. Undecided is what nobody who judged the resource could decide:
    a recording knows values that a preview does not. Resources have the same URNs in both.
    """
    violations = {(each.code, each.urn, each.path): each for one in judgements for each in one.violations}
    excepted = {(each.code, each.urn, each.path): (each, why) for one in judgements for each, why in one.excepted}
    undecided = {(each.code, each.urn, each.path): each for one in judgements for each in one.undecided}
    return Judgement(
        violations=tuple(violations.values()),
        excepted=tuple(excepted.values()),
        undecided=tuple(each for each in undecided.values() if not any(_decides(one, each) for one in judgements)),
        judged=frozenset().union(*(one.judged for one in judgements)),
    )


def _decides(judgement: Judgement, asked: Undecided) -> bool:
    still_open = {(each.code, each.urn) for each in judgement.undecided}
    return asked.urn in judgement.judged and (asked.code, asked.urn) not in still_open


def _violation(guardrail: Guardrail, fault: Fault) -> Violation:
    return Violation(
        code=guardrail.code,
        urn=fault.resource.urn if fault.resource else "",
        name=fault.resource.name if fault.resource else "",
        path=fault.path,
        what=fault.what,
        remedy=guardrail.remedy,
    )


def _undecided(guardrail: Guardrail, answer: Answer) -> Undecided:
    urn = answer.resource.urn if answer.resource else ""
    return Undecided(code=guardrail.code, urn=urn, path=answer.path)
