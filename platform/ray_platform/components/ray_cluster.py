"""The Ray cluster and what it stands on in its namespace: network policies, service accounts, the head's budget."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from ray_platform import naming, policies
from ray_platform.account import AwsAccount
from ray_platform.components.addons import Addons
from ray_platform.components.cluster import Cluster
from ray_platform.components.kuberay_operator import KubeRayOperator
from ray_platform.components.kubernetes_objects import kubernetes_object
from ray_platform.config.sections import Settings
from ray_platform.manifests import ray_cluster
from ray_platform.manifests.ray_names import HEAD_SERVICE_ACCOUNT, WORKER_SERVICE_ACCOUNT
from ray_platform.manifests.ray_network import network_policies
from ray_platform.manifests.rbac import Manifest
from ray_platform.scheduling.layout import RayLayout

# Ready means that every Ray pod runs: nodes may have to start first (3 to 5 minutes with GPUs), and then to pull
# images of several gigabytes. Deleting waits for the pods, which have up to `SPOT_GRACE_SECONDS` to end.
TIMEOUTS = pulumi.CustomTimeouts(create="30m", update="30m", delete="15m")


@dataclass(frozen=True, kw_only=True)
class RayClusterArgs:
    """``layout`` None is Ray switched off."""

    settings: Settings
    account: AwsAccount
    layout: RayLayout | None
    cluster: Cluster
    operator: KubeRayOperator
    addons: Addons


class RayCluster(pulumi.ComponentResource):
    """The RayCluster, last to come and first to go; ``cluster`` is None when Ray is switched off.

    It needs the operator, which has a node, and with it the head; and CoreDNS: Ray's autoscaler finds the API server by
    its name (ray.autoscaler._private.kuberay.node_provider), and a head whose containers end is not started again. It
    waits for no pool of workers: their pods stay pending until a node comes, at creation or from the autoscaler. Nor do
    these pools wait for it on destroy: its deletion has begun before theirs, since theirs waits for the autoscaler's,
    and EKS drains the nodes of what is left.
    """

    cluster: pulumi.Resource | None

    def __init__(self, name: str, args: RayClusterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("ray-platform:components:RayCluster", naming.resource(name, "ray"), {}, opts)
        self._name, self._args, self._ray = name, args, args.settings.ray
        self.cluster = self._create_cluster(args.layout) if args.layout else None
        self.register_outputs({"name": self._ray.name if self.cluster else None})

    def _create_cluster(self, layout: RayLayout) -> pulumi.Resource:
        before = [
            *self._args.operator.ready,
            self._args.addons.coredns,
            *self._create_network_policies(),
            *self._create_service_account(HEAD_SERVICE_ACCOUNT),
            *self._create_service_account(WORKER_SERVICE_ACCOUNT),
            self._object("ray-head-budget", ray_cluster.head_budget(self._ray)),
        ]
        return self._object("ray", ray_cluster.ray_cluster(layout, self._ray), after=before, timeouts=TIMEOUTS)

    def _create_network_policies(self) -> list[pulumi.Resource]:
        manifests = network_policies(namespace=self._ray.namespace, allowed_namespaces=self._ray.allowed_namespaces)
        return [self._object(f"ray-network-{each['metadata']['name']}", each) for each in manifests]

    def _create_service_account(self, account: str) -> list[pulumi.Resource]:
        """The account and, where there are buckets, the policies of its role: what a pod with it has to wait for."""
        if not self._ray.s3_buckets:
            return [self._object(account, ray_cluster.ray_account(account, self._ray.namespace))]
        role = self._args.cluster.service_account_role(
            account,
            namespace=self._ray.namespace,
            service_account=account,
            inline={"s3": policies.ray_buckets(self._args.account, buckets=self._ray.s3_buckets)},
            parent=self,
        )
        manifest = ray_cluster.ray_account(account, self._ray.namespace, role_arn=role.arn)
        return [self._object(account, manifest), *role.ready]

    def _object(
        self,
        suffix: str,
        manifest: Manifest,
        *,
        after: Sequence[pulumi.Resource] = (),
        timeouts: pulumi.CustomTimeouts | None = None,
    ) -> pulumi.Resource:
        """An object of the Ray namespace. By default it needs nothing but that."""
        opts = pulumi.ResourceOptions(
            parent=self,
            provider=self._args.cluster.kubernetes,
            depends_on=list(after or self._args.operator.ray_namespace),
            custom_timeouts=timeouts,
        )
        mirrors = self._args.settings.addons.image_mirrors
        return kubernetes_object(naming.resource(self._name, suffix), manifest, mirrors=mirrors, opts=opts)
