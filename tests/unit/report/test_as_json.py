"""The JSON document: what pipelines read, as docs/check.md describes it."""

import json
import re

from ray_platform.report.as_json import document, render
from tests.unit.report.samples import COST, EXAMPLE, FAULTS, HOSTILE, PICTURE, finding, report
from tools.bootstrap.steps import ROOT

DOCUMENT = ROOT / "docs" / "check.md"


def test_every_finding_is_in_it_with_every_field() -> None:
    told = json.loads(render(report(*FAULTS)))

    assert told["findings"] == [each.as_dict() for each in FAULTS]
    assert told["counts"] == {"error": 2, "warning": 1, "note": 1}


def test_hostile_text_comes_back_as_it_was() -> None:
    assert json.loads(render(report(finding(what=HOSTILE))))["findings"][0]["what"] == HOSTILE


def test_the_sums_are_those_of_the_lines() -> None:
    cost = document(report())["cost"]

    for size in ("floor", "configured", "ceiling"):
        assert cost[size] == round(sum(line[size] for line in cost["lines"]), 2) == getattr(COST, size)


def test_a_part_that_could_not_be_worked_out_is_null_and_its_key_stays() -> None:
    bare = document(report(finding(), cost=None, timeline=None, picture=None))

    assert bare.keys() == document(report()).keys()
    assert [bare[key] for key in ("cost", "time", "picture")] == [None, None, None]


def test_the_picture_is_in_it_whole() -> None:
    told = document(report())["picture"]

    assert [box["name"] for box in told["boxes"]] == [box.name for box in PICTURE.boxes]
    assert [(each["before"], each["after"], each["critical"]) for each in told["arrows"]] == [
        (each.before, each.after, each.critical) for each in PICTURE.arrows
    ]


def test_the_example_in_the_documentation_is_what_the_code_writes() -> None:
    (shown,) = re.findall(r"^```json\n(.*?)^```", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)

    assert shown == render(EXAMPLE) + "\n"


def test_the_documentation_names_every_key_of_the_document() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")

    assert not [key for key in document(EXAMPLE) if f"| `{key}` |" not in text]
