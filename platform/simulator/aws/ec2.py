"""Security groups and their rules."""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError
from moto.moto_api._internal import mock_random

from simulator.account.resource import Refusal
from simulator.aws.base import (
    AwsType,
    arn,
    known,
    tag_changes,
    tag_list,
    tag_map,
    tag_outputs,
    wanted_tags,
)
from simulator.aws.rules import group_users

if TYPE_CHECKING:
    from simulator.account import Account

NAME_MAX = 255
DESCRIPTION = re.compile(r"[a-zA-Z0-9. _\-:/()#,@\[\]+=&;{}!$*]{0,255}")
DESCRIPTION_CHARACTERS = "a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*"
RULE_SOURCES = ("cidrIpv4", "cidrIpv6", "prefixListId", "referencedSecurityGroupId")


def find_security_group(account: Account, group_id: str) -> dict[str, Any] | None:
    """EC2's own record of the group, or None."""
    try:
        groups = account.client("ec2").describe_security_groups(GroupIds=[group_id])["SecurityGroups"]
    except ClientError:
        return None
    return groups[0] if groups else None


def retag(account: Account, id: str, old: dict[str, Any], new: dict[str, Any]) -> None:
    """Bring the tags of an EC2 resource from the old inputs' to the new ones'."""
    ec2 = account.client("ec2")
    changed, gone = tag_changes(wanted_tags(old), wanted_tags(new))
    if changed:
        ec2.create_tags(Resources=[id], Tags=tag_list(changed))
    if gone:
        ec2.delete_tags(Resources=[id], Tags=[{"Key": key} for key in gone])


class Retagged(AwsType):
    """A type of EC2 of which nothing but the tags can change."""

    def update(
        self, account: Account, id: str, old: dict[str, Any], new: dict[str, Any], outputs: dict[str, Any]
    ) -> dict[str, Any]:
        retag(account, id, old, new)
        return self.now(account, id, new, outputs)


def tag_specification(kind: str, inputs: dict[str, Any]) -> list[dict[str, Any]]:
    """The TagSpecifications of an EC2 create call; empty without tags, which EC2 refuses."""
    tags = tag_list(wanted_tags(inputs))
    return [{"ResourceType": kind, "Tags": tags}] if tags else []


class SecurityGroup(Retagged):
    token = "aws:ec2/securityGroup:SecurityGroup"
    replace_on = frozenset({"name", "namePrefix", "description", "vpcId"})
    name_property = "name"
    name_max_length = NAME_MAX
    computed = AwsType.computed | {"ownerId"}

    def check(self, account: Account, inputs: dict[str, Any]) -> list[tuple[str, str]]:
        found = []
        name = inputs.get("name")
        if known(name):
            if name.startswith("sg-"):
                found.append(("name", f'invalid value for name (cannot begin with sg-): "{name}"'))
            if not DESCRIPTION.fullmatch(name):
                found.append(("name", f"expected length and characters of an EC2 group name, got {name!r}"))
        description = inputs.get("description")
        if known(description) and not DESCRIPTION.fullmatch(description):
            found.append(("description", f"may hold at most 255 characters from {DESCRIPTION_CHARACTERS}"))
        for key in ("ingress", "egress"):
            if inputs.get(key):
                found.append((key, "the simulator takes rules as resources of their own only"))
        return found

    def enforce(self, account: Account, inputs: dict[str, Any]) -> None:
        # moto answers with its own default VPC when the one asked for is not there.
        account.client("ec2").describe_vpcs(VpcIds=[inputs["vpcId"]])

    def make(self, account: Account, inputs: dict[str, Any], outputs: dict[str, Any]) -> str:
        ec2 = account.client("ec2")
        group_id: str = ec2.create_security_group(
            GroupName=inputs.get("name") or inputs["namePrefix"] + mock_random.get_random_hex(26),
            Description=inputs.get("description") or "Managed by Pulumi",
            VpcId=inputs["vpcId"],
            TagSpecifications=tag_specification("security-group", inputs),
        )["GroupId"]
        # EC2 gives a new group a rule that lets everything out; pulumi-aws takes it away.
        group = find_security_group(account, group_id)
        if group and group["IpPermissionsEgress"]:
            ec2.revoke_security_group_egress(GroupId=group_id, IpPermissions=group["IpPermissionsEgress"])
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
            "namePrefix": inputs.get("namePrefix"),
            "description": group["Description"],
            "vpcId": group["VpcId"],
            "ownerId": group["OwnerId"],
            "revokeRulesOnDelete": inputs.get("revokeRulesOnDelete", False),
            "region": account.region,
            **tag_outputs(inputs, tag_map(group.get("Tags"))),
        }

    def delete(self, account: Account, id: str, inputs: dict[str, Any], outputs: dict[str, Any]) -> None:
        if user := group_users.user_of_group(account, id):
            raise Refusal("DependencyViolation", f"resource {id} has a dependent object ({user})")
        account.client("ec2").delete_security_group(GroupId=id)


