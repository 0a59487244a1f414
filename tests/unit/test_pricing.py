"""The monthly cost is arithmetic on the pools, done here by hand once more."""

from dataclasses import replace

import pytest

from ray_platform.config.node_pools import ResolvedPool, resolve_pools
from ray_platform.pricing import monthly_cost
from tests.unit.config.given import AnyType, settings


@pytest.fixture
def default_pools() -> tuple[ResolvedPool, ...]:
    return resolve_pools(settings().node_pools, AnyType())


def test_the_default_sizes_cost_what_a_hand_calculation_says(default_pools: tuple[ResolvedPool, ...]) -> None:
    cost = monthly_cost(default_pools, key_is_ours=True)
    fixed = 0.10 * 730 + 1
    cpu = 0.192 * 730 + 100 * 0.08
    gpu = 0.526 * 730 + 200 * 0.08

    assert cost.minimum == pytest.approx(fixed + 2 * cpu, abs=0.01)
    assert cost.configured == pytest.approx(fixed + 3 * cpu, abs=0.01)
    assert cost.maximum == pytest.approx(fixed + 10 * cpu + (5 + 1) * gpu, abs=0.01)
    assert cost.unpriced == ()


def test_a_given_key_is_not_paid_for_here(default_pools: tuple[ResolvedPool, ...]) -> None:
    ours, given = (monthly_cost(default_pools, key_is_ours=each) for each in (True, False))

    assert ours.configured - given.configured == pytest.approx(1.0)


def test_a_type_without_a_price_is_named_and_its_volumes_are_counted_all_the_same(
    default_pools: tuple[ResolvedPool, ...],
) -> None:
    unknown = replace(default_pools[0], instance_types=("x9.huge",))
    cost = monthly_cost([unknown], key_is_ours=False)

    assert cost.unpriced == ("x9.huge",)
    assert cost.configured == pytest.approx(0.10 * 730 + 3 * 100 * 0.08, abs=0.01)
    assert cost.as_output()["unpriced"] == ["x9.huge"]
