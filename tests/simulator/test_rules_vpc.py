"""VPCs, subnets, gateways, routes, endpoints and flow logs: what AWS refuses, and what holds what."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from simulator.account.moto_cloud import ClientError
from simulator.account.resource import Refusal
from simulator.aws.lookups import get_availability_zones
from tests.simulator.aws_by_hand import SUBNETS, VPC, ByHand, Rejected
from tests.simulator.vpc_by_hand import SERVICE, WholeVpc, endpoint, flow_log, subnet, whole_vpc

ANYWHERE = "0.0.0.0/0"


@pytest.fixture
def whole(hand: ByHand) -> WholeVpc:
    return whole_vpc(hand)


@pytest.mark.parametrize("block", ["10.9.0.0/15", "10.9.0.0/29", "10.9.0.1/16", "nonsense"])
@pytest.mark.parametrize(
    ("kind", "needed"), [("Vpc", {}), ("Subnet", {"vpcId": VPC, "availabilityZone": "us-east-1a"})]
)
def test_a_block_that_no_vpc_and_no_subnet_can_have_is_rejected(
    hand: ByHand, kind: str, needed: dict[str, str], block: str
) -> None:
    with pytest.raises(Rejected, match="cidrBlock"):
        hand.make(kind, cidrBlock=block, **needed)


@pytest.mark.parametrize(
    ("kind", "inputs"),
    [
        ("Vpc", {"cidrBlock": "10.9.0.0/16", "assignGeneratedIpv6CidrBlock": True}),
        ("Subnet", {"vpcId": VPC, "cidrBlock": "10.0.64.0/20", "availabilityZone": "us-east-1a", "outpostArn": "o"}),
        ("DefaultSecurityGroup", {"vpcId": VPC, "ingress": [{"protocol": "-1", "fromPort": 0, "toPort": 0}]}),
        ("Eip", {"domain": "vpc", "instance": "i-1"}),
        ("NatGateway", {"subnetId": SUBNETS[0], "connectivityType": "private"}),
        ("RouteTable", {"vpcId": VPC, "routes": [{"cidrBlock": ANYWHERE}]}),
        ("Route", {"routeTableId": "rtb-1", "destinationCidrBlock": ANYWHERE}),
        ("Route", {"routeTableId": "rtb-1", "destinationCidrBlock": ANYWHERE, "gatewayId": "a", "natGatewayId": "b"}),
        ("RouteTableAssociation", {"routeTableId": "rtb-1", "gatewayId": "igw-1"}),
        ("VpcEndpoint", {"vpcId": VPC, "serviceName": f"{SERVICE}.s3", "subnetIds": SUBNETS}),
        ("FlowLog", {"vpcId": VPC, "logDestinationType": "s3", "logDestination": "arn:aws:s3:::b"}),
        ("FlowLog", {"vpcId": VPC, "logDestination": "arn", "iamRoleArn": "arn", "maxAggregationInterval": 30}),
    ],
)
def test_what_the_account_does_not_play_is_rejected_and_not_passed_over(
    hand: ByHand, kind: str, inputs: dict[str, Any]
) -> None:
    with pytest.raises(Rejected):
        hand.make(kind, **inputs)


def test_dns_support_is_on_and_host_names_are_off_where_the_program_says_nothing(hand: ByHand) -> None:
    made = hand.make("Vpc", cidrBlock="10.9.0.0/16")
    assert (made.outputs["enableDnsSupport"], made.outputs["enableDnsHostnames"]) == (True, False)
    changed = hand.update("Vpc", made.id, enableDnsHostnames=True, enableDnsSupport=False)
    assert (changed["enableDnsSupport"], changed["enableDnsHostnames"]) == (False, True)


def test_a_region_has_five_vpcs_and_five_addresses(hand: ByHand) -> None:
    with pytest.raises(Refusal, match="VpcLimitExceeded"):
        for number in range(5):
            hand.make("Vpc", cidrBlock=f"10.{9 + number}.0.0/16")
    with pytest.raises(Refusal, match="AddressLimitExceeded"):
        for _ in range(6):
            hand.make("Eip", domain="vpc")


def test_a_subnet_is_in_its_vpc_and_apart_from_the_others(hand: ByHand, whole: WholeVpc) -> None:
    with pytest.raises(ClientError, match=r"InvalidSubnet\.Range"):
        subnet(hand, whole.vpc, "10.9.0.0/20", "a")
    with pytest.raises(ClientError, match=r"InvalidSubnet\.Conflict"):
        subnet(hand, whole.vpc, "10.8.16.0/20", "a")


def test_a_subnet_gives_no_public_address_unless_told_to(hand: ByHand, whole: WholeVpc) -> None:
    """moto turns it on for the first subnet of a zone."""
    found = hand.account.client("ec2").describe_subnets(SubnetIds=[whole.private, whole.other])["Subnets"]
    assert [each["MapPublicIpOnLaunch"] for each in found] == [False, False]
    assert hand.update("Subnet", whole.private, mapPublicIpOnLaunch=True)["mapPublicIpOnLaunch"] is True


def test_the_default_group_is_closed_and_goes_with_its_vpc_only(hand: ByHand) -> None:
    vpc = hand.make("Vpc", cidrBlock="10.9.0.0/16")
    group = hand.make("DefaultSecurityGroup", vpcId=vpc.id).id
    ec2 = hand.account.client("ec2")
    (found,) = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"]
    assert (group, found["IpPermissions"], found["IpPermissionsEgress"]) == (
        vpc.outputs["defaultSecurityGroupId"],
        [],
        [],
    )

    hand.delete("DefaultSecurityGroup", group)
    assert ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"]
    hand.delete("Vpc", vpc.id)
    with pytest.raises(ClientError):
        ec2.describe_security_groups(GroupIds=[group])


def test_a_vpc_has_one_internet_gateway_and_may_get_it_later(hand: ByHand, whole: WholeVpc) -> None:
    with pytest.raises(Refusal, match="already has an internet gateway"):
        hand.make("InternetGateway", vpcId=whole.vpc)
    vpc = hand.make("Vpc", cidrBlock="10.9.0.0/16").id
    gateway = hand.make("InternetGateway").id
    assert hand.update("InternetGateway", gateway, vpcId=vpc)["vpcId"] == vpc


def test_a_nat_gateway_needs_a_free_address_and_a_way_into_the_internet(hand: ByHand, whole: WholeVpc) -> None:
    with pytest.raises(Refusal, match=r"Resource\.AlreadyAssociated"):
        hand.make("NatGateway", allocationId=whole.address, subnetId=whole.public)
    with pytest.raises(Refusal, match=r"InvalidAllocationID\.NotFound"):
        hand.make("NatGateway", allocationId="eipalloc-0", subnetId=whole.public)
    lonely = subnet(hand, hand.make("Vpc", cidrBlock="10.9.0.0/16").id, "10.9.0.0/20", "a")
    with pytest.raises(Refusal, match=r"Gateway\.NotAttached"):
        hand.make("NatGateway", allocationId=hand.make("Eip", domain="vpc").id, subnetId=lonely)


def test_an_address_is_free_again_once_its_nat_gateway_has_gone(hand: ByHand, whole: WholeVpc) -> None:
    with pytest.raises(Refusal, match=r"InvalidIPAddress\.InUse"):
        hand.delete("Eip", whole.address)
    hand.delete("NatGateway", whole.nat_gateway)
    assert hand.read("NatGateway", whole.nat_gateway) is None
    hand.delete("Eip", whole.address)
    assert hand.read("Eip", whole.address) is None


def test_a_route_is_there_once_and_leads_to_what_is_in_its_vpc(hand: ByHand, whole: WholeVpc) -> None:
    table = hand.make("RouteTable", vpcId=whole.vpc).id
    with pytest.raises(Refusal, match="RouteAlreadyExists"):
        hand.make("Route", routeTableId=whole.public_table, destinationCidrBlock=ANYWHERE, gatewayId=whole.gateway)
    with pytest.raises(Refusal, match="belong to different networks"):
        hand.make("Route", routeTableId=table, destinationCidrBlock=ANYWHERE, gatewayId=hand.make("InternetGateway").id)
    with pytest.raises(Refusal, match=r"InvalidNatGatewayID\.NotFound"):
        hand.make("Route", routeTableId=table, destinationCidrBlock=ANYWHERE, natGatewayId="nat-0")
    with pytest.raises(Refusal, match=r"InvalidRouteTableID\.NotFound"):
        hand.make("Route", routeTableId="rtb-0", destinationCidrBlock=ANYWHERE, gatewayId=whole.gateway)


def test_a_route_gets_another_nat_gateway_in_place(hand: ByHand, whole: WholeVpc) -> None:
    second = hand.make("NatGateway", allocationId=hand.make("Eip", domain="vpc").id, subnetId=whole.public).id
    (route,) = [each for each in hand.account.records(hand.type("Route").token) if each.inputs.get("natGatewayId")]
    assert hand.update("Route", route.id, natGatewayId=second)["natGatewayId"] == second
    assert route.id == f"r-{whole.private_table}1080289494"

    # The gateway is younger than the route now, and the route waits for it when the file is read again.
    hand.account.rebuild()
    (table,) = hand.account.client("ec2").describe_route_tables(RouteTableIds=[whole.private_table])["RouteTables"]
    assert [each["NatGatewayId"] for each in table["Routes"] if each.get("NatGatewayId")] == [second]


def test_a_subnet_uses_one_table_of_its_own_vpc_and_moves_to_another_in_place(hand: ByHand, whole: WholeVpc) -> None:
    other = hand.make("RouteTable", vpcId=whole.vpc).id
    with pytest.raises(Refusal, match=r"Resource\.AlreadyAssociated"):
        hand.make("RouteTableAssociation", routeTableId=other, subnetId=whole.private)
    stranger = hand.make("RouteTable", vpcId=VPC).id
    with pytest.raises(Refusal, match="belong to different networks"):
        hand.make("RouteTableAssociation", routeTableId=stranger, subnetId=whole.other)
    association = hand.make("RouteTableAssociation", routeTableId=other, subnetId=whole.other).id
    assert hand.update("RouteTableAssociation", association, routeTableId=whole.private_table) == {
        "routeTableId": whole.private_table,
        "subnetId": whole.other,
        "region": "us-east-1",
    }


@pytest.mark.parametrize(
    ("service", "kind"), [("nosuch", "Gateway"), ("sts", "Gateway")], ids=["no such service", "no gateway of it"]
)
def test_an_endpoint_is_of_a_service_that_is_there(hand: ByHand, whole: WholeVpc, service: str, kind: str) -> None:
    with pytest.raises(Refusal, match="InvalidServiceName"):
        endpoint(hand, whole.vpc, service, vpcEndpointType=kind)


def test_an_endpoint_stands_once_in_a_zone_and_once_under_a_name(hand: ByHand, whole: WholeVpc) -> None:
    with pytest.raises(Refusal, match="DuplicateSubnetsInSameZone"):
        hand.update("VpcEndpoint", whole.interface_endpoint, subnetIds=[whole.private, whole.public])
    with pytest.raises(Refusal, match="conflicting DNS domain"):
        endpoint(hand, whole.vpc, "sts", vpcEndpointType="Interface", privateDnsEnabled=True)
    with pytest.raises(Refusal, match="RouteAlreadyExists"):
        endpoint(hand, whole.vpc, "s3", routeTableIds=[whole.private_table])


@pytest.mark.parametrize("attribute", ["enableDnsSupport", "enableDnsHostnames"])
def test_private_dns_of_an_endpoint_needs_that_of_the_vpc(hand: ByHand, whole: WholeVpc, attribute: str) -> None:
    hand.update("Vpc", whole.vpc, **{attribute: False})
    with pytest.raises(Refusal, match="Enabling private DNS requires"):
        endpoint(hand, whole.vpc, "ec2", vpcEndpointType="Interface", privateDnsEnabled=True)


def test_an_endpoint_moves_between_subnets_and_tables_in_place(hand: ByHand, whole: WholeVpc) -> None:
    moved = hand.update("VpcEndpoint", whole.interface_endpoint, subnetIds=[whole.other])
    assert moved["subnetIds"] == [whole.other]
    moved = hand.update("VpcEndpoint", whole.gateway_endpoint, routeTableIds=[whole.public_table])
    assert moved["routeTableIds"] == [whole.public_table]
    tables = hand.account.client("ec2").describe_route_tables(RouteTableIds=[whole.private_table, whole.public_table])
    led = {table["RouteTableId"]: whole.gateway_endpoint in str(table["Routes"]) for table in tables["RouteTables"]}
    assert led == {whole.private_table: False, whole.public_table: True}
    hand.delete("VpcEndpoint", whole.gateway_endpoint)
    assert hand.read("VpcEndpoint", whole.gateway_endpoint) is None


def test_a_flow_log_needs_a_role_that_its_service_may_assume(hand: ByHand) -> None:
    with pytest.raises(Refusal, match="Unable to assume given IAM role"):
        flow_log(hand, VPC, trusted="ec2.amazonaws.com")


def test_a_second_flow_log_to_the_same_place_is_refused(hand: ByHand, whole: WholeVpc) -> None:
    (first,) = hand.account.records(hand.type("FlowLog").token)
    with pytest.raises(ClientError, match="FlowLogAlreadyExists"):
        hand.make("FlowLog", **first.inputs)


HELD: dict[str, tuple[str, Callable[[WholeVpc], str], str]] = {
    "a VPC by its subnets": ("Vpc", lambda whole: whole.vpc, "subnet-"),
    "a subnet by a NAT gateway": ("Subnet", lambda whole: whole.public, "network interface eni-"),
    "a subnet by an endpoint": ("Subnet", lambda whole: whole.other, "network interface eni-"),
    "an internet gateway by public addresses": ("InternetGateway", lambda whole: whole.gateway, "mapped public"),
}


@pytest.mark.parametrize(("kind", "id_of", "by"), HELD.values(), ids=HELD)
def test_what_is_in_use_stays(
    hand: ByHand, whole: WholeVpc, kind: str, id_of: Callable[[WholeVpc], str], by: str
) -> None:
    with pytest.raises(Refusal, match=f"DependencyViolation.*{by}"):
        hand.delete(kind, id_of(whole))


def test_a_table_stays_while_a_subnet_uses_it(hand: ByHand, whole: WholeVpc) -> None:
    with pytest.raises(ClientError, match="DependencyViolation"):
        hand.delete("RouteTable", whole.private_table)


@pytest.mark.parametrize("kind", ["InternetGateway", "RouteTable", "SecurityGroup", "VpcEndpoint"])
def test_a_vpc_stays_while_something_is_in_it(hand: ByHand, kind: str) -> None:
    vpc = hand.make("Vpc", cidrBlock="10.9.0.0/16").id
    others = {"SecurityGroup": {"name": "g"}, "VpcEndpoint": {"serviceName": f"{SERVICE}.s3"}}
    made = hand.make(kind, vpcId=vpc, **others.get(kind, {})).id
    with pytest.raises(Refusal, match=f"DependencyViolation.*{made}"):
        hand.delete("Vpc", vpc)
    hand.delete(kind, made)
    hand.delete("Vpc", vpc)
    assert hand.read("Vpc", vpc) is None


def test_a_subnet_stays_while_a_cluster_is_in_it(hand: ByHand, whole: WholeVpc) -> None:
    group = hand.make("SecurityGroup", name="nodes", vpcId=whole.vpc).id
    network = {"subnetIds": [whole.private, whole.other], "securityGroupIds": [group]}
    hand.cluster(security_group=group, vpcConfig=network)
    hand.delete("VpcEndpoint", whole.interface_endpoint)
    with pytest.raises(Refusal, match=r"DependencyViolation.*EKS cluster ray"):
        hand.delete("Subnet", whole.private)


def test_zones_can_be_asked_for_without_some_and_by_no_other_filter(hand: ByHand) -> None:
    offered = {"name": "opt-in-status", "values": ["opt-in-not-required"]}
    found = get_availability_zones(
        hand.account, {"state": "available", "filters": [offered], "excludeZoneIds": ["use1-az3"]}
    )
    assert found["names"][:3] == ["us-east-1a", "us-east-1b", "us-east-1c"]
    assert len(found["names"]) == len(found["zoneIds"])
    assert "use1-az3" not in found["zoneIds"]
    with pytest.raises(Refusal, match="NotSimulated"):
        get_availability_zones(hand.account, {"filters": [{"name": "zone-type", "values": ["local-zone"]}]})