class _Rule(AwsType):
    """A rule of a security group in one direction."""

    egress: bool
    replace_on = frozenset({"securityGroupId"})
    computed = AwsType.computed | {"securityGroupRuleId"}

    def check(self, account: Account, inputs: dict[str, Any]) -> list[tuple[str, str]]:
        found = []
        given = [key for key in RULE_SOURCES if inputs.get(key)]
        if len(given) != 1:
            found.append(("cidrIpv4", f"exactly one of {', '.join(RULE_SOURCES)} must be set, got {given or 'none'}"))
        description = inputs.get("description")
        if known(description) and not DESCRIPTION.fullmatch(description):
            found.append(("description", f"may hold at most 255 characters from {DESCRIPTION_CHARACTERS}"))
        if known(cidr := inputs.get("cidrIpv4")):
            try:
                ipaddress.IPv4Network(cidr)
            except ValueError:
                found.append(("cidrIpv4", f'"{cidr}" is not a valid IPv4 CIDR block'))
        return found

    def enforce(self, account: Account, inputs: dict[str, Any]) -> None:
        protocol = str(inputs["ipProtocol"])
        has_ports = inputs.get("fromPort") is not None and inputs.get("toPort") is not None
        if protocol in ("tcp", "udp", "6", "17") and not has_ports:
            raise Refusal(
                "InvalidParameterValue",
                f"Invalid value for portRange. Must specify both from and to ports with {protocol}",
            )
        if has_ports and protocol in ("tcp", "udp", "6", "17") and inputs["fromPort"] > inputs["toPort"]:
            raise Refusal(
                "InvalidParameterValue",
                f"Invalid TCP/UDP port range ({inputs['fromPort']}:{inputs['toPort']})",
            )
        if find_security_group(account, inputs["securityGroupId"]) is None:
            raise Refusal(
                "InvalidGroup.NotFound",
                f"The security group '{inputs['securityGroupId']}' does not exist",
            )

    def make(self, account: Account, inputs: dict[str, Any], outputs: dict[str, Any]) -> str:
        ec2 = account.client("ec2")
        authorize = ec2.authorize_security_group_egress if self.egress else ec2.authorize_security_group_ingress
        answer = authorize(
            GroupId=inputs["securityGroupId"],
            IpPermissions=[_permission(inputs)],
            TagSpecifications=tag_specification("security-group-rule", inputs),
        )
        return str(answer["SecurityGroupRules"][0]["SecurityGroupRuleId"])

    def describe(
        self, account: Account, id: str, inputs: dict[str, Any], outputs: dict[str, Any]
    ) -> dict[str, Any] | None:
        try:
            answer = account.client("ec2").describe_security_group_rules(SecurityGroupRuleIds=[id])
        except ClientError:
            return None
        rule = answer["SecurityGroupRules"][0]
        reference = rule.get("ReferencedGroupInfo", {}).get("GroupId")
        ports = (None, None) if rule["IpProtocol"] == "-1" else (rule.get("FromPort"), rule.get("ToPort"))
        return {
            "arn": arn(account, "ec2", f"security-group-rule/{id}"),
            "securityGroupRuleId": id,
            "securityGroupId": rule["GroupId"],
            "ipProtocol": rule["IpProtocol"],
            "fromPort": inputs.get("fromPort") if ports == (None, None) else ports[0],
            "toPort": inputs.get("toPort") if ports == (None, None) else ports[1],
            "cidrIpv4": rule.get("CidrIpv4") or None,
            "cidrIpv6": rule.get("CidrIpv6") or None,
            "prefixListId": rule.get("PrefixListId") or None,
            "referencedSecurityGroupId": reference,
            "description": rule.get("Description") or inputs.get("description"),
            "region": account.region,
            **tag_outputs(inputs, tag_map(rule.get("Tags"))),
        }

    def update(
        self, account: Account, id: str, old: dict[str, Any], new: dict[str, Any], outputs: dict[str, Any]
    ) -> dict[str, Any]:
        self.enforce(account, new)
        account.client("ec2").modify_security_group_rules(
            GroupId=new["securityGroupId"],
            SecurityGroupRules=[{"SecurityGroupRuleId": id, "SecurityGroupRule": _request(new)}],
        )
        retag(account, id, old, new)
        return self.now(account, id, new, outputs)

    def delete(self, account: Account, id: str, inputs: dict[str, Any], outputs: dict[str, Any]) -> None:
        ec2 = account.client("ec2")
        revoke = ec2.revoke_security_group_egress if self.egress else ec2.revoke_security_group_ingress
        revoke(GroupId=inputs["securityGroupId"], SecurityGroupRuleIds=[id])


class SecurityGroupIngressRule(_Rule):
    token = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
    egress = False


class SecurityGroupEgressRule(_Rule):
    token = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
    egress = True


def _permission(inputs: dict[str, Any]) -> dict[str, Any]:
    described = {"Description": inputs["description"]} if inputs.get("description") else {}
    permission: dict[str, Any] = {"IpProtocol": str(inputs["ipProtocol"])}
    if permission["IpProtocol"] != "-1":
        permission |= {"FromPort": inputs.get("fromPort", -1), "ToPort": inputs.get("toPort", -1)}
    if cidr := inputs.get("cidrIpv4"):
        permission["IpRanges"] = [{"CidrIp": cidr, **described}]
    if cidr := inputs.get("cidrIpv6"):
        permission["Ipv6Ranges"] = [{"CidrIpv6": cidr, **described}]
    if prefix_list := inputs.get("prefixListId"):
        permission["PrefixListIds"] = [{"PrefixListId": prefix_list, **described}]
    if group := inputs.get("referencedSecurityGroupId"):
        permission["UserIdGroupPairs"] = [{"GroupId": group, **described}]
    return permission


def _request(inputs: dict[str, Any]) -> dict[str, Any]:
    names = {
        "ipProtocol": "IpProtocol",
        "fromPort": "FromPort",
        "toPort": "ToPort",
        "cidrIpv4": "CidrIpv4",
        "cidrIpv6": "CidrIpv6",
        "prefixListId": "PrefixListId",
        "referencedSecurityGroupId": "ReferencedGroupId",
        "description": "Description",
    }
    request = {api: inputs[key] for key, api in names.items() if inputs.get(key) is not None}
    if request["IpProtocol"] == "-1":
        request |= {"FromPort": -1, "ToPort": -1}
    return request
