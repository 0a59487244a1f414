"""Whether the security groups, routes and endpoints let a node reach what it needs to join its cluster."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from simulator.aws import launch_templates
from simulator.aws.rules import network_users

if TYPE_CHECKING:
    from simulator.account import Account

HTTPS = 443
ANYWHERE = ipaddress.IPv4Network("0.0.0.0/0")
SERVICES_A_NODE_CALLS = ("ec2", "ecr.api", "ecr.dkr", "s3", "sts")
"""Endpoints a VPC without a way out must have (EKS user guide, "private clusters", read 2026-07)."""


def node_groups_of(account: Account, inputs: dict[str, Any]) -> list[str]:
    """The ids of the security groups on the nodes of a node group with these inputs.

    They are the launch template's, or the cluster's own group when the template names none.
    """
    groups = launch_templates.security_groups(template_of(account, inputs) or {})
    return groups or [cluster_group(account, inputs["clusterName"])]


def template_of(account: Account, inputs: dict[str, Any]) -> dict[str, Any] | None:
    """The launch template's data at the version the node group names, or None without either."""
    reference = inputs.get("launchTemplate")
    template = launch_templates.find_template(account, reference) if reference else None
    if not reference or not template:
        return None
    return launch_templates.version_data(account, template["LaunchTemplateId"], str(reference["version"]))


def cluster_group(account: Account, cluster_name: str) -> str:
    """The security group that EKS made for the cluster."""
    cluster = account.client("eks").describe_cluster(name=cluster_name)["cluster"]
    return str(cluster["resourcesVpcConfig"]["clusterSecurityGroupId"])


def why_nodes_cannot_connect(account: Account, inputs: dict[str, Any]) -> str | None:
    """The first thing, in words, that keeps the nodes from the control plane or from AWS's services; None if none."""
    cluster = account.client("eks").describe_cluster(name=inputs["clusterName"])["cluster"]
    vpc_config = cluster["resourcesVpcConfig"]
    nodes = node_groups_of(account, inputs)
    return (
        _no_dns(account, vpc_config["vpcId"])
        or _no_control_plane(account, nodes, vpc_config)
        or _no_services(account, nodes, inputs["subnetIds"], vpc_config["vpcId"])
    )


def _no_dns(account: Account, vpc_id: str) -> str | None:
    for attribute in ("enableDnsSupport", "enableDnsHostnames"):
        answer = account.client("ec2").describe_vpc_attribute(VpcId=vpc_id, Attribute=attribute)
        if not answer[attribute[0].upper() + attribute[1:]]["Value"]:
            return f"{attribute} of {vpc_id} is off: the cluster endpoint does not resolve"
    return None


def _no_control_plane(account: Account, nodes: list[str], vpc_config: dict[str, Any]) -> str | None:
    """Over the private endpoint: out of the nodes' groups, and into those on the control plane's interfaces."""
    if not vpc_config.get("endpointPrivateAccess"):
        return None
    control_plane = [vpc_config["clusterSecurityGroupId"], *(vpc_config.get("securityGroupIds") or [])]
    blocks = _subnet_blocks(account, vpc_config["subnetIds"])
    if not _lets(_permissions(account, nodes, "IpPermissionsEgress"), control_plane, blocks):
        return f"no egress rule of {nodes} lets a node reach the control plane on {HTTPS}"
    if not _lets(_permissions(account, control_plane, "IpPermissions"), nodes, blocks):
        return f"no ingress rule of {control_plane} lets a node of {nodes} in on {HTTPS}"
    return None


def _no_services(account: Account, nodes: list[str], subnets: list[str], vpc_id: str) -> str | None:
    """STS, ECR, EC2 and S3 over the internet, or each through an endpoint of the VPC."""
    egress = _permissions(account, nodes, "IpPermissionsEgress")
    to_internet = _lets(egress, [], [ANYWHERE])
    if to_internet and all(_has_way_out(account, subnet, vpc_id) for subnet in subnets):
        return None
    missing = _services_without_endpoint(account, vpc_id, nodes, subnets, to_internet=to_internet)
    if not missing:
        return None
    if not to_internet:
        reason = f"no egress rule of {nodes} lets a node reach the internet on {HTTPS}"
    else:
        reason = f"a subnet of {subnets} has no route to the internet"
    return f"{reason}, and {vpc_id} has no usable endpoint for {missing}"


