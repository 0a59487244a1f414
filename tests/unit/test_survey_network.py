"""What the survey makes of EC2's descriptions of a network."""

from typing import Any

import pytest

from ray_platform.checks.facts import Endpoint, NatGateway, Route
from ray_platform.survey.network import read_endpoints, read_nat_gateways, read_route_tables
from ray_platform.survey.questions import Questions
from tests.support.stubbed_aws import Stubbed

VPC = "vpc-1"


@pytest.mark.parametrize(
    ("told", "target"),
    [
        ({"GatewayId": "local"}, "local"),
        ({"GatewayId": "igw-1"}, "igw-1"),
        ({"GatewayId": "vpce-1"}, "vpce-1"),
        ({"NatGatewayId": "nat-1"}, "nat-1"),
        ({"TransitGatewayId": "tgw-1"}, "tgw-1"),
        ({"VpcPeeringConnectionId": "pcx-1"}, "pcx-1"),
        ({"InstanceId": "i-1", "NetworkInterfaceId": "eni-1"}, "eni-1"),
    ],
)
def test_a_route_leads_to_whatever_ec2_names(told: dict[str, str], target: str) -> None:
    route = {"DestinationCidrBlock": "0.0.0.0/0", "State": "active", **told}

    assert routes(route) == [Route(destination="0.0.0.0/0", target=target)]


def test_a_black_hole_is_no_active_route() -> None:
    route = {"DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": "nat-1", "State": "blackhole"}

    assert routes(route) == [Route(destination="0.0.0.0/0", target="nat-1", active=False)]


def test_prefix_lists_are_destinations_too_and_ipv6_is_left_out() -> None:
    to_s3 = {"DestinationPrefixListId": "pl-1", "GatewayId": "vpce-1", "State": "active"}
    ipv6 = {"DestinationIpv6CidrBlock": "::/0", "EgressOnlyInternetGatewayId": "eigw-1", "State": "active"}

    assert routes(to_s3, ipv6) == [Route(destination="pl-1", target="vpce-1")]


def routes(*told: dict[str, Any]) -> list[Route]:
    asked = Stubbed("ec2")
    table = {"RouteTableId": "rtb-1", "Associations": [{"Main": True}], "Routes": list(told)}
    asked.answers["ec2"].add_response("describe_route_tables", {"RouteTables": [table]})
    (found,) = read_route_tables(Questions(environment=asked), VPC) or ()
    assert (found.table_id, found.main, found.subnet_ids) == ("rtb-1", True, ())
    return list(found.routes)


def test_a_regional_nat_gateway_stands_in_no_subnet() -> None:
    asked = Stubbed("ec2")
    regional = {"NatGatewayId": "nat-1", "State": "available", "AvailabilityMode": "regional"}
    asked.answers["ec2"].add_response("describe_nat_gateways", {"NatGateways": [regional]})

    found = read_nat_gateways(Questions(environment=asked), VPC)

    assert found == (NatGateway(gateway_id="nat-1", subnet_id="", state="available"),)


def test_an_endpoint_admits_what_its_groups_let_in_on_443() -> None:
    asked = Stubbed("ec2")
    endpoint = {
        "VpcEndpointId": "vpce-1",
        "VpcEndpointType": "Interface",
        "ServiceName": "cn.com.amazonaws.eu-west-1.ecr.api",
        "State": "available",
        "PrivateDnsEnabled": True,
        "SubnetIds": ["subnet-1"],
        "Groups": [{"GroupId": "sg-1"}, {"GroupId": "sg-2"}],
    }
    gateway_of_others = {"VpcEndpointId": "vpce-2", "VpcEndpointType": "GatewayLoadBalancer"}
    web = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "IpRanges": [{"CidrIp": "10.9.0.0/16"}]}
    names = {"IpProtocol": "udp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "10.8.0.0/16"}]}
    around = {"IpProtocol": "tcp", "FromPort": 400, "ToPort": 500, "IpRanges": [{"CidrIp": "10.1.0.0/16"}]}
    all_of_group = {"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": "sg-3"}]}
    of_list = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "PrefixListIds": [{"PrefixListId": "pl-1"}]}
    groups = [
        {"GroupId": "sg-1", "IpPermissions": [web, names, around]},
        {"GroupId": "sg-2", "IpPermissions": [all_of_group, of_list, around]},
    ]
    answers = asked.answers["ec2"]
    answers.add_response("describe_vpc_endpoints", {"VpcEndpoints": [endpoint, gateway_of_others]})
    answers.add_response("describe_security_groups", {"SecurityGroups": groups})
    entries = [{"Cidr": "10.2.0.0/16"}, {"Cidr": "fd00::/8"}]
    answers.add_response("get_managed_prefix_list_entries", {"Entries": entries}, {"PrefixListId": "pl-1"})

    assert read_endpoints(Questions(environment=asked), VPC, "eu-west-1") == (
        Endpoint(
            endpoint_id="vpce-1",
            service="ecr.api",
            kind="Interface",
            state="available",
            private_dns=True,
            subnet_ids=("subnet-1",),
            route_table_ids=(),
            admitted=("10.1.0.0/16", "sg-3", "10.2.0.0/16"),
        ),
    )
