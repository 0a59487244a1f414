"""The estimate, done once more by hand from unit prices written out here."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from ray_platform.config.node_pools import ResolvedPool, resolve_pools
from ray_platform.config.sections import Settings
from ray_platform.costs.estimate import Estimate, Line, estimate
from ray_platform.costs.prices import Prices, table_prices
from tests.unit.config.given import KEY_ARN, AnyType, settings

TODAY = date(2026, 11, 23)
# us-east-1 on 2026-07-20, USD.
M5_XLARGE, M5_2XLARGE, G4DN_XLARGE, G4DN_2XLARGE = 0.192, 0.384, 0.526, 0.752
EKS, EKS_EXTENDED, GP3, KEY, ENDPOINT = 0.10, 0.60, 0.08, 1.0, 0.01
HOURS = 730


def pools_of(config: Settings) -> tuple[ResolvedPool, ...]:
    return resolve_pools(config.node_pools, AnyType())


def cost_of(config: Settings, *, prices: Prices | None = None, on: date = TODAY, **more: Any) -> Estimate:
    return estimate(config, pools_of(config), prices or table_prices(), on=on, **more)


def line(cost: Estimate, what: str, pool: str | None = None) -> Line:
    (found,) = [each for each in cost.lines if (each.what, each.pool) == (what, pool)]
    return found


def text(assumptions: Sequence[str]) -> str:
    return " ".join(assumptions)


def test_the_default_sizes_cost_what_a_hand_calculation_says() -> None:
    """Sizes 2/3/10 and 0/0/5, and 0/0/1 of the GPU pool's fallback; disks of 100 and 200 GiB."""
    cost = cost_of(settings())
    shared = HOURS * EKS + KEY
    cpu_node = HOURS * M5_XLARGE + 100 * GP3
    gpu_node = HOURS * G4DN_XLARGE + 200 * GP3

    assert cost.floor == pytest.approx(shared + 2 * cpu_node, rel=0.02)
    assert cost.configured == pytest.approx(shared + 3 * cpu_node, rel=0.02)
    assert cost.ceiling == pytest.approx(shared + 10 * cpu_node + (5 + 1) * gpu_node, rel=0.02)
    assert cost.unpriced == ()


def test_the_default_sizes_cost_this_to_the_cent_once_the_logs_are_added() -> None:
    """5 GB written at 0.50, and 7 of a month's 365/12 days of it kept at 0.03."""
    cost = cost_of(settings())
    logs = 5 * 0.50 + 5 * 7 / (365 / 12) * 0.03

    assert round(logs, 2) == 2.53
    assert cost.floor == round(73.00 + 1.00 + 2.53 + 2 * 140.16 + 2 * 8.00, 2)
    assert cost.configured == round(73.00 + 1.00 + 2.53 + 3 * 140.16 + 3 * 8.00, 2)
    assert cost.ceiling == round(73.00 + 1.00 + 2.53 + 10 * 148.16 + 6 * (383.98 + 16.00), 2)


def test_every_sum_is_that_of_the_lines_to_the_cent() -> None:
    cost = cost_of(settings(security={"egress": "private"}), spot_share=0.37)

    for column in ("floor", "configured", "ceiling"):
        by_hand = round(sum(getattr(each, column) for each in cost.lines), 2)
        assert getattr(cost, column) == by_hand
        assert round(sum(getattr(each, column) for each in cost.by_pool().values()), 2) == by_hand


def test_each_pool_has_its_share_and_the_fallback_of_spot_one_of_its_own() -> None:
    by_pool = cost_of(settings()).by_pool()

    assert list(by_pool) == [None, "cpu", "gpu", "gpu-on-demand"]
    assert by_pool["cpu"].configured == pytest.approx(3 * (HOURS * M5_XLARGE + 8), abs=0.01)
    assert (by_pool["gpu"].floor, by_pool["gpu"].configured) == (0, 0)
    assert by_pool["gpu"].ceiling == pytest.approx(5 * (HOURS * G4DN_XLARGE + 16), abs=0.01)
    assert by_pool["gpu-on-demand"].ceiling == pytest.approx(HOURS * G4DN_XLARGE + 16, abs=0.01)


