"""Faults to plant into a recording, each with the check that must see it: only who sees is believed."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from ray_platform.plan.recording import Recording
from tools.scanners.terraform import COMPONENT
from tools.scanners.verdict import Finding

Inputs = dict[str, Any]
ROLE_POLICY: Final = "aws:iam/rolePolicy:RolePolicy"
RAY_CLUSTER: Final = "kubernetes:ray.io/v1:RayCluster"


@dataclass(frozen=True, kw_only=True)
class Fault:
    """An edit of the inputs of the resource of this type and name; `seen` are check and resource that must be found."""

    title: str
    type: str
    name: str
    edit: Callable[[Inputs], object]
    seen: tuple[str, str]


def planted(recording: Recording, faults: Sequence[Fault]) -> Recording:
    """A copy with every fault in it. Raises LookupError for a fault whose resource is not there."""
    nodes = dict(recording.nodes)
    for fault in faults:
        urn = next((urn for urn, node in nodes.items() if (node.type, node.name) == (fault.type, fault.name)), None)
        if urn is None:
            raise LookupError(f"{fault.title}: there is no {fault.type} {fault.name} to plant it in")
        inputs = copy.deepcopy(nodes[urn].inputs)
        fault.edit(inputs)
        nodes[urn] = replace(nodes[urn], inputs=inputs)
    return replace(recording, nodes=nodes)


def unseen(faults: Sequence[Fault], unexplained: Sequence[Finding], *, clean: Sequence[Finding]) -> list[str]:
    """The faults that no scanner saw. What it says of the stack without them, or what is excepted, does not count."""
    before = {(each.check, each.resource) for each in clean}
    found = {(each.check, each.resource) for each in unexplained} - before
    return [f"{each.title}: {' '.join(each.seen)}" for each in faults if each.seen not in found]


def _document(edit: Callable[[Inputs], object], name: str = "policy") -> Callable[[Inputs], None]:
    """An edit of the first statement of a policy document."""

    def apply(inputs: Inputs) -> None:
        document = json.loads(inputs[name])
        edit(document["Statement"][0])
        inputs[name] = json.dumps(document)

    return apply


def _worker(edit: Callable[[Inputs], object]) -> Callable[[Inputs], object]:
    return lambda inputs: edit(inputs["spec"]["workerGroupSpecs"][0]["template"]["spec"])


def _container(**settings: Any) -> Callable[[Inputs], object]:
    return _worker(lambda spec: spec["containers"][0]["securityContext"].update(settings))


DEV: Final = (
    Fault(
        title="a log group without encryption",
        type="aws:cloudwatch/logGroup:LogGroup",
        name="ray-dev-logs",
        edit=lambda inputs: inputs.pop("kmsKeyId"),
        seen=("CKV_AWS_158", "aws_cloudwatch_log_group.ray-dev-logs"),
    ),
    Fault(
        title="a public control plane",
        type=COMPONENT,
        name="ray-dev",
        edit=lambda inputs: inputs.update(endpointPublicAccess=True),
        seen=("CKV_AWS_39", "aws_eks_cluster.ray-dev-eksCluster"),
    ),
    Fault(
        title="a control plane open to the world",
        type=COMPONENT,
        name="ray-dev",
        edit=lambda inputs: inputs.update(publicAccessCidrs=["0.0.0.0/0"]),
        seen=("CKV_AWS_38", "aws_eks_cluster.ray-dev-eksCluster"),
    ),
    Fault(
        title="Secrets without encryption",
        type=COMPONENT,
        name="ray-dev",
        edit=lambda inputs: inputs.pop("encryptionConfigKeyArn"),
        seen=("CKV_AWS_58", "aws_eks_cluster.ray-dev-eksCluster"),
    ),
    Fault(
        title="no audit log",
        type=COMPONENT,
        name="ray-dev",
        edit=lambda inputs: inputs["enabledClusterLogTypes"].remove("audit"),
        seen=("CKV_AWS_37", "aws_eks_cluster.ray-dev-eksCluster"),
    ),
    Fault(
        title="a key that is never rotated",
        type="aws:kms/key:Key",
        name="ray-dev-key",
        edit=lambda inputs: inputs.update(enableKeyRotation=False),
        seen=("CKV_AWS_7", "aws_kms_key.ray-dev-key"),
    ),
    Fault(
        title="a key for everybody",
        type="aws:kms/key:Key",
        name="ray-dev-key",
        edit=_document(lambda statement: statement.update(Principal={"AWS": "*"})),
        seen=("CKV_AWS_33", "aws_kms_key.ray-dev-key"),
    ),
    Fault(
        title="a queue without encryption",
        type="aws:sqs/queue:Queue",
        name="ray-dev-interruption",
        edit=lambda inputs: inputs.update(sqsManagedSseEnabled=False),
        seen=("CKV_AWS_27", "aws_sqs_queue.ray-dev-interruption"),
    ),
    Fault(
        title="the instance metadata without a token",
        type="aws:ec2/launchTemplate:LaunchTemplate",
        name="ray-dev-cpu",
        edit=lambda inputs: inputs["metadataOptions"].update(httpTokens="optional"),
        seen=("CKV_AWS_79", "aws_launch_template.ray-dev-cpu"),
    ),
    Fault(
        title="the instance metadata within reach of pods",
        type="aws:ec2/launchTemplate:LaunchTemplate",
        name="ray-dev-gpu",
        edit=lambda inputs: inputs["metadataOptions"].update(httpPutResponseHopLimit=2.0),
        seen=("CKV_AWS_341", "aws_launch_template.ray-dev-gpu"),
    ),
    Fault(
        title="the nodes open to the world",
        type="aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
        name="ray-dev-from-itself",
        edit=lambda inputs: inputs.update(referencedSecurityGroupId=None, cidrIpv4="0.0.0.0/0"),
        seen=("CKV_AWS_24", "aws_vpc_security_group_ingress_rule.ray-dev-from-itself"),
    ),
    Fault(
        title="SSH to the nodes from anywhere",
        type="aws:eks/nodeGroup:NodeGroup",
        name="ray-dev-cpu",
        edit=lambda inputs: inputs.update(remoteAccess={"ec2SshKey": "mine"}),
        seen=("CKV_AWS_100", "aws_eks_node_group.ray-dev-cpu"),
    ),
    Fault(
        title="a role that may do everything",
        type=ROLE_POLICY,
        name="ray-dev-cluster-autoscaler-scale",
        edit=_document(lambda statement: statement.update(Action="*")),
        seen=("CKV_AWS_62", "aws_iam_role_policy.ray-dev-cluster-autoscaler-scale"),
    ),
    Fault(
        title="an action that AWS does not have",
        type=ROLE_POLICY,
        name="ray-dev-termination-handler-interruption",
        edit=_document(lambda statement: statement.update(Action=["sqs:ReceiveMessages"])),
        seen=("UNKNOWN_ACTION", "ray-dev-termination-handler-interruption policy"),
    ),
    Fault(
        title="a role for every account",
        type="aws:iam/role:Role",
        name="ray-dev-node",
        edit=_document(lambda statement: statement.update(Principal={"AWS": "*"}), "assumeRolePolicy"),
        seen=("CKV_AWS_60", "aws_iam_role.ray-dev-node"),
    ),
    Fault(
        title="a privileged worker",
        type=RAY_CLUSTER,
        name="ray-dev-ray",
        edit=_container(privileged=True),
        seen=("CKV_K8S_16", "Pod.ray.ray-cpu"),
    ),
    Fault(
        title="a worker that may become root",
        type=RAY_CLUSTER,
        name="ray-dev-ray",
        edit=_container(allowPrivilegeEscalation=True),
        seen=("CKV_K8S_20", "Pod.ray.ray-cpu"),
    ),
    Fault(
        title="a worker on the node's network",
        type=RAY_CLUSTER,
        name="ray-dev-ray",
        edit=_worker(lambda spec: spec.update(hostNetwork=True)),
        seen=("CKV_K8S_19", "Pod.ray.ray-cpu"),
    ),
    Fault(
        title="Ray's autoscaler without a security context",
        type=RAY_CLUSTER,
        name="ray-dev-ray",
        edit=lambda inputs: inputs["spec"]["autoscalerOptions"].pop("securityContext"),
        seen=("CKV_K8S_20", "Pod.ray.ray-head"),
    ),
    Fault(
        title="a field that Kubernetes does not have",
        type="kubernetes:apps/v1:Deployment",
        name="ray-dev-kuberay-operator",
        edit=lambda inputs: inputs["spec"].update(replica=1),
        seen=("schema", "ray-dev-kuberay-operator"),
    ),
)
