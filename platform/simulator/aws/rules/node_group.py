"""What EKS looks at before it makes or changes a managed node group."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from simulator.account.resource import Refusal
from simulator.aws import iam, launch_templates
from simulator.aws.eks_common import existing_cluster
from simulator.aws.eks_versions import LAST_MINOR_WITH_AL2, PLATFORM_VERSIONS
from simulator.aws.rules import node_network, user_data
from simulator.aws.rules.cluster import find_subnets, refuse_groups

if TYPE_CHECKING:
    from simulator.account import Account

INVALID = "InvalidParameterException"
DEFAULT_AMI_TYPE = "AL2023_x86_64_STANDARD"
DEFAULT_INSTANCE_TYPES = ["t3.medium"]
AMI_ARCHITECTURES = {
    "AL2_x86_64": "x86_64",
    "AL2_x86_64_GPU": "x86_64",
    "AL2_ARM_64": "arm64",
    "AL2023_x86_64_STANDARD": "x86_64",
    "AL2023_ARM_64_STANDARD": "arm64",
    "AL2023_x86_64_NEURON": "x86_64",
    "AL2023_x86_64_NVIDIA": "x86_64",
    "AL2023_ARM_64_NVIDIA": "arm64",
    "BOTTLEROCKET_x86_64": "x86_64",
    "BOTTLEROCKET_ARM_64": "arm64",
    "BOTTLEROCKET_x86_64_NVIDIA": "x86_64",
    "BOTTLEROCKET_ARM_64_NVIDIA": "arm64",
}
"""AMI type of a managed node group -> processor architecture of the image; those for Windows are left out."""

RESERVED_DOMAINS = ("kubernetes.io", "k8s.io", "eks.amazonaws.com")
QUALIFIED_NAME = re.compile(r"([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?")
LABEL_VALUE = re.compile(r"([A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?")
MAX_SKEW = 3
"""A kubelet may be at most three minor versions older than the API server, and never newer."""


def refuse_node_group(account: Account, inputs: dict[str, Any]) -> None:
    """Everything CreateNodegroup checks, in AWS's words."""
    cluster = existing_cluster(account, inputs["clusterName"])
    refuse_version(inputs.get("version"), cluster["version"])
    refuse_sizes(inputs["scalingConfig"])
    refuse_labels_and_taints(inputs)
    refuse_role(account, inputs["nodeRoleArn"])
    refuse_subnets(account, inputs["subnetIds"], cluster["resourcesVpcConfig"]["vpcId"])
    refuse_template(account, inputs, cluster["resourcesVpcConfig"]["vpcId"])
    refuse_instances(account, inputs, inputs.get("version") or cluster["version"])


def refuse_version(version: str | None, cluster_version: str) -> None:
    if version is None:
        return
    if version not in PLATFORM_VERSIONS:
        raise Refusal(INVALID, f"Requested Nodegroup Kubernetes version {version} is not supported")
    skew = int(cluster_version.partition(".")[2]) - int(version.partition(".")[2])
    if not 0 <= skew <= MAX_SKEW:
        raise Refusal(
            INVALID,
            f"Requested Nodegroup Kubernetes version {version} does not go with cluster version {cluster_version}",
        )


def refuse_sizes(scaling: dict[str, Any]) -> None:
    low, desired, high = scaling["minSize"], scaling["desiredSize"], scaling["maxSize"]
    if low > high:
        raise Refusal(INVALID, f"Minimum capacity {low} can't be greater than maximum capacity {high}")
    if low > desired:
        raise Refusal(INVALID, f"Minimum capacity {low} can't be greater than desired size {desired}")
    if desired > high:
        raise Refusal(INVALID, f"desired capacity {desired} can't be greater than max size {high}")


def refuse_labels_and_taints(inputs: dict[str, Any]) -> None:
    for key, value in (inputs.get("labels") or {}).items():
        domain = key.partition("/")[0] if "/" in key else ""
        if any(domain == each or domain.endswith(f".{each}") for each in RESERVED_DOMAINS):
            raise Refusal(INVALID, f"Label cannot contain reserved prefixes {list(RESERVED_DOMAINS)}: {key}")
        if not QUALIFIED_NAME.fullmatch(key):
            raise Refusal(INVALID, f"Label key {key} is not a valid Kubernetes label key")
        if not LABEL_VALUE.fullmatch(value):
            raise Refusal(
                INVALID, f"Label value {value} of {key} is not a valid Kubernetes label value of up to 63 characters"
            )
    taints = [(taint["key"], taint["effect"]) for taint in inputs.get("taints") or []]
    if len(set(taints)) != len(taints):
        raise Refusal(INVALID, "Duplicate taints with the same key and effect are not allowed")
    for taint in inputs.get("taints") or []:
        if not QUALIFIED_NAME.fullmatch(taint["key"]) or not LABEL_VALUE.fullmatch(taint.get("value") or ""):
            raise Refusal(INVALID, f"Taint {taint['key']}={taint.get('value')} is not a valid Kubernetes taint")


