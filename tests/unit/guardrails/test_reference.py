"""docs/guardrails.md has the guardrails of today."""

import pytest

from ray_platform.guardrails.all import CATALOGUE
from ray_platform.guardrails.reference import PART, markdown
from tests.unit.checks.cases import ROOT


def test_the_document_is_as_the_guardrails_would_write_it() -> None:
    text = (ROOT / PART.document).read_text(encoding="utf-8")

    assert text == PART.put(text, markdown()), "run: .venv/bin/python -m ray_platform.guardrails.reference --write"


def test_the_table_has_a_row_for_each_guardrail() -> None:
    rows = [line for line in markdown().splitlines() if line.startswith("| `")]

    assert [row.split("`")[1] for row in rows] == [each.code for each in CATALOGUE]


def test_a_document_without_the_marks_is_refused() -> None:
    with pytest.raises(ValueError, match=r"docs/guardrails\.md lacks"):
        PART.put("nothing", markdown())
