"""`ray-platform drift`."""

from __future__ import annotations

from pathlib import Path

import click

from ray_platform.cli.options import Chosen, Exit, common
from ray_platform.cli.session import INTERRUPTING, Stop, ending, opened
from ray_platform.cli.telling import teller


@click.command()
@common
@click.option(
    "--markdown",
    "markdown_file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Also write the report as Markdown, for an issue.",
)
def drift(
    stack: str, simulate: bool, changes: tuple[str, ...], as_json: bool, yes: bool, markdown_file: Path | None
) -> None:
    """Tell what somebody changed by hand. Writes nothing, neither in the account nor in the state.

    Ends with 3 when there is drift. What the autoscalers, EKS and Ray own is left out; docs/drift.md has the table.
    """
    from ray_platform.pipeline.drift import run_drift

    chosen, out = Chosen(stack=stack, simulate=simulate, changes=changes), teller(as_json=as_json)
    with ending(out, "drift", chosen) as told, opened(chosen, create=False) as target:
        report = run_drift(target.stack, out.fact, interrupted=lambda: out.say(INTERRUPTING))
        told["drift"] = report.as_dict()
        if markdown_file:
            markdown_file.write_text(report.markdown(), encoding="utf-8")
        out.say(report.markdown())
        if not report.complete:
            raise Stop(Exit.FAILED, "Not everything could be read, so that nobody knows whether the rest has drifted.")
        if report.drifted:
            raise Stop(Exit.CHANGES, f"{len(report.items)} resources of {stack} were changed by hand.")
