"""The report as one HTML file for people who were not there: it needs no network, no script and no other file."""

from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from ray_platform.report.charts import colours, cost_bars, ticks, time_bars
from ray_platform.report.model import SEVERITIES, Report, closing, critical_steps, grouped, verdict
from ray_platform.report.svg import CRITICAL, inline
from ray_platform.report.words import SHARED, clock, count, duration, money, printable


def _finalize(value: object) -> object:
    return printable(value) if isinstance(value, str) and not isinstance(value, Markup) else value


_TEMPLATES: Final = Environment(
    loader=PackageLoader("ray_platform.report"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
    undefined=StrictUndefined,
    finalize=_finalize,
)
_TEMPLATES.filters.update(duration=duration, clock=clock, money=money)


def render(report: Report) -> str:
    """The whole page. Whatever the report holds is text on it: names from an account cannot become markup."""
    cost, timeline, picture = report.cost, report.timeline, report.picture
    ready = timeline.time_to_ready if timeline else 0.0
    return _TEMPLATES.get_template("report.html.jinja").render(
        report=report,
        verdict=verdict(report),
        closing=closing(report),
        found=[count(number, each) for each in SEVERITIES if (number := report.count(each))],
        groups=grouped(report.findings),
        cost=cost,
        cost_bars=cost_bars(cost) if cost else [],
        colours=colours(cost) if cost else {},
        shared=SHARED,
        ready=ready,
        picture=picture,
        drawing=Markup(inline(picture)) if picture else None,
        critical_steps=critical_steps(picture) if picture else [],
        resources=sum(box.resources for box in picture.boxes) if picture else 0,
        time_bars=time_bars(picture, ready) if picture else [],
        ticks=ticks(ready),
        critical=CRITICAL,
    )
