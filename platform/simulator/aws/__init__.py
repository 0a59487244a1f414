"""The AWS of the simulator: its resource types, its lookups, and the hands that change an account past Pulumi."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from simulator.account.resource import ResourceType
from simulator.aws import (
    autoscaling,
    budgets,
    by_hand,
    ec2,
    ec2_endpoints,
    ec2_flow_logs,
    ec2_gateways,
    ec2_routes,
    ec2_vpc,
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
    ec2_vpc.Vpc(),
    ec2_vpc.Subnet(),
    ec2_vpc.DefaultSecurityGroup(),
    ec2_gateways.InternetGateway(),
    ec2_gateways.Eip(),
    ec2_gateways.NatGateway(),
    ec2_routes.RouteTable(),
    ec2_routes.Route(),
    ec2_routes.RouteTableAssociation(),
    ec2_endpoints.VpcEndpoint(),
    ec2_flow_logs.FlowLog(),
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
    budgets.Budget(),
)
INVOKES: Mapping[str, Callable[[Account, dict[str, Any]], dict[str, Any]]] = lookups.INVOKES
