"""Faults of the given VPC, its subnets and their ways out."""

import ipaddress
from typing import Any

from moto.ec2.models import ec2_backends

from simulator.account import Account
from simulator.account.network_fixture import ensure_network
from simulator.aws.by_hand import use_up_addresses
from tests.support.checking import SUBNETS, VPC, Fault, Plant, Planted

OTHER_VPC = "vpc-0b2c3d4e5f6071829"
OTHER_SUBNET = "subnet-0e2f3a4b5c6d70002"
ANYWHERE = "0.0.0.0/0"


def without(attribute: str) -> Plant:
    """Switch an attribute of the VPC off."""

    def plant(account: Account) -> None:
        account.client("ec2").modify_vpc_attribute(VpcId=VPC, **{attribute: {"Value": False}})

    return plant


def in_zone(subnet_id: str, zone: str) -> Plant:
    """Let a subnet have been made in another zone."""

    def plant(account: Account) -> None:
        subnets = (subnet for vpc in account.network["vpcs"] for subnet in vpc["subnets"])
        next(subnet for subnet in subnets if subnet["id"] == subnet_id)["availabilityZone"] = zone
        account.save()
        account.rebuild()

    return plant


def another_vpc(account: Account) -> None:
    ensure_network(account, OTHER_VPC, ["subnet-0e2f3a4b5c6d70001", OTHER_SUBNET])


def keep_whole(count: int) -> Plant:
    """Reserve all but so many addresses at the end of each subnet for machines that are given them by hand.

    To moto they remain free, so what runs out is whole blocks.
    """

    def plant(account: Account) -> None:
        ec2 = account.client("ec2")
        for subnet in ec2.describe_subnets(SubnetIds=list(SUBNETS))["Subnets"]:
            rest = ipaddress.IPv4Network(subnet["CidrBlock"])
            while rest.num_addresses > count:
                half, rest = rest.subnets(prefixlen_diff=1)
                ec2.create_subnet_cidr_reservation(
                    SubnetId=subnet["SubnetId"], Cidr=str(half), ReservationType="explicit"
                )

    return plant


def table_of(account: Account, subnet_id: str) -> str:
    filters = [{"Name": "association.subnet-id", "Values": [subnet_id]}]
    (table,) = account.client("ec2").describe_route_tables(Filters=filters)["RouteTables"]
    return str(table["RouteTableId"])


def nat_gateway(account: Account) -> dict[str, Any]:
    filters = [{"Name": "vpc-id", "Values": [VPC]}]
    (gateway,) = account.client("ec2").describe_nat_gateways(Filter=filters)["NatGateways"]
    return dict(gateway)


def no_default_route(account: Account) -> Planted:
    table = table_of(account, SUBNETS[0])
    account.client("ec2").delete_route(RouteTableId=table, DestinationCidrBlock=ANYWHERE)
    return Planted(where=table)


def black_hole(account: Account) -> Planted:
    account.client("ec2").delete_nat_gateway(NatGatewayId=nat_gateway(account)["NatGatewayId"])
    return Planted(where=table_of(account, SUBNETS[0]))


def failed_gateway(account: Account) -> Planted:
    gateway = nat_gateway(account)["NatGatewayId"]
    ec2_backends[account.account_id][account.region].nat_gateways[gateway].state = "failed"
    return Planted(where=gateway)


def shut_in_gateway(account: Account) -> Planted:
    gateway = nat_gateway(account)
    table = table_of(account, gateway["SubnetId"])
    account.client("ec2").delete_route(RouteTableId=table, DestinationCidrBlock=ANYWHERE)
    return Planted(where=gateway["NatGatewayId"])


def private_behind_internet_gateway(account: Account) -> Planted:
    ec2, table = account.client("ec2"), table_of(account, SUBNETS[0])
    gateways = ec2.describe_internet_gateways(Filters=[{"Name": "attachment.vpc-id", "Values": [VPC]}])
    (gateway,) = gateways["InternetGateways"]
    ec2.replace_route(RouteTableId=table, DestinationCidrBlock=ANYWHERE, GatewayId=gateway["InternetGatewayId"])
    return Planted(where=table)


