"""`ray-platform preview`."""

from __future__ import annotations

from pathlib import Path

import click

from ray_platform.cli.options import Chosen, Exit, common
from ray_platform.cli.plan_text import markdown, show
from ray_platform.cli.session import Stop, ending, opened, previewed
from ray_platform.cli.telling import teller


@click.command()
@common
@click.option("--json", "as_json", is_flag=True, help="One event per line (docs/pipelines.md has the schema).")
@click.option("--expect-no-changes", is_flag=True, help="End with 3 when there are changes.")
@click.option(
    "--markdown",
    "markdown_file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Also write the changes as Markdown, for a comment on a pull request.",
)
def preview(
    stack: str,
    simulate: bool,
    changes: tuple[str, ...],
    as_json: bool,
    expect_no_changes: bool,
    markdown_file: Path | None,
) -> None:
    """Tell what `up` would do. Changes nothing."""
    chosen, out = Chosen(stack=stack, simulate=simulate, changes=changes), teller(as_json=as_json)
    with ending(out, "preview", chosen) as told:
        with opened(chosen, create=True) as target:
            plan = previewed(target.stack, out)
        show(plan, out)
        told["changes"] = plan.counts
        if markdown_file:
            markdown_file.write_text(markdown(plan, stack), encoding="utf-8")
        if expect_no_changes and plan.changes:
            raise Stop(Exit.CHANGES, f"{len(plan.changes)} changes, where none were expected.")
