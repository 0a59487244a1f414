"""`ray-platform refresh`."""

from __future__ import annotations

import click

from ray_platform.cli.options import Chosen, common
from ray_platform.cli.session import carried_out, ending, opened
from ray_platform.cli.telling import teller
from ray_platform.pipeline.progress import Progress
from ray_platform.report.words import duration


@click.command()
@common
def refresh(stack: str, simulate: bool, changes: tuple[str, ...], as_json: bool, yes: bool) -> None:
    """Take into the state what the account has now. Changes nothing in the account; `drift` does not even write."""
    chosen, out = Chosen(stack=stack, simulate=simulate, changes=changes), teller(as_json=as_json)
    with ending(out, "refresh", chosen) as told, opened(chosen, create=False) as target:
        ended = carried_out(target.stack.refresh, target.stack, out, Progress({}, [], None))
        # A resource that is gone is told as deleted, without what differs.
        taken = sum(
            change.status == "done" and (bool(change.diff) or change.op == "delete") for change in ended.told.changes
        )
        told |= {"taken": taken, "seconds": round(ended.seconds, 1)}
        out.say(f"refresh of {stack}: {taken} resources differed from the state, in {duration(ended.seconds)}")
