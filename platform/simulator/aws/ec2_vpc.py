"""VPCs, their subnets, and the security group that EC2 makes with each VPC."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from simulator.account.resource import Refusal
from simulator.aws.base import AwsType, arn, known, tag_map, tag_outputs
from simulator.aws.ec2 import Retagged, find_security_group, retag, tag_specification
from simulator.aws.rules import network_users

if TYPE_CHECKING:
    from simulator.account import Account

LARGEST_PREFIX, SMALLEST_PREFIX = 16, 28
"""Of a VPC and of a subnet (VPC user guide, "VPC CIDR blocks", read 2026-11)."""
VPCS_MAX = 5
"""VPCs in a region of an account that has asked for no more (VPC user guide, "Amazon VPC quotas", read 2026-11)."""


def not_played(inputs: Mapping[str, Any], played: frozenset[str]) -> list[tuple[str, str]]:
    """A problem for each property that is given and that the simulated account would pass over without a word."""
    common = {"tags", "tagsAll", "region"}
    return [
        (key, "the simulator does not play this property")
        for key, value in inputs.items()
        if key not in played | common and value not in (None, False, [], "")
    ]


def block_problems(inputs: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What pulumi-aws says of a `cidrBlock` that no VPC and no subnet can have."""
    block = inputs.get("cidrBlock")
    if not known(block):
        return []
    try:
        network = ipaddress.IPv4Network(block)
    except ValueError:
        return [("cidrBlock", f'"{block}" is not a valid CIDR block')]
    if not LARGEST_PREFIX <= network.prefixlen <= SMALLEST_PREFIX:
        reason = f"between {LARGEST_PREFIX} and {SMALLEST_PREFIX} significant bits, got: {network.prefixlen}"
        return [("cidrBlock", f"expected cidrBlock to contain a network value with {reason}")]
    return []


class Vpc(AwsType):
    token = "aws:ec2/vpc:Vpc"
    replace_on = frozenset({"cidrBlock", "instanceTenancy"})
    computed = AwsType.computed | {
        "ownerId",
        "defaultNetworkAclId",
        "defaultRouteTableId",
        "defaultSecurityGroupId",
        "dhcpOptionsId",
        "mainRouteTableId",
    }

    def check(self, account: Account, inputs: dict[str, Any]) -> list[tuple[str, str]]:
        played = frozenset({"cidrBlock", "enableDnsSupport", "enableDnsHostnames", "instanceTenancy"})
        found = not_played(inputs, played) + block_problems(inputs)
        if inputs.get("cidrBlock") is None:
            found.append(("cidrBlock", "the simulator takes the block from here only"))
        return found

    def enforce(self, account: Account, inputs: dict[str, Any]) -> None:
        if len(account.client("ec2").describe_vpcs()["Vpcs"]) >= VPCS_MAX:
            raise Refusal("VpcLimitExceeded", "The maximum number of VPCs has been reached.")

    def make(self, account: Account, inputs: dict[str, Any], outputs: dict[str, Any]) -> str:
        answer = account.client("ec2").create_vpc(
            CidrBlock=inputs["cidrBlock"], TagSpecifications=tag_specification("vpc", inputs)
        )
        vpc_id = str(answer["Vpc"]["VpcId"])
        _set_dns(account, vpc_id, inputs)
        return vpc_id

    def describe(
        self, account: Account, id: str, inputs: dict[str, Any], outputs: dict[str, Any]
    ) -> dict[str, Any] | None:
        ec2 = account.client("ec2")
        try:
            vpc = ec2.describe_vpcs(VpcIds=[id])["Vpcs"][0]
        except ClientError:
            return None
        in_vpc = [{"Name": "vpc-id", "Values": [id]}]
        (main,) = (
            table["RouteTableId"]
            for table in ec2.describe_route_tables(Filters=in_vpc)["RouteTables"]
            if any(each.get("Main") for each in table["Associations"])
        )
        (acl,) = (each for each in ec2.describe_network_acls(Filters=in_vpc)["NetworkAcls"] if each["IsDefault"])
        return {
            "arn": arn(account, "ec2", f"vpc/{id}"),
            "cidrBlock": vpc["CidrBlock"],
            "enableDnsSupport": _attribute(account, id, "enableDnsSupport"),
            "enableDnsHostnames": _attribute(account, id, "enableDnsHostnames"),
            "instanceTenancy": vpc["InstanceTenancy"],
            "ownerId": account.account_id,
            "defaultNetworkAclId": acl["NetworkAclId"],
            "defaultRouteTableId": main,
            "mainRouteTableId": main,
            "defaultSecurityGroupId": default_group(account, id),
            "dhcpOptionsId": vpc.get("DhcpOptionsId", ""),
            "region": account.region,
            **tag_outputs(inputs, tag_map(vpc.get("Tags"))),
        }

    def update(
        self, account: Account, id: str, old: dict[str, Any], new: dict[str, Any], outputs: dict[str, Any]
    ) -> dict[str, Any]:
        _set_dns(account, id, new)
        retag(account, id, old, new)
        return self.now(account, id, new, outputs)

    def delete(self, account: Account, id: str, inputs: dict[str, Any], outputs: dict[str, Any]) -> None:
        if user := network_users.user_of_vpc(account, id):
            raise Refusal("DependencyViolation", f"The vpc '{id}' has dependencies and cannot be deleted ({user}).")
        account.client("ec2").delete_vpc(VpcId=id)


