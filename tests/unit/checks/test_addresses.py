"""How many addresses nodes take of the VPC, and how it is told that there are too few."""

from dataclasses import replace

import pytest

from ray_platform.checks.addresses import Space, Zone, full_node, node_at_start, shortages
from ray_platform.scheduling.kubelet import NODEADM_SETTINGS
from tests.unit.checks.cases import INSTANCE_TYPES, instance


@pytest.mark.parametrize(
    ("type_name", "prefixes", "start", "full"),
    [
        # 58 pods, two of them on the node's address: 56 in 4 blocks, on one interface.
        ("m5.xlarge", True, (17, 1), (65, 4)),
        # 29 pods: 27 in 2 blocks.
        ("g4dn.xlarge", True, (17, 1), (33, 2)),
        # 234 pods: 232 in 15 blocks.
        ("m5.4xlarge", True, (17, 1), (241, 15)),
        # Four interfaces of 15 addresses, three of 10.
        ("m5.xlarge", False, (15, None), (60, None)),
        ("g4dn.xlarge", False, (10, None), (30, None)),
    ],
)
def test_a_node_takes_the_addresses_of_its_interfaces_and_blocks(
    type_name: str, prefixes: bool, start: tuple[int, int | None], full: tuple[int, int | None]
) -> None:
    facts = INSTANCE_TYPES[type_name]

    first = node_at_start(facts, prefix_delegation=prefixes)
    last = full_node(facts, NODEADM_SETTINGS, prefix_delegation=prefixes)

    assert ((first.addresses, first.blocks), (last.addresses, last.blocks)) == (start, full)


def test_blocks_beyond_what_one_interface_holds_take_another_interface() -> None:
    facts = replace(instance("t.small", 2, 2), network_interfaces=3, addresses_per_interface=3)

    # 8 pods: 6 in one block; with a kubelet that lets in 50: 48 in 3 blocks, two to an interface.
    few = full_node(facts, NODEADM_SETTINGS, prefix_delegation=True)
    many = full_node(facts, replace(NODEADM_SETTINGS, max_pods=50), prefix_delegation=True)

    assert full_node(facts, replace(NODEADM_SETTINGS, max_pods=51), prefix_delegation=True).blocks == 4
    assert (few.addresses, few.blocks) == (17, 1)
    assert (many.addresses, many.blocks) == (3 * 16 + 2, 3)


@pytest.mark.parametrize(("pods", "addresses"), [(1, 15), (16, 15), (17, 30), (500, 60)])
def test_without_prefixes_a_node_takes_no_more_interfaces_than_it_needs_or_has(pods: int, addresses: int) -> None:
    kubelet = replace(NODEADM_SETTINGS, max_pods=pods)

    assert full_node(INSTANCE_TYPES["m5.xlarge"], kubelet, prefix_delegation=False).addresses == addresses


def test_a_share_of_a_zone_is_rounded_down_where_the_answer_must_be_sure() -> None:
    node = Space(addresses=17, blocks=1)
    empty = Zone(name="a", subnet_ids=("1",), free=Space(addresses=100, blocks=0))
    full = Zone(name="b", subnet_ids=("2",), free=Space(addresses=1000, blocks=60))
    pools = [(1, node), (1, node)]

    assert shortages(pools, [empty, full], surely=True) == []
    assert [each.zone for each in shortages(pools, [empty, full], surely=False)] == [empty]
