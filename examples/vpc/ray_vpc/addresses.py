"""Which block goes to which subnet, and what a block must be for that."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Final

ZONES: Final = 3
LARGEST_PREFIX: Final = 16  # AWS gives a VPC no larger block (VPC user guide, "VPC CIDR blocks").
SMALLEST_PREFIX: Final = 18  # A quarter of it is a /20: 4091 addresses for the nodes and pods of a zone.
PRIVATE_RANGES: Final = tuple(IPv4Network(each) for each in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))
# EKS takes one of these for services when cluster.serviceIpv4Cidr of the platform is not set (EKS API reference,
# "KubernetesNetworkConfigRequest").
SERVICE_RANGES: Final = tuple(IPv4Network(each) for each in ("10.100.0.0/16", "172.20.0.0/16"))
# EKS user guide, "Networking requirements for VPC and subnets".
ZONE_IDS_WITHOUT_EKS: Final = frozenset({"use1-az3", "usw1-az2", "cac1-az3"})


@dataclass(frozen=True, kw_only=True)
class ZonePlan:
    """The blocks of one zone: nodes and pods in the private one, NAT gateways and load balancers in the public one."""

    zone: str
    private: IPv4Network
    public: IPv4Network


def address_plan(block: IPv4Network, zones: Sequence[str]) -> list[ZonePlan]:
    """Three quarters of the block are private, a zone each; a quarter of the last one is public in each zone.

    The rest, a sixteenth of the block, is free. The block is one that `block_problems` finds nothing wrong with.
    """
    *private, last = block.subnets(prefixlen_diff=2)
    public = last.subnets(prefixlen_diff=2)
    return [
        ZonePlan(zone=zone, private=inside, public=outside)
        for zone, inside, outside in zip(zones, private, public, strict=False)
    ]


def block_problems(text: str) -> Iterator[str]:
    """What a block must be and this one is not."""
    try:
        block = IPv4Network(text)
    except ValueError:
        yield "an IPv4 block whose address has no bits beyond its prefix, such as 10.0.0.0/16"
        return
    if not LARGEST_PREFIX <= block.prefixlen <= SMALLEST_PREFIX:
        yield f"/{LARGEST_PREFIX} to /{SMALLEST_PREFIX}, so that a zone has at least a /20 for its nodes and pods"
    if not any(block.subnet_of(each) for each in PRIVATE_RANGES):
        yield f"within {', '.join(map(str, PRIVATE_RANGES))}"
    if taken := [str(each) for each in SERVICE_RANGES if each.overlaps(block)]:
        yield f"apart from {', '.join(taken)}, which EKS takes for services"


def zones_for_eks(names: Sequence[str], zone_ids: Sequence[str]) -> list[str]:
    """The first three zones, by name, in which EKS makes control planes; fewer where the region has no three."""
    usable = sorted(name for name, zone_id in zip(names, zone_ids, strict=True) if zone_id not in ZONE_IDS_WITHOUT_EKS)
    return usable[:ZONES]
