"""EKS addons. moto has none, so the account's record is all there is of one."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Any

from simulator.account.resource import Failure, Refusal
from simulator.aws import iam
from simulator.aws.base import AwsType, arn, tag_outputs, wanted_tags
from simulator.aws.eks_common import cluster_name_problems, existing_cluster, find_cluster, now
from simulator.aws.eks_versions import ADDONS, AddonVersions
from simulator.aws.rules.service_accounts import why_no_rights

if TYPE_CHECKING:
    from simulator.account import Account

INVALID = "InvalidParameterException"
NODE_GROUP = "aws:eks/nodeGroup:NodeGroup"
SERVICE_ACCOUNTS = {
    "vpc-cni": "kube-system:aws-node",
    "aws-ebs-csi-driver": "kube-system:ebs-csi-controller-sa",
}
"""Addon -> the service account that its IAM role must trust."""

DEPLOYMENTS = frozenset({"coredns", "aws-ebs-csi-driver"})
"""Addons with replicas that must run somewhere; the others are daemon sets and content without a node."""

EBS_CSI_POLICIES = ("AmazonEBSCSIDriverPolicy", "AmazonEBSCSIDriverPolicyV2")
CONFLICTS_ON_CREATE = ("NONE", "OVERWRITE")
CONFLICTS_ON_UPDATE = (*CONFLICTS_ON_CREATE, "PRESERVE")


def offered_versions(addon: str, kubernetes_version: str) -> AddonVersions:
    """The versions of an addon for a Kubernetes minor version. Refuses what EKS does not offer."""
    if addon not in ADDONS:
        raise Refusal(INVALID, f"Addon {addon} specified is not supported")
    if kubernetes_version not in ADDONS[addon]:
        raise Refusal(INVALID, f"Addon {addon} is not supported in {kubernetes_version} kubernetes version")
    return ADDONS[addon][kubernetes_version]


class Addon(AwsType):
    token = "aws:eks/addon:Addon"
    replace_on = frozenset({"addonName", "clusterName"})
    computed = AwsType.computed | {"createdAt", "modifiedAt"}
    kept_outputs = frozenset({"createdAt", "modifiedAt"})

    def check(self, account: Account, inputs: dict[str, Any]) -> list[tuple[str, str]]:
        found = cluster_name_problems("clusterName", inputs.get("clusterName"))
        for key, allowed in (
            ("resolveConflictsOnCreate", CONFLICTS_ON_CREATE),
            ("resolveConflictsOnUpdate", CONFLICTS_ON_UPDATE),
        ):
            if inputs.get(key) and inputs[key] not in allowed:
                found.append((key, f"expected {key} to be one of {allowed}, got {inputs[key]}"))
        return found

    def enforce(self, account: Account, inputs: dict[str, Any]) -> None:
        name, cluster_name = inputs["addonName"], inputs["clusterName"]
        cluster = existing_cluster(account, cluster_name)
        if account.records(self.token, clusterName=cluster_name, addonName=name):
            raise Refusal("ResourceInUseException", "Addon already exists.")
        self._enforce_settings(account, inputs, cluster["version"])

    def _enforce_settings(self, account: Account, inputs: dict[str, Any], cluster_version: str) -> None:
        versions = offered_versions(inputs["addonName"], cluster_version)
        if (inputs.get("addonVersion") or versions.default) not in versions.versions:
            raise Refusal(INVALID, "Addon version specified is not supported")
        _refuse_configuration(inputs)
        role_arn = inputs.get("serviceAccountRoleArn")
        if role_arn and iam.role_of(account, role_arn) is None:
            raise Refusal(INVALID, f"The role {role_arn} does not exist")
        if inputs["addonName"] in DEPLOYMENTS:
            _refuse_unhealthy(account, inputs)

    def make(self, account: Account, inputs: dict[str, Any], outputs: dict[str, Any]) -> str:
        return f"{inputs['clusterName']}:{inputs['addonName']}"

    def fail(self, account: Account, id: str, failure: Failure) -> None:
        """The record tells it."""

    def describe(
        self, account: Account, id: str, inputs: dict[str, Any], outputs: dict[str, Any]
    ) -> dict[str, Any] | None:
        cluster_name, _, name = id.partition(":")
        cluster = find_cluster(account, cluster_name)
        if cluster is None:
            return None
        version = inputs.get("addonVersion") or outputs.get("addonVersion")
        # EKS ends the ARN in a UUID of its own; this one follows from the name, so that a replay has it again.
        suffix = f"{name}/{uuid.uuid5(uuid.NAMESPACE_URL, f'{cluster_name}/{name}')}"
        return {
            "addonName": name,
            "addonVersion": version or offered_versions(name, cluster["version"]).default,
            "arn": arn(account, "eks", f"addon/{cluster_name}/{suffix}"),
            "clusterName": cluster_name,
            "configurationValues": inputs.get("configurationValues") or "",
            "createdAt": outputs.get("createdAt") or now(),
            "modifiedAt": outputs.get("modifiedAt") or now(),
            "preserve": inputs.get("preserve"),
            "resolveConflictsOnCreate": inputs.get("resolveConflictsOnCreate"),
            "resolveConflictsOnUpdate": inputs.get("resolveConflictsOnUpdate"),
            "serviceAccountRoleArn": inputs.get("serviceAccountRoleArn"),
            "region": account.region,
            **tag_outputs(inputs, wanted_tags(inputs)),
        }

    def update(
        self, account: Account, id: str, old: dict[str, Any], new: dict[str, Any], outputs: dict[str, Any]
    ) -> dict[str, Any]:
        cluster = existing_cluster(account, new["clusterName"])
        self._enforce_settings(account, new, cluster["version"])
        return self.now(account, id, new, {**outputs, "modifiedAt": now()})

    def delete(self, account: Account, id: str, inputs: dict[str, Any], outputs: dict[str, Any]) -> None:
        """Nothing but the record is there."""


def _refuse_configuration(inputs: dict[str, Any]) -> None:
    """The values must be a JSON object; the schema of vpc-cni has text where one expects booleans and numbers."""
    text = inputs.get("configurationValues")
    if not text:
        return
    try:
        values = json.loads(text)
    except ValueError:
        values = None
    if not isinstance(values, dict):
        raise Refusal(INVALID, "ConfigurationValue is not in valid JSON or YAML format")
    if inputs["addonName"] != "vpc-cni":
        return
    texts = {"$.enableNetworkPolicy": values.get("enableNetworkPolicy", "false")}
    texts |= {f"$.env.{key}": value for key, value in (values.get("env") or {}).items()}
    for path, value in texts.items():
        if not isinstance(value, str):
            raise Refusal(
                INVALID,
                "ConfigurationValue provided in request is not supported: Json schema validation failed with error: "
                f"[{path}: {json.dumps(value)} found, string expected]",
            )


def _refuse_unhealthy(account: Account, inputs: dict[str, Any]) -> None:
    name, cluster = inputs["addonName"], inputs["clusterName"]
    reason = None
    if not _has_home(account, cluster):
        reason = "no node group has a node without taints that would take them"
    elif name in SERVICE_ACCOUNTS:
        reason = _why_driver_fails(account, inputs)
    if reason:
        raise Refusal(
            "InsufficientNumberOfReplicas",
            "The add-on is unhealthy because all deployments have all pods unscheduled or failing: "
            f"{reason}. waiting for EKS Add-On ({cluster}:{name}) create: timeout while waiting for state to become "
            "'ACTIVE' (last state: 'DEGRADED', timeout: 20m0s)",
        )


def _has_home(account: Account, cluster: str) -> bool:
    """Whether some node takes pods without tolerations of their own."""
    return any(
        record.inputs["scalingConfig"]["desiredSize"] > 0
        and record.failure is None
        and all(taint["effect"] == "PREFER_NO_SCHEDULE" for taint in record.inputs.get("taints") or [])
        for record in account.records(NODE_GROUP, clusterName=cluster)
    )


def _why_driver_fails(account: Account, inputs: dict[str, Any]) -> str | None:
    """The EBS driver's controller asks EC2 as it starts, so it fails without rights."""
    role_arn = inputs.get("serviceAccountRoleArn")
    if not role_arn:
        node_roles = (
            iam.role_of(account, record.inputs["nodeRoleArn"])
            for record in account.records(NODE_GROUP, clusterName=inputs["clusterName"])
        )
        if any(role and iam.has_policy(account, role, *EBS_CSI_POLICIES) for role in node_roles):
            return None
        return "it has no role, and the node role has no EBS CSI policy"
    reason = why_no_rights(
        account,
        cluster=inputs["clusterName"],
        role_arn=role_arn,
        service_account=SERVICE_ACCOUNTS[inputs["addonName"]],
    )
    role = iam.role_of(account, role_arn)
    if reason or role is None or iam.has_policy(account, role, *EBS_CSI_POLICIES):
        return reason
    return f"none of {', '.join(EBS_CSI_POLICIES)} is attached to {role_arn}"
