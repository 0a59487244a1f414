"""The budget of a stack: mail to people when a month costs too much, or is going to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import pulumi
import pulumi_aws as aws

from ray_platform import naming
from ray_platform.config.node_pools import ResolvedPool
from ray_platform.config.sections import Settings
from ray_platform.costs.budget import BudgetPlan, budget_plan

# What was spent, and what AWS expects to be spent by the end of the month.
NOTIFICATIONS = ("ACTUAL", "FORECASTED")


@dataclass(frozen=True, kw_only=True)
class BudgetArgs:
    """``tags`` are those on every resource of the stack. ``on`` is the day whose prices make the limit."""

    settings: Settings
    pools: Sequence[ResolvedPool]
    tags: Mapping[str, str]
    on: date = field(default_factory=date.today)


class Budget(pulumi.ComponentResource):
    """A monthly cost budget with two alarms at its limit; ``budget`` is None when nobody is to be told."""

    budget: aws.budgets.Budget | None

    def __init__(self, name: str, args: BudgetArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("ray-platform:components:Budget", naming.resource(name, "budget"), {}, opts)
        self._name, self._args = name, args
        plan = budget_plan(args.settings, args.pools, args.tags, on=args.on)
        self.budget = self._create_budget(plan) if plan else None
        self.register_outputs({"budgetName": self.budget.name if self.budget else None})

    def _create_budget(self, plan: BudgetPlan) -> aws.budgets.Budget:
        return aws.budgets.Budget(
            naming.resource(self._name, "budget"),
            budget_type="COST",
            time_unit="MONTHLY",
            limit_amount=plan.amount,
            limit_unit="USD",
            # Of several tags in the older `cost_filters` nobody says whether all or any must fit.
            filter_expression=_all_of(plan.tags),
            # AWS takes a filter expression without it, and then counts nothing (terraform-provider-aws#46866).
            metrics="UnblendedCost",
            notifications=[
                aws.budgets.BudgetNotificationArgs(
                    notification_type=kind,
                    comparison_operator="GREATER_THAN",
                    threshold=100,
                    threshold_type="PERCENTAGE",
                    subscriber_email_addresses=list(plan.emails),
                )
                for kind in NOTIFICATIONS
            ],
            opts=pulumi.ResourceOptions(parent=self),
        )


def _all_of(tags: Mapping[str, str]) -> aws.budgets.BudgetFilterExpressionArgs:
    return aws.budgets.BudgetFilterExpressionArgs(
        ands=[
            aws.budgets.BudgetFilterExpressionAndArgs(
                tags=aws.budgets.BudgetFilterExpressionAndTagsArgs(key=key, values=[value])
            )
            for key, value in tags.items()
        ]
    )
