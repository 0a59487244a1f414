"""The table of prices."""

from datetime import date

from ray_platform.config.pool_defaults import INSTANCE_TYPES
from ray_platform.costs.prices import table_prices


def test_the_types_of_every_kind_of_default_pool_have_a_price() -> None:
    defaults = {name for types in INSTANCE_TYPES.values() for name in types}

    assert defaults <= table_prices().instance_hour.keys()


def test_a_larger_size_of_a_family_is_never_cheaper_than_half_of_what_its_size_says() -> None:
    """A slip of a digit in the table would show: within a family twice the machine is at most twice the price."""
    prices = table_prices().instance_hour
    pairs = [
        (small, large)
        for family in {name.partition(".")[0] for name in prices}
        for small, large in ((f"{family}.xlarge", f"{family}.2xlarge"), (f"{family}.2xlarge", f"{family}.4xlarge"))
        if small in prices and large in prices
    ]

    assert len(pairs) > 25
    assert [pair for pair in pairs if not 1.15 <= prices[pair[1]] / prices[pair[0]] <= 2.001] == []


def test_what_is_older_than_the_table_says_of_when_it_is() -> None:
    prices = table_prices()

    assert prices.older.keys() <= prices.instance_hour.keys()
    assert set(prices.older.values()) == {date(2026, 1, 19)}
    assert "m5.xlarge" not in prices.older
    assert prices.as_of > date(2026, 1, 19)


def test_extended_support_costs_sixty_cents_an_hour_in_all() -> None:
    prices = table_prices()

    assert round(prices.control_plane_hour + prices.extended_support_hour, 2) == 0.60
