"""A recording as the JSON of a Terraform plan, which checkov reads: the same resources under Terraform's names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from ray_platform.plan.recording import Node, Recording

COMPONENT: Final = "eks:index:Cluster"
CONTROL_PLANE: Final = "aws:eks/cluster:Cluster"

# Terraform's name of each type the program registers. One that is missing here is an error, so nothing goes unseen.
TYPES: Final = {
    "aws:autoscaling/tag:Tag": "aws_autoscaling_group_tag",
    "aws:budgets/budget:Budget": "aws_budgets_budget",
    "aws:cloudwatch/eventRule:EventRule": "aws_cloudwatch_event_rule",
    "aws:cloudwatch/eventTarget:EventTarget": "aws_cloudwatch_event_target",
    "aws:cloudwatch/logGroup:LogGroup": "aws_cloudwatch_log_group",
    "aws:ec2/launchTemplate:LaunchTemplate": "aws_launch_template",
    "aws:ec2/securityGroup:SecurityGroup": "aws_security_group",
    "aws:eks/addon:Addon": "aws_eks_addon",
    CONTROL_PLANE: "aws_eks_cluster",
    "aws:eks/nodeGroup:NodeGroup": "aws_eks_node_group",
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": "aws_iam_openid_connect_provider",
    "aws:iam/role:Role": "aws_iam_role",
    "aws:iam/rolePolicy:RolePolicy": "aws_iam_role_policy",
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": "aws_iam_role_policy_attachment",
    "aws:kms/alias:Alias": "aws_kms_alias",
    "aws:kms/key:Key": "aws_kms_key",
    "aws:sqs/queue:Queue": "aws_sqs_queue",
    "aws:sqs/queuePolicy:QueuePolicy": "aws_sqs_queue_policy",
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": "aws_vpc_security_group_egress_rule",
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": "aws_vpc_security_group_ingress_rule",
}
RULES: Final = {name for name, terraform in TYPES.items() if terraform.startswith("aws_vpc_security_group_")}
# Pulumi names a repeated block in the plural, Terraform in the singular.
RENAMED: Final = {
    ("aws_eks_node_group", "taints"): "taint",
    ("aws_iam_openid_connect_provider", "clientIdLists"): "client_id_list",
}
# Mappings that are no blocks: their keys are the user's own.
FREE_KEYS: Final = {"tags", "labels"}


def plan(recording: Recording) -> dict[str, Any]:
    """The plan of creating every AWS resource of the recording. Raises ValueError for a type that TYPES lacks."""
    nodes = [node for node in recording.nodes.values() if node.custom and node.type.startswith("aws:")]
    unknown = sorted({node.type for node in nodes} - TYPES.keys())
    if unknown:
        raise ValueError(f"no scanner would see {', '.join(unknown)}: give TYPES in {__name__} Terraform's name of it")
    addresses = {node.urn: address(node) for node in nodes}
    resources = [_resource(node, recording) for node in nodes]
    return {
        "format_version": "1.2",
        "terraform_version": "1.9.0",
        "planned_values": {"root_module": {"resources": resources}},
        "resource_changes": [_creation(each) for each in resources],
        "configuration": {"root_module": {"resources": [_configuration(node, recording, addresses) for node in nodes]}},
    }


def address(node: Node) -> str:
    """How Terraform would call it: aws_kms_key.ray-dev-key. What no name may have there becomes a hyphen."""
    return f"{TYPES[node.type]}.{_name(node)}"


def plain(value: Any) -> Any:
    """The same value with 7.0 as 7: a recording keeps every number as the protocol does, as a double."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, Mapping):
        return {key: plain(each) for key, each in value.items()}
    return [plain(each) for each in value] if isinstance(value, list | tuple) else value


def _name(node: Node) -> str:
    return re.sub(r"[^\w-]", "-", node.name)


def _resource(node: Node, recording: Recording) -> dict[str, Any]:
    type_ = TYPES[node.type]
    return {
        "address": address(node),
        "mode": "managed",
        "type": type_,
        "name": _name(node),
        "provider_name": "registry.terraform.io/hashicorp/aws",
        "values": _block(type_, _inputs(node, recording)),
    }