def test_spot_is_counted_at_the_on_demand_price_and_said_so() -> None:
    cost = cost_of(settings())

    assert line(cost, "Nodes", "gpu").ceiling == pytest.approx(5 * HOURS * G4DN_XLARGE, abs=0.01)
    assert "Spot at the on-demand price" in text(cost.assumptions)


def test_a_share_given_for_spot_counts_for_spot_nodes_alone_and_is_an_assumption() -> None:
    cost = cost_of(settings(), spot_share=0.4)

    assert line(cost, "Nodes", "gpu").ceiling == pytest.approx(0.4 * 5 * HOURS * G4DN_XLARGE, abs=0.01)
    assert line(cost, "Nodes", "gpu-on-demand").ceiling == pytest.approx(HOURS * G4DN_XLARGE, abs=0.01)
    assert line(cost, "Volumes", "gpu").ceiling == pytest.approx(5 * 200 * GP3, abs=0.01)
    assert "Spot at 40% of the on-demand price" in text(cost.assumptions)
    assert "Spot at the on-demand price" not in text(cost.assumptions)


@pytest.mark.parametrize("share", [0.0, -0.1, 1.01])
def test_a_share_that_is_none_is_refused(share: float) -> None:
    with pytest.raises(ValueError, match="share"):
        cost_of(settings(), spot_share=share)


def test_a_stack_without_spot_says_nothing_of_spot() -> None:
    assert "Spot" not in text(cost_of(settings(nodePools={"cpu": {}})).assumptions)


def test_what_dearer_types_of_a_pool_would_add_is_said_with_the_sum() -> None:
    told = text(cost_of(settings()).assumptions)

    cpu, gpu = 10 * HOURS * (M5_2XLARGE - M5_XLARGE), 5 * HOURS * (G4DN_2XLARGE - G4DN_XLARGE)
    assert f"With m5.2xlarge alone the ceiling of cpu would be {cpu:,.0f} higher." in told
    assert f"With g4dn.2xlarge alone the ceiling of gpu would be {gpu:,.0f} higher." in told
    assert "ceiling of gpu-on-demand" not in told


def test_a_given_key_is_not_paid_for_here() -> None:
    ours, given = cost_of(settings()), cost_of(settings(security={"kmsKeyArn": KEY_ARN}))

    assert ours.configured - given.configured == pytest.approx(KEY, abs=0.001)
    assert not [each for each in given.lines if each.what == "Encryption key"]


@pytest.mark.parametrize(
    ("support", "on", "hour", "tier"),
    [
        ("EXTENDED", date(2026, 12, 2), EKS, "standard"),
        ("EXTENDED", date(2026, 12, 3), EKS_EXTENDED, "extended"),
        ("STANDARD", date(2026, 12, 3), EKS, "standard"),
    ],
)
def test_the_control_plane_has_the_price_of_its_support_tier_on_that_day(
    support: str, on: date, hour: float, tier: str
) -> None:
    cost = cost_of(settings(cluster={"kubernetesVersion": "1.34", "supportType": support}), on=on)
    control_plane = line(cost, "Control plane")

    assert control_plane.floor == control_plane.ceiling == pytest.approx(HOURS * hour, abs=0.01)
    assert f"1.34 in {tier} support" in control_plane.quantity


def test_a_stack_that_will_stay_past_the_standard_support_is_told_what_that_costs() -> None:
    extended = {"kubernetesVersion": "1.34", "supportType": "EXTENDED"}
    told = f"After 2026-12-02 extended support costs {HOURS * (EKS_EXTENDED - EKS):,.0f} a month more."

    assert told in cost_of(settings(cluster=extended)).assumptions
    assert told not in cost_of(settings(cluster=extended), on=date(2026, 12, 3)).assumptions
    assert told not in cost_of(settings(cluster=extended | {"supportType": "STANDARD"})).assumptions


