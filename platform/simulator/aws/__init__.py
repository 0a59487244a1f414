"""The AWS of the simulator: its resource types, its lookups, and the hands that change an account past Pulumi."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from simulator.account.resource import ResourceType
from simulator.aws import (
    autoscaling,
    by_hand,
    ec2,
    eks_access,
    eks_addons,
    eks_cluster,
    eks_nodes,
    events,
    iam,
    iam_oidc,
    kms,
    launch_templates,
    logs,
    lookups,
    sqs,
)

if TYPE_CHECKING:
    from simulator.account import Account

RESOURCE_TYPES: tuple[ResourceType, ...] = (
    kms.Key(),
    kms.Alias(),
    iam.Role(),
    iam.RolePolicyAttachment(),
    iam.RolePolicy(),
    iam_oidc.OpenIdConnectProvider(),
    ec2.SecurityGroup(),
    ec2.SecurityGroupIngressRule(),
    ec2.SecurityGroupEgressRule(),
    by_hand.NetworkInterface(),
    by_hand.SubnetCidrReservation(),
    by_hand.VpcEndpoint(),
    logs.LogGroup(),
    eks_cluster.Cluster(),
    eks_access.AccessEntry(),
    eks_access.AccessPolicyAssociation(),
    eks_nodes.NodeGroup(),
    eks_addons.Addon(),
    launch_templates.LaunchTemplate(),
    autoscaling.Tag(),
    sqs.Queue(),
    sqs.QueuePolicy(),
    events.EventRule(),
    events.EventTarget(),
)
INVOKES: Mapping[str, Callable[[Account, dict[str, Any]], dict[str, Any]]] = lookups.INVOKES
