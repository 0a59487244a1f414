"""The given network, as EC2 describes it."""

from collections.abc import Iterator, Mapping, Sequence
from ipaddress import IPv4Network
from typing import Any, Final

from ray_platform.checks.facts import Endpoint, NatGateway, Route, RouteTable
from ray_platform.config.network_rules import SubnetFacts, VpcFacts
from ray_platform.survey.questions import Questions

HTTPS: Final = 443

# What a route may lead to (EC2 API reference, Route); a VPC endpoint and ``local`` stand under GatewayId.
TARGETS: Final = (
    "GatewayId",
    "NatGatewayId",
    "TransitGatewayId",
    "VpcPeeringConnectionId",
    "NetworkInterfaceId",
    "InstanceId",
    "LocalGatewayId",
    "CarrierGatewayId",
    "CoreNetworkArn",
)


def read_vpc(ask: Questions, vpc_id: str) -> VpcFacts | None:
    """None where there is none of this id, or where it cannot be read."""
    found = ask.all("the VPC", "ec2", "describe_vpcs", "Vpcs", Filters=[_is("vpc-id", vpc_id)])
    if not found:
        return None
    attributes = [
        ask.one("the VPC's DNS settings", "ec2", "describe_vpc_attribute", VpcId=vpc_id, Attribute=name)
        for name in ("enableDnsSupport", "enableDnsHostnames")
    ]
    if None in attributes:
        return None
    support, hostnames = ({} if each is None else each for each in attributes)
    associated = [each["CidrBlock"] for each in found[0].get("CidrBlockAssociationSet", ())]
    return VpcFacts(
        vpc_id=vpc_id,
        cidr_blocks=tuple(associated) or (found[0]["CidrBlock"],),
        dns_support=support["EnableDnsSupport"]["Value"],
        dns_hostnames=hostnames["EnableDnsHostnames"]["Value"],
    )


def read_subnets(ask: Questions, subnet_ids: Sequence[str]) -> tuple[SubnetFacts, ...]:
    """Those of the ids that exist, in the order of the ids."""
    if not subnet_ids:
        return ()
    found = ask.all("the subnets", "ec2", "describe_subnets", "Subnets", Filters=[_is("subnet-id", *subnet_ids)])
    by_id = {each["SubnetId"]: each for each in found or ()}
    return tuple(_subnet(by_id[each]) for each in subnet_ids if each in by_id)


def read_route_tables(ask: Questions, vpc_id: str) -> tuple[RouteTable, ...] | None:
    """Those of the VPC."""
    found = ask.all(
        "the way out of the subnets",
        "ec2",
        "describe_route_tables",
        "RouteTables",
        Filters=[_is("vpc-id", vpc_id)],
    )
    return None if found is None else tuple(_route_table(each) for each in found)


def read_nat_gateways(ask: Questions, vpc_id: str) -> tuple[NatGateway, ...] | None:
    """Those of the VPC, with those that were deleted within the hour. A regional one stands in no subnet: ``""``."""
    found = ask.all(
        "whether NAT gateways work",
        "ec2",
        "describe_nat_gateways",
        "NatGateways",
        Filter=[_is("vpc-id", vpc_id)],
    )
    if found is None:
        return None
    return tuple(
        NatGateway(gateway_id=each["NatGatewayId"], subnet_id=each.get("SubnetId", ""), state=each["State"])
        for each in found
    )


