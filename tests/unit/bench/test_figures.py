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
    ("place", "value", "shown", "name"),
    [
        (("program", "preview", "ratio"), 1.4, "1.40", "preview of dev against the floor"),
        (("program", "up", "ratio"), 1.4, "1.40", "up of dev against the floor"),
        (("growth", "preview", "ratios", -1), 1.31, "1.31", "preview of 200 pools against the floor"),
        (("growth", "recorded", "bend"), 1.3, "1.30", "cost of an added pool, far against near"),
        (("sideBySide", "right"), 19, "1.00", "stacks that were not previewed rightly"),
        (("sideBySide", "ratio"), 1.1, "1.10", "20 stacks side by side against one after the other"),
        (("imports", "seconds"), 2.1, "2.10", "seconds of imports"),
    ],
)
def test_each_target_that_is_missed_is_named(place: tuple[str | int, ...], value: float, shown: str, name: str) -> None:
    result = copy.deepcopy(RESULT)
    *sections, key = place
    section: Any = result
    for each in sections:
        section = section[each]
    section[key] = value

    assert missed(result) == [name]
    assert f"| {name} | {shown} **missed** |" in document.tables(result)


def test_stacks_that_went_wrong_are_not_called_right() -> None:
    result = copy.deepcopy(RESULT)
    result["sideBySide"]["right"] = 19

    assert "20 stacks, 4 at a time, 19 of them right |" in document.tables(result)


def later(date: str, **made: Any) -> dict[str, Any]:
    """The committed result as of another day, with the runs before it."""
    result = copy.deepcopy(RESULT)
    result["made"] |= {"date": date, **made}
    result["runs"] = figures.runs(result, copy.deepcopy(RESULT))
    return result


def test_the_committed_result_is_its_own_newest_run() -> None:
    assert RESULT["runs"][-1] == {
        "date": RESULT["made"]["date"],
        "figures": {each.name: each.value for each in figures.targets(RESULT)},
    }


def test_runs_of_the_same_versions_are_kept_the_newest_three() -> None:
    result = RESULT
    for day in range(1, 6):
        after = copy.deepcopy(RESULT)
        after["made"]["date"] = f"2027-01-{day:02}"
        after["runs"] = figures.runs(after, result)
        result = after

    assert [each["date"] for each in result["runs"]] == ["2027-01-03", "2027-01-04", "2027-01-05"]


@pytest.mark.parametrize("made", [{"pulumi": "4.0.0"}, {"cores": 64}, {"rounds": {"program": 1}}])
def test_a_run_of_other_versions_cores_or_rounds_does_not_stand_beside_it(made: dict[str, Any]) -> None:
    assert [each["date"] for each in later("2027-01-01")["runs"]][-2:] == [RESULT["made"]["date"], "2027-01-01"]
    assert [each["date"] for each in later("2027-01-01", **made)["runs"]] == ["2027-01-01"]


def test_a_run_that_was_judged_by_other_targets_does_not_stand_beside_it() -> None:
    earlier = copy.deepcopy(RESULT)
    earlier["runs"] = earlier["runs"][-1:]
    del earlier["runs"][0]["figures"]["seconds of imports"]

    assert [each["date"] for each in figures.runs(later("2027-01-01"), earlier)] == ["2027-01-01"]


def test_each_run_has_a_row_in_which_a_figure_that_missed_is_marked() -> None:
    result = later("2027-01-01")
    result["runs"] = result["runs"][-2:]
    result["runs"][0]["figures"]["up of dev against the floor"] = 1.44
    first, second = [line for line in document.tables(result).splitlines() if line.startswith(("| 1, ", "| 2, "))]

    assert first.startswith(f"| 1, {RESULT['made']['date']} | ") and " | 1.44 **missed** | " in first
    assert second.startswith("| 2, 2027-01-01 | ") and "missed" not in second
    assert first.count("|") == second.count("|") == len(figures.targets(result)) + 2


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
