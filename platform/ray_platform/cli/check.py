"""`ray-platform check`."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import click

from ray_platform.cli.options import Chosen, Exit, common, environment, refusing_bad_config


@click.command()
@common
@click.option(
    "--report",
    "html_file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Also write the report as one HTML file.",
)
@click.option(
    "--assume-spot",
    "spot_share",
    type=click.FloatRange(0, 1, min_open=True),
    default=1.0,
    show_default="1.0, the on-demand price",
    help="Count spot capacity at this share of the on-demand price.",
)
def check(
    stack: str,
    simulate: bool,
    changes: tuple[str, ...],
    as_json: bool,
    yes: bool,
    html_file: Path | None,
    spot_share: float,
) -> None:
    """Tell what would go wrong, what it costs and how long it takes. Reads, and changes nothing.

    Ends with 0 when nothing found would fail, with 1 when something would, with 2 when the configuration is not valid.
    """
    chosen = Chosen(stack=stack, simulate=simulate, changes=changes)
    subject = chosen.subject()
    from ray_platform.check import check as run
    from ray_platform.report import as_json as json_report
    from ray_platform.report import text

    with refusing_bad_config(), environment(subject, chosen) as asked:
        report = run(subject, asked, today=date.today(), simulated=simulate, spot_share=spot_share)
    if html_file:
        from ray_platform.report import html

        html_file.write_text(html.render(report), encoding="utf-8")
    if as_json:
        click.echo(json_report.render(report))
    else:
        text.show(report)
        if html_file:
            click.echo(f"The report: {html_file}")
    sys.exit(Exit.FAILED if report.worst == "error" else Exit.DONE)