def _creation(resource: Mapping[str, Any]) -> dict[str, Any]:
    change = {"actions": ["create"], "before": None, "after": resource["values"], "after_unknown": {}}
    return {**{key: resource[key] for key in ("address", "mode", "type", "name")}, "change": change}


def _configuration(node: Node, recording: Recording, addresses: Mapping[str, str]) -> dict[str, Any]:
    """Which property refers to what: checkov walks these, for instance from a security group to what it is on.

    Of set properties only: checkov takes a reference for a value where there is none.
    """
    type_, set_ = TYPES[node.type], _inputs(node, recording)
    expressions = {
        _key(type_, name): {"references": references}
        for name, urns in _references(node, recording)
        if set_.get(name) is not None
        and (references := sorted(f"{addresses[urn]}.id" for urn in urns if urn in addresses))
    }
    named = {"address": address(node), "mode": "managed", "type": type_, "name": _name(node)}
    return {**named, "expressions": expressions}


def _references(node: Node, recording: Recording) -> Iterator[tuple[str, frozenset[str]]]:
    yield from node.property_dependencies.items()
    if component := _component(node, recording):
        yield "vpcConfig", frozenset({str(component.inputs.get("clusterSecurityGroup"))})
        yield "roleArn", frozenset({str(component.inputs.get("serviceRole"))})


def _inputs(node: Node, recording: Recording) -> Mapping[str, Any]:
    component = _component(node, recording)
    if component:
        return {**node.inputs, **control_plane(component.inputs)}
    return {**node.inputs, **_ports(node.inputs)} if node.type in RULES else node.inputs


def _ports(rule: Mapping[str, Any]) -> dict[str, int]:
    """All protocols are all ports, said out loud where a rule is for addresses.

    Checkov 3.3.30 passes a rule without ports unread (AbsSecurityGroupUnrestrictedIngress, read 2026-11-23), and takes
    one with ports and without addresses for open, so a rule for a security group stays without.
    """
    addresses = rule.get("cidrIpv4") or rule.get("cidrIpv6")
    return {"fromPort": 0, "toPort": 65535} if addresses and rule.get("ipProtocol") == "-1" else {}


def _component(node: Node, recording: Recording) -> Node | None:
    """The pulumi-eks component around a control plane, whose inside is closed to the recorder."""
    parent = recording.nodes.get(node.parent)
    return parent if node.type == CONTROL_PLANE and parent and parent.type == COMPONENT else None


def control_plane(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of pulumi-eks 4's component, where AWS's own resource has them. What is unset stays unset."""
    key = inputs.get("encryptionConfigKeyArn")
    endpoint = ("subnetIds", "endpointPrivateAccess", "endpointPublicAccess", "publicAccessCidrs")
    network = {**{name: inputs.get(name) for name in endpoint}, "securityGroupIds": [inputs["clusterSecurityGroup"]]}
    return {
        "roleArn": inputs.get("serviceRole"),
        "version": inputs.get("version"),
        "enabledClusterLogTypes": inputs.get("enabledClusterLogTypes"),
        "vpcConfig": {name: value for name, value in network.items() if value is not None},
        "encryptionConfig": {"provider": {"keyArn": key}, "resources": ["secrets"]} if key else None,
        "accessConfig": {"authenticationMode": inputs.get("authenticationMode")},
        "deletionProtection": inputs.get("deletionProtection"),
    }


def _block(type_: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
    return {_key(type_, name): _value(type_, name, plain(value)) for name, value in inputs.items() if value is not None}


def _value(type_: str, name: str, value: Any) -> Any:
    if name in FREE_KEYS:
        return value
    if isinstance(value, dict):
        return [_block(type_, value)]
    if isinstance(value, list):
        return [_block(type_, each) if isinstance(each, dict) else each for each in value]
    return value


def _key(type_: str, name: str) -> str:
    """subnetIds -> subnet_ids; cidrIpv4 -> cidr_ipv4; sqsManagedSseEnabled -> sqs_managed_sse_enabled."""
    return RENAMED.get((type_, name)) or re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower()
