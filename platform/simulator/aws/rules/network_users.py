"""What keeps EC2 from deleting a VPC, a subnet or the way into the internet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simulator.account import Account

CLUSTER = "aws:eks/cluster:Cluster"
NODE_GROUP = "aws:eks/nodeGroup:NodeGroup"


def user_of_vpc(account: Account, vpc_id: str) -> str | None:
    """The one thing, in words, that is still in the VPC, or None when only what EC2 made with it is."""
    return (
        _subnet(account, vpc_id)
        or _attached_gateway(account, vpc_id)
        or _endpoint(account, vpc_id)
        or _route_table(account, vpc_id)
        or _security_group(account, vpc_id)
    )


def user_of_subnet(account: Account, subnet_id: str) -> str | None:
    """The one thing, in words, that has an address in the subnet, or None when it is free."""
    for cluster in account.records(CLUSTER):
        if subnet_id in cluster.inputs["vpcConfig"]["subnetIds"]:
            return f"the network interfaces of EKS cluster {cluster.id}"
    for node_group in account.records(NODE_GROUP):
        if subnet_id in node_group.inputs["subnetIds"]:
            return f"the nodes of EKS node group {node_group.id}"
    found = account.client("ec2").describe_network_interfaces(Filters=[{"Name": "subnet-id", "Values": [subnet_id]}])[
        "NetworkInterfaces"
    ]
    return f"network interface {found[0]['NetworkInterfaceId']}" if found else None


def nat_gateways(account: Account, vpc_id: str) -> list[dict[str, Any]]:
    """The VPC's NAT gateways. EC2 shows deleted ones for an hour: they are left out."""
    found = account.client("ec2").describe_nat_gateways(Filters=[{"Name": "vpc-id", "Values": [vpc_id]}])["NatGateways"]
    return [each for each in found if each["State"] != "deleted"]


def internet_gateway_of(account: Account, vpc_id: str) -> str | None:
    """The id of the internet gateway that is attached to the VPC, or None."""
    found = account.client("ec2").describe_internet_gateways()["InternetGateways"]
    attached = [
        gateway["InternetGatewayId"]
        for gateway in found
        if any(each["VpcId"] == vpc_id for each in gateway["Attachments"])
    ]
    return attached[0] if attached else None


def endpoints(account: Account, vpc_id: str) -> list[dict[str, Any]]:
    """The VPC's endpoints. EC2 shows deleted ones for a while: they are left out."""
    found = account.client("ec2").describe_vpc_endpoints(Filters=[{"Name": "vpc-id", "Values": [vpc_id]}])
    return [each for each in found["VpcEndpoints"] if each["State"] != "deleted"]


def _subnet(account: Account, vpc_id: str) -> str | None:
    found = _in_vpc(account.client("ec2").describe_subnets, vpc_id)["Subnets"]
    return f"subnet {found[0]['SubnetId']}" if found else None


def _attached_gateway(account: Account, vpc_id: str) -> str | None:
    gateway = internet_gateway_of(account, vpc_id)
    return f"internet gateway {gateway}" if gateway else None


def _endpoint(account: Account, vpc_id: str) -> str | None:
    found = endpoints(account, vpc_id)
    return f"endpoint {found[0]['VpcEndpointId']}" if found else None


def _route_table(account: Account, vpc_id: str) -> str | None:
    found = _in_vpc(account.client("ec2").describe_route_tables, vpc_id)["RouteTables"]
    others = [table for table in found if not any(each.get("Main") for each in table["Associations"])]
    return f"route table {others[0]['RouteTableId']}" if others else None


def _security_group(account: Account, vpc_id: str) -> str | None:
    found = _in_vpc(account.client("ec2").describe_security_groups, vpc_id)["SecurityGroups"]
    others = [group["GroupId"] for group in found if group["GroupName"] != "default"]
    return f"security group {others[0]}" if others else None


def _in_vpc(describe: Any, vpc_id: str) -> Any:
    return describe(Filters=[{"Name": "vpc-id", "Values": [vpc_id]}])
