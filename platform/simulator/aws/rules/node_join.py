"""Why the instances of a node group would never become nodes: what AWS shows as NodeCreationFailure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from simulator.account.resource import Refusal
from simulator.aws import iam
from simulator.aws.rules import node_network, user_data
from simulator.aws.rules.service_accounts import why_no_rights

if TYPE_CHECKING:
    from simulator.account import Account

ADDON = "aws:eks/addon:Addon"
CLUSTER = "aws:eks/cluster:Cluster"
IMAGE_PULL_POLICIES = ("AmazonEC2ContainerRegistryPullOnly", "AmazonEC2ContainerRegistryReadOnly")
CNI_POLICY = "AmazonEKS_CNI_Policy"
NO_NETWORK = "container runtime network not ready"


def refuse_if_nodes_cannot_join(account: Account, inputs: dict[str, Any]) -> None:
    """Raise what CreateNodegroup ends in after some 20 minutes. A group of no nodes never fails."""
    if not inputs["scalingConfig"]["desiredSize"]:
        return
    if not_ready := _why_not_ready(account, inputs):
        raise Refusal("NodeCreationFailure", f"Unhealthy nodes in the kubernetes cluster ({not_ready})")
    if not_joined := _why_not_joined(account, inputs):
        raise Refusal("NodeCreationFailure", f"Instances failed to join the kubernetes cluster ({not_joined})")


def _why_not_joined(account: Account, inputs: dict[str, Any]) -> str | None:
    role = iam.role_of(account, inputs["nodeRoleArn"])
    if role is None or not iam.has_policy(account, role, "AmazonEKSWorkerNodePolicy"):
        return "AmazonEKSWorkerNodePolicy is not attached to the node role"
    if not iam.has_policy(account, role, *IMAGE_PULL_POLICIES):
        return f"none of {', '.join(IMAGE_PULL_POLICIES)} is attached to the node role"
    template = node_network.template_of(account, inputs) or {}
    return user_data.why_node_does_not_start(template) or node_network.why_nodes_cannot_connect(account, inputs)


def _why_not_ready(account: Account, inputs: dict[str, Any]) -> str | None:
    """The container network: its plugin, its rights, and kube-proxy, without which the plugin finds no API server."""
    cluster = inputs["clusterName"]
    records = account.records(CLUSTER, name=cluster)
    if not records or records[0].inputs.get("bootstrapSelfManagedAddons", True):
        return None
    addons = {record.inputs["addonName"]: record.inputs for record in account.records(ADDON, clusterName=cluster)}
    if "vpc-cni" not in addons:
        return f"{NO_NETWORK}: cni plugin not initialized; the cluster has no vpc-cni addon"
    if "kube-proxy" not in addons:
        return f"{NO_NETWORK}: aws-node cannot reach the API server; the cluster has no kube-proxy addon"
    role_arn = addons["vpc-cni"].get("serviceAccountRoleArn")
    if role_arn:
        reason = why_no_rights(
            account, cluster=cluster, role_arn=role_arn, service_account="kube-system:aws-node", policy=CNI_POLICY
        )
        return reason and f"{NO_NETWORK}: cni plugin not initialized; {reason}"
    node_role = iam.role_of(account, inputs["nodeRoleArn"])
    if node_role is None or not iam.has_policy(account, node_role, CNI_POLICY):
        return f"{NO_NETWORK}: cni plugin not initialized; neither vpc-cni nor the node role has {CNI_POLICY}"
    return None
