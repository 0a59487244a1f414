"""The budget that a stack has on request."""

import json

import pytest

from tests.support.graph import Graph
from tests.unit.program.running import program


@pytest.fixture(scope="module")
def watched() -> Graph:
    return program(operations={"budget": {"emails": ["ml@example.com", "boss@example.com"]}})


def test_unasked_there_is_no_budget(default: Graph) -> None:
    assert default.of_type("aws:budgets/budget:Budget") == []
    assert "budget" not in default.outputs["estimatedMonthlyCost"]


def test_the_limit_is_the_ceiling_that_the_stack_tells(watched: Graph) -> None:
    budget, cost = watched.one("aws:budgets/budget:Budget"), watched.outputs["estimatedMonthlyCost"]

    assert (budget.inputs["budgetType"], budget.inputs["timeUnit"]) == ("COST", "MONTHLY")
    assert budget.inputs["limitUnit"] == "USD"
    assert 0 <= float(budget.inputs["limitAmount"]) - cost["maximum"] < 1
    assert cost["budget"]["limitUsd"] == float(budget.inputs["limitAmount"])


def test_people_are_told_when_it_is_spent_and_when_it_is_going_to_be(watched: Graph) -> None:
    notifications = watched.one("aws:budgets/budget:Budget").inputs["notifications"]

    assert {each["notificationType"] for each in notifications} == {"ACTUAL", "FORECASTED"}
    for each in notifications:
        assert (each["comparisonOperator"], each["threshold"], each["thresholdType"]) == (
            "GREATER_THAN",
            100,
            "PERCENTAGE",
        )
        assert each["subscriberEmailAddresses"] == ["ml@example.com", "boss@example.com"]


def test_it_counts_what_bears_both_tags_of_the_stack(watched: Graph) -> None:
    budget = watched.one("aws:budgets/budget:Budget")

    assert budget.inputs["filterExpression"] == {
        "ands": [
            {"tags": {"key": "Project", "values": ["ray-on-eks"]}},
            {"tags": {"key": "Environment", "values": ["test"]}},
        ]
    }
    assert budget.inputs["metrics"] == "UnblendedCost"
    assert "costFilters" not in budget.inputs


def test_the_tags_it_counts_by_are_on_every_resource(watched: Graph) -> None:
    budget, provider = watched.one("aws:budgets/budget:Budget"), watched.one("pulumi:providers:aws")
    tags = json.loads(provider.inputs["defaultTags"])["tags"]

    assert {each["tags"]["key"]: each["tags"]["values"] for each in budget.inputs["filterExpression"]["ands"]} == {
        key: [tags[key]] for key in ("Project", "Environment")
    }