def _services_without_endpoint(
    account: Account, vpc_id: str, nodes: list[str], subnets: list[str], *, to_internet: bool
) -> list[str]:
    """A gateway endpoint is reached at the service's public addresses: a rule must let its prefix list out."""
    egress = _permissions(account, nodes, "IpPermissionsEgress")
    usable = set()
    for endpoint in network_users.endpoints(account, vpc_id):
        if endpoint["VpcEndpointType"] == "Interface":
            reached = _takes_calls(account, endpoint, nodes, subnets)
        else:
            reached = to_internet or _lets_prefix_list(account, egress, endpoint["ServiceName"])
            tables = [_table_of(account, subnet, vpc_id)["RouteTableId"] for subnet in subnets]
            reached = reached and set(tables) <= set(endpoint.get("RouteTableIds") or [])
        if reached:
            usable.add(endpoint["ServiceName"].partition(f".{account.region}.")[2])
    return [service for service in SERVICES_A_NODE_CALLS if service not in usable]


def _takes_calls(account: Account, endpoint: dict[str, Any], nodes: list[str], subnets: list[str]) -> bool:
    """Whether an interface endpoint answers under the service's own name, and node and endpoint let 443 through."""
    groups = [group["GroupId"] for group in endpoint.get("Groups") or []]
    stands_in = endpoint.get("SubnetIds") or []
    if not (endpoint.get("PrivateDnsEnabled") and groups and stands_in):
        return False
    out = _permissions(account, nodes, "IpPermissionsEgress")
    into = _permissions(account, groups, "IpPermissions")
    return _lets(out, groups, _subnet_blocks(account, stands_in)) and _lets(
        into, nodes, _subnet_blocks(account, subnets)
    )


def _lets_prefix_list(account: Account, egress: list[dict[str, Any]], name: str) -> bool:
    lists = account.client("ec2").describe_managed_prefix_lists()["PrefixLists"]
    ids = {each["PrefixListId"] for each in lists if each["PrefixListName"] == name}
    return any(
        entry["PrefixListId"] in ids
        for permission in egress
        if _covers_https(permission)
        for entry in permission.get("PrefixListIds", [])
    )


def _has_way_out(account: Account, subnet: str, vpc_id: str) -> bool:
    """A default route; where it leads to a NAT gateway, that one must have a way out itself."""
    routes = _table_of(account, subnet, vpc_id)["Routes"]
    default = next((route for route in routes if route.get("DestinationCidrBlock") == str(ANYWHERE)), None)
    if default is None:
        return False
    if gateway := default.get("NatGatewayId"):
        stands_in = [
            each["SubnetId"] for each in network_users.nat_gateways(account, vpc_id) if each["NatGatewayId"] == gateway
        ]
        return any(_has_way_out(account, each, vpc_id) for each in stands_in if each != subnet)
    return True


def _table_of(account: Account, subnet: str, vpc_id: str) -> dict[str, Any]:
    """The route table of a subnet: its own, or the VPC's main one."""
    ec2 = account.client("ec2")
    tables = ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [vpc_id]}])["RouteTables"]
    own = [table for table in tables if any(each.get("SubnetId") == subnet for each in table["Associations"])]
    main = [table for table in tables if any(each.get("Main") for each in table["Associations"])]
    found: dict[str, Any] = (own or main)[0]
    return found


def _permissions(account: Account, group_ids: Iterable[str], direction: str) -> list[dict[str, Any]]:
    groups = account.client("ec2").describe_security_groups(GroupIds=list(group_ids))["SecurityGroups"]
    return [permission for group in groups for permission in group[direction]]


def _covers_https(permission: dict[str, Any]) -> bool:
    if permission["IpProtocol"] == "-1":
        return True
    in_range = permission.get("FromPort", 0) <= HTTPS <= permission.get("ToPort", 65_535)
    return permission["IpProtocol"] in ("tcp", "6") and in_range


def _lets(permissions: list[dict[str, Any]], groups: Iterable[str], blocks: list[ipaddress.IPv4Network]) -> bool:
    """Whether the rules let 443/tcp through to one of the groups, or to every address of the blocks."""
    rules = [permission for permission in permissions if _covers_https(permission)]
    referenced = {pair["GroupId"] for rule in rules for pair in rule.get("UserIdGroupPairs", [])}
    if referenced.intersection(groups):
        return True
    ranges = [
        ipaddress.IPv4Network(each["CidrIp"], strict=False) for rule in rules for each in rule.get("IpRanges", [])
    ]
    allowed = list(ipaddress.collapse_addresses(ranges))
    return bool(blocks) and all(any(block.subnet_of(each) for each in allowed) for block in blocks)


def _subnet_blocks(account: Account, subnet_ids: list[str]) -> list[ipaddress.IPv4Network]:
    subnets = account.client("ec2").describe_subnets(SubnetIds=subnet_ids)["Subnets"]
    return [ipaddress.IPv4Network(subnet["CidrBlock"]) for subnet in subnets]
