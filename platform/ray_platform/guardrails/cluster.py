"""The control plane as the guardrails see it: in AWS's own words, whoever describes it."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from ray_platform.guardrails.values import look
from ray_platform.guardrails.verdict import Resource, Stack

CONTROL_PLANE: Final = "aws:eks/cluster:Cluster"
NODE_GROUP: Final = "aws:eks/nodeGroup:NodeGroup"
LAUNCH_TEMPLATE: Final = "aws:ec2/launchTemplate:LaunchTemplate"
LOG_GROUP: Final = "aws:cloudwatch/logGroup:LogGroup"

# pulumi-eks 4: the arguments of the component, where AWS has them.
_COMPONENT: Final = "eks:index:Cluster"
_ENDPOINT: Final = ("endpointPrivateAccess", "endpointPublicAccess", "publicAccessCidrs")


def control_planes(stack: Stack) -> Iterator[Resource]:
    """Every EKS cluster with its inputs.

    The engine has them in full. The recorder, to which the inside of pulumi-eks is closed, knows the cluster in the
    component by little more than its name: there the component's arguments are put in AWS's terms.
    """
    for resource in stack.of_type(CONTROL_PLANE):
        component = stack.at(resource.parent)
        if component and component.type == _COMPONENT and "vpcConfig" not in resource.inputs:
            yield replace(resource, inputs={**resource.inputs, **_in_terms_of_aws(component.inputs)})
        else:
            yield resource


def _in_terms_of_aws(inputs: Mapping[str, Any]) -> dict[str, Any]:
    key = look(inputs, "encryptionConfigKeyArn")
    encryption = {"provider": {"keyArn": key}, "resources": ["secrets"]} if key is not None else None
    return {
        "version": look(inputs, "version"),
        "enabledClusterLogTypes": look(inputs, "enabledClusterLogTypes"),
        "vpcConfig": {name: look(inputs, name) for name in _ENDPOINT},
        "encryptionConfig": encryption,
    }
