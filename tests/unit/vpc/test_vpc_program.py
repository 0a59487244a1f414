"""What the program of examples/vpc registers, under mocks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pulumi
import pytest
import yaml

from ray_vpc.endpoints import INTERFACES
from ray_vpc.outputs import network_section
from tests.support import mocked_aws
from tests.support.graph import Graph, run_program

EXAMPLE = Path(__file__).parents[3] / "examples" / "vpc"
# The mocked region's second zone is use1-az3.
ZONES = ["us-east-1a", "us-east-1c", "us-east-1d"]


def example(**config: Any) -> Graph:
    return run_program({"aws:region": "us-east-1", **config}, program=EXAMPLE, project="ray-vpc")


@pytest.fixture(scope="module")
def default() -> Graph:
    return example()


@pytest.fixture(scope="module")
def full() -> Graph:
    return example(natGateways=3, interfaceEndpoints=True, name="team", tags={"owner": "ml"})


def test_the_vpc_resolves_names_and_its_default_group_lets_nothing_through(default: Graph) -> None:
    vpc, group = default.one("Vpc"), default.one("DefaultSecurityGroup")

    assert (vpc.inputs["enableDnsSupport"], vpc.inputs["enableDnsHostnames"]) == (True, True)
    assert not {"ingress", "egress"} & group.inputs.keys()
    assert group.inputs["vpcId"] == "ray-id"


def test_three_zones_that_eks_takes_have_a_private_and_a_public_subnet_and_no_address_of_their_own(
    default: Graph,
) -> None:
    subnets = default.of_type("Subnet")

    assert len(subnets) == 6
    for kind, role in (("private", "internal-elb"), ("public", "elb")):
        found = [each.inputs for each in subnets if f"-{kind}-" in each.name]
        assert sorted(each["availabilityZone"] for each in found) == ZONES
        assert all(each["mapPublicIpOnLaunch"] is False for each in found)
        assert all(each["tags"][f"kubernetes.io/role/{role}"] == "1" for each in found)
        assert all(sum(key.startswith("kubernetes.io/role/") for key in each["tags"]) == 1 for each in found)


@pytest.mark.parametrize(("count", "gateways"), [(1, ["a", "a", "a"]), (3, ["a", "c", "d"])])
def test_each_private_subnet_has_its_own_table_with_a_way_out(count: int, gateways: list[str]) -> None:
    graph = example(natGateways=count)
    routes = {each.inputs["routeTableId"]: each.inputs for each in graph.of_type("Route")}
    used = {each.inputs["subnetId"]: each.inputs["routeTableId"] for each in graph.of_type("RouteTableAssociation")}
    private = [used[f"ray-private-{zone}-id"] for zone in ZONES]
    public = {used[f"ray-public-{zone}-id"] for zone in ZONES}

    assert len(graph.of_type("NatGateway")) == len(graph.of_type("Eip")) == count
    assert len(set(private)) == 3
    assert [routes[table]["natGatewayId"] for table in private] == [f"ray-us-east-1{each}-id" for each in gateways]
    assert [routes[table]["gatewayId"] for table in public] == ["ray-id"]
    assert all(each["destinationCidrBlock"] == "0.0.0.0/0" for each in routes.values())


def test_nat_gateways_and_their_addresses_go_before_the_internet_gateway(default: Graph) -> None:
    way_in = default.one("InternetGateway")

    for each in (*default.of_type("NatGateway"), *default.of_type("Eip")):
        assert default.before(way_in, each)
    assert {each.inputs["subnetId"] for each in default.of_type("NatGateway")} == {"ray-public-us-east-1a-id"}


def test_s3_has_a_gateway_in_every_private_table_and_nothing_else_an_endpoint(default: Graph) -> None:
    endpoint = default.one("VpcEndpoint")

    assert endpoint.inputs["serviceName"] == "com.amazonaws.us-east-1.s3"
    assert endpoint.inputs["vpcEndpointType"] == "Gateway"
    assert endpoint.inputs["routeTableIds"] == [f"ray-private-{zone}-id" for zone in ZONES]
    assert default.of_type("SecurityGroup") == []


def test_interface_endpoints_stand_in_every_private_subnet_under_the_services_own_names(full: Graph) -> None:
    interfaces = [each.inputs for each in full.of_type("VpcEndpoint") if each.inputs["vpcEndpointType"] == "Interface"]
    (rule,) = full.of_type("SecurityGroupIngressRule")

    assert {each["serviceName"].removeprefix("com.amazonaws.us-east-1.") for each in interfaces} == set(INTERFACES)
    assert all(each["privateDnsEnabled"] is True for each in interfaces)
    assert all(each["subnetIds"] == [f"team-private-{zone}-id" for zone in ZONES] for each in interfaces)
    assert all(each["securityGroupIds"] == ["team-endpoints-id"] for each in interfaces)
    assert (rule.inputs["fromPort"], rule.inputs["toPort"], rule.inputs["cidrIpv4"]) == (443, 443, "10.0.0.0/16")
    assert full.of_type("SecurityGroupEgressRule") == []


def test_flow_logs_of_all_traffic_go_to_a_group_that_forgets_by_a_role_that_writes_nowhere_else(
    default: Graph,
) -> None:
    log, group = default.one("FlowLog"), default.one("LogGroup")
    arn = f"arn:aws:logs:us-east-1:123456789012:log-group:{group.name}"
    statements = json.loads(default.one("RolePolicy").inputs["policy"])["Statement"]
    trust = json.loads(default.one("Role").inputs["assumeRolePolicy"])["Statement"]

    assert (log.inputs["vpcId"], log.inputs["trafficType"]) == ("ray-id", "ALL")
    assert log.inputs["logDestination"] == arn
    assert group.inputs["retentionInDays"] == 30
    assert [each["Principal"] for each in trust] == [{"Service": "vpc-flow-logs.amazonaws.com"}]
    for statement in statements:
        narrow = statement["Action"] != "logs:DescribeLogGroups"
        assert statement["Resource"] == ([arn, f"{arn}:*"] if narrow else "*")
    assert default.before(default.one("RolePolicy"), log)


def test_every_resource_is_a_part_of_a_component_and_tagged_through_the_provider(full: Graph) -> None:
    own = {each.urn for each in full.nodes.values() if each.type.startswith("ray-vpc:")}
    custom = [each for each in full.nodes.values() if each.custom and not each.type.startswith("pulumi:")]
    (provider,) = full.of_type("pulumi:providers:aws")

    assert len(own) == 3
    assert {each.parent for each in custom} == own
    assert all(provider.urn in each.provider for each in custom)
    assert json.loads(provider.inputs["defaultTags"]) == {"tags": {"owner": "ml"}}


def test_the_outputs_are_the_platforms_network_section(default: Graph) -> None:
    ids = [f"ray-private-{zone}-id" for zone in ZONES]

    assert default.outputs == {"vpcId": "ray-id", "subnetIds": ids, "config": network_section("ray-id", ids)}
    assert yaml.safe_load("config:\n" + default.outputs["config"]) == {
        "config": {"ray-on-eks:network": {"vpcId": "ray-id", "subnetIds": ids}}
    }


def test_a_region_with_fewer_zones_is_refused_before_anything_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    two = {"names": ["us-west-1a", "us-west-1c"], "zoneIds": ["usw1-az3", "usw1-az1"]}
    monkeypatch.setitem(mocked_aws.FUNCTIONS, "aws:index/getAvailabilityZones:getAvailabilityZones", lambda _: two)
    graph = Graph()
    with pytest.raises(pulumi.RunError, match="us-west-1 has 2 zones that EKS takes"):
        run_program({"aws:region": "us-west-1"}, into=graph, program=EXAMPLE, project="ray-vpc")
    assert graph.of_type("Vpc") == []