def public_addresses(account: Account) -> None:
    account.client("ec2").modify_subnet_attribute(SubnetId=SUBNETS[1], MapPublicIpOnLaunch={"Value": True})


def untagged(account: Account) -> None:
    account.client("ec2").delete_tags(Resources=[SUBNETS[0]], Tags=[{"Key": "kubernetes.io/role/internal-elb"}])


def of_another_cluster(account: Account) -> None:
    tag = {"Key": "kubernetes.io/cluster/billing", "Value": "owned"}
    account.client("ec2").create_tags(Resources=[SUBNETS[0]], Tags=[tag])


def over_both_service_ranges(account: Account) -> None:
    for block in ("10.100.0.0/16", "172.20.0.0/16"):
        account.client("ec2").associate_vpc_cidr_block(VpcId=VPC, CidrBlock=block)


FAULTS = (
    Fault(
        name="DNS support is off",
        code="config-refused",
        where="network.vpcId",
        plant=without("EnableDnsSupport"),
        evidence=("DNS support on", VPC),
        remedy=(f"aws ec2 modify-vpc-attribute --vpc-id {VPC} --enable-dns-support",),
    ),
    Fault(
        name="DNS hostnames are off",
        code="config-refused",
        where="network.vpcId",
        plant=without("EnableDnsHostnames"),
        evidence=("DNS hostnames on", VPC),
        remedy=(f"aws ec2 modify-vpc-attribute --vpc-id {VPC} --enable-dns-hostnames",),
    ),
    Fault(
        name="all subnets are in one zone",
        code="config-refused",
        where="network.subnetIds",
        plant=in_zone(SUBNETS[1], "us-east-1a"),
        evidence=("at least 2 availability zones", "all are in us-east-1a"),
        remedy=("Add a subnet in another zone",),
    ),
    Fault(
        name="a subnet is in another VPC",
        code="config-refused",
        where="network.subnetIds[1]",
        config={"network": {"subnetIds": [SUBNETS[0], OTHER_SUBNET]}},
        plant=another_vpc,
        evidence=(f"it belongs to {OTHER_VPC}", OTHER_SUBNET),
        remedy=("Choose a subnet of the cluster's VPC",),
    ),
    Fault(
        name="a subnet that does not exist",
        code="config-refused",
        where="network.subnetIds[1]",
        config={"network": {"subnetIds": [SUBNETS[0], "subnet-0123456789abcdef0"]}},
        evidence=("AWS must know it", "subnet-0123456789abcdef0"),
        remedy=("aws sts get-caller-identity",),
    ),
    Fault(
        name="a VPC that does not exist",
        code="config-refused",
        where="network.vpcId",
        config={"network": {"vpcId": "vpc-0123456789abcdef0"}},
        evidence=("AWS must know it", "vpc-0123456789abcdef0"),
        remedy=("aws sts get-caller-identity",),
    ),
    Fault(
        name="no free addresses for the control plane",
        code="config-refused",
        where="network.subnetIds[0]",
        plant=lambda account: use_up_addresses(account, SUBNETS[0]),
        evidence=("at least 6 free addresses", "it has 3"),
        remedy=("Choose a larger subnet or free addresses",),
        beside=frozenset({"vpc-addresses"}),
    ),
    Fault(
        name="services overlap the VPC",
        code="config-refused",
        where="cluster.serviceIpv4Cidr",
        config={"cluster": {"serviceIpv4Cidr": "10.0.128.0/20"}},
        evidence=("it overlaps 10.0.0.0/16",),
        remedy=("Choose another private block",),
    ),
    Fault(
        name="the VPC covers both ranges that EKS takes services from",
        code="vpc-service-range",
        where="cluster.serviceIpv4Cidr",
        plant=over_both_service_ranges,
        evidence=(VPC, "10.100.0.0/16", "172.20.0.0/16"),
        remedy=("pulumi config set --path 'ray-on-eks:cluster.serviceIpv4Cidr' ",),
    ),
    Fault(
        name="too few blocks for the first nodes",
        code="vpc-addresses",
        where="network.subnetIds",
        plant=keep_whole(16),
        evidence=("too few free /28 blocks for the nodes the pools begin with", "2 of cpu", *SUBNETS),
        remedy=(f"aws ec2 associate-vpc-cidr-block --vpc-id {VPC}",),
    ),
    Fault(
        name="too few blocks for all nodes",
        code="vpc-addresses",
        where="network.subnetIds",
        severity="warning",
        plant=keep_whole(128),
        evidence=("too few free /28 blocks for the nodes the pools may grow to", "4 of cpu, 2 of gpu"),
        remedy=(
            "pulumi config set --path 'ray-on-eks:nodePools.cpu.maxSize' ",
            "addons.vpcCni.prefixDelegation' false",
        ),
    ),
    Fault(
        name="no default route",
        code="vpc-no-way-out",
        plant=no_default_route,
        evidence=("HERE has no route to 0.0.0.0/0", *SUBNETS),
        remedy=("aws ec2 create-route --route-table-id HERE --destination-cidr-block 0.0.0.0/0 --nat-gateway-id nat-",),
    ),
    Fault(
        name="the NAT gateway is gone",
        code="vpc-black-hole",
        plant=black_hole,
        evidence=("a black hole", "nat-"),
        remedy=("aws ec2 create-nat-gateway", "aws ec2 replace-route --route-table-id HERE"),
    ),
    Fault(
        name="the NAT gateway failed",
        code="vpc-nat-gateway",
        plant=failed_gateway,
        evidence=("HERE is failed",),
        remedy=("aws ec2 create-nat-gateway", "aws ec2 replace-route --route-table-id rtb-"),
    ),
    Fault(
        name="the NAT gateway has no way out itself",
        code="vpc-nat-gateway",
        plant=shut_in_gateway,
        evidence=("HERE stands in subnet-0a1b2c3d4e5f60718",),
        remedy=("aws ec2 create-route --route-table-id rtb-", "--gateway-id "),
    ),
    Fault(
        name="private nodes behind an internet gateway",
        code="vpc-gateway-without-address",
        plant=private_behind_internet_gateway,
        evidence=("HERE leads to igw-", "public addresses"),
        remedy=("aws ec2 replace-route --route-table-id HERE", "--nat-gateway-id nat-"),
    ),
    Fault(
        name="public addresses on launch",
        code="vpc-public-addresses",
        where="network.subnetIds[1]",
        severity="warning",
        plant=public_addresses,
        evidence=(SUBNETS[1], "MapPublicIpOnLaunch"),
        remedy=(f"aws ec2 modify-subnet-attribute --subnet-id {SUBNETS[1]} --no-map-public-ip-on-launch",),
    ),
    Fault(
        name="a subnet without the tag of internal load balancers",
        code="vpc-load-balancer-tags",
        where="network.subnetIds",
        severity="note",
        plant=untagged,
        evidence=(SUBNETS[0], "kubernetes.io/role/internal-elb=1"),
        remedy=(f"aws ec2 create-tags --resources {SUBNETS[0]} --tags Key=kubernetes.io/role/internal-elb,Value=1",),
    ),
    Fault(
        name="a subnet of another cluster",
        code="vpc-other-cluster",
        where="network.subnetIds[0]",
        severity="warning",
        plant=of_another_cluster,
        evidence=(f"{SUBNETS[0]} has the tag kubernetes.io/cluster/billing=owned",),
        remedy=("Key=kubernetes.io/cluster/billing,Value=shared",),
    ),
)