def test_endpoints_are_paid_for_each_service_and_zone_where_nodes_have_no_way_to_the_internet() -> None:
    cost = cost_of(settings(security={"egress": "private"}))
    endpoints = line(cost, "Interface endpoints of the given network")

    assert endpoints.floor == endpoints.ceiling == pytest.approx(9 * 2 * HOURS * ENDPOINT, abs=0.01)
    assert "NAT" not in text(cost.assumptions)


def test_gateways_of_the_given_network_are_named_and_not_counted() -> None:
    cost = cost_of(settings())

    assert not [each for each in cost.lines if "endpoint" in each.what]
    assert "Not counted: NAT gateways of the given network (0.045 an hour each" in text(cost.assumptions)


@pytest.mark.parametrize(("days", "kept"), [(7, 7), (365, 365), (0, 365)])
def test_logs_cost_what_is_written_and_what_is_kept(days: int, kept: int) -> None:
    logs = line(cost_of(settings(cluster={"logRetentionDays": days})), "Control plane logs")

    assert logs.configured == pytest.approx(5 * 0.50 + 5 * 12 * kept / 365 * 0.03, abs=0.01)


def test_without_log_types_there_are_no_logs_to_pay_for() -> None:
    cost = cost_of(settings(cluster={"logTypes": []}))

    assert not [each for each in cost.lines if each.what == "Control plane logs"]
    assert "logs" not in text(cost.assumptions)


def test_a_type_without_a_price_is_named_and_its_volumes_are_counted_all_the_same() -> None:
    config = settings(nodePools={"cpu": {}})
    (pool,) = pools_of(config)
    unknown = replace(pool, instance_types=("x9.huge", "m5.xlarge"))
    cost = estimate(config, [unknown], table_prices(), on=TODAY)

    assert cost.unpriced == ("x9.huge",)
    assert line(cost, "Nodes", "cpu").ceiling == 0
    assert "price not known" in line(cost, "Nodes", "cpu").quantity
    assert line(cost, "Volumes", "cpu").configured == pytest.approx(3 * 100 * GP3, abs=0.01)


def test_another_region_than_that_of_the_prices_is_told() -> None:
    config = settings(aws={"region": "eu-central-1"})

    assert "The stack is in eu-central-1" in text(cost_of(config).assumptions)
    assert "The stack is in" not in text(cost_of(settings()).assumptions)
    of_there = replace(table_prices(), region="eu-central-1")
    assert "The stack is in" not in text(cost_of(config, prices=of_there).assumptions)


def test_source_day_and_region_of_the_prices_are_told_and_what_is_older_and_what_was_remarked() -> None:
    config = settings(nodePools={"cpu": {"instanceTypes": ["m7i.xlarge"]}})
    cost = cost_of(config, prices=replace(table_prices(), remarks=("A remark.",)))

    assert (cost.source, cost.as_of, cost.region) == ("dated table", date(2026, 7, 20), "us-east-1")
    assert cost.assumptions[0].startswith("On-demand prices of us-east-1 of 2026-07-20 (dated table)")
    assert "The price of m7i.xlarge is older: of 2026-01-19." in cost.assumptions
    assert "A remark." in cost.assumptions


def test_the_output_of_the_stack_keeps_the_names_that_people_know() -> None:
    cost = cost_of(settings())
    told = cost.as_output()

    assert (told["minimum"], told["configured"], told["maximum"]) == (cost.floor, cost.configured, cost.ceiling)
    assert (told["currency"], told["unpriced"]) == ("USD", [])
    assert told["assumes"] == text(cost.assumptions)
    assert told["byPool"]["shared"]["floor"] == 76.53
    assert set(told["byPool"]) == {"shared", "cpu", "gpu", "gpu-on-demand"}


def test_the_json_has_every_line_and_the_sums() -> None:
    cost = cost_of(settings())
    told = cost.as_dict()

    assert told["prices"] == {"source": "dated table", "asOf": "2026-07-20", "region": "us-east-1"}
    assert (told["floor"], told["configured"], told["ceiling"]) == (cost.floor, cost.configured, cost.ceiling)
    assert len(told["lines"]) == len(cost.lines)
    assert told["lines"][0].keys() == {"what", "pool", "quantity", "floor", "configured", "ceiling"}
