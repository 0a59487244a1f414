"""Budgets, and what AWS and pulumi-aws refuse of them."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.account.moto_cloud import ClientError
from simulator.account.resource import Refusal
from tests.simulator.aws_by_hand import ByHand, Rejected

ID = "123456789012:ray"
BY_TAG: dict[str, Any] = {
    "ands": [
        {"tags": {"key": "Project", "values": ["ray-on-eks"]}},
        {"tags": {"key": "Environment", "values": ["dev"]}},
    ]
}


def notification(**changes: Any) -> dict[str, Any]:
    return {
        "notificationType": "ACTUAL",
        "comparisonOperator": "GREATER_THAN",
        "threshold": 100.0,
        "thresholdType": "PERCENTAGE",
        "subscriberEmailAddresses": ["ml@example.com"],
        **changes,
    }


def budget(**changes: Any) -> dict[str, Any]:
    """The inputs of a sound budget, some of them changed."""
    return {
        "name": "ray",
        "budgetType": "COST",
        "timeUnit": "MONTHLY",
        "limitAmount": "3959.00",
        "limitUnit": "USD",
        "filterExpression": BY_TAG,
        "metrics": "UnblendedCost",
        "notifications": [notification(), notification(notificationType="FORECASTED")],
        "tagsAll": {"Project": "ray-on-eks"},
        **changes,
    }


def in_aws(hand: ByHand) -> dict[str, Any]:
    answer = hand.account.client("budgets").describe_budget(AccountId="123456789012", BudgetName="ray")
    return dict(answer["Budget"])


def test_a_budget_is_made_as_asked_for(hand: ByHand) -> None:
    made = hand.make("Budget", **budget())

    assert made.id == ID
    assert made.outputs["arn"] == "arn:aws:budgets::123456789012:budget/ray"
    assert (made.outputs["limitAmount"], made.outputs["tagsAll"]) == ("3959.00", {"Project": "ray-on-eks"})
    assert in_aws(hand)["BudgetLimit"] == {"Amount": "3959.00", "Unit": "USD"}
    assert in_aws(hand)["FilterExpression"]["And"][1] == {"Tags": {"Key": "Environment", "Values": ["dev"]}}
    found = hand.account.client("budgets").describe_notifications_for_budget(AccountId="123456789012", BudgetName="ray")
    assert {each["NotificationType"] for each in found["Notifications"]} == {"ACTUAL", "FORECASTED"}


def test_a_changed_limit_and_changed_people_are_taken(hand: ByHand) -> None:
    hand.make("Budget", **budget())
    changed = [notification(subscriberEmailAddresses=["boss@example.com"])]
    outputs = hand.update("Budget", ID, limitAmount="500", notifications=changed)

    assert (outputs["limitAmount"], outputs["notifications"]) == ("500", changed)
    assert in_aws(hand)["BudgetLimit"]["Amount"] == "500"


def test_a_limit_that_was_changed_by_hand_is_seen(hand: ByHand) -> None:
    hand.make("Budget", **budget())
    client = hand.account.client("budgets")
    client.delete_budget(AccountId="123456789012", BudgetName="ray")
    plain = {"BudgetName": "ray", "BudgetType": "COST", "TimeUnit": "MONTHLY"}
    client.create_budget(AccountId="123456789012", Budget={**plain, "BudgetLimit": {"Amount": "9", "Unit": "USD"}})
    found = hand.read("Budget", ID)

    assert found is not None
    assert found[0]["limitAmount"] == "9"


def test_the_same_limit_in_other_digits_is_no_change(hand: ByHand) -> None:
    hand.make("Budget", **budget(limitAmount="500"))
    client = hand.account.client("budgets")
    client.delete_budget(AccountId="123456789012", BudgetName="ray")
    plain = {"BudgetName": "ray", "BudgetType": "COST", "TimeUnit": "MONTHLY"}
    client.create_budget(AccountId="123456789012", Budget={**plain, "BudgetLimit": {"Amount": "500.0", "Unit": "USD"}})
    found = hand.read("Budget", ID)

    assert found is not None
    assert found[0]["limitAmount"] == "500"


def test_a_budget_outlives_the_simulator_and_is_gone_when_deleted(hand: ByHand) -> None:
    before = hand.make("Budget", **budget())
    hand.account.path.write_text(hand.account.path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    hand.account.reload_if_edited()
    found = hand.read("Budget", ID)

    assert found is not None
    assert found[1].outputs == before.outputs
    hand.delete("Budget", ID)
    assert hand.read("Budget", ID) is None


def test_a_second_budget_of_a_name_is_refused(hand: ByHand) -> None:
    hand.make("Budget", **budget())
    with pytest.raises(ClientError, match="DuplicateRecordException"):
        hand.make("Budget", **budget())


@pytest.mark.parametrize(
    ("changes", "blamed"),
    [
        ({"name": "r" * 101}, "name"),
        ({"name": "ray:dev"}, "name"),
        ({"timeUnit": "WEEKLY"}, "timeUnit"),
        ({"limitAmount": "much"}, "limitAmount"),
        ({"limitAmount": "-1"}, "limitAmount"),
        ({"budgetType": "USAGE"}, "budgetType"),
        ({"metrics": None}, "filterExpression"),
        ({"filterExpression": None}, "filterExpression"),
        ({"costFilters": [{"name": "TagKeyValue", "values": ["user:a$b"]}]}, "costFilters"),
        ({"costTypes": {"includeTax": True}}, "metrics"),
        ({"notifications": [notification(notificationType="PLANNED")]}, r"notifications\[0\].notificationType"),
        ({"autoAdjustData": {"autoAdjustType": "FORECAST"}}, "autoAdjustData"),
    ],
)
def test_what_the_provider_does_not_take_is_rejected_at_preview(
    hand: ByHand, changes: dict[str, Any], blamed: str
) -> None:
    with pytest.raises(Rejected, match=blamed):
        hand.make("Budget", **budget(**changes))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"limitAmount": "0"}, "greater than zero"),
        ({"notifications": [notification(), notification()]}, "DuplicateRecordException"),
        ({"notifications": [notification(threshold=float(each)) for each in range(11)]}, "at most 10 notifications"),
        ({"notifications": [notification(subscriberEmailAddresses=[])]}, "at least one subscriber"),
        ({"notifications": [notification(subscriberEmailAddresses=["ml"])]}, "Invalid email address: ml"),
        (
            {"notifications": [notification(subscriberEmailAddresses=[f"a{each}@example.com" for each in range(11)])]},
            "at most 10 e-mail",
        ),
    ],
)
def test_what_aws_does_not_take_is_refused(hand: ByHand, changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(Refusal, match=reason):
        hand.make("Budget", **budget(**changes))
