"""The functions of pulumi-aws that tell what a network is like."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from simulator.account.resource import Refusal
from simulator.aws.base import arn, tag_map
from simulator.aws.lookup_arguments import NO_RESULT, refuse_other_arguments

if TYPE_CHECKING:
    from simulator.account import Account

_TARGETS = {
    "gatewayId": "GatewayId",
    "natGatewayId": "NatGatewayId",
    "transitGatewayId": "TransitGatewayId",
    "vpcPeeringConnectionId": "VpcPeeringConnectionId",
    "networkInterfaceId": "NetworkInterfaceId",
    "instanceId": "InstanceId",
}
"""Property of a route in pulumi-aws -> that of EC2."""


def get_vpc(account: Account, args: dict[str, Any]) -> dict[str, Any]:
    refuse_other_arguments("getVpc", args, "id")
    ec2 = account.client("ec2")
    try:
        vpc = ec2.describe_vpcs(VpcIds=[args["id"]])["Vpcs"][0]
    except (ClientError, IndexError):
        raise Refusal(NO_RESULT, f"no matching EC2 VPC found ({args['id']})") from None
    associations = [
        {
            "associationId": each["AssociationId"],
            "cidrBlock": each["CidrBlock"],
            "state": each["CidrBlockState"]["State"],
        }
        for each in vpc["CidrBlockAssociationSet"]
    ]
    return {
        "id": vpc["VpcId"],
        "arn": arn(account, "ec2", f"vpc/{vpc['VpcId']}"),
        "cidrBlock": vpc["CidrBlock"],
        "cidrBlockAssociations": associations,
        "default": vpc.get("IsDefault", False),
        "dhcpOptionsId": vpc.get("DhcpOptionsId", ""),
        "enableDnsHostnames": _vpc_attribute(account, vpc["VpcId"], "enableDnsHostnames"),
        "enableDnsSupport": _vpc_attribute(account, vpc["VpcId"], "enableDnsSupport"),
        "enableNetworkAddressUsageMetrics": False,
        "instanceTenancy": vpc.get("InstanceTenancy", "default"),
        "ipv6AssociationId": "",
        "ipv6CidrBlock": "",
        "ipv6CidrBlockAssociations": [],
        "mainRouteTableId": _main_route_table(account, vpc["VpcId"]),
        "ownerId": account.account_id,
        "region": account.region,
        "state": vpc["State"],
        "tags": tag_map(vpc.get("Tags")),
    }


def _vpc_attribute(account: Account, vpc_id: str, name: str) -> bool:
    answer = account.client("ec2").describe_vpc_attribute(VpcId=vpc_id, Attribute=name)
    return bool(answer[name[0].upper() + name[1:]]["Value"])


def _main_route_table(account: Account, vpc_id: str) -> str:
    tables = account.client("ec2").describe_route_tables(
        Filters=[{"Name": "vpc-id", "Values": [vpc_id]}, {"Name": "association.main", "Values": ["true"]}]
    )["RouteTables"]
    return str(tables[0]["RouteTableId"]) if tables else ""


def get_managed_prefix_list(account: Account, args: dict[str, Any]) -> dict[str, Any]:
    refuse_other_arguments("getManagedPrefixList", args, "name")
    lists = account.client("ec2").describe_managed_prefix_lists()["PrefixLists"]
    found = [each for each in lists if each["PrefixListName"] == args["name"]]
    if not found:
        raise Refusal(NO_RESULT, f"no matching EC2 Managed Prefix List found ({args['name']})")
    (prefix_list,) = found
    return {
        "id": prefix_list["PrefixListId"],
        "arn": prefix_list["PrefixListArn"],
        "name": prefix_list["PrefixListName"],
        "addressFamily": prefix_list["AddressFamily"],
        "entries": [],
        "maxEntries": 0,
        "ownerId": prefix_list["OwnerId"],
        "region": account.region,
        "tags": {},
        "version": 1,
    }


def get_subnet(account: Account, args: dict[str, Any]) -> dict[str, Any]:
    refuse_other_arguments("getSubnet", args, "id")
    try:
        subnet = account.client("ec2").describe_subnets(SubnetIds=[args["id"]])["Subnets"][0]
    except (ClientError, IndexError):
        raise Refusal(NO_RESULT, f"no matching EC2 Subnet found ({args['id']})") from None
    return {
        "id": subnet["SubnetId"],
        "arn": subnet["SubnetArn"],
        "assignIpv6AddressOnCreation": subnet.get("AssignIpv6AddressOnCreation", False),
        "availabilityZone": subnet["AvailabilityZone"],
        "availabilityZoneId": subnet["AvailabilityZoneId"],
        "availableIpAddressCount": subnet["AvailableIpAddressCount"],
        "cidrBlock": subnet["CidrBlock"],
        "customerOwnedIpv4Pool": "",
        "defaultForAz": subnet.get("DefaultForAz", False),
        "enableDns64": False,
        "enableLniAtDeviceIndex": 0,
        "enableResourceNameDnsARecordOnLaunch": False,
        "enableResourceNameDnsAaaaRecordOnLaunch": False,
        "ipv6CidrBlock": "",
        "ipv6CidrBlockAssociationId": "",
        "ipv6Native": subnet.get("Ipv6Native", False),
        "mapCustomerOwnedIpOnLaunch": False,
        "mapPublicIpOnLaunch": subnet["MapPublicIpOnLaunch"],
        "outpostArn": "",
        "ownerId": account.account_id,
        "privateDnsHostnameTypeOnLaunch": "ip-name",
        "region": account.region,
        "state": subnet["State"],
        "tags": tag_map(subnet.get("Tags")),
        "vpcId": subnet["VpcId"],
    }


def get_route_tables(account: Account, args: dict[str, Any]) -> dict[str, Any]:
    refuse_other_arguments("getRouteTables", args, "vpcId")
    tables = account.client("ec2").describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [args["vpcId"]]}])
    return {
        "id": account.region,
        "region": account.region,
        "vpcId": args["vpcId"],
        "tags": {},
        "ids": sorted(table["RouteTableId"] for table in tables["RouteTables"]),
    }


def get_route_table(account: Account, args: dict[str, Any]) -> dict[str, Any]:
    """Without the routes within the VPC, and without the routes of gateway endpoints, as the provider tells it."""
    refuse_other_arguments("getRouteTable", args, "routeTableId")
    try:
        (table,) = account.client("ec2").describe_route_tables(RouteTableIds=[args["routeTableId"]])["RouteTables"]
    except (ClientError, ValueError):
        raise Refusal(NO_RESULT, f"no matching EC2 Route Table found ({args['routeTableId']})") from None
    routes = [each for each in table["Routes"] if not each.get("GatewayId", "").startswith(("local", "vpce-"))]
    return {
        "id": table["RouteTableId"],
        "arn": arn(account, "ec2", f"route-table/{table['RouteTableId']}"),
        "routeTableId": table["RouteTableId"],
        "ownerId": account.account_id,
        "region": account.region,
        "vpcId": table["VpcId"],
        "gatewayId": "",
        "subnetId": "",
        "tags": tag_map(table.get("Tags")),
        "routes": [_route(each) for each in routes],
        "associations": [
            {
                "routeTableAssociationId": each["RouteTableAssociationId"],
                "routeTableId": table["RouteTableId"],
                "gatewayId": "",
                "subnetId": each.get("SubnetId", ""),
                "main": each["Main"],
            }
            for each in table["Associations"]
        ],
    }


def _route(route: dict[str, Any]) -> dict[str, str]:
    others = ("ipv6CidrBlock", "vpcEndpointId", "egressOnlyGatewayId", "carrierGatewayId", "localGatewayId")
    return {
        "cidrBlock": route.get("DestinationCidrBlock", ""),
        "destinationPrefixListId": route.get("DestinationPrefixListId", ""),
        "coreNetworkArn": "",
        "odbNetworkArn": "",
        **dict.fromkeys(others, ""),
        **{ours: route.get(theirs, "") for ours, theirs in _TARGETS.items()},
    }
