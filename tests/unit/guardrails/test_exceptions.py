"""What a stack's configuration may say of the guardrails."""

from typing import Any

import pytest

from ray_platform.config.load import parse
from ray_platform.config.stack_file import read_sections
from tests.unit.checks.cases import ROOT


def parsed(**operations: Any) -> tuple[Any, list[str]]:
    settings, problems = parse({**read_sections(ROOT, "dev"), "operations": operations})
    return settings and settings.operations, [f"{each.path}: {each.rule} {each.remedy}" for each in problems]


def test_nothing_is_excepted_and_no_cost_is_limited_unless_somebody_says_so() -> None:
    operations, _ = parsed()

    assert (operations.cost_limit_usd, operations.guardrail_exceptions) == (None, {})


def test_an_exception_has_the_code_of_a_guardrail_and_a_reason() -> None:
    operations, problems = parsed(guardrailExceptions={"log-types": "a stack for trials"}, costLimitUsd=900)

    assert (operations.guardrail_exceptions, problems) == ({"log-types": "a stack for trials"}, [])
    assert operations.cost_limit_usd == 900


@pytest.mark.parametrize(
    ("operations", "words"),
    [
        ({"guardrailExceptions": {"log-type": "a trial"}}, ["guardrailExceptions.log-type", "imds", "Rename the key."]),
        ({"guardrailExceptions": {"imds": "  "}}, ["guardrailExceptions.imds", "a reason", "Say why"]),
        ({"costLimitUsd": 0}, ["costLimitUsd", "a number from 1 to 10000000000"]),
    ],
)
def test_anything_else_is_refused(operations: dict[str, Any], words: list[str]) -> None:
    settings, (problem,) = parsed(**operations)

    assert settings is None
    assert [word for word in words if word not in problem] == []
