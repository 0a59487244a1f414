"""Route tables, their routes, and which subnet uses which table."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any
from unittest import mock

from botocore.exceptions import ClientError

from simulator.account.resource import Refusal, Resource
from simulator.aws.base import AwsType, arn, tag_map, tag_outputs
from simulator.aws.ec2 import Retagged, tag_specification
from simulator.aws.ec2_vpc import not_played
from simulator.aws.rules import network_users

if TYPE_CHECKING:
    from simulator.account import Account

NAT_GATEWAY = "aws:ec2/natGateway:NatGateway"
TARGETS = {"gatewayId": "GatewayId", "natGatewayId": "NatGatewayId"}
"""Where a route of the simulated account can lead: the property and its name in the API."""


def find_table(account: Account, table_id: str) -> dict[str, Any] | None:
    """EC2's own record of a route table, or None."""
    try:
        found: dict[str, Any] = account.client("ec2").describe_route_tables(RouteTableIds=[table_id])["RouteTables"][0]
    except ClientError:
        return None
    return found


class RouteTable(Retagged):
    token = "aws:ec2/routeTable:RouteTable"
    replace_on = frozenset({"vpcId"})
    computed = AwsType.computed | {"ownerId"}

    def check(self, account: Account, inputs: dict[str, Any]) -> list[tuple[str, str]]:
        if inputs.get("routes"):
            return [("routes", "the simulator takes routes as resources of their own only")]
        return not_played(inputs, frozenset({"vpcId", "routes"}))

    def make(self, account: Account, inputs: dict[str, Any], outputs: dict[str, Any]) -> str:
        answer = account.client("ec2").create_route_table(
            VpcId=inputs["vpcId"], TagSpecifications=tag_specification("route-table", inputs)
        )
        return str(answer["RouteTable"]["RouteTableId"])

    def describe(
        self, account: Account, id: str, inputs: dict[str, Any], outputs: dict[str, Any]
    ) -> dict[str, Any] | None:
        table = find_table(account, id)
        if table is None:
            return None
        return {
            "arn": arn(account, "ec2", f"route-table/{id}"),
            "vpcId": table["VpcId"],
            "ownerId": account.account_id,
            "region": account.region,
            **tag_outputs(inputs, tag_map(table.get("Tags"))),
        }

    def delete(self, account: Account, id: str, inputs: dict[str, Any], outputs: dict[str, Any]) -> None:
        account.client("ec2").delete_route_table(RouteTableId=id)


class Route(AwsType):
    token = "aws:ec2/route:Route"
    replace_on = frozenset({"routeTableId", "destinationCidrBlock"})
    computed = frozenset({"origin", "state"})

    def check(self, account: Account, inputs: dict[str, Any]) -> list[tuple[str, str]]:
        found = not_played(inputs, frozenset({"routeTableId", "destinationCidrBlock", *TARGETS}))
        if not inputs.get("destinationCidrBlock"):
            found.append(("destinationCidrBlock", "the simulator needs it"))
        if len(_targets(inputs)) != 1:
            found.append(("gatewayId", f"exactly one of {', '.join(TARGETS)} must be set"))
        return found

    def enforce(self, account: Account, inputs: dict[str, Any]) -> None:
        table = find_table(account, inputs["routeTableId"])
        if table is None:
            raise Refusal(
                "InvalidRouteTableID.NotFound", f"The routeTable ID '{inputs['routeTableId']}' does not exist"
            )
        if _route(table, inputs["destinationCidrBlock"]):
            raise Refusal(
                "RouteAlreadyExists", f"The route identified by {inputs['destinationCidrBlock']} already exists."
            )
        _refuse_target(account, table["VpcId"], inputs)

    def replay(self, account: Account, inputs: dict[str, Any], outputs: dict[str, Any]) -> Resource:
        """After its gateway, which may be younger: moto takes one that is not there yet for none at all."""
        gateway, table = inputs.get("natGatewayId"), find_table(account, inputs["routeTableId"])
        if table is not None and gateway and account.record(NAT_GATEWAY, gateway):
            _refuse_target(account, table["VpcId"], inputs)
        return super().replay(account, inputs, outputs)

    def make(self, account: Account, inputs: dict[str, Any], outputs: dict[str, Any]) -> str:
        account.client("ec2").create_route(**_request(inputs))
        # As the Terraform provider names it: the CRC-32 of the destination after the table.
        return f"r-{inputs['routeTableId']}{zlib.crc32(inputs['destinationCidrBlock'].encode())}"

    def describe(
        self, account: Account, id: str, inputs: dict[str, Any], outputs: dict[str, Any]
    ) -> dict[str, Any] | None:
        table = find_table(account, inputs["routeTableId"])
        route = _route(table, inputs["destinationCidrBlock"]) if table else None
        if route is None:
            return None
        return {
            "routeTableId": inputs["routeTableId"],
            "destinationCidrBlock": route["DestinationCidrBlock"],
            **{key: route.get(api) for key, api in TARGETS.items()},
            "origin": route["Origin"],
            "state": route["State"],
            "region": account.region,
        }

    def update(
        self, account: Account, id: str, old: dict[str, Any], new: dict[str, Any], outputs: dict[str, Any]
    ) -> dict[str, Any]:
        table = find_table(account, new["routeTableId"])
        if table is not None:
            _refuse_target(account, table["VpcId"], new)
        account.client("ec2").replace_route(**_request(new))
        return self.now(account, id, new, outputs)

    def delete(self, account: Account, id: str, inputs: dict[str, Any], outputs: dict[str, Any]) -> None:
        account.client("ec2").delete_route(
            RouteTableId=inputs["routeTableId"], DestinationCidrBlock=inputs["destinationCidrBlock"]
        )