def read_endpoints(ask: Questions, vpc_id: str, region: str) -> tuple[Endpoint, ...] | None:
    """The VPC's interface and gateway endpoints for services of AWS in the region."""
    found = ask.all(
        "the VPC's endpoints",
        "ec2",
        "describe_vpc_endpoints",
        "VpcEndpoints",
        Filters=[_is("vpc-id", vpc_id)],
    )
    if found is None:
        return None
    kept = [each for each in found if each["VpcEndpointType"] in ("Interface", "Gateway")]
    admitted = _admitted(ask, sorted({group for each in kept for group in _groups(each)}))
    if admitted is None:
        return None
    return tuple(
        Endpoint(
            endpoint_id=each["VpcEndpointId"],
            service=each["ServiceName"].rpartition(f".{region}.")[2],
            kind=each["VpcEndpointType"],
            state=each["State"],
            private_dns=bool(each.get("PrivateDnsEnabled")),
            subnet_ids=tuple(each.get("SubnetIds") or ()),
            route_table_ids=tuple(each.get("RouteTableIds") or ()),
            admitted=tuple(dict.fromkeys(source for group in _groups(each) for source in admitted.get(group, ()))),
        )
        for each in kept
    )


def _admitted(ask: Questions, group_ids: Sequence[str]) -> Mapping[str, list[str]] | None:
    """Security group -> what it lets in on 443/tcp."""
    if not group_ids:
        return {}
    found = ask.all(
        "what the endpoints' security groups let in",
        "ec2",
        "describe_security_groups",
        "SecurityGroups",
        Filters=[_is("group-id", *group_ids)],
    )
    if found is None:
        return None
    rules = {group["GroupId"]: [rule for rule in group["IpPermissions"] if _covers_https(rule)] for group in found}
    return {group: [source for rule in each for source in _sources(ask, rule)] for group, each in rules.items()}


def _covers_https(rule: Mapping[str, Any]) -> bool:
    if rule["IpProtocol"] == "-1":
        return True
    return rule["IpProtocol"] in ("tcp", "6") and rule["FromPort"] <= HTTPS <= rule["ToPort"]


def _sources(ask: Questions, rule: Mapping[str, Any]) -> Iterator[str]:
    """A prefix list is resolved to its IPv4 blocks."""
    for block in rule.get("IpRanges", ()):
        yield block["CidrIp"]
    for pair in rule.get("UserIdGroupPairs", ()):
        yield pair["GroupId"]
    for prefix_list in rule.get("PrefixListIds", ()):
        entries = ask.all(
            "the prefix lists that the endpoints' security groups let in",
            "ec2",
            "get_managed_prefix_list_entries",
            "Entries",
            PrefixListId=prefix_list["PrefixListId"],
        )
        yield from (entry["Cidr"] for entry in entries or () if ":" not in entry["Cidr"])


def _subnet(found: Mapping[str, Any]) -> SubnetFacts:
    return SubnetFacts(
        subnet_id=found["SubnetId"],
        vpc_id=found["VpcId"],
        availability_zone=found["AvailabilityZone"],
        availability_zone_id=found["AvailabilityZoneId"],
        available_addresses=found["AvailableIpAddressCount"],
        cidr_block=str(IPv4Network(found["CidrBlock"])),
        public_ip_on_launch=found["MapPublicIpOnLaunch"],
        tags={tag["Key"]: tag["Value"] for tag in found.get("Tags", ())},
    )


def _route_table(found: Mapping[str, Any]) -> RouteTable:
    associations = found.get("Associations", ())
    return RouteTable(
        table_id=found["RouteTableId"],
        main=any(each.get("Main") for each in associations),
        subnet_ids=tuple(each["SubnetId"] for each in associations if each.get("SubnetId")),
        routes=tuple(_routes(found.get("Routes", ()))),
    )


def _routes(found: Sequence[Mapping[str, Any]]) -> Iterator[Route]:
    for each in found:
        destination = each.get("DestinationCidrBlock") or each.get("DestinationPrefixListId")
        target = next((each[name] for name in TARGETS if each.get(name)), None)
        if destination and target:
            yield Route(destination=destination, target=target, active=each.get("State") != "blackhole")


def _groups(endpoint: Mapping[str, Any]) -> list[str]:
    return [group["GroupId"] for group in endpoint.get("Groups", ())]


def _is(name: str, *values: str) -> dict[str, Any]:
    return {"Name": name, "Values": list(values)}
