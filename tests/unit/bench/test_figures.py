"""The arithmetic of the bench, and the document that it writes."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from tools.bench import chart, document, figures

ROOT = Path(__file__).parents[3]
RESULT: dict[str, Any] = json.loads((ROOT / "docs" / "performance.json").read_text(encoding="utf-8"))
POOLS = (1, 25, 50, 100, 200)


def missed(result: dict[str, Any]) -> list[str]:
    return [target.name for target in figures.targets(result) if not target.met]


def test_the_ratio_is_the_median_of_the_rounds_and_not_of_the_sides() -> None:
    assert figures.ratio([2.0, 40.0, 3.0], [1.0, 10.0, 3.0]) == 2.0


def test_a_straight_line_does_not_bend_whatever_it_starts_with() -> None:
    assert figures.bend(POOLS, [7 + 0.5 * each for each in POOLS]) == pytest.approx(1)


def test_a_cost_that_grows_with_the_number_of_pools_is_seen() -> None:
    assert figures.bend(POOLS, [7 + 0.5 * each + 0.001 * each**2 for each in POOLS]) > figures.BEND_AT_MOST


def test_a_target_is_met_up_to_its_bound() -> None:
    assert figures.Target(name="any", value=1.3, at_most=1.3).met
    assert not figures.Target(name="any", value=1.31, at_most=1.3).met


def test_the_committed_result_meets_every_target() -> None:
    assert missed(RESULT) == []


@pytest.mark.parametrize(
    ("path", "value", "name"),
    [
        ("program/preview/ratio", 1.4, "preview of dev against the floor"),
        ("program/up/ratio", 1.4, "up of dev against the floor"),
        ("growth/recorded/bend", 1.3, "cost of an added pool, far against near"),
        ("sideBySide/right", 19, "stacks that were not previewed rightly"),
        ("sideBySide/ratio", 1.1, "20 stacks side by side against one after the other"),
        ("imports/seconds", 2.1, "seconds of imports"),
    ],
)
def test_each_target_that_is_missed_is_named(path: str, value: float, name: str) -> None:
    result = copy.deepcopy(RESULT)
    *sections, key = path.split("/")
    section = result
    for each in sections:
        section = section[each]
    section[key] = value

    assert missed(result) == [name]
    assert f"| {name} | {value if name != 'stacks that were not previewed rightly' else 1:.2f} **missed** |" in (
        document.tables(result)
    )


def test_the_document_and_the_chart_are_those_of_the_committed_result() -> None:
    text = (ROOT / document.PART.document).read_text(encoding="utf-8")

    assert document.PART.put(text, document.tables(RESULT)) == text
    assert (ROOT / "docs" / "performance.svg").read_text(encoding="utf-8") == chart.render(RESULT)


def test_the_chart_has_a_point_for_each_size_in_each_line() -> None:
    svg = "{http://www.w3.org/2000/svg}"
    circles = list(ElementTree.fromstring(chart.render(RESULT)).iter(f"{svg}circle"))

    assert len(circles) == 3 * len(RESULT["growth"]["pools"])
    assert all(
        0 <= float(each.attrib["cx"]) <= chart.WIDTH and 0 <= float(each.attrib["cy"]) <= chart.HEIGHT
        for each in circles
    )


@pytest.mark.parametrize(("most", "step"), [(0.5, 1), (7.9, 1), (8.1, 2), (22, 5), (900, 200)])
def test_the_grid_has_few_lines(most: float, step: int) -> None:
    assert chart.tick_step(most) == step
