"""AWS Budgets: cost budgets with their notifications. moto keeps no tags and changes nothing: both are done here."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from simulator.account.resource import Refusal
from simulator.aws.base import AwsType, arn, error_code, known, tag_outputs, wanted_tags

if TYPE_CHECKING:
    from simulator.account import Account

NAME = re.compile(r"[^:\\]{1,100}")
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
EMAILS_MAX = 10
NOTIFICATIONS_MAX = 10
TIME_UNITS = ("DAILY", "MONTHLY", "QUARTERLY", "ANNUALLY", "CUSTOM")
CHOICES = {
    "notificationType": ("ACTUAL", "FORECASTED"),
    "comparisonOperator": ("GREATER_THAN", "LESS_THAN", "EQUAL_TO"),
    "thresholdType": ("PERCENTAGE", "ABSOLUTE_VALUE"),
}
# The words of pulumi-aws in a filter expression -> those of the API.
EXPRESSION = {
    "ands": "And",
    "ors": "Or",
    "not": "Not",
    "tags": "Tags",
    "dimensions": "Dimensions",
    "costCategories": "CostCategories",
    "key": "Key",
    "values": "Values",
    "matchOptions": "MatchOptions",
}
UNMODELLED = ("accountId", "autoAdjustData", "billingViewArn", "plannedLimits", "timePeriodStart", "timePeriodEnd")


class Budget(AwsType):
    token = "aws:budgets/budget:Budget"
    replace_on = frozenset({"name", "namePrefix"})
    name_property = "name"
    name_max_length = 100
    computed = AwsType.computed | {"accountId"}

    def check(self, account: Account, inputs: dict[str, Any]) -> list[tuple[str, str]]:
        found = [
            (key, "the simulator does not model this part of a budget")
            for key in UNMODELLED
            if inputs.get(key) is not None
        ]
        if known(name := inputs.get("name")) and not NAME.fullmatch(name):
            found.append(("name", f"{name!r} must be 1 to 100 characters without : and \\"))
        if inputs["budgetType"] != "COST":
            found.append(("budgetType", "the simulator plays budgets of costs only"))
        if known(unit := inputs["timeUnit"]) and unit not in TIME_UNITS:
            found.append(("timeUnit", f"expected to be one of {list(TIME_UNITS)}, got {unit}"))
        if known(amount := inputs.get("limitAmount")) and _number(amount) is None:
            found.append(("limitAmount", f"{amount!r} is not a number"))
        return [*found, *_filter_problems(inputs), *_notification_problems(inputs)]

    def enforce(self, account: Account, inputs: dict[str, Any]) -> None:
        if _number(inputs.get("limitAmount") or "") in (None, Decimal(0)):
            raise Refusal("InvalidParameterException", "Budget limit must be greater than zero.")
        notifications = inputs.get("notifications") or []
        if len(notifications) > NOTIFICATIONS_MAX:
            raise Refusal("CreationLimitExceededException", f"A budget has at most {NOTIFICATIONS_MAX} notifications.")
        told = [(each["notificationType"], each["comparisonOperator"], each["threshold"]) for each in notifications]
        if len(set(told)) < len(told):
            raise Refusal("DuplicateRecordException", "The notification already exists.")
        for each in notifications:
            _refuse_subscribers(each)

    def make(self, account: Account, inputs: dict[str, Any], outputs: dict[str, Any]) -> str:
        name = str(inputs["name"])
        account.client("budgets").create_budget(
            AccountId=account.account_id,
            Budget=_budget(inputs, name),
            NotificationsWithSubscribers=[_notification(each) for each in inputs.get("notifications") or []],
        )
        return f"{account.account_id}:{name}"

    def describe(
        self, account: Account, id: str, inputs: dict[str, Any], outputs: dict[str, Any]
    ) -> dict[str, Any] | None:
        name = id.partition(":")[2]
        try:
            answer = account.client("budgets").describe_budget(AccountId=account.account_id, BudgetName=name)
        except ClientError as error:
            if error_code(error) == "NotFoundException":
                return None
            raise
        budget = answer["Budget"]
        limit, wanted = budget["BudgetLimit"], inputs.get("limitAmount")
        return {
            "accountId": account.account_id,
            "arn": arn(account, "budgets", f"budget/{name}", regional=False),
            "name": name,
            "budgetType": budget["BudgetType"],
            "timeUnit": budget["TimeUnit"],
            "limitAmount": wanted if _number(wanted or "") == _number(limit["Amount"]) else limit["Amount"],
            "limitUnit": limit["Unit"],
            "metrics": (budget.get("Metrics") or [None])[0],
            "filterExpression": inputs.get("filterExpression"),
            "costFilters": inputs.get("costFilters"),
            "notifications": inputs.get("notifications"),
            **tag_outputs(inputs, wanted_tags(inputs)),
        }

    def update(
        self, account: Account, id: str, old: dict[str, Any], new: dict[str, Any], outputs: dict[str, Any]
    ) -> dict[str, Any]:
        self.enforce(account, new)
        self.delete(account, id, old, outputs)
        self.make(account, {**new, "name": id.partition(":")[2]}, outputs)
        return self.now(account, id, new, outputs)

    def delete(self, account: Account, id: str, inputs: dict[str, Any], outputs: dict[str, Any]) -> None:
        name = id.partition(":")[2]
        account.client("budgets").delete_budget(AccountId=account.account_id, BudgetName=name)


def _filter_problems(inputs: dict[str, Any]) -> list[tuple[str, str]]:
    """As pulumi-aws: the older and the newer way of a filter exclude each other, the newer is of two properties."""
    expression, metrics = inputs.get("filterExpression"), inputs.get("metrics")
    found = []
    if (expression is None) != (metrics is None):
        found.append(("filterExpression", "all of `filterExpression,metrics` must be specified"))
    if expression is not None and inputs.get("costFilters"):
        found.append(("filterExpression", "conflicts with costFilters"))
    if metrics is not None and inputs.get("costTypes"):
        found.append(("metrics", "conflicts with costTypes"))
    return found


def _notification_problems(inputs: dict[str, Any]) -> list[tuple[str, str]]:
    return [
        (f"notifications[{index}].{key}", f"expected {key} to be one of {list(choices)}, got {each[key]}")
        for index, each in enumerate(inputs.get("notifications") or [])
        for key, choices in CHOICES.items()
        if known(each[key]) and each[key] not in choices
    ]


def _refuse_subscribers(notification: dict[str, Any]) -> None:
    emails = notification.get("subscriberEmailAddresses") or []
    if not emails and not notification.get("subscriberSnsTopicArns"):
        raise Refusal("InvalidParameterException", "A notification needs at least one subscriber.")
    if len(emails) > EMAILS_MAX:
        raise Refusal("CreationLimitExceededException", f"A notification has at most {EMAILS_MAX} e-mail subscribers.")
    for address in emails:
        if not EMAIL.fullmatch(address):
            raise Refusal("InvalidParameterException", f"Invalid email address: {address}")


def _number(text: str) -> Decimal | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() and number >= 0 else None


def _budget(inputs: dict[str, Any], name: str) -> dict[str, Any]:
    wanted = {
        "BudgetName": name,
        "BudgetType": inputs["budgetType"],
        "TimeUnit": inputs["timeUnit"],
        "BudgetLimit": {"Amount": inputs["limitAmount"], "Unit": inputs.get("limitUnit") or "USD"},
        "CostFilters": {each["name"]: each["values"] for each in inputs.get("costFilters") or []},
        "FilterExpression": _expression(inputs.get("filterExpression")),
        "Metrics": [inputs["metrics"]] if inputs.get("metrics") else [],
    }
    return {key: value for key, value in wanted.items() if value}


def _expression(given: Any) -> Any:
    if isinstance(given, dict):
        return {EXPRESSION[key]: _expression(value) for key, value in given.items()}
    return [_expression(each) for each in given] if isinstance(given, list) else given


def _notification(given: dict[str, Any]) -> dict[str, Any]:
    kinds = (("EMAIL", "subscriberEmailAddresses"), ("SNS", "subscriberSnsTopicArns"))
    return {
        "Notification": {
            "NotificationType": given["notificationType"],
            "ComparisonOperator": given["comparisonOperator"],
            "Threshold": given["threshold"],
            "ThresholdType": given["thresholdType"],
        },
        "Subscribers": [
            {"SubscriptionType": kind, "Address": address} for kind, key in kinds for address in given.get(key) or []
        ],
    }