def _targets(inputs: dict[str, Any]) -> list[str]:
    return [key for key in TARGETS if inputs.get(key)]


def _request(inputs: dict[str, Any]) -> dict[str, Any]:
    request = {"RouteTableId": inputs["routeTableId"], "DestinationCidrBlock": inputs["destinationCidrBlock"]}
    return request | {TARGETS[key]: inputs[key] for key in _targets(inputs)}


def _route(table: dict[str, Any], destination: str) -> dict[str, Any] | None:
    return next((each for each in table["Routes"] if each.get("DestinationCidrBlock") == destination), None)


def _refuse_target(account: Account, vpc_id: str, inputs: dict[str, Any]) -> None:
    gateway, nat_gateway = inputs.get("gatewayId"), inputs.get("natGatewayId")
    if gateway and network_users.internet_gateway_of(account, vpc_id) != gateway:
        raise Refusal(
            "InvalidParameterValue",
            f"route table {inputs['routeTableId']} and network gateway {gateway} belong to different networks",
        )
    ids = [each["NatGatewayId"] for each in network_users.nat_gateways(account, vpc_id)]
    if nat_gateway and nat_gateway not in ids:
        raise Refusal("InvalidNatGatewayID.NotFound", f"The natGateway ID '{nat_gateway}' does not exist")


class RouteTableAssociation(AwsType):
    token = "aws:ec2/routeTableAssociation:RouteTableAssociation"
    replace_on = frozenset({"subnetId"})
    computed = frozenset()

    def check(self, account: Account, inputs: dict[str, Any]) -> list[tuple[str, str]]:
        found = not_played(inputs, frozenset({"routeTableId", "subnetId"}))
        return found if inputs.get("subnetId") else [*found, ("subnetId", "the simulator associates subnets only")]

    def enforce(self, account: Account, inputs: dict[str, Any]) -> None:
        ec2 = account.client("ec2")
        taken = ec2.describe_route_tables(Filters=[{"Name": "association.subnet-id", "Values": [inputs["subnetId"]]}])
        if taken["RouteTables"]:
            raise Refusal(
                "Resource.AlreadyAssociated",
                f"the specified association for route table {inputs['routeTableId']} conflicts with an existing "
                "association",
            )
        _refuse_strangers(account, inputs)

    def make(self, account: Account, inputs: dict[str, Any], outputs: dict[str, Any]) -> str:
        answer = account.client("ec2").associate_route_table(
            RouteTableId=inputs["routeTableId"], SubnetId=inputs["subnetId"]
        )
        return str(answer["AssociationId"])

    def describe(
        self, account: Account, id: str, inputs: dict[str, Any], outputs: dict[str, Any]
    ) -> dict[str, Any] | None:
        tables = account.client("ec2").describe_route_tables(
            Filters=[{"Name": "association.route-table-association-id", "Values": [id]}]
        )["RouteTables"]
        for table in tables:
            for each in table["Associations"]:
                if each["RouteTableAssociationId"] == id:
                    return {
                        "routeTableId": table["RouteTableId"],
                        "subnetId": each.get("SubnetId"),
                        "region": account.region,
                    }
        return None

    def update(
        self, account: Account, id: str, old: dict[str, Any], new: dict[str, Any], outputs: dict[str, Any]
    ) -> dict[str, Any]:
        """EC2 puts a new association in the place of the old one; here it keeps the id, by which the account has it."""
        _refuse_strangers(account, new)
        with mock.patch("moto.ec2.models.route_tables.random_subnet_association_id", return_value=id):
            account.client("ec2").replace_route_table_association(AssociationId=id, RouteTableId=new["routeTableId"])
        return self.now(account, id, new, outputs)

    def delete(self, account: Account, id: str, inputs: dict[str, Any], outputs: dict[str, Any]) -> None:
        account.client("ec2").disassociate_route_table(AssociationId=id)


def _refuse_strangers(account: Account, inputs: dict[str, Any]) -> None:
    table = find_table(account, inputs["routeTableId"])
    subnet = account.client("ec2").describe_subnets(SubnetIds=[inputs["subnetId"]])["Subnets"][0]
    if table is not None and table["VpcId"] != subnet["VpcId"]:
        raise Refusal(
            "InvalidParameterValue",
            f"Route table {inputs['routeTableId']} and subnet {inputs['subnetId']} belong to different networks",
        )
