"""Internet gateways, public addresses, and the NAT gateways that stand on both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from simulator.account.resource import Refusal
from simulator.aws.base import AwsType, arn, tag_map, tag_outputs
from simulator.aws.ec2 import Retagged, retag, tag_specification
from simulator.aws.ec2_vpc import not_played
from simulator.aws.rules import network_users

if TYPE_CHECKING:
    from simulator.account import Account

ADDRESSES_MAX = 5
"""Elastic addresses in a region of an account that has asked for no more ("Elastic IP address quota", read 2026-11)."""


class InternetGateway(AwsType):
    token = "aws:ec2/internetGateway:InternetGateway"
    computed = AwsType.computed | {"ownerId"}

    def enforce(self, account: Account, inputs: dict[str, Any]) -> None:
        vpc_id = inputs.get("vpcId")
        if vpc_id and network_users.internet_gateway_of(account, vpc_id):
            raise Refusal("InvalidParameterValue", f"Network {vpc_id} already has an internet gateway attached")

    def make(self, account: Account, inputs: dict[str, Any], outputs: dict[str, Any]) -> str:
        ec2 = account.client("ec2")
        answer = ec2.create_internet_gateway(TagSpecifications=tag_specification("internet-gateway", inputs))
        gateway = str(answer["InternetGateway"]["InternetGatewayId"])
        if vpc_id := inputs.get("vpcId"):
            ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc_id)
        return gateway

    def describe(
        self, account: Account, id: str, inputs: dict[str, Any], outputs: dict[str, Any]
    ) -> dict[str, Any] | None:
        try:
            gateway = account.client("ec2").describe_internet_gateways(InternetGatewayIds=[id])["InternetGateways"][0]
        except ClientError:
            return None
        attached = [each["VpcId"] for each in gateway["Attachments"]]
        return {
            "arn": arn(account, "ec2", f"internet-gateway/{id}"),
            "vpcId": attached[0] if attached else None,
            "ownerId": account.account_id,
            "region": account.region,
            **tag_outputs(inputs, tag_map(gateway.get("Tags"))),
        }

    def update(
        self, account: Account, id: str, old: dict[str, Any], new: dict[str, Any], outputs: dict[str, Any]
    ) -> dict[str, Any]:
        if new.get("vpcId") != old.get("vpcId"):
            self.enforce(account, new)
            self._detach(account, id, old)
            if new.get("vpcId"):
                account.client("ec2").attach_internet_gateway(InternetGatewayId=id, VpcId=new["vpcId"])
        retag(account, id, old, new)
        return self.now(account, id, new, outputs)

    def delete(self, account: Account, id: str, inputs: dict[str, Any], outputs: dict[str, Any]) -> None:
        self._detach(account, id, inputs)
        account.client("ec2").delete_internet_gateway(InternetGatewayId=id)

    @staticmethod
    def _detach(account: Account, id: str, inputs: dict[str, Any]) -> None:
        vpc_id = inputs.get("vpcId")
        if not vpc_id:
            return
        if network_users.nat_gateways(account, vpc_id):
            raise Refusal(
                "DependencyViolation",
                f"Network {vpc_id} has some mapped public address(es). Please unmap those public address(es) before "
                "detaching the gateway.",
            )
        account.client("ec2").detach_internet_gateway(InternetGatewayId=id, VpcId=vpc_id)


class Eip(Retagged):
    token = "aws:ec2/eip:Eip"
    replace_on = frozenset({"domain"})
    computed = AwsType.computed | {"allocationId", "associationId", "publicIp"}

    def check(self, account: Account, inputs: dict[str, Any]) -> list[tuple[str, str]]:
        return not_played(inputs, frozenset({"domain"}))

    def enforce(self, account: Account, inputs: dict[str, Any]) -> None:
        if len(account.client("ec2").describe_addresses()["Addresses"]) >= ADDRESSES_MAX:
            raise Refusal("AddressLimitExceeded", "The maximum number of addresses has been reached.")

    def make(self, account: Account, inputs: dict[str, Any], outputs: dict[str, Any]) -> str:
        answer = account.client("ec2").allocate_address(
            Domain="vpc", TagSpecifications=tag_specification("elastic-ip", inputs)
        )
        return str(answer["AllocationId"])

    def describe(
        self, account: Account, id: str, inputs: dict[str, Any], outputs: dict[str, Any]
    ) -> dict[str, Any] | None:
        address = address_of(account, id)
        if address is None:
            return None
        return {
            "arn": arn(account, "ec2", f"elastic-ip/{id}"),
            "allocationId": id,
            "associationId": address.get("AssociationId") or "",
            "publicIp": address["PublicIp"],
            "domain": address["Domain"],
            "region": account.region,
            **tag_outputs(inputs, tag_map(address.get("Tags"))),
        }

    def delete(self, account: Account, id: str, inputs: dict[str, Any], outputs: dict[str, Any]) -> None:
        address = address_of(account, id)
        if address and address.get("AssociationId"):
            raise Refusal("InvalidIPAddress.InUse", f"Address {address['PublicIp']} is in use.")
        account.client("ec2").release_address(AllocationId=id)


def address_of(account: Account, allocation_id: str) -> dict[str, Any] | None:
    """EC2's own record of a public address, or None."""
    found = account.client("ec2").describe_addresses()["Addresses"]
    return next((each for each in found if each.get("AllocationId") == allocation_id), None)


