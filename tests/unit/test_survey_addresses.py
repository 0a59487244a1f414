"""The /28 blocks of a subnet that prefix delegation could still give to a node."""

from ipaddress import IPv4Network

import pytest

from ray_platform.survey.addresses import free_blocks


@pytest.mark.parametrize(
    ("subnet", "taken", "free"),
    [
        pytest.param("10.0.0.0/24", [], 14, id="the first and the last block hold addresses of AWS's own"),
        pytest.param("10.0.0.0/27", [], 0, id="so does each of two"),
        pytest.param("10.0.0.0/28", [], 0, id="and the only one"),
        pytest.param("10.0.0.0/24", ["10.0.0.20"], 13, id="one address breaks its block"),
        pytest.param("10.0.0.0/24", ["10.0.0.20", "10.0.0.31"], 13, id="a block breaks once"),
        pytest.param("10.0.0.0/24", ["10.0.0.32/28"], 13, id="a prefix of a node takes one"),
        pytest.param("10.0.0.0/24", ["10.0.0.128/25"], 7, id="a reservation takes all that it covers"),
        pytest.param("10.0.0.0/24", ["10.0.0.4", "10.0.0.250"], 14, id="what is broken already stays so"),
        pytest.param("10.0.16.0/20", ["10.0.17.17"], 253, id="blocks are counted from the subnet's own beginning"),
        pytest.param("10.0.0.0/24", ["10.0.1.20"], 14, id="another subnet's addresses are nothing to it"),
    ],
)
def test_free_blocks_are_those_that_nothing_touches(subnet: str, taken: list[str], free: int) -> None:
    assert free_blocks(IPv4Network(subnet), map(IPv4Network, taken)) == free
