"""`ray-platform preview`."""

from __future__ import annotations

from pathlib import Path

import click

from ray_platform.cli.options import Chosen, Exit, common_or_all, project_here
from ray_platform.cli.plan_text import markdown, show
from ray_platform.cli.preview_all import preview_all
from ray_platform.cli.session import Stop, ending, opened, previewed, what_never_comes_right
from ray_platform.cli.telling import teller
from ray_platform.config.stack_file import stacks


@click.command()
@common_or_all
@click.option("--expect-no-changes", is_flag=True, help="End with 3 when there are changes.")
@click.option(
    "--markdown",
    "markdown_file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Also write the changes as Markdown, for a comment on a pull request.",
)
def preview(
    stack: str | None,
    all_stacks: bool,
    parallel: int,
    simulate: bool,
    changes: tuple[str, ...],
    as_json: bool,
    yes: bool,
    expect_no_changes: bool,
    markdown_file: Path | None,
) -> None:
    """Tell what `up` would do. Changes nothing."""
    if (stack is None) is not all_stacks:
        raise click.UsageError("Name one stack (--stack), or take --all.")
    if stack is not None:
        chosen = Chosen(stack=stack, simulate=simulate, changes=changes)
        _preview_one(chosen, as_json, expect_no_changes, markdown_file)
        return
    if markdown_file:
        raise click.UsageError("--markdown is for one stack: name it (--stack).")
    flags = {"--simulate": simulate, "--json": as_json, "--expect-no-changes": expect_no_changes}
    options = [flag for flag, given in flags.items() if given] + [f"--config={change}" for change in changes]
    click.get_current_context().exit(preview_all(stacks(project_here()), options, as_json=as_json, parallel=parallel))


def _preview_one(chosen: Chosen, as_json: bool, expect_no_changes: bool, markdown_file: Path | None) -> None:
    out = teller(as_json=as_json)
    with ending(out, "preview", chosen) as told:
        with opened(chosen, create=True) as target:
            plan = previewed(target.stack, out, replace=what_never_comes_right(target, out))
        show(plan, out)
        told["changes"] = plan.counts
        if markdown_file:
            markdown_file.write_text(markdown(plan, chosen.stack), encoding="utf-8")
        if expect_no_changes and plan.changes:
            raise Stop(Exit.CHANGES, f"{len(plan.changes)} changes, where none were expected.")
