"""The KubeRay operator with its CRDs, and the namespace whose Ray clusters it looks after."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as k8s

from ray_platform import naming
from ray_platform.components.cluster import Cluster
from ray_platform.components.kubernetes_objects import kubernetes_object
from ray_platform.components.node_pools import NodePools
from ray_platform.config.sections import Settings
from ray_platform.manifests import operator
from ray_platform.manifests.placement import OPERATOR_NAMESPACE
from ray_platform.manifests.rbac import Manifest
from ray_platform.versions import KUBERAY_CRD_URLS


@dataclass(frozen=True, kw_only=True)
class KubeRayOperatorArgs:
    settings: Settings
    cluster: Cluster
    node_pools: NodePools


class KubeRayOperator(pulumi.ComponentResource):
    """CRDs, operator and the Ray namespace; ``ready`` and ``ray_namespace`` are empty when Ray is switched off.

    A Ray object depends on all of ``ready``, the operator's rights in that namespace; any other object in it depends on
    ``ray_namespace``. The namespace comes after the operator, and so is deleted before it: RayJobs and RayServices that
    somebody left in it have finalizers, which only a running operator takes off. The operator waits for a node and for
    no name: it finds the API server by the address in its environment, as client-go does in a pod.
    """

    ready: list[pulumi.Resource]
    ray_namespace: list[pulumi.Resource]

    def __init__(self, name: str, args: KubeRayOperatorArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("ray-platform:components:KubeRayOperator", naming.resource(name, "kuberay"), {}, opts)
        self._name, self._args = name, args
        self.ready, self.ray_namespace = [], []
        if args.settings.ray.enabled:
            deployment = self._create_operator()
            self.ray_namespace = [self._object("ray-namespace", operator.namespace(self._namespace), [deployment])]
            self.ready = self._objects("ray", operator.rights_in_ray_namespace(self._namespace), self.ray_namespace)
        self.register_outputs({"namespace": self._namespace if self.ray_namespace else None})

    @property
    def _namespace(self) -> str:
        return self._args.settings.ray.namespace

    def _create_operator(self) -> pulumi.Resource:
        namespace = self._object("kuberay-namespace", operator.namespace(OPERATOR_NAMESPACE), [])
        before = [
            # It exits where a kind that it watches is not known.
            self._create_crds(),
            self._object("kuberay-account", operator.account(), [namespace]),
            # Shut before it opens a port.
            self._object("kuberay-deny", operator.nobody_comes_in(), [namespace]),
            *self._objects("kuberay-own", operator.rights_in_own_namespace(), [namespace]),
            *self._objects("kuberay", operator.rights_on_ray_objects(), [namespace]),
        ]
        nodes = self._args.node_pools.system_node_groups
        return self._object(
            "kuberay-operator",
            operator.deployment(self._namespace, home=self._args.node_pools.home),
            [*before, *nodes],
        )

    def _create_crds(self) -> pulumi.Resource:
        """Resources of their own, so that a version change upgrades them; Helm would only ever make them."""
        return k8s.yaml.v2.ConfigGroup(
            naming.resource(self._name, "kuberay-crds"),
            files=list(KUBERAY_CRD_URLS),
            opts=pulumi.ResourceOptions(parent=self, providers=[self._args.cluster.kubernetes]),
        )

    def _objects(
        self, prefix: str, manifests: Mapping[str, Manifest], after: Sequence[pulumi.Resource]
    ) -> list[pulumi.Resource]:
        return [self._object(f"{prefix}-{suffix}", manifest, after) for suffix, manifest in manifests.items()]

    def _object(self, suffix: str, manifest: Manifest, after: Sequence[pulumi.Resource]) -> pulumi.Resource:
        opts = pulumi.ResourceOptions(parent=self, provider=self._args.cluster.kubernetes, depends_on=list(after))
        mirrors = self._args.settings.addons.image_mirrors
        return kubernetes_object(naming.resource(self._name, suffix), manifest, mirrors=mirrors, opts=opts)
