"""Whether there is a budget, at which limit, and by which tags AWS finds the costs of the stack."""

import json
import shlex
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from ray_platform.config.node_pools import resolve_pools
from ray_platform.config.sections import Settings
from ray_platform.costs.budget import BudgetPlan, budget_plan, budget_problems
from ray_platform.costs.estimate import estimate
from ray_platform.costs.prices import table_prices
from tests.unit.config.given import AnyType, settings

TODAY = date(2026, 11, 23)
TAGS = {"Project": "ray-on-eks", "Environment": "dev", "ManagedBy": "pulumi", "owner": "ml"}
UNKNOWN = {"cpu": {"instanceTypes": ["x9.huge"]}}


def asking(budget: dict[str, Any], **sections: Any) -> Settings:
    return settings(operations={"budget": {"emails": ["ml@example.com"], **budget}}, **sections)


def plan(config: Settings, tags: dict[str, str] = TAGS) -> BudgetPlan | None:
    return budget_plan(config, resolve_pools(config.node_pools, AnyType()), tags, on=TODAY)


def made(config: Settings, tags: dict[str, str] = TAGS) -> BudgetPlan:
    found = plan(config, tags)
    assert found is not None
    return found


def problems_of(config: Settings) -> list[Any]:
    return list(budget_problems(config, resolve_pools(config.node_pools, AnyType()), on=TODAY))


def test_nobody_to_tell_means_no_budget() -> None:
    assert plan(settings()) is None
    assert plan(settings(operations={"budget": {}})) is None


def test_without_a_limit_it_is_the_ceiling_rounded_up() -> None:
    config = asking({})
    ceiling = estimate(config, resolve_pools(config.node_pools, AnyType()), table_prices(), on=TODAY).ceiling
    limit = made(config).limit_usd

    assert limit == 3959
    assert limit - 1 < ceiling <= limit


def test_a_given_limit_wins_and_goes_to_aws_to_the_cent() -> None:
    given = made(asking({"limitUsd": 1234567.5}))

    assert (given.limit_usd, given.amount) == (1234567.5, "1234567.50")


def test_the_stack_is_found_by_its_project_and_its_name() -> None:
    assert made(asking({})).tags == {"Project": "ray-on-eks", "Environment": "dev"}


def test_a_tag_of_the_user_takes_the_place_of_the_platforms_in_any_case() -> None:
    tags = {"Project": "ray-on-eks", "ManagedBy": "pulumi", "environment": "research"}

    assert made(asking({}), tags).tags == {"Project": "ray-on-eks", "environment": "research"}


def test_the_output_has_the_command_that_activates_the_tags_and_no_address() -> None:
    told = made(asking({"limitUsd": 100})).as_output()
    words = shlex.split(told["activateTags"])

    assert words[:3] == ["aws", "ce", "update-cost-allocation-tags-status"]
    assert [each["TagKey"] for each in json.loads(words[-1])] == ["Project", "Environment"]
    assert (told["limitUsd"], told["tags"]) == (100, {"Project": "ray-on-eks", "Environment": "dev"})
    assert "example.com" not in json.dumps(told)


def test_a_limit_is_wanted_where_the_estimate_would_leave_nodes_out() -> None:
    (problem,) = problems_of(asking({}, nodePools=UNKNOWN))

    assert problem.path == "operations.budget.limitUsd"
    assert "x9.huge" in problem.rule
    assert "pulumi config set --path 'ray-on-eks:operations.budget.limitUsd'" in problem.remedy


@pytest.mark.parametrize(
    "config",
    [asking({"limitUsd": 500}, nodePools=UNKNOWN), settings(nodePools=UNKNOWN), asking({})],
    ids=["with a limit", "without a budget", "with prices for all"],
)
def test_otherwise_there_is_nothing_to_complain_of(config: Settings) -> None:
    assert problems_of(config) == []


def test_the_limit_follows_the_sizes() -> None:
    config = asking({})
    pools = resolve_pools(config.node_pools, AnyType())
    larger = budget_plan(config, [replace(pools[0], max_size=20), *pools[1:]], TAGS, on=TODAY)

    assert larger is not None
    assert larger.limit_usd - made(config).limit_usd == pytest.approx(10 * (0.192 * 730 + 8), abs=1)
