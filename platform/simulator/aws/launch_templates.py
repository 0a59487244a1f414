"""EC2 launch templates and their versions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError
from moto.moto_api._internal import mock_random

from simulator.account.resource import Refusal
from simulator.aws.base import AwsType, arn, known, tag_map, tag_outputs
from simulator.aws.ec2 import find_security_group, retag, tag_specification
from simulator.aws.kms import usable_key
from simulator.aws.rules import user_data

if TYPE_CHECKING:
    from simulator.account import Account

NAME = re.compile(r"[a-zA-Z0-9().\-/_]{3,128}")
OUTSIDE_THE_DATA = frozenset(
    {"name", "namePrefix", "description", "tags", "tagsAll", "defaultVersion", "updateDefaultVersion", "region"}
)
IOPS_PER_GIB_MAX = 500
"""gp3: at most 500 IOPS per GiB and 3,000 to 80,000 in all (EBS user guide, read 2026-07)."""

EBS = {
    "deleteOnTermination": "DeleteOnTermination",
    "encrypted": "Encrypted",
    "iops": "Iops",
    "kmsKeyId": "KmsKeyId",
    "snapshotId": "SnapshotId",
    "throughput": "Throughput",
    "volumeSize": "VolumeSize",
    "volumeType": "VolumeType",
}
METADATA = {
    "httpEndpoint": "HttpEndpoint",
    "httpProtocolIpv6": "HttpProtocolIpv6",
    "httpPutResponseHopLimit": "HttpPutResponseHopLimit",
    "httpTokens": "HttpTokens",
    "instanceMetadataTags": "InstanceMetadataTags",
}
INTERFACE = {
    "associatePublicIpAddress": "AssociatePublicIpAddress",
    "deleteOnTermination": "DeleteOnTermination",
    "description": "Description",
    "deviceIndex": "DeviceIndex",
    "securityGroups": "Groups",
    "subnetId": "SubnetId",
}
PLAIN = {
    "userData": "UserData",
    "imageId": "ImageId",
    "instanceType": "InstanceType",
    "keyName": "KeyName",
    "vpcSecurityGroupIds": "SecurityGroupIds",
    "instanceInitiatedShutdownBehavior": "InstanceInitiatedShutdownBehavior",
}
OTHERS = frozenset(
    {
        "blockDeviceMappings",
        "metadataOptions",
        "networkInterfaces",
        "tagSpecifications",
        "monitoring",
        "iamInstanceProfile",
    }
)


def find_template(account: Account, reference: dict[str, Any]) -> dict[str, Any] | None:
    """EC2's own record of the template that `{"id"}` or `{"name"}` refers to, or None."""
    by = (
        {"LaunchTemplateIds": [reference["id"]]}
        if reference.get("id")
        else {"LaunchTemplateNames": [reference.get("name", "")]}
    )
    try:
        found = account.client("ec2").describe_launch_templates(**by)["LaunchTemplates"]
    except ClientError:
        return None
    return found[0] if found else None


def version_data(account: Account, template_id: str, version: str) -> dict[str, Any] | None:
    """The data of one version (a number, $Latest or $Default), in EC2's own words; None when there is none."""
    try:
        found = account.client("ec2").describe_launch_template_versions(
            LaunchTemplateId=template_id, Versions=[version]
        )["LaunchTemplateVersions"]
    except ClientError:
        return None
    return found[0]["LaunchTemplateData"] if found else None


def security_groups(data: dict[str, Any]) -> list[str]:
    """The security groups an instance of the template gets: the template's own, or its interfaces'."""
    groups = list(data.get("SecurityGroupIds") or [])
    for interface in data.get("NetworkInterfaces") or []:
        groups += interface.get("Groups") or []
    return groups


