"""What moto's EC2 lacks of what the checks read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simulator.account import Account


def tell_black_holes(account: Account, answer: dict[str, Any]) -> None:
    """moto calls every route active; EC2 those no longer that lead to a NAT gateway that is gone."""
    gateways = account.client("ec2").describe_nat_gateways()["NatGateways"]
    there = {each["NatGatewayId"] for each in gateways if each["State"] not in ("deleting", "deleted")}
    for table in answer["RouteTables"]:
        for route in table["Routes"]:
            if "NatGatewayId" in route and route["NatGatewayId"] not in there:
                route["State"] = "blackhole"