def default_group(account: Account, vpc_id: str) -> str:
    """The id of the security group that came with the VPC."""
    groups = account.client("ec2").describe_security_groups(Filters=[{"Name": "vpc-id", "Values": [vpc_id]}])
    (found,) = (group["GroupId"] for group in groups["SecurityGroups"] if group["GroupName"] == "default")
    return str(found)


def _set_dns(account: Account, vpc_id: str, inputs: Mapping[str, Any]) -> None:
    """pulumi-aws leaves support on and host names off where the program says nothing, as EC2 does."""
    for key, default in (("enableDnsSupport", True), ("enableDnsHostnames", False)):
        given = inputs.get(key)
        value = {"Value": default if given is None else given}
        account.client("ec2").modify_vpc_attribute(VpcId=vpc_id, **{key[0].upper() + key[1:]: value})


def _attribute(account: Account, vpc_id: str, name: str) -> bool:
    answer = account.client("ec2").describe_vpc_attribute(VpcId=vpc_id, Attribute=name)
    return bool(answer[name[0].upper() + name[1:]]["Value"])


class Subnet(AwsType):
    token = "aws:ec2/subnet:Subnet"
    replace_on = frozenset({"vpcId", "cidrBlock", "availabilityZone"})
    computed = AwsType.computed | {"ownerId", "availabilityZoneId"}

    def check(self, account: Account, inputs: dict[str, Any]) -> list[tuple[str, str]]:
        played = frozenset({"vpcId", "cidrBlock", "availabilityZone", "mapPublicIpOnLaunch"})
        found = not_played(inputs, played) + block_problems(inputs)
        return found + [
            (key, "the simulator needs it") for key in ("cidrBlock", "availabilityZone") if not inputs.get(key)
        ]

    def make(self, account: Account, inputs: dict[str, Any], outputs: dict[str, Any]) -> str:
        ec2 = account.client("ec2")
        answer = ec2.create_subnet(
            VpcId=inputs["vpcId"],
            CidrBlock=inputs["cidrBlock"],
            AvailabilityZone=inputs["availabilityZone"],
            TagSpecifications=tag_specification("subnet", inputs),
        )
        subnet_id = str(answer["Subnet"]["SubnetId"])
        _set_public(account, subnet_id, inputs)
        return subnet_id

    def describe(
        self, account: Account, id: str, inputs: dict[str, Any], outputs: dict[str, Any]
    ) -> dict[str, Any] | None:
        try:
            subnet = account.client("ec2").describe_subnets(SubnetIds=[id])["Subnets"][0]
        except ClientError:
            return None
        return {
            "arn": subnet["SubnetArn"],
            "vpcId": subnet["VpcId"],
            "cidrBlock": subnet["CidrBlock"],
            "availabilityZone": subnet["AvailabilityZone"],
            "availabilityZoneId": subnet["AvailabilityZoneId"],
            "mapPublicIpOnLaunch": subnet["MapPublicIpOnLaunch"],
            "ownerId": account.account_id,
            "region": account.region,
            **tag_outputs(inputs, tag_map(subnet.get("Tags"))),
        }

    def update(
        self, account: Account, id: str, old: dict[str, Any], new: dict[str, Any], outputs: dict[str, Any]
    ) -> dict[str, Any]:
        _set_public(account, id, new)
        retag(account, id, old, new)
        return self.now(account, id, new, outputs)

    def delete(self, account: Account, id: str, inputs: dict[str, Any], outputs: dict[str, Any]) -> None:
        if user := network_users.user_of_subnet(account, id):
            raise Refusal("DependencyViolation", f"The subnet '{id}' has dependencies and cannot be deleted ({user}).")
        account.client("ec2").delete_subnet(SubnetId=id)


def _set_public(account: Account, subnet_id: str, inputs: Mapping[str, Any]) -> None:
    account.client("ec2").modify_subnet_attribute(
        SubnetId=subnet_id, MapPublicIpOnLaunch={"Value": bool(inputs.get("mapPublicIpOnLaunch"))}
    )


class DefaultSecurityGroup(Retagged):
    """Not made but taken over: its rules go, and when the program lets it go, it stays as it is."""

    token = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"
    replace_on = frozenset({"vpcId"})
    computed = AwsType.computed | {"ownerId", "name", "description"}

    def check(self, account: Account, inputs: dict[str, Any]) -> list[tuple[str, str]]:
        return not_played(inputs, frozenset({"vpcId"}))

    def make(self, account: Account, inputs: dict[str, Any], outputs: dict[str, Any]) -> str:
        ec2 = account.client("ec2")
        group_id = default_group(account, inputs["vpcId"])
        group = find_security_group(account, group_id) or {}
        if rules := group.get("IpPermissions"):
            ec2.revoke_security_group_ingress(GroupId=group_id, IpPermissions=rules)
        if rules := group.get("IpPermissionsEgress"):
            ec2.revoke_security_group_egress(GroupId=group_id, IpPermissions=rules)
        retag(account, group_id, {}, inputs)
        return group_id

    def describe(
        self, account: Account, id: str, inputs: dict[str, Any], outputs: dict[str, Any]
    ) -> dict[str, Any] | None:
        group = find_security_group(account, id)
        if group is None:
            return None
        return {
            "arn": arn(account, "ec2", f"security-group/{id}"),
            "name": group["GroupName"],
            "description": group["Description"],
            "vpcId": group["VpcId"],
            "ownerId": group["OwnerId"],
            "region": account.region,
            **tag_outputs(inputs, tag_map(group.get("Tags"))),
        }

    def delete(self, account: Account, id: str, inputs: dict[str, Any], outputs: dict[str, Any]) -> None:
        """pulumi-aws only forgets it: EC2 deletes the group with its VPC."""