class NatGateway(Retagged):
    token = "aws:ec2/natGateway:NatGateway"
    replace_on = frozenset({"subnetId", "allocationId", "connectivityType"})
    computed = AwsType.computed | {"associationId", "networkInterfaceId", "privateIp", "publicIp"}

    def check(self, account: Account, inputs: dict[str, Any]) -> list[tuple[str, str]]:
        found = not_played(inputs, frozenset({"allocationId", "subnetId", "connectivityType"}))
        if inputs.get("connectivityType", "public") != "public":
            found.append(("connectivityType", "the simulator plays public NAT gateways only"))
        return found + [
            (key, "a public NAT gateway needs it") for key in ("allocationId", "subnetId") if not inputs.get(key)
        ]

    def enforce(self, account: Account, inputs: dict[str, Any]) -> None:
        """EC2 makes the gateway and then lets it fail; the provider waits for it and shows these."""
        address = address_of(account, inputs["allocationId"])
        if address is None:
            raise Refusal(
                "InvalidAllocationID.NotFound", f"The allocation ID '{inputs['allocationId']}' does not exist"
            )
        if address.get("AssociationId"):
            raise Refusal(
                "Resource.AlreadyAssociated",
                f"Elastic IP address [{inputs['allocationId']}] is already associated",
            )
        subnet = account.client("ec2").describe_subnets(SubnetIds=[inputs["subnetId"]])["Subnets"][0]
        if network_users.internet_gateway_of(account, subnet["VpcId"]) is None:
            raise Refusal("Gateway.NotAttached", f"Network {subnet['VpcId']} has no Internet gateway attached")

    def make(self, account: Account, inputs: dict[str, Any], outputs: dict[str, Any]) -> str:
        answer = account.client("ec2").create_nat_gateway(
            SubnetId=inputs["subnetId"],
            AllocationId=inputs["allocationId"],
            TagSpecifications=tag_specification("natgateway", inputs),
        )
        return str(answer["NatGateway"]["NatGatewayId"])

    def describe(
        self, account: Account, id: str, inputs: dict[str, Any], outputs: dict[str, Any]
    ) -> dict[str, Any] | None:
        gateway = _nat_gateway(account, id)
        if gateway is None:
            return None
        (address,) = gateway["NatGatewayAddresses"]
        return {
            "arn": arn(account, "ec2", f"natgateway/{id}"),
            "allocationId": address["AllocationId"],
            "associationId": address.get("AssociationId") or "",
            "networkInterfaceId": address["NetworkInterfaceId"],
            "privateIp": address["PrivateIp"],
            "publicIp": address["PublicIp"],
            "subnetId": gateway["SubnetId"],
            "connectivityType": "public",
            "region": account.region,
            **tag_outputs(inputs, tag_map(gateway.get("Tags"))),
        }

    def delete(self, account: Account, id: str, inputs: dict[str, Any], outputs: dict[str, Any]) -> None:
        """With it go its interface and the hold on its address, which moto keeps."""
        gateway = _nat_gateway(account, id)
        if gateway is None:
            return
        ec2 = account.client("ec2")
        ec2.delete_nat_gateway(NatGatewayId=id)
        for address in gateway["NatGatewayAddresses"]:
            held = address_of(account, address["AllocationId"])
            if held and held.get("AssociationId"):
                ec2.disassociate_address(AssociationId=held["AssociationId"])
            ec2.delete_network_interface(NetworkInterfaceId=address["NetworkInterfaceId"])


def _nat_gateway(account: Account, id: str) -> dict[str, Any] | None:
    found = account.client("ec2").describe_nat_gateways(NatGatewayIds=[id])["NatGateways"]
    return next((each for each in found if each["State"] != "deleted"), None)
