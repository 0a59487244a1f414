"""One run of a verb on a stack: the stack opened, what happens told, and one end for every way it can end."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

import click

from ray_platform.cli.options import Chosen, Exit, Refused, simulator
from ray_platform.cli.telling import Teller, in_words, is_interactive
from ray_platform.config.problems import ConfigError

if TYPE_CHECKING:
    from pulumi import automation as auto

    from ray_platform.check import Subject
    from ray_platform.config.sections import Settings
    from ray_platform.guardrails.all import Judgement
    from ray_platform.pipeline.operation import Ended, OperationFailed
    from ray_platform.pipeline.planned import Planned
    from ray_platform.pipeline.progress import Progress
    from ray_platform.survey.environment import Environment

INTERRUPTED = "Interrupted. What was under way has been finished and written down; the same command goes on from here."
INTERRUPTING = "Interrupted: the resources under way are being finished, which on AWS can take minutes."


@dataclass(frozen=True, kw_only=True)
class Opened:
    """A stack, the configuration that this run has for it, and the account that may be asked about it."""

    stack: auto.Stack
    subject: Subject
    settings: Settings
    environment: Environment


class Stop(Exception):
    """The end of a verb before its end: how, and the sentences that say why."""

    def __init__(self, exit_code: Exit, *sentences: str) -> None:
        super().__init__("\n".join(sentences))
        self.exit_code, self.sentences = exit_code, sentences


@contextmanager
def ending(teller: Teller, verb: str, chosen: Chosen) -> Iterator[dict[str, Any]]:
    """Whatever happens inside, the run ends with an event ``finished`` and one of the exit codes.

    The mapping takes what else that event tells.
    """
    from pulumi.automation.errors import CommandError

    from ray_platform.pipeline.opening import CannotOpen
    from ray_platform.pipeline.operation import OperationFailed, Told, failure

    told: dict[str, Any] = {}
    code, sentences = Exit.DONE, tuple[str, ...]()
    teller.event("started", verb=verb, stack=chosen.stack, simulated=chosen.simulate)
    try:
        yield told
    except Stop as stop:
        code, sentences = stop.exit_code, stop.sentences
    except click.ClickException as refused:
        code, sentences = Exit(refused.exit_code), (refused.format_message(),)
    except CannotOpen as closed:
        code, sentences = Exit.FAILED, (str(closed),)
    except (OperationFailed, CommandError) as error:
        failed = error if isinstance(error, OperationFailed) else failure(error, Told(), chosen.stack)
        code, sentences = _end_of(failed), tuple(failed.messages)
        if failed.reason == "interrupted":
            sentences = (*sentences, INTERRUPTED)
    for sentence in sentences:
        teller.say(sentence)
    teller.event("finished", verb=verb, stack=chosen.stack, exit_code=int(code), reasons=list(sentences), **told)
    click.get_current_context().exit(code)


def _end_of(failed: OperationFailed) -> Exit:
    if failed.reason == "interrupted":
        return Exit.INTERRUPTED
    if failed.is_protected:
        return Exit.REFUSED
    return Exit.BAD_CONFIG if failed.is_bad_config else Exit.FAILED


@contextmanager
def opened(chosen: Chosen, *, create: bool) -> Iterator[Opened]:
    """The stack, real or simulated. Raises ``Refused`` when its configuration is not valid in itself."""
    from ray_platform.pipeline.command import InterruptibleCommand
    from ray_platform.pipeline.opening import real_stack

    subject = chosen.subject()
    settings = _valid(subject)
    if chosen.simulate:
        open_stack = simulator("simulated-stack")
        with open_stack(subject.project, subject.stack, subject.sections, InterruptibleCommand, create) as simulated:
            stack, account = simulated
            yield Opened(stack=stack, subject=subject, settings=settings, environment=account)
        return
    from ray_platform.survey.aws import AwsEnvironment

    aws = AwsEnvironment.of(subject.project, subject.stack, subject.sections)
    sections = subject.sections if chosen.changes else None
    with real_stack(subject.project, subject.stack, sections, command=InterruptibleCommand(), create=create) as stack:
        yield Opened(stack=stack, subject=subject, settings=settings, environment=aws)


def _valid(subject: Subject) -> Settings:
    from ray_platform.config.load import parse

    settings, problems = parse(subject.sections)
    if settings is None:
        raise Refused(str(ConfigError(problems)))
    return settings


def previewed(stack: auto.Stack, teller: Teller, **options: Any) -> Planned:
    """What an update with these options of the Automation API would do; told as one event."""
    from ray_platform.pipeline.planned import planned

    teller.say(f"Previewing {stack.name} …")
    plan = planned(stack, listener=teller.fact, interrupted=lambda: teller.say(INTERRUPTING), **options)
    teller.event("preview", changes=plan.counts, seconds=round(plan.seconds, 1))
    return plan


def settle_what_is_pending(target: Opened, teller: Teller, answers: Sequence[str]) -> None:
    """Put right what a killed run left. Raises ``Stop`` where that cannot be told; docs/recovery.md says what then.

    ``answers`` are what somebody found out by hand, each as ``URN=ID``.
    """
    from ray_platform.pipeline.recovery import recover

    known = dict((urn, id) for urn, _, id in (each.rpartition("=") for each in answers))
    recovery = recover(target.stack, target.environment.client, teller.say, known)
    if recovery != type(recovery)():
        teller.event(
            "recovered",
            imported=[each.urn for each in recovery.imported],
            cleared=[each.urn for each in recovery.cleared],
            left=[{"urn": each.pending.urn, "why": each.why} for each in recovery.left],
        )
    if recovery.left:
        raise Stop(Exit.FAILED, "Nothing was changed.")


def what_never_comes_right(target: Opened, teller: Teller) -> list[str]:
    """The URNs that the preview and the update are to replace. Tells all that EKS accepted and that does not work."""
    from ray_platform.pipeline.half_made import half_made

    found = half_made(target.stack, target.environment.client, teller.say)
    if found:
        resources = [
            {"urn": each.urn, "status": each.status, "issues": list(each.issues), "replaced": each.is_lost}
            for each in found
        ]
        teller.event("half-made", resources=resources)
    return [each.urn for each in found if each.is_lost]


def carried_out(operation: Any, stack: auto.Stack, teller: Teller, progress: Progress, **options: Any) -> Ended:
    """One operation of the engine with its progress, past the lock of an engine that is gone. Raises
    ``OperationFailed``.
    """
    from ray_platform.pipeline.locks import past_dead_locks
    from ray_platform.pipeline.operation import operate

    def run() -> Ended:
        return operate(operation, stack, listener=teller.fact, interrupted=lambda: teller.say(INTERRUPTING), **options)

    with teller.working(progress):
        return past_dead_locks(stack, teller.say, run)


def summary(verb: str, stack: str, ended: Ended) -> str:
    from ray_platform.report.words import duration

    return f"{verb} of {stack}: {in_words(ended.told.counts('done'))}, in {duration(ended.seconds)}"


def confirm(question: str) -> None:
    """Ask, where somebody is there to answer. Raises ``Stop`` for a no, and where nobody is."""
    if not is_interactive():
        raise Stop(Exit.FAILED, f"{question} Nobody is here to answer: add --yes to go ahead.")
    if not click.confirm(question):
        raise Stop(Exit.FAILED, "Nothing was changed.")


def confirm_name(stack: str, count: int) -> None:
    """Ask for the stack's name. Raises ``Stop`` for another one, and where nobody is there to answer."""
    question = f"This deletes all {count} resources of {stack}, and whatever Ray computed."
    if not is_interactive():
        raise Stop(Exit.FAILED, f"{question} Nobody is here to confirm it: add --yes to go ahead.")
    if click.prompt(f"{question} Type the stack's name to go ahead", default="", show_default=False) != stack:
        raise Stop(Exit.FAILED, "That is another name. Nothing was deleted.")


