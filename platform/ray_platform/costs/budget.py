"""The limit of a stack's budget, and the tags by which AWS finds its costs."""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from ray_platform.config.node_pools import ResolvedPool
from ray_platform.config.problems import Problem, set_command
from ray_platform.config.sections import Settings
from ray_platform.costs.estimate import estimate
from ray_platform.costs.prices import table_prices

LIMIT: Final = "operations.budget.limitUsd"
# Together they mean one stack: the project, and the stack by its name.
TAGS_OF_A_STACK: Final = ("project", "environment")


@dataclass(frozen=True, kw_only=True)
class BudgetPlan:
    """What a budget is to be. ``tags`` are those of the stack that its cost is counted by."""

    limit_usd: float
    emails: tuple[str, ...]
    tags: Mapping[str, str]

    @property
    def amount(self) -> str:
        """The limit as AWS takes it: a decimal number, to the cent."""
        return f"{self.limit_usd:.2f}"

    @property
    def activation(self) -> str:
        """The command that makes AWS count by the tags. The organization's management account has to run it, a day
        after the tags were first used; what was spent before is not counted.
        """
        statuses = [{"TagKey": key, "Status": "Active"} for key in self.tags]
        return f"aws ce update-cost-allocation-tags-status --cost-allocation-tags-status '{json.dumps(statuses)}'"

    def as_output(self) -> dict[str, Any]:
        return {"limitUsd": self.limit_usd, "tags": dict(self.tags), "activateTags": self.activation}


def budget_plan(
    settings: Settings, pools: Sequence[ResolvedPool], tags: Mapping[str, str], *, on: date
) -> BudgetPlan | None:
    """None when the configuration names nobody to be told.

    ``tags`` are those on every resource of the stack, the user's among them: a key in another case is the same key.
    """
    budget = settings.operations.budget
    if not budget.emails:
        return None
    limit = budget.limit_usd
    if limit is None:
        limit = float(math.ceil(estimate(settings, pools, table_prices(), on=on).ceiling))
    own = {key: value for key, value in tags.items() if key.lower() in TAGS_OF_A_STACK}
    return BudgetPlan(limit_usd=limit, emails=budget.emails, tags=own)


def budget_problems(settings: Settings, pools: Sequence[ResolvedPool], *, on: date) -> Iterator[Problem]:
    """A limit of its own is needed where the estimate would leave out a pool: the alarm would ring for sound use."""
    budget = settings.operations.budget
    if not budget.emails or budget.limit_usd is not None:
        return
    told = estimate(settings, pools, table_prices(), on=on)
    if told.unpriced:
        yield Problem(
            path=LIMIT,
            value=None,
            source="absent",
            rule=f"set, since no price is known here for {', '.join(told.unpriced)}: without, the limit would be the "
            f"estimated {math.ceil(told.ceiling)} USD for all but their nodes",
            remedy=f"{set_command(LIMIT, 'USD_A_MONTH')}; or remove operations.budget",
        )
