"""The report on a terminal; without one the same words without colour."""

from typing import Final

from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from ray_platform.checks.finding import Finding, Severity
from ray_platform.costs.estimate import Amounts, Estimate
from ray_platform.report.model import Report, closing, critical_steps, grouped
from ray_platform.report.words import SHARED, duration, joined, money, printable

STYLES: Final[dict[Severity, str]] = {"error": "bold red", "warning": "bold yellow", "note": "bold cyan"}
INDENT: Final = 4


def show(report: Report, console: Console | None = None) -> None:
    """Findings, cost and time, and a closing line.

    Commands are printed as they are, however long: a line break of ours would be in what is copied.
    """
    console = console or Console()
    account = " (a simulated account)" if report.simulated else ""
    console.print(_text(f"Stack {report.stack} in {report.region}, {report.checked_on}{account}", "bold"))
    for group in grouped(report.findings):
        console.print()
        console.print(_text(group.name, "bold underline"))
        for finding in group.findings:
            _show_finding(finding, console)
    _show_cost(report.cost, console)
    _show_time(report, console)
    console.print()
    console.print(_text(closing(report), STYLES[report.worst] if report.worst else "bold green"))


def _show_finding(finding: Finding, console: Console) -> None:
    console.print()
    head = _text(finding.severity, STYLES[finding.severity]).append(f"  {printable(finding.where)}", "bold")
    console.print(head, soft_wrap=True)
    _show_indented(finding.what, console)
    _show_indented(f"evidence: {finding.evidence}", console)
    _show_indented("remedy:", console)
    for line in finding.remedy.splitlines():
        console.print(_text(" " * (INDENT + 2) + line), soft_wrap=True)


def _show_cost(cost: Estimate | None, console: Console) -> None:
    console.print()
    if cost is None:
        console.print(_text("Cost: not known, for a pool is not", "bold"))
        return
    console.print(_text(f"Cost in {cost.currency} per month", "bold underline"))
    console.print(_cost_table(cost))
    for name in cost.unpriced:
        _show_indented(f"No price is known for {name}: its nodes are not in the sums.", console)
    for each in cost.assumptions:
        _show_indented(each, console, first="- ")


def _cost_table(cost: Estimate) -> Table:
    table = _table("", "floor", "configured", "ceiling")
    for pool, amounts in cost.by_pool().items():
        table.add_row(_text(pool or SHARED), *_amounts(amounts))
    table.add_row("total", *_amounts(cost.total()), style="bold")
    return table


def _table(first: str, *numbers: str) -> Table:
    columns = [Column(first), *(Column(each, justify="right") for each in numbers)]
    return Table(*columns, box=None, padding=(0, 0, 0, 2), header_style="", show_header=any(numbers))


def _amounts(amounts: Amounts) -> list[str]:
    return [money(each) for each in (amounts.floor, amounts.configured, amounts.ceiling)]


def _show_time(report: Report, console: Console) -> None:
    console.print()
    if report.timeline is None or report.picture is None:
        console.print(_text("Time: not known, for the program would refuse to run", "bold"))
        return
    ready = report.timeline.time_to_ready
    console.print(_text(f"Ready about {duration(ready)} after the start of pulumi up", "bold underline"))
    table = _table("", "")
    steps = critical_steps(report.picture)
    for box, step in steps:
        table.add_row(_text(f"{box.name}: {step.label}"), duration(step.seconds))
    if rest := round(ready - sum(step.seconds for _, step in steps)):
        table.add_row("short steps between", duration(rest))
    console.print(table)
    if others := [box.name for box in report.picture.boxes if box.steps and not box.critical]:
        _show_indented(f"Made meanwhile: {joined(others)}.", console)


def _show_indented(text: str, console: Console, *, first: str = "") -> None:
    """Wrapped; ``first`` stands before the first line alone."""
    indent = INDENT + len(first)
    for number, line in enumerate(_text(text).wrap(console, max(console.width - indent, 1))):
        line.rstrip()
        before = " " * INDENT + first if number == 0 else " " * indent
        console.print(Text(before).append_text(line), soft_wrap=True)


def _text(text: str, style: str = "") -> Text:
    """As it is: nothing in it is taken for rich's markup."""
    return Text(printable(text), style=style)