def stop_what_no_guardrail_lets_pass(plan: Planned, target: Opened, teller: Teller) -> None:
    """Raises ``Stop`` with every invariant of the platform that would not hold; tells what is excepted, each time."""
    judgement = _judged(plan, target)
    for violation, reason in judgement.excepted:
        teller.say(f"Excepted by operations.guardrailExceptions ({reason}): {violation}")
    teller.event(
        "guardrails",
        violations=[each.as_dict() for each in judgement.violations],
        excepted=[each.as_dict() | {"reason": reason} for each, reason in judgement.excepted],
        undecided=len(judgement.undecided),
    )
    if judgement.violations:
        raise Stop(Exit.REFUSED, "Nothing was changed. The platform does not allow:", *map(str, judgement.violations))


def _judged(plan: Planned, target: Opened) -> Judgement:
    """The guardrails on the preview. What only the update would know, a recording of the program knows before."""
    from ray_platform.check import recorded
    from ray_platform.config.network_source import resolved
    from ray_platform.guardrails.all import judge, together
    from ray_platform.guardrails.sources import from_preview, from_recording
    from ray_platform.guardrails.verdict import Limits
    from ray_platform.survey.read import survey

    limits = Limits.of(target.settings)
    seen = judge(from_preview(plan.engine_steps, limits))
    if not seen.undecided:
        return seen
    sections, _ = resolved(target.subject.sections, target.environment.stack_outputs)
    facts = survey(target.environment, sections, today=date.today())
    recording = recorded(replace(target.subject, sections=sections), facts)
    return together(seen, judge(from_recording(recording, limits))) if recording else seen


def stop_what_is_guarded(plan: Planned, allowed: Collection[str]) -> None:
    """Raises ``Stop`` when the plan ends what the rest stands on."""
    from ray_platform.pipeline.guard import refusals

    if refused := refusals(plan.changes, allowed):
        raise Stop(
            Exit.REFUSED,
            "Nothing was changed. What follows is not done unless you name it:",
            *map(str, refused),
        )
