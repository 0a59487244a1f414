"""The HTML report: everything is on it, sums agree, and nothing on it reaches out or becomes markup."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from ray_platform.report.charts import COLOURS, colours, cost_bars, ticks, time_bars
from ray_platform.report.html import render
from ray_platform.report.model import Report
from tests.unit.report.samples import COST, FAULTS, HOSTILE, PICTURE, finding, line, renamed, report


class Page(HTMLParser):
    """What a browser would show and load."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.words = ""
        self._hidden = False
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        self._hidden = tag == "style"

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.words = " ".join([self.words, *data.split()])


def page(told: Report) -> Page:
    return Page(render(told))


def test_each_finding_is_on_it_with_its_severity_in_words() -> None:
    words = page(report(*FAULTS)).words

    for each in FAULTS:
        told = f"{each.severity.capitalize()} {each.where} {each.what} {each.evidence} What mends it: {each.remedy}"
        assert told in words


def test_the_verdict_stands_first_and_a_healthy_stack_has_nothing_to_mend() -> None:
    faulty, healthy = page(report(*FAULTS)), page(report())

    assert faulty.words.index("Do not build the stack dev yet") < faulty.words.index("Findings")
    assert "You can build the stack dev: 41 checks found nothing wrong." in healthy.words
    assert "What mends it" not in healthy.words
    assert ("class", "verdict error") in faulty.attributes and ("class", "verdict clean") in healthy.attributes


def test_a_command_keeps_its_lines() -> None:
    html = render(report(finding(remedy="{\n  'Sid': 'Logs'\n}")))

    assert "<pre>{\n  &#39;Sid&#39;: &#39;Logs&#39;\n}</pre>" in html


def test_every_line_of_the_cost_is_on_it_and_the_sums_are_the_estimates() -> None:
    words = page(report()).words

    for each in COST.lines:
        assert f"{each.what} {each.quantity}" in words
    assert "Total 370 518 3,556" in words
    assert "518 USD from 370 to 3,556" in words
    assert "at the prices of us-east-1 of 2026-07-20 (dated table)" in words
    assert not [assumption for assumption in COST.assumptions if assumption not in words]


def test_the_parts_of_a_bar_are_as_long_as_their_amounts() -> None:
    floor, configured, ceiling = cost_bars(COST)

    assert [bar.total for bar in (floor, configured, ceiling)] == ["370", "518", "3,556"]
    assert sum(part.percent for part in ceiling.parts) == pytest.approx(100, abs=0.05)
    assert sum(part.percent for part in floor.parts) == pytest.approx(100 * COST.floor / COST.ceiling, abs=0.05)
    # A pool of no nodes has no part, and a narrow part no name on it.
    assert [(part.pool, part.label) for part in floor.parts] == [("shared by all", ""), ("cpu", "")]
    assert [part.label for part in ceiling.parts] == ["", "cpu", "gpu"]


def test_a_pool_has_one_colour_in_all_bars_and_its_neighbours_others() -> None:
    paint = colours(COST)

    assert {part.colour for bar in cost_bars(COST) for part in bar.parts if part.pool == "cpu"} == {paint["cpu"]}
    assert len(set(paint.values())) == len(paint) == 3
    many = replace(COST, lines=tuple(line("Nodes", f"pool{number}", "1", 1, 1, 1) for number in range(20)))
    assert set(colours(many).values()) == set(COLOURS)


def test_an_estimate_of_nothing_has_bars_of_nothing() -> None:
    assert [bar.parts for bar in cost_bars(replace(COST, lines=()))] == [(), (), ()]


