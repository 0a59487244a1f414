"""The report on a terminal: everything is in it, and what is to be copied is whole."""

import io
import re
from dataclasses import replace
from typing import Any

import pytest
from rich.console import Console

from ray_platform.report.model import Report
from ray_platform.report.text import show
from tests.unit.report.samples import COST, FAULTS, HOSTILE, LONG_COMMAND, finding, report

ESCAPE = "\N{ESCAPE}"


def shown(told: Report, *, width: int = 80, terminal: bool = False) -> str:
    file = io.StringIO()
    # What the machine that runs the tests says of its terminal is left out.
    environment = {"TERM": "xterm"}
    show(told, Console(file=file, width=width, force_terminal=terminal, legacy_windows=False, _environ=environment))
    return file.getvalue()


def words(text: str) -> str:
    """Without the line breaks and the indents of a terminal of any width."""
    return " ".join(text.split())


def test_each_finding_is_told_with_where_what_evidence_and_remedy() -> None:
    text = words(shown(report(*FAULTS)))

    for each in FAULTS:
        for told in (f"{each.severity} {each.where}", each.what, f"evidence: {each.evidence}", each.remedy):
            assert told in text


def test_errors_come_first_and_the_last_line_counts_all() -> None:
    text = shown(report(*FAULTS))

    order = [text.index(f"{each}  ") for each in ("error", "warning", "note")]
    assert order == sorted(order)
    assert text.splitlines()[-1] == "2 errors, 1 warning, 1 note: 41 checks"
    assert shown(report()).splitlines()[-1] == "No findings: 41 checks"


@pytest.mark.parametrize("terminal", [True, False])
def test_a_command_is_one_line_however_narrow_the_terminal(terminal: bool) -> None:
    remedy = f"first line\n  {LONG_COMMAND}"
    lines = shown(report(finding(remedy=remedy)), width=40, terminal=terminal).splitlines()

    assert f"      {remedy.splitlines()[0]}" in lines
    assert f"      {remedy.splitlines()[1]}" in lines


def test_what_is_no_command_keeps_to_the_width_and_no_line_ends_in_blanks() -> None:
    lines = shown(report(finding(remedy="x", evidence="some words " * 40)), width=60).splitlines()

    assert max(len(line) for line in lines) <= 60
    assert not [line for line in lines if line != line.rstrip()]


def test_without_a_terminal_there_are_no_colours_and_with_one_there_are() -> None:
    assert ESCAPE not in shown(report(*FAULTS))
    assert ESCAPE in shown(report(*FAULTS), terminal=True)


@pytest.mark.parametrize("field", ["where", "what", "evidence", "remedy"])
def test_what_an_account_holds_is_neither_markup_nor_a_command_to_the_terminal(field: str) -> None:
    hostile: dict[str, Any] = {field: HOSTILE}
    text = shown(report(replace(finding(), **hostile)), width=200)

    assert ESCAPE not in text
    assert "[bold]&amp; " in text


def test_the_cost_is_told_for_each_pool_with_its_prices_and_assumptions() -> None:
    text = shown(report())
    rows = {name: numbers.split() for name, numbers in re.findall(r"^  (\S.*?) +(\S+ +\S+ +\S+)$", text, re.MULTILINE)}

    assert rows["shared by all"] == ["74", "74", "74"]
    assert rows["cpu"] == ["296", "444", "1,482"]
    assert rows["total"] == ["370", "518", "3,556"]
    for each in COST.assumptions:
        assert each in words(text)


def test_a_type_without_a_price_is_named() -> None:
    text = words(shown(report(cost=replace(COST, unpriced=("x9.huge",)))))

    assert "No price is known for x9.huge" in text


def test_the_time_to_ready_is_the_sum_of_the_path_that_is_told() -> None:
    text = words(shown(report()))

    assert "Ready about 15 min 27 s after the start" in text
    assert "Cluster: control plane 9 min 43 s Node pool cpu: nodes 2 min 30 s" in text
    # 927 s less 583, 150, 30 and 120.
    assert "short steps between 44 s" in text
    assert "Made meanwhile: Node pool gpu, DNS and volumes, Cluster autoscaler." in text


def test_what_could_not_be_worked_out_is_said_to_be_so() -> None:
    text = shown(report(finding(), cost=None, timeline=None, picture=None))

    assert "Cost: not known" in text and "Time: not known" in text


def test_a_simulated_account_is_said_to_be_one() -> None:
    assert "simulated" in shown(report(simulated=True)).splitlines()[0]
    assert "simulated" not in shown(report())