def refuse_role(account: Account, role_arn: str) -> None:
    role = iam.role_of(account, role_arn)
    if role is None:
        raise Refusal(INVALID, f"The role with name {role_arn.rpartition('/')[2]} cannot be found.")
    if not iam.trusts(role, kind="Service", principal="ec2.amazonaws.com", action="sts:AssumeRole"):
        raise Refusal(
            INVALID,
            "Following required service principals [ec2.amazonaws.com] were not found in the trust relationships of "
            f"nodeRole {role_arn}",
        )


def refuse_subnets(account: Account, subnet_ids: list[str], vpc_id: str) -> None:
    if strangers := [each["SubnetId"] for each in find_subnets(account, subnet_ids) if each["VpcId"] != vpc_id]:
        raise Refusal(INVALID, f"Subnets {strangers} are not in the VPC {vpc_id} of the cluster")


def refuse_template(account: Account, inputs: dict[str, Any], vpc_id: str) -> None:
    """The launch template must exist at its version, and leave to the request what belongs there."""
    reference = inputs.get("launchTemplate")
    if not reference:
        return
    if bool(reference.get("id")) == bool(reference.get("name")):
        raise Refusal(INVALID, "Either provide launch template ID or launch template name in the request.")
    if launch_templates.find_template(account, reference) is None:
        raise Refusal(INVALID, f"The launch template {reference.get('id') or reference.get('name')} does not exist.")
    data = node_network.template_of(account, inputs)
    if data is None:
        raise Refusal(INVALID, f"Could not find launch template version {reference['version']}.")
    _refuse_what_belongs_to_the_request(inputs, data)
    refuse_groups(account, launch_templates.security_groups(data), vpc_id)
    user_data.refuse_what_eks_cannot_merge(data)


def _refuse_what_belongs_to_the_request(inputs: dict[str, Any], data: dict[str, Any]) -> None:
    if inputs.get("diskSize"):
        raise Refusal(INVALID, "Disk size must be specified within the launch template.")
    if data.get("IamInstanceProfile"):
        raise Refusal(
            INVALID,
            "Launch template should not specify an instance profile. The noderole in your request will be used to "
            "construct an instance profile.",
        )
    if any(interface.get("SubnetId") for interface in data.get("NetworkInterfaces", [])):
        raise Refusal(INVALID, "Launch template should not specify subnets. Specify them in the request.")
    if data.get("InstanceType") and inputs.get("instanceTypes"):
        raise Refusal(
            INVALID, "Instance types must be specified in the request or in the launch template, not in both."
        )
    if data.get("ImageId") and inputs.get("amiType", "CUSTOM") != "CUSTOM":
        raise Refusal(
            INVALID,
            "You cannot specify an AMI Type other than CUSTOM, when specifying an image id in your launch template.",
        )


def refuse_instances(account: Account, inputs: dict[str, Any], version: str) -> None:
    ami_type = inputs.get("amiType") or DEFAULT_AMI_TYPE
    if ami_type == "CUSTOM":
        return
    if ami_type.startswith("AL2_") and int(version.partition(".")[2]) > LAST_MINOR_WITH_AL2:
        raise Refusal(
            INVALID,
            f"AMI Type {ami_type} is only supported for kubernetes versions 1.{LAST_MINOR_WITH_AL2} or earlier",
        )
    for name, architectures in instance_architectures(account, inputs.get("instanceTypes")).items():
        if AMI_ARCHITECTURES[ami_type] not in architectures:
            raise Refusal(INVALID, f"[{name}] is not a valid instance type for requested amiType {ami_type}")


def instance_architectures(account: Account, names: list[str] | None) -> dict[str, list[str]]:
    """Instance type -> the processor architectures it supports. Refuses types that do not exist."""
    wanted = names or DEFAULT_INSTANCE_TYPES
    try:
        found = account.client("ec2").describe_instance_types(InstanceTypes=wanted)["InstanceTypes"]
    except ClientError as error:
        raise Refusal(INVALID, error.response["Error"]["Message"]) from None
    return {each["InstanceType"]: each["ProcessorInfo"]["SupportedArchitectures"] for each in found}
