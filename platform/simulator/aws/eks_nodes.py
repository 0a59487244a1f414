"""Managed node groups. moto keeps them, but has no calls to change one; those are here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from simulator.account.resource import Failure, Refusal
from simulator.aws import autoscaling
from simulator.aws.base import (
    AwsType,
    in_order,
    known,
    tag_changes,
    tag_outputs,
    unless_unset,
    wanted_tags,
)
from simulator.aws.by_hand import NetworkInterface
from simulator.aws.eks_common import cluster_name_problems, existing_cluster, moto_cluster
from simulator.aws.eks_versions import NODE_RELEASES
from simulator.aws.rules import node_group as rules
from simulator.aws.rules.node_join import refuse_if_nodes_cannot_join
from simulator.aws.rules.node_network import node_groups_of

if TYPE_CHECKING:
    from simulator.account import Account

NAME_MAX = 63
CAPACITY_TYPES = ("ON_DEMAND", "SPOT")
TAINT_EFFECTS = ("NO_SCHEDULE", "NO_EXECUTE", "PREFER_NO_SCHEDULE")
DEFAULT_DISK_GIB = 20
ACTIVE = "ACTIVE"
# What an update sends to EKS (terraform-provider-aws, internal/service/eks, node_group.go; read 2026-11-23).
SENT = (
    "labels",
    "launchTemplate",
    "nodeRepairConfig",
    "releaseVersion",
    "scalingConfig",
    "taints",
    "updateConfig",
    "version",
)
NOT_MODELLED = ("remoteAccess", "warmPoolConfig")
ADDON = "aws:eks/addon:Addon"
CLUSTER = "aws:eks/cluster:Cluster"


def set_desired_size(account: Account, node_group_id: str, size: int) -> None:
    """Move a node group to `size` nodes, as the cluster autoscaler does: past Pulumi, within the bounds.

    `node_group_id` is CLUSTER:NODEGROUP. Raises ValueError when the size is out of bounds.
    """
    with account.lock:
        record = account.record(NodeGroup.token, node_group_id)
        if record is None:
            raise ValueError(f"there is no node group {node_group_id}")
        scaling = record.inputs["scalingConfig"]
        if not scaling["minSize"] <= size <= scaling["maxSize"]:
            raise ValueError(f"{size} is not within {scaling['minSize']} and {scaling['maxSize']}")
        _moto_node_group(account, node_group_id).scaling_config["desiredSize"] = size
        record.inputs = {**record.inputs, "scalingConfig": {**scaling, "desiredSize": size}}
        account.save()


class NodeGroup(AwsType):
    token = "aws:eks/nodeGroup:NodeGroup"
    replace_on = frozenset(
        {
            "amiType",
            "capacityType",
            "clusterName",
            "diskSize",
            "instanceTypes",
            "launchTemplate.id",
            "launchTemplate.name",
            "nodeGroupName",
            "nodeGroupNamePrefix",
            "nodeRoleArn",
            "remoteAccess",
            "subnetIds",
        }
    )
    name_property = "nodeGroupName"
    name_max_length = NAME_MAX
    computed = AwsType.computed | {"resources", "status"}

    def check(self, account: Account, inputs: dict[str, Any]) -> list[tuple[str, str]]:
        found = cluster_name_problems("clusterName", inputs.get("clusterName"))
        if known(name := inputs.get("nodeGroupName")) and len(name) > NAME_MAX:
            found.append(("nodeGroupName", f"expected length of nodeGroupName to be at most {NAME_MAX}, got {name}"))
        if known(ami := inputs.get("amiType")) and ami != "CUSTOM" and ami not in rules.AMI_ARCHITECTURES:
            found.append(("amiType", f"expected amiType to be one of {sorted(rules.AMI_ARCHITECTURES)}, got {ami}"))
        if known(capacity := inputs.get("capacityType")) and capacity not in CAPACITY_TYPES:
            found.append(("capacityType", f"expected one of {CAPACITY_TYPES}, got {capacity}"))
        found += _size_problems(inputs) + _taint_problems(inputs) + _update_problems(inputs)
        for key in NOT_MODELLED:
            if inputs.get(key):
                found.append((key, "the simulator does not model this part of a node group"))
        return found

    def enforce(self, account: Account, inputs: dict[str, Any]) -> None:
        rules.refuse_node_group(account, inputs)
        refuse_if_nodes_cannot_join(account, inputs)

    def make(self, account: Account, inputs: dict[str, Any], outputs: dict[str, Any]) -> str:
        cluster, name = inputs["clusterName"], inputs["nodeGroupName"]
        cluster_version = existing_cluster(account, cluster)["version"]
        version = inputs.get("version") or outputs.get("version") or cluster_version
        optional = {
            "launchTemplate": inputs.get("launchTemplate"),
            "diskSize": inputs.get("diskSize"),
        }
        made = account.client("eks").create_nodegroup(
            clusterName=cluster,
            nodegroupName=name,
            scalingConfig=inputs["scalingConfig"],
            subnets=inputs["subnetIds"],
            instanceTypes=inputs.get("instanceTypes") or rules.DEFAULT_INSTANCE_TYPES,
            amiType=inputs.get("amiType") or rules.DEFAULT_AMI_TYPE,
            nodeRole=inputs["nodeRoleArn"],
            labels=inputs.get("labels") or {},
            taints=inputs.get("taints") or [],
            capacityType=inputs.get("capacityType") or CAPACITY_TYPES[0],
            version=version,
            releaseVersion=inputs.get("releaseVersion") or NODE_RELEASES.get(version, f"{version}.0-20260702"),
            tags=wanted_tags(inputs),
            **{key: value for key, value in optional.items() if value},
        )["nodegroup"]
        group = f"eks-{name}-{made['nodegroupArn'].rpartition('/')[2]}"
        autoscaling.make_group(account, name=group, cluster=cluster, node_group=name, subnets=inputs["subnetIds"])
        kept = _moto_node_group(account, f"{cluster}:{name}")
        kept.resources = {"autoScalingGroups": [{"name": group}]}
        _configure(kept, inputs)
        return f"{cluster}:{name}"

    def fail(self, account: Account, id: str, failure: Failure) -> None:
        group = _moto_node_group(account, id)
        group.status, group.health = failure.status, {"issues": [failure.issue]}

    def describe(
        self, account: Account, id: str, inputs: dict[str, Any], outputs: dict[str, Any]
    ) -> dict[str, Any] | None:
        cluster, _, name = id.partition(":")
        try:
            group = account.client("eks").describe_nodegroup(clusterName=cluster, nodegroupName=name)["nodegroup"]
        except ClientError:
            return None
        kept = _moto_node_group(account, id)  # moto's answer leaves out the two configurations taken from here
        template = group.get("launchTemplate") or None
        groups = [{"name": each["name"]} for each in group["resources"]["autoScalingGroups"]]
        return {
            "amiType": group["amiType"],
            "arn": group["nodegroupArn"],
            "capacityType": group["capacityType"],
            "clusterName": cluster,
            "diskSize": 0 if template else inputs.get("diskSize") or DEFAULT_DISK_GIB,
            "forceUpdateVersion": inputs.get("forceUpdateVersion"),
            "instanceTypes": group["instanceTypes"],
            "labels": unless_unset(inputs.get("labels"), group["labels"]),
            "launchTemplate": template and {**template, "version": str(template["version"])},
            "nodeGroupName": name,
            "nodeGroupNamePrefix": inputs.get("nodeGroupNamePrefix"),
            "nodeRepairConfig": kept.node_repair_config,
            "nodeRoleArn": group["nodeRole"],
            "region": account.region,
            "releaseVersion": group["releaseVersion"],
            "resources": [{"autoscalingGroups": groups, "remoteAccessSecurityGroupId": ""}],
            "scalingConfig": group["scalingConfig"],
            "status": group["status"],
            "subnetIds": in_order(inputs.get("subnetIds"), group["subnets"]),
            "taints": unless_unset(inputs.get("taints"), in_order(inputs.get("taints"), group["taints"])),
            "updateConfig": kept.update_config,
            "version": group["version"],
            **tag_outputs(inputs, group.get("tags", {})),
        }

    def update(
        self, account: Account, id: str, old: dict[str, Any], new: dict[str, Any], outputs: dict[str, Any]
    ) -> dict[str, Any]:
        group = _moto_node_group(account, id)
        if group.status != ACTIVE and any(new.get(key) != old.get(key) for key in SENT):
            # In the words of aws/containers-roadmap#2204 (read 2026-11-23).
            raise Refusal(
                "ResourceInUseException", "Nodegroup cannot be updated as it is currently not in Active State"
            )
        cluster = existing_cluster(account, new["clusterName"])
        rules.refuse_version(new.get("version"), cluster["version"])
        rules.refuse_sizes(new["scalingConfig"])
        rules.refuse_labels_and_taints(new)
        if new.get("launchTemplate") != old.get("launchTemplate"):
            _refuse_other_template(account, old, new)
            rules.refuse_template(account, new, cluster["resourcesVpcConfig"]["vpcId"])
            rules.refuse_instances(account, new, cluster["version"])
        refuse_if_nodes_cannot_join(account, new)
        if new.get("version") and new["version"] != group.version:
            group.version, group.release_version = new["version"], NODE_RELEASES[new["version"]]
        if new.get("launchTemplate"):
            group.launch_template = {**group.launch_template, "version": str(new["launchTemplate"]["version"])}
        group.labels, group.taints = dict(new.get("labels") or {}), list(new.get("taints") or [])
        group.scaling_config = dict(new["scalingConfig"])
        _configure(group, new)
        changed, gone = tag_changes(wanted_tags(old), wanted_tags(new))
        group.tags = {key: value for key, value in {**group.tags, **changed}.items() if key not in gone}
        return self.now(account, id, new, outputs)

    def delete(self, account: Account, id: str, inputs: dict[str, Any], outputs: dict[str, Any]) -> None:
        cluster, _, name = id.partition(":")
        if self.describe(account, id, inputs, outputs) is None:
            return
        _leak_interfaces_without_cni(account, inputs)
        account.client("eks").delete_nodegroup(clusterName=cluster, nodegroupName=name)
        autoscaling.delete_group(account, outputs["resources"][0]["autoscalingGroups"][0]["name"])


def _moto_node_group(account: Account, id: str) -> Any:
    cluster, _, name = id.partition(":")
    return moto_cluster(account, cluster).nodegroups[name]


def _configure(group: Any, inputs: dict[str, Any]) -> None:
    """moto drops both configurations when it makes a group."""
    group.update_config = dict(inputs.get("updateConfig") or {"maxUnavailable": 1})
    group.node_repair_config = dict(inputs.get("nodeRepairConfig") or {"enabled": False})


def _size_problems(inputs: dict[str, Any]) -> list[tuple[str, str]]:
    scaling = inputs.get("scalingConfig")
    if not isinstance(scaling, dict):
        return []
    return [
        ("scalingConfig", f"expected {key} to be at least ({least}), got {scaling[key]}")
        for key, least in (("minSize", 0), ("desiredSize", 0), ("maxSize", 1))
        if known(scaling.get(key)) and scaling[key] < least
    ]


def _taint_problems(inputs: dict[str, Any]) -> list[tuple[str, str]]:
    found = []
    for taint in inputs.get("taints") or []:
        if not isinstance(taint, dict):
            continue
        if known(effect := taint.get("effect")) and effect not in TAINT_EFFECTS:
            found.append(("taints", f"expected effect to be one of {TAINT_EFFECTS}, got {effect}"))
        for part in ("key", "value"):
            if known(text := taint.get(part)) and len(text) > 63:
                found.append(("taints", f"expected length of {part} to be at most 63, got {text}"))
    return found


def _update_problems(inputs: dict[str, Any]) -> list[tuple[str, str]]:
    config = inputs.get("updateConfig")
    if not isinstance(config, dict):
        return []
    given = [key for key in ("maxUnavailable", "maxUnavailablePercentage") if config.get(key) is not None]
    if len(given) != 1:
        return [("updateConfig", "one of maxUnavailable, maxUnavailablePercentage must be specified")]
    value = config[given[0]]
    if known(value) and not 1 <= value <= 100:
        return [("updateConfig", f"expected {given[0]} to be in the range (1 - 100), got {value}")]
    return []


def _refuse_other_template(account: Account, old: dict[str, Any], new: dict[str, Any]) -> None:
    """UpdateNodegroupVersion takes another version of the same template only."""
    was, wanted = old.get("launchTemplate"), new.get("launchTemplate")
    same = was and wanted and all(was.get(key) == wanted.get(key) for key in ("id", "name"))
    if not same:
        raise Refusal(rules.INVALID, "You must specify the same launch template that the node group was created with.")


def _leak_interfaces_without_cni(account: Account, inputs: dict[str, Any]) -> None:
    """With no vpc-cni left to clean up, a node's second interface outlives it and holds its security group.

    Seen in terraform-aws-eks#285 and #2048; AWS's own clean-up comes some 15 minutes later.
    """
    cluster = inputs["clusterName"]
    has_cni = any(
        record.inputs.get("bootstrapSelfManagedAddons", True) for record in account.records(CLUSTER, name=cluster)
    ) or account.records(ADDON, clusterName=cluster, addonName="vpc-cni")
    if has_cni or not inputs["scalingConfig"]["desiredSize"]:
        return
    account.create(
        NetworkInterface(),
        {
            "subnetId": inputs["subnetIds"][0],
            "securityGroups": node_groups_of(account, inputs),
            "description": f"aws-K8S-{inputs['nodeGroupName']}",
        },
    )
