"""What keeps EC2 from deleting a security group."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulator.account import Account

CLUSTER = "aws:eks/cluster:Cluster"
NODE_GROUP = "aws:eks/nodeGroup:NodeGroup"


def user_of_group(account: Account, group_id: str) -> str | None:
    """The one thing, in words, that still uses the group, or None when it is free."""
    return (
        _control_plane(account, group_id)
        or _nodes(account, group_id)
        or _network_interface(account, group_id)
        or _other_group(account, group_id)
    )


def _control_plane(account: Account, group_id: str) -> str | None:
    for cluster in account.records(CLUSTER):
        if group_id in (cluster.inputs["vpcConfig"].get("securityGroupIds") or []):
            return f"the network interfaces of EKS cluster {cluster.id}"
    return None


def _nodes(account: Account, group_id: str) -> str | None:
    from simulator.aws.rules.node_network import node_groups_of

    for node_group in account.records(NODE_GROUP):
        if group_id in node_groups_of(account, node_group.inputs):
            return f"the nodes of EKS node group {node_group.id}"
    return None


def _network_interface(account: Account, group_id: str) -> str | None:
    found = account.client("ec2").describe_network_interfaces(Filters=[{"Name": "group-id", "Values": [group_id]}])[
        "NetworkInterfaces"
    ]
    if not found:
        return None
    return f"network interface {found[0]['NetworkInterfaceId']} ({found[0].get('Description')})"


def _other_group(account: Account, group_id: str) -> str | None:
    for group in account.client("ec2").describe_security_groups()["SecurityGroups"]:
        permissions = [*group["IpPermissions"], *group["IpPermissionsEgress"]]
        referenced = {pair["GroupId"] for each in permissions for pair in each.get("UserIdGroupPairs", [])}
        if group["GroupId"] != group_id and group_id in referenced:
            return f"a rule of security group {group['GroupId']}"
    return None
