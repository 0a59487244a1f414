"""For every guardrail, the ways to break it: each changes a sound stack so that this one does not hold."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from ray_platform.config.guardrail_codes import GuardrailCode
from tests.unit.guardrails.plans import Plan

WORLD = "0.0.0.0/0"
HALF = "128.0.0.0/1"
OFFICE = "203.0.113.0/24"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"


@dataclass(frozen=True)
class Fault:
    """What is done, and the property that the guardrail must blame for it."""

    code: GuardrailCode
    sentence: str
    path: str
    do: Callable[[Plan], object]

    def __str__(self) -> str:
        return f"{self.code}: {self.sentence}"


FAULTS: list[Fault] = []


def fault(code: GuardrailCode, sentence: str, path: str) -> Callable[[Callable[[Plan], object]], object]:
    def keep(do: Callable[[Plan], object]) -> object:
        FAULTS.append(Fault(code, sentence, path, do))
        return do

    return keep


def changed(kind: str, *path: str | int, to: Any, name: str = "") -> Callable[[Plan], object]:
    """One input of the first such resource; None takes it away."""
    return lambda plan: put(plan.inputs(kind, name), *path, to=to)


def put(tree: Any, *path: str | int, to: Any) -> None:
    for key in path[:-1]:
        tree = tree[key]
    if to is None:
        del tree[path[-1]]
    else:
        tree[path[-1]] = to


def set_faults(*faults: tuple[GuardrailCode, str, str, Callable[[Plan], object]]) -> None:
    FAULTS.extend(Fault(*each) for each in faults)


def policy(**statement: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Resource": "*", **statement}})


HEAD = ("spec", "headGroupSpec", "template", "spec")
OPERATOR = ("spec", "template", "spec")
CONTAINER = (*OPERATOR, "containers", 0)
SECURITY = "spec.template.spec.containers[0].securityContext"
HEAD_PATH = "spec.headGroupSpec.template.spec.containers[0]"

set_faults(
    (
        "imds",
        "IMDSv1 answers",
        "metadataOptions.httpTokens",
        changed("LaunchTemplate", "metadataOptions", "httpTokens", to="optional"),
    ),
    (
        "imds",
        "nothing is said of IMDS",
        "metadataOptions.httpTokens",
        changed("LaunchTemplate", "metadataOptions", to={}),
    ),
    (
        "imds",
        "pods are within its reach",
        "metadataOptions.httpPutResponseHopLimit",
        changed("LaunchTemplate", "metadataOptions", "httpPutResponseHopLimit", to=2),
    ),
    (
        "volume-encryption",
        "a node volume is plain",
        "blockDeviceMappings[0].ebs.encrypted",
        changed("LaunchTemplate", "blockDeviceMappings", 0, "ebs", "encrypted", to="false"),
    ),
    (
        "volume-encryption",
        "the volume is left to the image",
        "blockDeviceMappings",
        changed("LaunchTemplate", "blockDeviceMappings", to=None),
    ),
    (
        "volume-encryption",
        "a storage class makes plain volumes",
        "parameters.encrypted",
        changed("StorageClass", "parameters", "encrypted", to=None),
    ),
    (
        "volume-encryption",
        "a volume of its own is plain",
        "encrypted",
        lambda plan: plan.add("aws:ebs/volume:Volume", {"size": 8}),
    ),
    ("log-encryption", "the log group has no key", "kmsKeyId", changed("LogGroup", "kmsKeyId", to=None)),
    (
        "secrets-encryption",
        "the control plane has no key",
        "encryptionConfig.provider.keyArn",
        lambda plan: put(plan.control_plane, "encryptionConfigKeyArn", to=None),
    ),
    (
        "queue-encryption",
        "a queue is plain",
        "sqsManagedSseEnabled",
        changed("Queue", "sqsManagedSseEnabled", to=False),
    ),
    (
        "queue-encryption",
        "a queue says nothing",
        "sqsManagedSseEnabled",
        changed("Queue", "sqsManagedSseEnabled", to=None),
    ),
    (
        "private-endpoint",
        "the VPC cannot reach it",
        "vpcConfig.endpointPrivateAccess",
        lambda plan: put(plan.control_plane, "endpointPrivateAccess", to=False),
    ),
    (
        "private-endpoint",
        "it is public, and nobody asked for that",
        "vpcConfig.endpointPublicAccess",
        lambda plan: put(plan.control_plane, "endpointPublicAccess", to=True),
    ),
    (
        "private-endpoint",
        "it is public because nobody said",
        "vpcConfig.endpointPublicAccess",
        lambda plan: put(plan.control_plane, "endpointPublicAccess", to=None),
    ),
    (
        "no-world-ingress",
        "a rule lets in the internet",
        "cidrIpv4",
        lambda plan: plan.add(INGRESS, {"cidrIpv4": WORLD, "ipProtocol": "tcp", "fromPort": 443, "toPort": 443}),
    ),
    (
        "no-world-ingress",
        "a rule lets in half of the internet",
        "cidrIpv4",
        lambda plan: plan.add(INGRESS, {"cidrIpv4": HALF, "ipProtocol": "-1"}),
    ),
    (
        "no-world-ingress",
        "a rule lets in all of IPv6",
        "cidrIpv6",
        lambda plan: plan.add(INGRESS, {"cidrIpv6": "::/0", "ipProtocol": "-1"}),
    ),
    (
        "no-world-ingress",
        "a rule of the older type does",
        "cidrBlocks[1]",
        lambda plan: plan.add(
            "aws:ec2/securityGroupRule:SecurityGroupRule",
            {"type": "ingress", "cidrBlocks": ["10.0.0.0/8", WORLD], "protocol": "-1"},
        ),
    ),
    (
        "no-world-ingress",
        "a rule in the group does",
        "ingress[0].cidrBlocks[0]",
        lambda plan: put(plan.inputs("SecurityGroup"), "ingress", to=[{"cidrBlocks": [WORLD], "protocol": "-1"}]),
    ),
    (
        "no-world-ingress",
        "SSH is open to everybody",
        "remoteAccess.ec2SshKey",
        changed("NodeGroup", "remoteAccess", to={"ec2SshKey": "mine"}),
    ),
    (
        "egress",
        "HTTPS became all ports",
        "cidrIpv4",
        changed("SecurityGroupEgressRule", "toPort", to=444, name="https"),
    ),
    (
        "egress",
        "everything may go anywhere",
        "egress[0].cidrBlocks[0]",
        changed("SecurityGroup", "egress", to=[{"cidrBlocks": [WORLD], "protocol": "-1", "fromPort": 0, "toPort": 0}]),
    ),
    (
        "egress",
        "IPv6 goes anywhere",
        "cidrIpv6",
        lambda plan: plan.add(EGRESS, {"cidrIpv6": "::/0", "ipProtocol": "-1"}),
    ),
    (
        "no-public-addresses",
        "nodes get a public address",
        "networkInterfaces[0].associatePublicIpAddress",
        changed("LaunchTemplate", "networkInterfaces", to=[{"associatePublicIpAddress": "true"}]),
    ),
    (
        "no-wildcard-rights",
        "a role may do everything",
        "policy.Statement.Action",
        changed("RolePolicy", "policy", to=policy(Action="*")),
    ),
    (
        "no-wildcard-rights",
        "a role may do all of a service",
        "policy.Statement.Action[1]",
        changed("RolePolicy", "policy", to=policy(Action=["sqs:ReceiveMessage", "sqs:*"])),
    ),
    (
        "no-wildcard-rights",
        "a role may do all but something",
        "policy.Statement.NotAction",
        changed("RolePolicy", "policy", to=policy(NotAction="iam:*")),
    ),
    (
        "no-wildcard-rights",
        "a policy of AWS's gives a whole service",
        "policyArn",
        changed("RolePolicyAttachment", "policyArn", to="arn:aws:iam::aws:policy/AmazonSQSFullAccess"),
    ),
    (
        "no-wildcard-rights",
        "the key is everybody's",
        "policy.Statement.Action",
        changed("Key", "policy", to=policy(Action="kms:*", Principal={"AWS": "*"})),
    ),
    (
        "no-wildcard-rights",
        "the queue takes everything",
        "policy.Statement.Action",
        changed("QueuePolicy", "policy", to=policy(Action="sqs:*", Principal="*")),
    ),
    (
        "no-wildcard-rights",
        "a role has them inline",
        "inlinePolicies[0].policy.Statement.Action",
        changed("aws:iam/role:Role", "inlinePolicies", to=[{"policy": policy(Action="ec2:*")}]),
    ),
    (
        "spot-fallback",
        "the fallback is gone",
        "capacityType",
        lambda plan: plan.remove("NodeGroup", "gpu-on-demand"),
    ),
    (
        "spot-fallback",
        "the fallback is on spot too",
        "capacityType",
        changed("NodeGroup", "capacityType", to="SPOT", name="gpu-on-demand"),
    ),
    (
        "spot-fallback",
        "the fallback is another pool's",
        "capacityType",
        changed("NodeGroup", "labels", "ray.io/node-pool", to="other", name="gpu-on-demand"),
    ),
    ("pinned-versions", "an addon follows EKS", "addonVersion", changed("Addon", "addonVersion", to=None)),
    ("pinned-versions", "nodes follow EKS", "version", changed("NodeGroup", "version", to=None)),
    (
        "pinned-versions",
        "nodes follow the newest template",
        "launchTemplate.version",
        changed("NodeGroup", "launchTemplate", "version", to="$Latest"),
    ),
    (
        "pinned-versions",
        "an image moves",
        "spec.template.spec.containers[0].image",
        changed("Deployment", *CONTAINER, "image", to="quay.io:443/kuberay/operator:latest"),
    ),
    (
        "pinned-versions",
        "an image has no tag",
        "spec.template.spec.containers[0].image",
        changed("Deployment", *CONTAINER, "image", to="registry.example:5000/operator"),
    ),
    (
        "pinned-versions",
        "Ray is the nightly one",
        f"{HEAD_PATH}.image",
        changed("RayCluster", *HEAD, "containers", 0, "image", to="rayproject/ray:nightly-py312"),
    ),
    (
        "pinned-versions",
        "a digest is none",
        f"{HEAD_PATH}.image",
        changed("RayCluster", *HEAD, "containers", 0, "image", to="rayproject/ray:2.58.1@sha256:abc"),
    ),
    (
        "pinned-versions",
        "a chart follows its repository",
        "version",
        lambda plan: plan.add("kubernetes:helm.sh/v4:Chart", {"chart": "something"}),
    ),
    (
        "pinned-versions",
        "a manifest is of a branch",
        "files[0]",
        lambda plan: plan.add(
            "kubernetes:yaml/v2:ConfigGroup", {"files": ["https://example.com/kuberay/master/crd.yaml"]}
        ),
    ),
    ("tags", "a provider has no default tags", "tags", changed("aws", "defaultTags", to=None)),
    (
        "tags",
        "one of them is empty",
        "tags",
        changed("aws", "defaultTags", to={"tags": {"Project": "ray", "environment": "", "ManagedBy": "pulumi"}}),
    ),
    (
        "tags",
        "a volume would not say whose it is",
        "tagSpecifications",
        lambda plan: plan.inputs("LaunchTemplate")["tagSpecifications"].pop(1),
    ),
    (
        "tags",
        "an instance lacks a tag",
        "tagSpecifications[0].tags",
        changed("LaunchTemplate", "tagSpecifications", 0, "tags", "Project", to=None),
    ),
    (
        "log-types",
        "who was let in is not logged",
        "enabledClusterLogTypes",
        lambda plan: put(plan.control_plane, "enabledClusterLogTypes", to=["api", "audit"]),
    ),
    ("log-retention", "logs are kept for ever", "retentionInDays", changed("LogGroup", "retentionInDays", to=None)),
    ("log-retention", "logs are kept too short", "retentionInDays", changed("LogGroup", "retentionInDays", to=7)),
    ("log-retention", "EKS makes the log group", "enabledClusterLogTypes", lambda plan: plan.remove("LogGroup")),
    (
        "ray-token",
        "Ray asks for nothing",
        "spec.authOptions.mode",
        changed("RayCluster", "spec", "authOptions", to=None),
    ),
    (
        "ray-token",
        "the cluster of a job asks for nothing",
        "spec.rayClusterSpec.authOptions.mode",
        lambda plan: plan.add(
            "kubernetes:ray.io/v1:RayJob", {"metadata": {"namespace": "ray"}, "spec": {"rayClusterSpec": {}}}
        ),
    ),
    (
        "ray-namespace",
        "its namespace takes any pod",
        "metadata.labels.pod-security.kubernetes.io/enforce",
        changed("Namespace", "metadata", "labels", to={}, name="prod-ray-namespace"),
    ),
    (
        "ray-namespace",
        "its namespace is not the stack's",
        "metadata.namespace",
        changed("RayCluster", "metadata", "namespace", to="default"),
    ),
    (
        "restricted-pods",
        "a container is privileged",
        f"{SECURITY}.privileged",
        changed("Deployment", *CONTAINER, "securityContext", "privileged", to=True),
    ),
    (
        "restricted-pods",
        "a container may gain rights",
        f"{SECURITY}.allowPrivilegeEscalation",
        changed("Deployment", *CONTAINER, "securityContext", "allowPrivilegeEscalation", to=None),
    ),
    (
        "restricted-pods",
        "a container runs as root",
        f"{SECURITY}.runAsNonRoot",
        changed("Deployment", *OPERATOR, "securityContext", "runAsNonRoot", to=False),
    ),
    (
        "restricted-pods",
        "a container has a capability",
        "spec.template.spec.containers[0].securityContext.capabilities.add[0]",
        changed("Deployment", *CONTAINER, "securityContext", "capabilities", "add", to=["NET_ADMIN"]),
    ),
    (
        "restricted-pods",
        "Ray sees the node's network",
        "spec.headGroupSpec.template.spec.hostNetwork",
        changed("RayCluster", *HEAD, "hostNetwork", to=True),
    ),
    (
        "restricted-pods",
        "an operator sees the node's files",
        "spec.template.spec.volumes[0].hostPath",
        changed("Deployment", *OPERATOR, "volumes", to=[{"name": "node", "hostPath": {"path": "/"}}]),
    ),
    (
        "restricted-pods",
        "the device plugin sees more than its directory",
        "spec.template.spec.volumes[0].hostPath",
        changed("DaemonSet", *OPERATOR, "volumes", 0, "hostPath", "path", to="/var/lib/kubelet"),
    ),
    (
        "no-load-balancer",
        "a Service is one",
        "spec.type",
        lambda plan: plan.add("kubernetes:core/v1:Service", {"spec": {"type": "LoadBalancer"}}),
    ),
    (
        "no-load-balancer",
        "the head is behind one",
        "spec.headGroupSpec.serviceType",
        changed("RayCluster", "spec", "headGroupSpec", "serviceType", to="LoadBalancer"),
    ),
    ("no-load-balancer", "AWS makes one", "", lambda plan: plan.add("aws:lb/loadBalancer:LoadBalancer", {})),
    (
        "no-ingress",
        "an Ingress leads in",
        "kind",
        lambda plan: plan.add("kubernetes:networking.k8s.io/v1:Ingress", {"kind": "Ingress"}),
    ),
    (
        "no-ingress",
        "KubeRay makes one",
        "spec.headGroupSpec.enableIngress",
        changed("RayCluster", "spec", "headGroupSpec", "enableIngress", to=True),
    ),
)


@fault("private-endpoint", "the internet is among the blocks", "vpcConfig.publicAccessCidrs[1]")
def _(plan: Plan) -> None:
    plan.limits = replace(plan.limits, public_cidrs=(OFFICE,))
    plan.control_plane.update(endpointPublicAccess=True, publicAccessCidrs=[OFFICE, WORLD])


@fault("private-endpoint", "no block is named, which is all of them", "vpcConfig.publicAccessCidrs")
def _(plan: Plan) -> None:
    plan.limits = replace(plan.limits, public_cidrs=(OFFICE,))
    plan.control_plane.update(endpointPublicAccess=True)


@fault("egress", "a private stack reaches the internet", "cidrIpv4")
def _(plan: Plan) -> None:
    plan.limits = replace(plan.limits, egress="private")


@fault("cost-limit", "it may cost more than was agreed to", "outputs.estimatedMonthlyCost.maximum")
def _(plan: Plan) -> None:
    plan.limits = replace(plan.limits, cost_usd=plan.recording.outputs["estimatedMonthlyCost"]["maximum"] - 0.01)


@fault("pinned-versions", "Kubernetes follows EKS", "version")
def _(plan: Plan) -> None:
    del plan.control_plane["version"]
    del plan.inputs("Cluster")["version"]
