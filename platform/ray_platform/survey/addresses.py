"""How many /28 blocks of a subnet are whole: prefix delegation gives a node its pods' addresses by the block."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from ipaddress import IPv4Address, IPv4Network
from typing import Any, Final

from ray_platform.config.network_rules import SubnetFacts
from ray_platform.survey.questions import Questions

BLOCK_ADDRESSES: Final = 16
# Amazon VPC user guide, "Subnet CIDR blocks": the first four addresses and the last one of every subnet are AWS's.
AWS_FIRST: Final = 4
AWS_LAST: Final = 1


def read_free_blocks(ask: Questions, subnets: Sequence[SubnetFacts]) -> Mapping[str, int] | None:
    """Subnet id -> its free blocks; None where one of the subnets cannot be read."""
    if not subnets:
        return {}
    interfaces = ask.all(
        "the addresses in use, and so the /28 blocks that are free",
        "ec2",
        "describe_network_interfaces",
        "NetworkInterfaces",
        Filters=[{"Name": "subnet-id", "Values": [each.subnet_id for each in subnets]}],
    )
    reservations = [
        ask.one(
            f"which addresses of {each.subnet_id} are reserved, and so its /28 blocks that are free",
            "ec2",
            "get_subnet_cidr_reservations",
            SubnetId=each.subnet_id,
        )
        for each in subnets
    ]
    if interfaces is None:
        return None
    free: dict[str, int] = {}
    for subnet, reserved in zip(subnets, reservations, strict=True):
        if reserved is None:
            return None
        used = [each for each in interfaces if each["SubnetId"] == subnet.subnet_id]
        taken = (*_used(used), *_reserved(reserved))
        free[subnet.subnet_id] = free_blocks(IPv4Network(subnet.cidr_block), taken)
    return free


def free_blocks(subnet: IPv4Network, taken: Iterable[IPv4Network]) -> int:
    """The aligned /28 blocks of a subnet that no taken network touches, and that hold none of AWS's own addresses."""
    first = int(subnet.network_address)
    own = (*range(AWS_FIRST), subnet.num_addresses - AWS_LAST)
    blocks = {offset // BLOCK_ADDRESSES for offset in own}
    for network in taken:
        if network.subnet_of(subnet):
            begin, end = int(network.network_address) - first, int(network.broadcast_address) - first
            blocks.update(range(begin // BLOCK_ADDRESSES, end // BLOCK_ADDRESSES + 1))
    return subnet.num_addresses // BLOCK_ADDRESSES - len(blocks)


def _used(interfaces: Iterable[Mapping[str, Any]]) -> Iterator[IPv4Network]:
    for interface in interfaces:
        for address in interface.get("PrivateIpAddresses", ()):
            yield IPv4Network(IPv4Address(address["PrivateIpAddress"]))
        for prefix in interface.get("Ipv4Prefixes", ()):
            yield IPv4Network(prefix["Ipv4Prefix"])


def _reserved(answer: Mapping[str, Any]) -> Iterator[IPv4Network]:
    """Explicit reservations only: what is reserved as ``prefix``, AWS itself hands out, and for just such blocks.

    EC2 API reference, CreateSubnetCidrReservation, read 2026-11-23.
    """
    for each in answer.get("SubnetIpv4CidrReservations", ()):
        if each["ReservationType"] == "explicit":
            yield IPv4Network(each["Cidr"])