class LaunchTemplate(AwsType):
    token = "aws:ec2/launchTemplate:LaunchTemplate"
    replace_on = frozenset({"name", "namePrefix"})
    name_property = "name"
    name_max_length = 128
    computed = AwsType.computed | {"latestVersion", "defaultVersion"}
    changing_outputs = frozenset({"latestVersion"})

    def check(self, account: Account, inputs: dict[str, Any]) -> list[tuple[str, str]]:
        found = []
        if known(name := inputs.get("name")) and not NAME.fullmatch(name):
            found.append(("name", f"{name!r} must be 3 to 128 characters from a-zA-Z0-9().-/_"))
        for key in sorted(set(inputs) - OUTSIDE_THE_DATA - set(PLAIN) - OTHERS):
            if not key.startswith("__") and inputs[key] is not None:
                found.append((key, "the simulator does not model this part of a launch template"))
        if inputs.get("vpcSecurityGroupIds") and inputs.get("networkInterfaces"):
            found.append(
                (
                    "vpcSecurityGroupIds",
                    "Network interfaces and an instance-level security groups may not be specified on the same request",
                )
            )
        return found

    def enforce(self, account: Account, inputs: dict[str, Any]) -> None:
        data = template_data(inputs)
        user_data.decoded(data.get("UserData", ""))
        for group in security_groups(data):
            if find_security_group(account, group) is None:
                raise Refusal("InvalidGroup.NotFound", f"The security group '{group}' does not exist")
        for mapping in data.get("BlockDeviceMappings", []):
            _refuse_volume(account, mapping.get("Ebs") or {})
        hops = data.get("MetadataOptions", {}).get("HttpPutResponseHopLimit", 1)
        if not 1 <= hops <= 64:
            raise Refusal("InvalidParameterValue", f"HttpPutResponseHopLimit must be between 1 and 64, not {hops}")

    def make(self, account: Account, inputs: dict[str, Any], outputs: dict[str, Any]) -> str:
        ec2 = account.client("ec2")
        name = inputs.get("name") or inputs["namePrefix"] + mock_random.get_random_hex(26)
        data = template_data(inputs)
        template = ec2.create_launch_template(
            LaunchTemplateName=name,
            VersionDescription=inputs.get("description") or "",
            LaunchTemplateData=data,
            TagSpecifications=tag_specification("launch-template", inputs),
        )["LaunchTemplate"]
        # A replay knows the last version only; the older ones count, for node groups refer to a version's number.
        for _ in range(1, outputs.get("latestVersion", 1)):
            ec2.create_launch_template_version(LaunchTemplateId=template["LaunchTemplateId"], LaunchTemplateData=data)
        if outputs.get("defaultVersion", 1) != 1:
            _set_default(account, template["LaunchTemplateId"], outputs["defaultVersion"])
        return str(template["LaunchTemplateId"])

    def describe(
        self, account: Account, id: str, inputs: dict[str, Any], outputs: dict[str, Any]
    ) -> dict[str, Any] | None:
        template = find_template(account, {"id": id})
        if template is None:
            return None
        latest = template["LatestVersionNumber"]
        data = version_data(account, id, "$Latest")
        # moto's own answer keeps the tags of the creation.
        tags = account.client("ec2").describe_tags(Filters=[{"Name": "resource-id", "Values": [id]}])["Tags"]
        # What the inputs ask for comes back as given where EC2 holds the same, so that no wording is a diff.
        given = {key: value for key, value in inputs.items() if key not in OUTSIDE_THE_DATA}
        if data is not None and data != _stored(template_data(inputs)):
            given |= _drifted(data)
        return {
            **given,
            "arn": arn(account, "ec2", f"launch-template/{id}"),
            "name": template["LaunchTemplateName"],
            "namePrefix": inputs.get("namePrefix"),
            "description": inputs.get("description"),
            "updateDefaultVersion": inputs.get("updateDefaultVersion"),
            "latestVersion": latest,
            "defaultVersion": template["DefaultVersionNumber"],
            "region": account.region,
            **tag_outputs(inputs, tag_map(tags)),
        }

    def update(
        self, account: Account, id: str, old: dict[str, Any], new: dict[str, Any], outputs: dict[str, Any]
    ) -> dict[str, Any]:
        self.enforce(account, new)
        latest = outputs["latestVersion"]
        if template_data(new) != template_data(old) or new.get("description") != old.get("description"):
            latest = account.client("ec2").create_launch_template_version(
                LaunchTemplateId=id,
                VersionDescription=new.get("description") or "",
                LaunchTemplateData=template_data(new),
            )["LaunchTemplateVersion"]["VersionNumber"]
        if new.get("updateDefaultVersion"):
            _set_default(account, id, latest)
        elif new.get("defaultVersion"):
            _set_default(account, id, new["defaultVersion"])
        retag(account, id, old, new)
        return self.now(account, id, new, outputs)

    def delete(self, account: Account, id: str, inputs: dict[str, Any], outputs: dict[str, Any]) -> None:
        account.client("ec2").delete_launch_template(LaunchTemplateId=id)


