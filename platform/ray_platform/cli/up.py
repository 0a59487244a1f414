"""`ray-platform up`."""

from __future__ import annotations

import time

import click

from ray_platform.cli.options import Chosen, common, pending
from ray_platform.cli.plan_text import show
from ray_platform.cli.session import (
    carried_out,
    confirm,
    ending,
    opened,
    previewed,
    settle_what_is_pending,
    stop_what_is_guarded,
    stop_what_no_guardrail_lets_pass,
    summary,
    what_never_comes_right,
)
from ray_platform.cli.show_outputs import plain
from ray_platform.cli.telling import teller
from ray_platform.pipeline.progress import Progress


@click.command()
@common
@click.option(
    "--allow-replace",
    "allowed",
    multiple=True,
    metavar="URN",
    help="Let this guarded resource be replaced or deleted, unless it is protected as well. Repeat for more.",
)
@pending
def up(
    stack: str,
    simulate: bool,
    changes: tuple[str, ...],
    as_json: bool,
    yes: bool,
    allowed: tuple[str, ...],
    answers: tuple[str, ...],
) -> None:
    """Bring the stack up, or up to date. Shows the changes first.

    Stops with 4 where the control plane, its key, the OIDC provider or anything protected would be replaced or deleted,
    or where a guardrail of the platform would not hold.
    """
    chosen, out = Chosen(stack=stack, simulate=simulate, changes=changes), teller(as_json=as_json)
    with ending(out, "up", chosen) as told, opened(chosen, create=True) as target:
        settle_what_is_pending(target, out, answers)
        lost = what_never_comes_right(target, out)
        plan = previewed(target.stack, out, replace=lost)
        show(plan, out)
        stop_what_is_guarded(plan, allowed)
        stop_what_no_guardrail_lets_pass(plan, target, out)
        if plan.changes and not yes:
            confirm(f"Make these {len(plan.changes)} changes to {stack}?")
        progress = Progress(plan.components, plan.changes, plan.expected)
        started = time.monotonic()
        ended = carried_out(target.stack.up, target.stack, out, progress, replace=lost)
        told |= {
            "changes": ended.told.counts("done"),
            "seconds": round(time.monotonic() - started, 1),
            "outputs": plain(ended.result.outputs),
        }
        out.say(summary("up", stack, ended))
