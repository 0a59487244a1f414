"""How many addresses of the VPC nodes take, and whether the subnets have them.

The model is the VPC CNI's own (its documents "eni-and-ip-target.md" and "prefix-and-ip-target.md", read 2026-11-23),
with the settings that EKS's addon has:

- With prefix delegation a node takes one address for each network interface it needs, and a block of 16 addresses (/28)
  for every 16 pods; the first block as soon as it starts.
- Without, the CNI fills each interface with all the addresses it can have; the first one as soon as the node starts.

Blocks have to be whole: a subnet with many free addresses may have no free block.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Final

from ray_platform.config.network_rules import FREE_ADDRESSES_MIN, SubnetFacts
from ray_platform.config.node_pools import InstanceFacts
from ray_platform.scheduling.capacity import max_pods
from ray_platform.scheduling.kubelet import KubeletSettings

BLOCK: Final = 16
# aws-node and kube-proxy use the address of their node.
_PODS_WITHOUT_ADDRESS: Final = 2


@dataclass(frozen=True, kw_only=True)
class Space:
    """A number of addresses, and the whole blocks among them; ``blocks`` is None where it does not count."""

    addresses: int
    blocks: int | None

    def __add__(self, other: "Space") -> "Space":
        blocks = None if self.blocks is None or other.blocks is None else self.blocks + other.blocks
        return Space(addresses=self.addresses + other.addresses, blocks=blocks)

    def __mul__(self, count: int) -> "Space":
        return Space(addresses=self.addresses * count, blocks=None if self.blocks is None else self.blocks * count)

    def __floordiv__(self, parts: int) -> "Space":
        return Space(addresses=self.addresses // parts, blocks=None if self.blocks is None else self.blocks // parts)

    def holds(self, need: "Space") -> bool:
        return self.addresses >= need.addresses and not self.lacks_blocks(need)

    def lacks_blocks(self, need: "Space") -> bool:
        return self.blocks is not None and need.blocks is not None and self.blocks < need.blocks

    def __str__(self) -> str:
        addresses = _counted(self.addresses, "address", "addresses")
        return addresses if self.blocks is None else f"{addresses} and {_counted(self.blocks, 'whole /28 block')}"


def node_at_start(facts: InstanceFacts, *, prefix_delegation: bool) -> Space:
    """What a node takes before any pod of ours has an address."""
    if prefix_delegation:
        return Space(addresses=1 + BLOCK, blocks=1)
    return Space(addresses=facts.addresses_per_interface, blocks=None)


def full_node(facts: InstanceFacts, kubelet: KubeletSettings, *, prefix_delegation: bool) -> Space:
    """What a node takes with as many pods as its kubelet lets in."""
    pods = max(1, max_pods(facts, kubelet) - _PODS_WITHOUT_ADDRESS)
    slots = max(1, facts.addresses_per_interface - 1)
    if prefix_delegation:
        blocks = ceil(pods / BLOCK)
        return Space(addresses=ceil(blocks / slots) + blocks * BLOCK, blocks=blocks)
    interfaces = min(ceil(pods / slots), facts.network_interfaces)
    return Space(addresses=interfaces * facts.addresses_per_interface, blocks=None)


@dataclass(frozen=True, kw_only=True)
class Zone:
    """The subnets in one availability zone, with what is free in them together."""

    name: str
    subnet_ids: tuple[str, ...]
    free: Space


def zones_of(
    subnets: Iterable[SubnetFacts], free_blocks: Mapping[str, int] | None, *, for_control_plane: bool
) -> tuple[Zone, ...]:
    """The zones in order; ``for_control_plane`` keeps what EKS takes in each subnet for a new cluster."""
    kept = FREE_ADDRESSES_MIN if for_control_plane else 0
    zones: dict[str, Zone] = {}
    for subnet in subnets:
        free = Space(
            addresses=max(0, subnet.available_addresses - kept),
            blocks=None if free_blocks is None else free_blocks.get(subnet.subnet_id),
        )
        zone = zones.get(subnet.availability_zone)
        zones[subnet.availability_zone] = Zone(
            name=subnet.availability_zone,
            subnet_ids=(*(zone.subnet_ids if zone else ()), subnet.subnet_id),
            free=zone.free + free if zone else free,
        )
    return tuple(zones.values())


@dataclass(frozen=True, kw_only=True)
class Shortage:
    """Where there is too little; ``zone`` is None for all of them together."""

    zone: Zone | None
    free: Space
    need: Space


def shortages(demands: Sequence[tuple[int, Space]], zones: Sequence[Zone], *, surely: bool) -> list[Shortage]:
    """What is too little for these nodes, each demand a number of nodes and what one of them takes.

    All zones together, or else each zone with its share: an Auto Scaling group spreads its nodes evenly over the
    zones, and does not look at blocks. ``surely`` counts no more than the whole nodes of each demand that every zone
    gets; otherwise the share is an equal part of everything.
    """
    need, free = _sum(each * count for count, each in demands), _sum(zone.free for zone in zones)
    if not free.holds(need):
        return [Shortage(zone=None, free=free, need=need)]
    share = _sum(each * (count // len(zones)) for count, each in demands) if surely else need // len(zones)
    return [Shortage(zone=zone, free=zone.free, need=share) for zone in zones if not zone.free.holds(share)]


def _sum(spaces: Iterable[Space]) -> Space:
    return sum(spaces, start=Space(addresses=0, blocks=0))


def _counted(count: int, noun: str, plural: str = "") -> str:
    return f"{count} {noun if count == 1 else plural or noun + 's'}"
