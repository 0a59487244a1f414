"""`ray-platform graph`."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ray_platform.cli.options import Chosen, Exit, common, environment, refusing_bad_config

if TYPE_CHECKING:
    from ray_platform.report.model import Report

FORMATS = (".svg", ".mmd", ".html")


@click.command()
@common
@click.option(
    "-o",
    "--output",
    "outputs",
    type=click.Path(dir_okay=False, path_type=Path),
    multiple=True,
    help="Where to write it: FILE.svg, FILE.mmd (Mermaid) or FILE.html (the whole report). Repeat for more. "
    "[default: STACK.svg]",
)
def graph(
    stack: str, simulate: bool, changes: tuple[str, ...], as_json: bool, yes: bool, outputs: tuple[Path, ...]
) -> None:
    """Draw the stack: its components, who waits for whom, and the path that decides the time until Ray is ready."""
    files = outputs or (Path(f"{stack}.svg"),)
    if strange := [file for file in files if file.suffix not in FORMATS]:
        raise click.BadParameter(f"{strange[0]}: a name that ends in {', '.join(FORMATS)}", param_hint="--output")
    chosen = Chosen(stack=stack, simulate=simulate, changes=changes)
    subject = chosen.subject()
    from ray_platform.check import check as run
    from ray_platform.report import as_json as json_report
    from ray_platform.report import mermaid, svg

    # The whole report alone tells what it costs.
    whole = any(file.suffix == ".html" for file in files)
    with refusing_bad_config(), environment(subject, chosen) as asked:
        report = run(subject, asked, today=date.today(), simulated=simulate, priced=whole)
    if report.picture is None:
        refusals = "; ".join(f"{each.evidence}: {each.what}" for each in report.findings if each.severity == "error")
        raise click.ClickException(f"The program would not run, so there is nothing to draw. {refusals}")
    for file in files:
        drawn = {".svg": svg.render, ".mmd": mermaid.render}
        text = _whole(report) if file.suffix == ".html" else drawn[file.suffix](report.picture)
        file.write_text(text, encoding="utf-8")
        if not as_json:
            click.echo(f"{file}")
    if as_json:
        click.echo(json_report.render_picture(report, [str(file) for file in files]))
    click.get_current_context().exit(Exit.DONE)


def _whole(report: Report) -> str:
    from ray_platform.report import html

    return html.render(report)
