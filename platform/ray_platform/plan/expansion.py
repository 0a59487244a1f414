"""What two components of Pulumi's packages have inside: their providers make it, so nobody registers it under mocks.

pulumi-eks 4 (nodejs/eks/cluster/cluster.ts and authenticationMode.ts) makes of a ``Cluster`` without node groups and
addons of its own the control plane, a Kubernetes provider, and the access entries with their policies.
pulumi-kubernetes 4 (provider/pkg/provider/yaml/v2) makes of a ``ConfigGroup`` a resource for each object in its files.
They are not fetched here: KubeRay names each of its files after the one definition in it.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from ray_platform.plan.recording import Node
from ray_platform.plan.urns import child_urn, is_urn

EKS_CLUSTER = "eks:index:Cluster"
CONTROL_PLANE = "aws:eks/cluster:Cluster"
CONFIG_GROUP = "kubernetes:yaml/v2:ConfigGroup"


def children(node: Node) -> Iterator[Node]:
    """The resources in a component that its provider would make; none for any other resource."""
    if node.type == EKS_CLUSTER:
        yield from _of_cluster(node)
    if node.type == CONFIG_GROUP:
        yield from _of_config_group(node)


def _of_cluster(node: Node) -> Iterator[Node]:
    control_plane = _child(
        node,
        CONTROL_PLANE,
        f"{node.name}-eksCluster",
        inputs={name: node.inputs[name] for name in ("name", "version") if name in node.inputs},
        # The component hands on what it was given: outputs of resources, and the resources themselves.
        dependencies=node.dependencies | {each for each in node.inputs.values() if is_urn(each)},
    )
    yield control_plane
    yield _child(node, "pulumi:providers:kubernetes", f"{node.name}-eks-k8s", dependencies={control_plane.urn})
    for key, entry in (node.inputs.get("accessEntries") or {}).items():
        yield from _access(node, control_plane, f"{node.name}-{key}", entry)


def _access(node: Node, control_plane: Node, name: str, entry: Mapping[str, Any]) -> Iterator[Node]:
    made = _child(node, "aws:eks/accessEntry:AccessEntry", name, dependencies={control_plane.urn})
    yield made
    for policy in entry.get("accessPolicies") or {}:
        token = "aws:eks/accessPolicyAssociation:AccessPolicyAssociation"
        yield _child(
            made, token, f"{name}-{policy}", dependencies={control_plane.urn, made.urn}, provider=made.provider
        )


def _of_config_group(node: Node) -> Iterator[Node]:
    for file in node.inputs.get("files") or ():
        group, _, kind = file.rpartition("/")[2].removesuffix(".yaml").partition("_")
        token = "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition"
        yield _child(node, token, f"{node.name}-{kind}.{group}", dependencies=())


def _child(
    parent: Node,
    type_: str,
    name: str,
    *,
    dependencies: Any,
    inputs: Mapping[str, Any] | None = None,
    provider: str | None = None,
) -> Node:
    return Node(
        urn=child_urn(parent.urn, type_, name),
        type=type_,
        name=name,
        parent=parent.urn,
        custom=True,
        inputs=dict(inputs or {}),
        dependencies=frozenset(dependencies),
        protect=parent.protect,
        provider=parent.providers.get(type_.partition(":")[0], "") if provider is None else provider,
    )
