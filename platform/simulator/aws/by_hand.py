"""What other hands than Pulumi's make and change in the account: its owner's, and those of AWS's services."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Any, Literal

from simulator.aws.base import AwsType, arn
from simulator.aws.ec2 import SecurityGroup, SecurityGroupIngressRule
from simulator.aws.ec2_endpoints import INTERFACE, VpcEndpoint
from simulator.aws.kms import Key

if TYPE_CHECKING:
    from simulator.account import Account

ENDPOINT_GROUP = "endpoints"
SMALLEST_REST = 8
"""Addresses that no reservation takes; AWS keeps five of any subnet for itself."""


def add_given_key(account: Account, policy: str) -> str:
    """Make a key by hand, as the owner of an account would before Pulumi comes, and return its ARN."""
    made = account.create(Key(), {"description": "made by hand", "enableKeyRotation": True, "policy": policy})
    return str(made.outputs["arn"])


def add_vpc_endpoints(
    account: Account, vpc_id: str, *services: str, kind: Literal["Interface", "Gateway"] = "Interface"
) -> list[str]:
    """Give the VPC endpoints for services such as "sts" or "ecr.api", as its owner would, and return their ids.

    Interfaces stand in one subnet of each zone, under AWS's own names, and let 443 in from the VPC; gateways are in
    all route tables. S3 comes in both kinds; behind a gateway endpoint it keeps its public addresses, so the security
    group of who calls it must let the prefix list of S3 out.
    """
    parts = _for_interfaces(account, vpc_id) if kind == INTERFACE else _for_gateways(account, vpc_id)
    return [
        account.create(
            VpcEndpoint(),
            {
                "vpcId": vpc_id,
                "serviceName": f"com.amazonaws.{account.region}.{service}",
                "vpcEndpointType": kind,
                **parts,
            },
        ).id
        for service in services
    ]


def _for_interfaces(account: Account, vpc_id: str) -> dict[str, Any]:
    in_vpc = [{"Name": "vpc-id", "Values": [vpc_id]}]
    subnets = account.client("ec2").describe_subnets(Filters=in_vpc)["Subnets"]
    one_each = {subnet["AvailabilityZone"]: subnet["SubnetId"] for subnet in subnets}
    made = account.records(SecurityGroup.token, name=ENDPOINT_GROUP, vpcId=vpc_id)
    group = made[0].id if made else _endpoint_group(account, vpc_id)
    return {"subnetIds": list(one_each.values()), "securityGroupIds": [group], "privateDnsEnabled": True}


def _endpoint_group(account: Account, vpc_id: str) -> str:
    group = account.create(SecurityGroup(), {"name": ENDPOINT_GROUP, "vpcId": vpc_id}).id
    vpc = account.client("ec2").describe_vpcs(VpcIds=[vpc_id])["Vpcs"][0]
    rule = {"securityGroupId": group, "ipProtocol": "tcp", "fromPort": 443, "toPort": 443}
    account.create(SecurityGroupIngressRule(), {**rule, "cidrIpv4": vpc["CidrBlock"]})
    return group


def _for_gateways(account: Account, vpc_id: str) -> dict[str, Any]:
    in_vpc = [{"Name": "vpc-id", "Values": [vpc_id]}]
    tables = account.client("ec2").describe_route_tables(Filters=in_vpc)["RouteTables"]
    return {"routeTableIds": [table["RouteTableId"] for table in tables]}


def use_up_addresses(account: Account, subnet_id: str) -> None:
    """Reserve a subnet's addresses until three are free, as pods with prefixes or another team's machines would."""
    subnet = account.client("ec2").describe_subnets(SubnetIds=[subnet_id])["Subnets"][0]
    rest = ipaddress.IPv4Network(subnet["CidrBlock"])
    while rest.num_addresses > SMALLEST_REST:
        half, rest = rest.subnets(prefixlen_diff=1)
        account.create(SubnetCidrReservation(), {"subnetId": subnet_id, "cidrBlock": str(half)})


class SubnetCidrReservation(AwsType):
    """Never registered by the product: addresses of a subnet that its owner keeps for something else."""

    token = "aws:ec2/subnetCidrReservation:SubnetCidrReservation"
    replace_on = frozenset({"subnetId", "cidrBlock"})

    def make(self, account: Account, inputs: dict[str, Any], outputs: dict[str, Any]) -> str:
        answer = account.client("ec2").create_subnet_cidr_reservation(
            SubnetId=inputs["subnetId"], Cidr=inputs["cidrBlock"], ReservationType="prefix"
        )
        return str(answer["SubnetCidrReservation"]["SubnetCidrReservationId"])

    def describe(
        self, account: Account, id: str, inputs: dict[str, Any], outputs: dict[str, Any]
    ) -> dict[str, Any] | None:
        found = account.client("ec2").get_subnet_cidr_reservations(SubnetId=inputs["subnetId"])
        ids = [each["SubnetCidrReservationId"] for each in found["SubnetIpv4CidrReservations"]]
        return dict(inputs) if id in ids else None

    def update(
        self, account: Account, id: str, old: dict[str, Any], new: dict[str, Any], outputs: dict[str, Any]
    ) -> dict[str, Any]:
        return self.now(account, id, new, outputs)

    def delete(self, account: Account, id: str, inputs: dict[str, Any], outputs: dict[str, Any]) -> None:
        account.client("ec2").delete_subnet_cidr_reservation(SubnetCidrReservationId=id)


class NetworkInterface(AwsType):
    """Never registered by the product: what a hand, or a service such as the VPC CNI, leaves in the account."""

    token = "aws:ec2/networkInterface:NetworkInterface"
    replace_on = frozenset({"subnetId"})

    def make(self, account: Account, inputs: dict[str, Any], outputs: dict[str, Any]) -> str:
        answer = account.client("ec2").create_network_interface(
            SubnetId=inputs["subnetId"],
            Groups=inputs["securityGroups"],
            Description=inputs.get("description") or "",
        )
        return str(answer["NetworkInterface"]["NetworkInterfaceId"])

    def describe(
        self, account: Account, id: str, inputs: dict[str, Any], outputs: dict[str, Any]
    ) -> dict[str, Any] | None:
        found = account.client("ec2").describe_network_interfaces(
            Filters=[{"Name": "network-interface-id", "Values": [id]}]
        )["NetworkInterfaces"]
        if not found:
            return None
        return {
            "arn": arn(account, "ec2", f"network-interface/{id}"),
            "subnetId": found[0]["SubnetId"],
            "securityGroups": [group["GroupId"] for group in found[0]["Groups"]],
            "description": found[0]["Description"],
        }

    def update(
        self, account: Account, id: str, old: dict[str, Any], new: dict[str, Any], outputs: dict[str, Any]
    ) -> dict[str, Any]:
        return self.now(account, id, new, outputs)

    def delete(self, account: Account, id: str, inputs: dict[str, Any], outputs: dict[str, Any]) -> None:
        account.client("ec2").delete_network_interface(NetworkInterfaceId=id)
