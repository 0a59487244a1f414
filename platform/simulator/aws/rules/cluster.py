"""What EKS looks at before it makes or changes a control plane."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from simulator.account.resource import Refusal
from simulator.aws import iam
from simulator.aws.eks_versions import PLATFORM_VERSIONS
from simulator.aws.kms import usable_key

if TYPE_CHECKING:
    from simulator.account import Account

INVALID = "InvalidParameterException"
ZONES_WITHOUT_EKS = frozenset({"use1-az3", "usw1-az2", "cac1-az3"})
FREE_ADDRESSES_MIN = 6
NODE_GROUP = "aws:eks/nodeGroup:NodeGroup"
AUTHENTICATION_MODES = ("CONFIG_MAP", "API_AND_CONFIG_MAP", "API")
"""In the only direction in which EKS changes the mode of a cluster."""


def refuse_cluster(account: Account, inputs: dict[str, Any]) -> None:
    """Everything CreateCluster checks, in AWS's words."""
    refuse_version(inputs.get("version"))
    refuse_role(account, inputs["roleArn"])
    vpc_id = refuse_network(account, inputs["name"], inputs["vpcConfig"])
    refuse_endpoints(inputs["vpcConfig"])
    refuse_service_cidr(account, inputs.get("kubernetesNetworkConfig") or {}, vpc_id)
    refuse_key(account, inputs.get("encryptionConfig"))


def refuse_version(version: str | None) -> None:
    if version is not None and version not in PLATFORM_VERSIONS:
        raise Refusal(INVALID, f"unsupported Kubernetes version {version}")


def refuse_role(account: Account, role_arn: str) -> None:
    role = iam.role_of(account, role_arn)
    if role is None:
        raise Refusal(INVALID, f"The role with ARN {role_arn} could not be assumed because it does not exist")
    service = {"kind": "Service", "principal": "eks.amazonaws.com", "action": "sts:AssumeRole"}
    if not iam.trusts(role, **service):
        raise Refusal(INVALID, "Role could not be assumed because the trusted entity is not correct")
    if not iam.has_policy(account, role, "AmazonEKSClusterPolicy"):
        raise Refusal(
            INVALID,
            "The provided role doesn't have the Amazon EKS Managed Policies associated with it. Please ensure the "
            "following policy is attached: arn:aws:iam::aws:policy/AmazonEKSClusterPolicy",
        )


def refuse_network(account: Account, cluster: str, vpc_config: dict[str, Any]) -> str:
    """Check subnets and security groups, and return the VPC they are in."""
    subnets = find_subnets(account, vpc_config["subnetIds"])
    vpcs = {subnet["VpcId"] for subnet in subnets}
    if len(vpcs) != 1:
        raise Refusal(INVALID, "Subnets specified must belong to the same VPC")
    for subnet in subnets:
        if subnet["AvailabilityZoneId"] in ZONES_WITHOUT_EKS:
            raise Refusal(
                "UnsupportedAvailabilityZoneException",
                f"Cannot create cluster '{cluster}' because EKS does not support creating control plane instances in "
                f"{subnet['AvailabilityZone']} ({subnet['AvailabilityZoneId']}), the targeted availability zone. "
                "Retry cluster creation using control plane subnets that span at least two other availability zones.",
            )
    if len({subnet["AvailabilityZone"] for subnet in subnets}) < 2:
        raise Refusal(INVALID, "Subnets specified must be in at least two different AZs")
    full = [each["SubnetId"] for each in subnets if each["AvailableIpAddressCount"] < FREE_ADDRESSES_MIN]
    if full:
        raise Refusal(
            INVALID,
            f"One or more of the subnets does not have enough free IP addresses for EKS: {full} (at least "
            f"{FREE_ADDRESSES_MIN} each)",
        )
    (vpc_id,) = vpcs
    refuse_groups(account, vpc_config.get("securityGroupIds") or [], vpc_id)
    return str(vpc_id)


def find_subnets(account: Account, subnet_ids: list[str]) -> list[dict[str, Any]]:
    try:
        answer = account.client("ec2").describe_subnets(SubnetIds=subnet_ids)
    except ClientError as error:
        raise Refusal(INVALID, error.response["Error"]["Message"]) from None
    return list(answer["Subnets"])


