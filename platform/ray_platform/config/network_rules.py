"""Whether the given VPC and subnets can carry an EKS cluster."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Final

from ray_platform.config.problems import Problem

# EKS user guide, "Networking requirements for VPC and subnets".
ZONES_MIN: Final = 2
FREE_ADDRESSES_MIN: Final = 6
ZONE_IDS_WITHOUT_EKS: Final = frozenset({"use1-az3", "usw1-az2", "cac1-az3"})


@dataclass(frozen=True, kw_only=True)
class VpcFacts:
    """A VPC as AWS describes it; `cidr_blocks` are all its IPv4 blocks."""

    vpc_id: str
    cidr_blocks: tuple[str, ...]
    dns_support: bool
    dns_hostnames: bool


@dataclass(frozen=True, kw_only=True)
class SubnetFacts:
    """A subnet as AWS describes it. A zone's id (`use1-az1`) means the same in every account.

    `public_ip_on_launch`: whether a machine that starts in it gets a public address unasked.
    """

    subnet_id: str
    vpc_id: str
    availability_zone: str
    availability_zone_id: str
    available_addresses: int
    cidr_block: str
    public_ip_on_launch: bool
    tags: Mapping[str, str]


def network_problems(
    *,
    vpc: VpcFacts | None,
    subnets: Sequence[SubnetFacts],
    subnet_ids: Sequence[str],
    service_ipv4_cidr: str | None,
) -> list[Problem]:
    """What is wrong with the network, as far as it could be looked up.

    `vpc` is None and `subnets` lacks one where a lookup failed; the caller has told that already, and rules
    that need the missing part stay silent. `subnet_ids` are the configured ids, `service_ipv4_cidr` the
    configured block.
    """
    return [
        *_vpc_problems(vpc),
        *_service_problems(vpc, service_ipv4_cidr),
        *_subnet_problems(vpc, subnets, subnet_ids),
        *_zone_problems(subnets, subnet_ids),
    ]


def _vpc_problems(vpc: VpcFacts | None) -> Iterator[Problem]:
    if vpc is None:
        return
    for on, attribute, flag in (
        (vpc.dns_support, "DNS support", "--enable-dns-support"),
        (vpc.dns_hostnames, "DNS hostnames", "--enable-dns-hostnames"),
    ):
        if not on:
            yield Problem(
                path="network.vpcId",
                value=vpc.vpc_id,
                rule=f"a VPC with {attribute} on; without, nodes do not find the cluster's private endpoint",
                remedy=f"aws ec2 modify-vpc-attribute --vpc-id {vpc.vpc_id} {flag}",
            )


def _service_problems(vpc: VpcFacts | None, service_ipv4_cidr: str | None) -> Iterator[Problem]:
    if vpc is None or service_ipv4_cidr is None:
        return
    services = IPv4Network(service_ipv4_cidr)
    overlapping = [block for block in vpc.cidr_blocks if services.overlaps(IPv4Network(block))]
    if overlapping:
        yield Problem(
            path="cluster.serviceIpv4Cidr",
            value=service_ipv4_cidr,
            rule=f"apart from the blocks of the VPC; it overlaps {', '.join(overlapping)}",
            remedy="Choose another private block, or remove the key to let EKS choose.",
        )


def _subnet_problems(
    vpc: VpcFacts | None, subnets: Sequence[SubnetFacts], subnet_ids: Sequence[str]
) -> Iterator[Problem]:
    for subnet in subnets:
        for rule, remedy in _faults(vpc, subnet):
            yield Problem(
                path=f"network.subnetIds[{subnet_ids.index(subnet.subnet_id)}]",
                value=subnet.subnet_id,
                rule=rule,
                remedy=remedy,
            )


def _faults(vpc: VpcFacts | None, subnet: SubnetFacts) -> Iterator[tuple[str, str]]:
    if vpc is not None and subnet.vpc_id != vpc.vpc_id:
        yield (
            f"a subnet of {vpc.vpc_id}; it belongs to {subnet.vpc_id}",
            "Choose a subnet of the cluster's VPC.",
        )
    if subnet.availability_zone_id in ZONE_IDS_WITHOUT_EKS:
        yield (
            f"not in a zone EKS cannot use; {subnet.availability_zone} is {subnet.availability_zone_id}",
            "Choose a subnet in another zone.",
        )
    if subnet.available_addresses < FREE_ADDRESSES_MIN:
        yield (
            f"at least {FREE_ADDRESSES_MIN} free addresses, for the control plane's interfaces; "
            f"it has {subnet.available_addresses}",
            "Choose a larger subnet or free addresses; nodes and pods need many more (/20 is a good size).",
        )


def _zone_problems(subnets: Sequence[SubnetFacts], subnet_ids: Sequence[str]) -> Iterator[Problem]:
    zones = sorted({subnet.availability_zone for subnet in subnets})
    if subnets and len(subnets) == len(subnet_ids) and len(zones) < ZONES_MIN:
        yield Problem(
            path="network.subnetIds",
            value=list(subnet_ids),
            rule=f"in at least {ZONES_MIN} availability zones, as EKS demands; all are in {', '.join(zones)}",
            remedy="Add a subnet in another zone.",
        )