def template_data(inputs: dict[str, Any]) -> dict[str, Any]:
    """The LaunchTemplateData of EC2's API for the inputs of pulumi-aws."""
    data: dict[str, Any] = {api: inputs[key] for key, api in PLAIN.items() if inputs.get(key)}
    if mappings := inputs.get("blockDeviceMappings"):
        data["BlockDeviceMappings"] = [
            {"DeviceName": each["deviceName"], "Ebs": _renamed(each.get("ebs") or {}, EBS)} for each in mappings
        ]
    if options := inputs.get("metadataOptions"):
        data["MetadataOptions"] = _renamed(options, METADATA)
    if interfaces := inputs.get("networkInterfaces"):
        data["NetworkInterfaces"] = [_renamed(each, INTERFACE) for each in interfaces]
    if specifications := inputs.get("tagSpecifications"):
        data["TagSpecifications"] = [
            {
                "ResourceType": each["resourceType"],
                "Tags": [{"Key": key, "Value": value} for key, value in (each.get("tags") or {}).items()],
            }
            for each in specifications
        ]
    if monitoring := inputs.get("monitoring"):
        data["Monitoring"] = {"Enabled": bool(monitoring.get("enabled"))}
    if profile := inputs.get("iamInstanceProfile"):
        data["IamInstanceProfile"] = _renamed(profile, {"arn": "Arn", "name": "Name"})
    return data


def _renamed(values: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    return {names[key]: _boolean(value) for key, value in values.items() if value is not None}


def _boolean(value: Any) -> Any:
    """pulumi-aws has these tristate booleans as the strings "true" and "false"."""
    return {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value


def _refuse_volume(account: Account, ebs: dict[str, Any]) -> None:
    key = ebs.get("KmsKeyId")
    if key and usable_key(account, key) is None:
        raise Refusal("InvalidKmsKey.InvalidState", f"The KMS key {key} does not exist or is not enabled")
    if ebs.get("VolumeType") != "gp3":
        return
    iops, size = ebs.get("Iops", 3000), ebs.get("VolumeSize")
    if not 3000 <= iops <= 80_000 or (size and iops > 3000 and iops > IOPS_PER_GIB_MAX * size):
        raise Refusal("InvalidParameterValue", f"Volume iops of {iops} is not valid for a gp3 volume of {size} GiB")
    if not 125 <= ebs.get("Throughput", 125) <= 2000:
        raise Refusal("InvalidParameterValue", f"Volume throughput of {ebs['Throughput']} MiB/s is not valid for gp3")


def _set_default(account: Account, template_id: str, version: int) -> None:
    account.client("ec2").modify_launch_template(LaunchTemplateId=template_id, DefaultVersion=str(version))


def _stored(data: dict[str, Any]) -> dict[str, Any]:
    """moto keeps what it was sent; only the empty values get lost."""
    return {key: value for key, value in data.items() if value not in (None, [], {})}


def _drifted(data: dict[str, Any]) -> dict[str, Any]:
    """The plain properties of a version that a hand made."""
    return {key: data[api] for key, api in PLAIN.items() if api in data}
