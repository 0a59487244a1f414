"""What of the stack's resources belongs to others, who change it all the time. Everything else is somebody's hand."""

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Final

from ray_platform.pipeline.drift_paths import Difference, covers, keys_of

AUTOSCALER: Final = "cluster autoscaler"
RAY: Final = "Ray's autoscaler"
EKS: Final = "EKS"
AWS: Final = "AWS"
API_SERVER: Final = "Kubernetes API server"
CONTROLLERS: Final = "Kubernetes controllers"
OTHER_STACK: Final = "the other stack"


@dataclass(frozen=True, kw_only=True)
class Owned:
    """Properties that are not the program's. ``type`` and ``path`` are patterns; ``path`` names all below it too.

    ``unless_given`` leaves them out only where the program does not set them; ``value`` only with this value besides.
    """

    type: str
    path: str
    owner: str
    reason: str
    source: str
    unless_given: bool = False
    value: Any = None

    def has(self, type_: str, difference: Difference) -> bool:
        if self.unless_given and difference.expected is not None:
            return False
        if self.value is not None and difference.found != self.value:
            return False
        return fnmatchcase(type_, self.type) and covers(keys_of(self.path), difference.keys)


def owner_of(type_: str, difference: Difference) -> Owned | None:
    """Whose the property is, None when it is the program's."""
    return next((row for row in OWNED if row.has(type_, difference)), None)


def _tag(key: str, owner: str, reason: str, source: str) -> Owned:
    return Owned(type="aws:*", path=f'tags["{key}"]', owner=owner, reason=reason, source=source, unless_given=True)


def _bookkeeping(field: str) -> Owned:
    return Owned(
        type="kubernetes:*",
        path=f"metadata.{field}",
        owner=API_SERVER,
        reason="its own bookkeeping about an object",
        source="Kubernetes API conventions, Metadata",
    )


_GROUPS: Final = "spec.workerGroupSpecs[*]"

# Addons are not here: EKS does not move the version of an addon by itself (EKS user guide, Update an Amazon EKS add-on,
# read 2026-11-23). Nor is the Kubernetes version: where EKS raised it at the end of support, the config has to follow.
# Defaults of Kubernetes objects are few here, for pulumi-kubernetes reads back only what the program gives
# (pulumi-kubernetes, provider/pkg/provider/provider.go, Read and pruneLiveState, read 2026-11-23).
OWNED: Final = (
    Owned(
        type="aws:eks/nodeGroup:NodeGroup",
        path="scalingConfig.desiredSize",
        owner=AUTOSCALER,
        reason="it moves the size within the bounds",
        source="docs/adr/0006; autoscaling:SetDesiredCapacity is the right it has for that",
    ),
    Owned(
        type="kubernetes:ray.io/*:RayCluster",
        path=f"{_GROUPS}.replicas",
        owner=RAY,
        reason="it asks for workers by this number",
        source="ray, autoscaler/v2/instance_manager/cloud_providers/kuberay/cloud_provider.py, read 2026-11-23",
    ),
    Owned(
        type="kubernetes:ray.io/*:RayCluster",
        path=f"{_GROUPS}.scaleStrategy",
        owner=RAY,
        reason="it names the workers that are to end",
        source="the same file, read 2026-11-23",
    ),
    Owned(
        type="kubernetes:ray.io/*:RayCluster",
        path=f"{_GROUPS}.numOfHosts",
        owner=API_SERVER,
        reason="KubeRay's definition has this default",
        source="ray-operator 1.6.2, apis/ray/v1/raycluster_types.go",
        unless_given=True,
        value=1,
    ),
    Owned(
        type="kubernetes:*",
        path="**.ports[*].protocol",
        owner=API_SERVER,
        reason="the default of a port",
        source="Kubernetes API reference, ContainerPort, ServicePort and NetworkPolicyPort",
        unless_given=True,
        value="TCP",
    ),
    Owned(
        type="kubernetes:*",
        path="status",
        owner=CONTROLLERS,
        reason="what they observe",
        source="Kubernetes API conventions, Spec and status",
    ),
    *map(_bookkeeping, ("creationTimestamp", "generation", "managedFields", "resourceVersion", "uid")),
    Owned(
        type="kubernetes:core/v1:Namespace",
        path='metadata.labels["kubernetes.io/metadata.name"]',
        owner=API_SERVER,
        reason="the name of every namespace as a label",
        source="Kubernetes, Well-known labels, annotations and taints",
        unless_given=True,
    ),
    Owned(
        type="kubernetes:core/v1:Namespace",
        path="spec.finalizers",
        owner=API_SERVER,
        reason="what has to end before a namespace goes",
        source="Kubernetes API reference, NamespaceSpec",
        unless_given=True,
    ),
    Owned(
        type="kubernetes:apps/v1:Deployment",
        path='metadata.annotations["deployment.kubernetes.io/*"]',
        owner=CONTROLLERS,
        reason="the number of the last rollout",
        source="Kubernetes, Well-known labels, annotations and taints",
        unless_given=True,
    ),
    Owned(
        type="kubernetes:apps/v1:DaemonSet",
        path='metadata.annotations["deprecated.daemonset.template.generation"]',
        owner=API_SERVER,
        reason="the number of the last rollout",
        source="Kubernetes, pkg/registry/apps/daemonset and apps/v1 conversion",
        unless_given=True,
    ),
    _tag(
        "aws:*",
        AWS,
        "nobody else can set a tag of this kind",
        "EC2 API, DeleteTags and Tag: the prefix is reserved, read 2026-11-23",
    ),
    _tag(
        "eks:*",
        EKS,
        "it marks what belongs to a cluster and to a node group",
        "seen on the Auto Scaling groups and launch templates that EKS makes",
    ),
    _tag(
        "kubernetes.io/cluster/*",
        EKS,
        "it marks the security groups and subnets of a cluster",
        "EKS user guide, Security group requirements for clusters, read 2026-11-23",
    ),
    _tag(
        "k8s.io/cluster-autoscaler/*",
        EKS,
        "by them the cluster autoscaler discovers the groups",
        "EKS user guide, Managed node groups, read 2026-11-23",
    ),
    Owned(
        type="pulumi:pulumi:StackReference",
        path="",
        owner=OTHER_STACK,
        reason="its outputs change when that stack is updated",
        source="Pulumi, Stack references",
    ),
)
