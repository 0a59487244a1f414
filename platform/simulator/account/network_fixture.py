"""The network that is there before Pulumi comes: VPCs and subnets with the very ids that a stack's config
names.
"""

from __future__ import annotations

import ipaddress
import zlib
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from unittest import mock

from simulator.account import moto_cloud

if TYPE_CHECKING:
    from simulator.account import Account

VPC_CIDR = "10.0.0.0/16"
SUBNET_PREFIX = 20
ZONE_LETTERS = "abc"
# By these load balancer controllers find the subnets for what they make (EKS user guide, "Network load balancing").
PRIVATE_TAGS = {"kubernetes.io/role/internal-elb": "1"}
PUBLIC_TAGS = {"kubernetes.io/role/elb": "1"}


def ensure_network(account: Account, vpc_id: str, subnet_ids: Iterable[str]) -> None:
    """See to it that the account holds this VPC and these subnets, and keep what it holds already.

    The VPC is 10.0.0.0/16 with DNS support and host names on, an internet gateway, and a public subnet (the
    last /20) with a NAT gateway; the subnets are private /20s, zone after zone, with the tags of their kind. All of
    it is written to the account file, where it can be edited. A subnet id that another VPC of the account has stays
    there.

    Raises ValueError when more subnets are asked for than fit.
    """
    with account.lock:
        vpcs = account.network["vpcs"]
        known = {subnet["id"] for vpc in vpcs for subnet in vpc["subnets"]}
        vpc = next((each for each in vpcs if each["id"] == vpc_id), None)
        missing = [subnet_id for subnet_id in subnet_ids if subnet_id not in known]
        if vpc and not missing:
            return
        is_new = vpc is None
        if vpc is None:
            vpc = _new_vpc(vpc_id, account.region)
            vpcs.append(vpc)
        for subnet_id in missing:
            vpc["subnets"].append(_new_subnet(subnet_id, vpc["subnets"], vpc["cidrBlock"], account.region))
        account.save()
        if is_new:
            _make_vpc(account, vpc)
        else:
            account.rebuild()


def rebuild(account: Account) -> None:
    """Make in moto what the "network" part of the account file says."""
    for vpc in account.network["vpcs"]:
        _make_vpc(account, vpc)


def _make_vpc(account: Account, vpc: dict[str, Any]) -> None:
    """The seed is the VPC's own, so that its gateways get the same ids whatever else the account holds."""
    moto_cloud.seed(zlib.crc32(vpc["id"].encode()))
    ec2 = account.client("ec2")
    with mock.patch("moto.ec2.models.vpcs.random_vpc_id", return_value=vpc["id"]):
        ec2.create_vpc(CidrBlock=vpc["cidrBlock"])
    for attribute in ("enableDnsSupport", "enableDnsHostnames"):
        parameter = attribute[0].upper() + attribute[1:]
        ec2.modify_vpc_attribute(VpcId=vpc["id"], **{parameter: {"Value": vpc[attribute]}})
    for subnet in vpc["subnets"]:
        _make_subnet(ec2, vpc["id"], subnet)
    _make_routes(ec2, vpc)
    # Last, for moto draws from the same source for this: the gateways keep the ids they had before there were tags.
    for subnet in vpc["subnets"]:
        _tag_subnet(ec2, subnet)


def _new_vpc(vpc_id: str, region: str) -> dict[str, Any]:
    *_, last = ipaddress.ip_network(VPC_CIDR).subnets(new_prefix=SUBNET_PREFIX)
    public = {
        "id": f"subnet-{vpc_id.removeprefix('vpc-')}",
        "cidrBlock": str(last),
        "availabilityZone": f"{region}{ZONE_LETTERS[0]}",
        "public": True,
        "tags": PUBLIC_TAGS,
    }
    return {
        "id": vpc_id,
        "cidrBlock": VPC_CIDR,
        "enableDnsSupport": True,
        "enableDnsHostnames": True,
        "subnets": [public],
    }


def _new_subnet(subnet_id: str, siblings: list[dict[str, Any]], vpc_cidr: str, region: str) -> dict[str, Any]:
    taken = [ipaddress.ip_network(sibling["cidrBlock"]) for sibling in siblings]
    blocks = ipaddress.ip_network(vpc_cidr).subnets(new_prefix=SUBNET_PREFIX)
    free = next((block for block in blocks if not any(block.overlaps(other) for other in taken)), None)
    if free is None:
        raise ValueError(f"{vpc_cidr} has no /{SUBNET_PREFIX} left for {subnet_id}")
    private = sum(not sibling["public"] for sibling in siblings)
    zone = ZONE_LETTERS[private % len(ZONE_LETTERS)]
    return {
        "id": subnet_id,
        "cidrBlock": str(free),
        "availabilityZone": f"{region}{zone}",
        "public": False,
        "tags": PRIVATE_TAGS,
    }


def _make_subnet(ec2: Any, vpc_id: str, subnet: dict[str, Any]) -> None:
    with mock.patch("moto.ec2.models.subnets.random_subnet_id", return_value=subnet["id"]):
        ec2.create_subnet(VpcId=vpc_id, CidrBlock=subnet["cidrBlock"], AvailabilityZone=subnet["availabilityZone"])
    ec2.modify_subnet_attribute(SubnetId=subnet["id"], MapPublicIpOnLaunch={"Value": subnet["public"]})


def _tag_subnet(ec2: Any, subnet: dict[str, Any]) -> None:
    """The account files of earlier simulators have no tags."""
    tags = subnet.get("tags", PUBLIC_TAGS if subnet["public"] else PRIVATE_TAGS)
    if tags:
        ec2.create_tags(Resources=[subnet["id"]], Tags=[{"Key": key, "Value": value} for key, value in tags.items()])


def _make_routes(ec2: Any, vpc: dict[str, Any]) -> None:
    """Public subnets route to an internet gateway, private ones to a NAT gateway in the first public one."""
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc["id"])
    public = [subnet["id"] for subnet in vpc["subnets"] if subnet["public"]]
    private = [subnet["id"] for subnet in vpc["subnets"] if not subnet["public"]]
    _route(ec2, vpc["id"], public, GatewayId=gateway)
    if public:
        address = ec2.allocate_address(Domain="vpc")["AllocationId"]
        nat = ec2.create_nat_gateway(SubnetId=public[0], AllocationId=address)["NatGateway"]
        _route(ec2, vpc["id"], private, NatGatewayId=nat["NatGatewayId"])


def _route(ec2: Any, vpc_id: str, subnet_ids: list[str], **target: str) -> None:
    table = ec2.create_route_table(VpcId=vpc_id)["RouteTable"]["RouteTableId"]
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", **target)
    for subnet_id in subnet_ids:
        ec2.associate_route_table(RouteTableId=table, SubnetId=subnet_id)