def refuse_groups(account: Account, group_ids: list[str], vpc_id: str) -> None:
    if not group_ids:
        return
    try:
        groups = account.client("ec2").describe_security_groups(GroupIds=group_ids)["SecurityGroups"]
    except ClientError as error:
        raise Refusal(INVALID, error.response["Error"]["Message"]) from None
    if strangers := [group["GroupId"] for group in groups if group["VpcId"] != vpc_id]:
        raise Refusal(
            INVALID,
            f"Security group(s) {strangers} are not in the same VPC as the subnets. Please specify existing security "
            "group(s) from the same VPC.",
        )


# Addresses that no client on the internet can have; blocks for documentation are left alone.
_NEVER_PUBLIC = tuple(
    ipaddress.IPv4Network(block)
    for block in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3")
)


def _never_public(cidr: str) -> bool:
    network = ipaddress.ip_network(cidr)
    return isinstance(network, ipaddress.IPv4Network) and any(network.subnet_of(block) for block in _NEVER_PUBLIC)


def refuse_endpoints(vpc_config: dict[str, Any]) -> None:
    public, private = vpc_config.get("endpointPublicAccess", True), vpc_config.get("endpointPrivateAccess", False)
    if not public and not private:
        raise Refusal(INVALID, "Private and public endpoint access cannot be false")
    inside = [cidr for cidr in vpc_config.get("publicAccessCidrs") or [] if _never_public(cidr)]
    if inside:
        raise Refusal(INVALID, f"The following CIDRs are not allowed in publicAccessCidrs: {inside}")


def refuse_service_cidr(account: Account, network_config: dict[str, Any], vpc_id: str) -> None:
    cidr = network_config.get("serviceIpv4Cidr")
    for block in vpc_blocks(account, vpc_id) if cidr else []:
        if ipaddress.IPv4Network(cidr).overlaps(block):
            raise Refusal(INVALID, f"Service CIDR {cidr} overlaps with CIDR {block} of {vpc_id}")


def vpc_blocks(account: Account, vpc_id: str) -> list[ipaddress.IPv4Network]:
    """All IPv4 CIDR blocks of a VPC."""
    vpc = account.client("ec2").describe_vpcs(VpcIds=[vpc_id])["Vpcs"][0]
    return [ipaddress.IPv4Network(each["CidrBlock"]) for each in vpc["CidrBlockAssociationSet"]]


def refuse_key(account: Account, encryption_config: dict[str, Any] | None) -> None:
    if not encryption_config:
        return
    if encryption_config.get("resources") != ["secrets"]:
        raise Refusal(INVALID, f"Only [secrets] can be encrypted, not {encryption_config.get('resources')}")
    key_arn = encryption_config["provider"]["keyArn"]
    if not key_arn.startswith("arn:") or usable_key(account, key_arn) is None:
        raise Refusal(
            INVALID, f"The keyArn in encryptionConfig provider is invalid or the key is not enabled: {key_arn}"
        )


def refuse_version_change(account: Account, cluster: str, old: str, new: str) -> None:
    """EKS goes up one minor version at a time, with node groups of the old one. Its rollback is not modelled.

    That the node groups must have the cluster's version before it moves on: EKS API reference, UpdateClusterVersion,
    read 2026-11-23.
    """
    refuse_version(new)
    if int(new.partition(".")[2]) != int(old.partition(".")[2]) + 1:
        raise Refusal(INVALID, f"Unsupported Kubernetes minor version update from {old} to {new}")
    groups = account.records(NODE_GROUP, clusterName=cluster)
    if behind := [each.outputs["nodeGroupName"] for each in groups if each.outputs["version"] != old]:
        raise Refusal(INVALID, f"Nodegroups {behind} must be updated to match cluster version {old} before updating it")


def refuse_mode_change(old: str, new: str) -> None:
    if AUTHENTICATION_MODES.index(new) < AUTHENTICATION_MODES.index(old):
        raise Refusal(INVALID, f"Unsupported authentication mode update from {old} to {new}")
