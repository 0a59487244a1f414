"""Endpoints of a VPC: AWS's services without the internet between."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from simulator.account.resource import Refusal
from simulator.aws.base import AwsType, arn, in_order, tag_map, tag_outputs, unless_unset
from simulator.aws.ec2 import retag, tag_specification
from simulator.aws.ec2_vpc import not_played
from simulator.aws.rules import network_users

if TYPE_CHECKING:
    from simulator.account import Account

INTERFACE, GATEWAY = "Interface", "Gateway"
GATEWAY_SERVICES = frozenset({"s3", "dynamodb"})
PARTS = {"subnetIds": "SubnetIds", "securityGroupIds": "SecurityGroupIds", "routeTableIds": "RouteTableIds"}
"""The lists that belong to an endpoint: the property and its name in the API."""


class VpcEndpoint(AwsType):
    token = "aws:ec2/vpcEndpoint:VpcEndpoint"
    replace_on = frozenset({"vpcId", "serviceName", "vpcEndpointType"})
    computed = AwsType.computed | {"cidrBlocks", "networkInterfaceIds", "ownerId", "prefixListId", "state"}

    def check(self, account: Account, inputs: dict[str, Any]) -> list[tuple[str, str]]:
        found = not_played(inputs, frozenset({"vpcId", "serviceName", "vpcEndpointType", "privateDnsEnabled", *PARTS}))
        others = ("routeTableIds",) if _kind(inputs) == INTERFACE else ("subnetIds", "securityGroupIds")
        return found + [(key, f"is not of an endpoint of type {_kind(inputs)}") for key in others if inputs.get(key)]

    def enforce(self, account: Account, inputs: dict[str, Any]) -> None:
        _refuse_service(account, inputs)
        if _kind(inputs) == INTERFACE:
            _refuse_subnets(account, inputs.get("subnetIds") or [])
        if inputs.get("privateDnsEnabled"):
            _refuse_private_dns(account, inputs)

    def make(self, account: Account, inputs: dict[str, Any], outputs: dict[str, Any]) -> str:
        answer = account.client("ec2").create_vpc_endpoint(
            VpcId=inputs["vpcId"],
            ServiceName=inputs["serviceName"],
            VpcEndpointType=_kind(inputs),
            PrivateDnsEnabled=bool(inputs.get("privateDnsEnabled")),
            TagSpecifications=tag_specification("vpc-endpoint", inputs),
            **{api: inputs[key] for key, api in PARTS.items() if inputs.get(key)},
        )
        return str(answer["VpcEndpoint"]["VpcEndpointId"])

    def describe(
        self, account: Account, id: str, inputs: dict[str, Any], outputs: dict[str, Any]
    ) -> dict[str, Any] | None:
        found = _endpoint(account, id)
        if found is None:
            return None
        groups = [group["GroupId"] for group in found.get("Groups") or []]
        parts = {
            "subnetIds": found.get("SubnetIds") or [],
            "securityGroupIds": groups,
            "routeTableIds": found.get("RouteTableIds") or [],
        }
        return {
            "arn": arn(account, "ec2", f"vpc-endpoint/{id}"),
            "vpcId": found["VpcId"],
            "serviceName": found["ServiceName"],
            "vpcEndpointType": found["VpcEndpointType"],
            "privateDnsEnabled": bool(found.get("PrivateDnsEnabled")),
            **{key: unless_unset(inputs.get(key), in_order(inputs.get(key), ids)) for key, ids in parts.items()},
            "networkInterfaceIds": found.get("NetworkInterfaceIds") or [],
            "ownerId": account.account_id,
            "state": found["State"],
            "region": account.region,
            **tag_outputs(inputs, tag_map(found.get("Tags"))),
        }

    def update(
        self, account: Account, id: str, old: dict[str, Any], new: dict[str, Any], outputs: dict[str, Any]
    ) -> dict[str, Any]:
        if bool(new.get("privateDnsEnabled")) != bool(old.get("privateDnsEnabled")):
            # moto keeps the old value whatever it is told.
            raise Refusal("NotSimulated", "the simulator does not switch private DNS of an endpoint: replace it")
        if _kind(new) == INTERFACE:
            _refuse_subnets(account, new.get("subnetIds") or [])
        changes = {}
        for key, api in PARTS.items():
            before, after = old.get(key) or [], new.get(key) or []
            changes[f"Add{api}"] = [each for each in after if each not in before]
            changes[f"Remove{api}"] = [each for each in before if each not in after]
        _move_routes(account, id, changes["AddRouteTableIds"], changes["RemoveRouteTableIds"])
        account.client("ec2").modify_vpc_endpoint(VpcEndpointId=id, **{key: ids for key, ids in changes.items() if ids})
        retag(account, id, old, new)
        return self.now(account, id, new, outputs)

    def delete(self, account: Account, id: str, inputs: dict[str, Any], outputs: dict[str, Any]) -> None:
        if _endpoint(account, id) is not None:
            account.client("ec2").delete_vpc_endpoints(VpcEndpointIds=[id])


def _kind(inputs: dict[str, Any]) -> str:
    return str(inputs.get("vpcEndpointType") or GATEWAY)


def _endpoint(account: Account, id: str) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = account.client("ec2").describe_vpc_endpoints(VpcEndpointIds=[id])["VpcEndpoints"][0]
    except ClientError:
        return None
    return None if found["State"] == "deleted" else found


def _refuse_service(account: Account, inputs: dict[str, Any]) -> None:
    name = inputs["serviceName"]
    prefix = f"com.amazonaws.{account.region}."
    service = name.removeprefix(prefix)
    is_gateway = _kind(inputs) == GATEWAY
    if not name.startswith(prefix) or (is_gateway and service not in GATEWAY_SERVICES):
        raise Refusal("InvalidServiceName", f"The Vpc Endpoint Service '{name}' does not exist")
    same = [each for each in network_users.endpoints(account, inputs["vpcId"]) if each["ServiceName"] == name]
    taken = {table for each in same for table in each.get("RouteTableIds") or []}
    if twice := sorted(taken.intersection(inputs.get("routeTableIds") or [])):
        raise Refusal(
            "RouteAlreadyExists", f"route table {twice[0]} already has a route with destination-prefix-list of {name}"
        )


def _refuse_subnets(account: Account, subnet_ids: Iterable[str]) -> None:
    ids = list(subnet_ids)
    subnets = account.client("ec2").describe_subnets(SubnetIds=ids)["Subnets"] if ids else []
    zones = Counter(subnet["AvailabilityZone"] for subnet in subnets)
    if twice := [zone for zone, count in zones.items() if count > 1]:
        raise Refusal(
            "DuplicateSubnetsInSameZone", f"Found another VPC endpoint subnet in the availability zone of {twice[0]}"
        )


def _refuse_private_dns(account: Account, inputs: dict[str, Any]) -> None:
    ec2 = account.client("ec2")
    for name in ("enableDnsSupport", "enableDnsHostnames"):
        attribute = ec2.describe_vpc_attribute(VpcId=inputs["vpcId"], Attribute=name)
        if not attribute[name[0].upper() + name[1:]]["Value"]:
            raise Refusal(
                "InvalidParameter",
                "Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC attributes set to true "
                f"for {inputs['vpcId']}",
            )
    for other in network_users.endpoints(account, inputs["vpcId"]):
        if other["ServiceName"] == inputs["serviceName"] and other.get("PrivateDnsEnabled"):
            raise Refusal(
                "InvalidParameter",
                "private-dns-enabled cannot be set because there is already a conflicting DNS domain for "
                f"{inputs['serviceName']} in the VPC {inputs['vpcId']}",
            )


def _move_routes(account: Account, id: str, added: list[str], removed: list[str]) -> None:
    """The routes of a gateway endpoint come and go with its tables; moto sees to that at its creation only."""
    ec2 = account.client("ec2")
    endpoint = _endpoint(account, id) or {}
    lists = ec2.describe_managed_prefix_lists()["PrefixLists"]
    destination = next(
        (each["PrefixListId"] for each in lists if each["PrefixListName"] == endpoint.get("ServiceName")), None
    )
    for table in added:
        ec2.create_route(RouteTableId=table, DestinationPrefixListId=destination, GatewayId=id)
    for table in removed:
        ec2.delete_route(RouteTableId=table, DestinationPrefixListId=destination)