def test_the_time_line_has_a_bar_for_each_part_that_is_made() -> None:
    bars = {bar.name: bar for bar in time_bars(PICTURE, 927)}

    assert list(bars) == [box.name for box in PICTURE.boxes if box.resources]
    assert bars["Ray cluster"].left + bars["Ray cluster"].percent == pytest.approx(100)
    assert bars["Cluster"].percent == pytest.approx(100 * 619 / 927, abs=0.01)
    assert bars["Cluster"].critical and not bars["Node pool gpu"].critical
    assert bars["Cluster"].label == "0:04\N{EN DASH}10:23, critical"
    assert bars["Cluster"].steps == "control plane 9 min 43 s, kube-proxy 25 s"


def test_the_words_at_a_bar_stand_where_there_is_room() -> None:
    """A part that takes the whole time has no more room on one side; a late one has it before."""
    before = {bar.name: bar.label_before for bar in time_bars(PICTURE, 927)}

    assert not before["Cluster"]
    assert before["Ray cluster"] and before["Node pool gpu"]


@pytest.mark.parametrize(
    ("seconds", "minutes"),
    [
        (0, [0]),
        (90, [0, 1]),
        (927, [0, 2, 4, 6, 8, 10, 12, 14]),
        (3600, [0, 10, 20, 30, 40, 50, 60]),
        (60 * 1000, [0, 100, 200, 300, 400, 500, 600, 700, 800, 900, 1000]),
    ],
)
def test_the_axis_has_as_few_whole_minutes_as_read_well(seconds: float, minutes: list[int]) -> None:
    assert [tick.minutes for tick in ticks(seconds)] == minutes
    assert all(0 <= tick.left <= 100 for tick in ticks(seconds))


def test_the_critical_path_is_told_in_words_beside_its_colour() -> None:
    words = page(report()).words

    assert "Cluster: control plane, 9 min 43 s Node pool cpu: nodes, 2 min 30 s" in words
    assert words.count(", critical") == 4
    assert "15 min 27 s" in words


@pytest.mark.parametrize(
    "told", [report(*FAULTS), report(simulated=True), report(cost=None, timeline=None, picture=None)]
)
def test_it_needs_no_network_no_script_and_no_other_file(told: Report) -> None:
    html = render(told)
    shown = Page(html)

    assert set(re.findall(r"https?://[^\s\"'<]+", html)) <= {
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1999/xlink",
    }
    assert not {"script", "link", "img", "iframe", "object", "image", "use"} & set(shown.tags)
    assert not {"src", "href", "xlink:href", "onload", "onclick"} & {name for name, _ in shown.attributes}
    assert not re.search(r"@import|url\((?!#)", html)
    assert ("content", "default-src 'none'; style-src 'unsafe-inline'") in shown.attributes


def test_what_an_account_holds_stays_text_everywhere() -> None:
    names = [f"{HOSTILE} {number}" for number in range(len(PICTURE.boxes))]
    bad = finding(where=HOSTILE, what=HOSTILE, evidence=HOSTILE, remedy=HOSTILE)
    cost = replace(COST, lines=(line(HOSTILE, HOSTILE, HOSTILE, 1, 1, 1),), assumptions=(HOSTILE,), unpriced=(HOSTILE,))
    clean, hostile = page(report(finding())), page(report(bad, stack=HOSTILE, cost=cost, picture=renamed(names)))

    assert set(hostile.tags) == set(clean.tags)
    assert "alert(1)" not in " ".join(name for name, _ in hostile.attributes)
    assert hostile.words.count('evil"><script>alert(1)</script>') > 20


def test_what_could_not_be_worked_out_is_said_to_be_so() -> None:
    words = page(report(finding(), cost=None, timeline=None, picture=None)).words

    assert words.count("Not known: the program would refuse to run.") == 2
    assert "Not known: what a pool is made of could not be read." in words


def test_a_type_without_a_price_is_named_beside_the_sums() -> None:
    assert "No price is known for x9.huge" in page(report(cost=replace(COST, unpriced=("x9.huge",)))).words


def test_a_simulated_account_is_said_to_be_one() -> None:
    assert "simulated account" in page(report(simulated=True)).words
    assert "simulated account" not in page(report()).words
