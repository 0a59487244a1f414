"""The cluster autoscaler: its rights in the account and in the cluster, and the Deployment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi

from ray_platform import naming, policies
from ray_platform.account import AwsAccount
from ray_platform.components.addons import Addons
from ray_platform.components.cluster import Cluster
from ray_platform.components.kubernetes_objects import kubernetes_object
from ray_platform.components.node_pools import NodePools
from ray_platform.components.roles import ServiceAccountRole
from ray_platform.config.sections import Settings
from ray_platform.manifests import cluster_autoscaler
from ray_platform.manifests.placement import SYSTEM_NAMESPACE
from ray_platform.manifests.rbac import Manifest


@dataclass(frozen=True, kw_only=True)
class ClusterAutoscalerArgs:
    account: AwsAccount
    settings: Settings
    cluster: Cluster
    node_pools: NodePools
    addons: Addons


class ClusterAutoscaler(pulumi.ComponentResource):
    """The autoscaler with the role of its service account; ``role`` is None when it is switched off.

    It knows the Auto Scaling groups of all pools by name, so it comes after them, and is gone before they are deleted:
    it would start nodes for the pods that are driven off the last ones. Nobody waits for it.
    """

    role: ServiceAccountRole | None

    def __init__(self, name: str, args: ClusterAutoscalerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("ray-platform:components:ClusterAutoscaler", naming.resource(name, "autoscaler"), {}, opts)
        self._name, self._args = name, args
        self.role = self._create_role() if args.settings.addons.cluster_autoscaler.enabled else None
        if self.role:
            self._create_deployment(self.role)
        self.register_outputs({"roleArn": self.role.arn if self.role else None})

    def _create_role(self) -> ServiceAccountRole:
        args = self._args
        return args.cluster.service_account_role(
            "cluster-autoscaler",
            namespace=SYSTEM_NAMESPACE,
            service_account=cluster_autoscaler.NAME,
            inline={"scale": policies.cluster_autoscaler(args.account, cluster=args.settings.cluster.name)},
            parent=self,
        )

    def _create_deployment(self, role: ServiceAccountRole) -> None:
        args = self._args
        objects: Mapping[str, Manifest] = {
            "account": cluster_autoscaler.account(role.arn),
            "priorities": cluster_autoscaler.priorities_map(self._priorities()),
            **cluster_autoscaler.rights_in_cluster(),
            **cluster_autoscaler.rights_in_own_namespace(),
        }
        before = [self._object(suffix, manifest, []) for suffix, manifest in objects.items()]
        deployment = cluster_autoscaler.deployment(
            cluster=args.settings.cluster.name,
            kubernetes_version=args.settings.cluster.kubernetes_version,
            region=args.account.region,
            home=args.node_pools.home,
        )
        # It calls AWS by the names of its endpoints.
        self._object("deployment", deployment, [*before, *role.ready, args.addons.coredns])
        self._object("budget", cluster_autoscaler.disruption_budget(), [])

    def _priorities(self) -> pulumi.Output[str]:
        pools = list(self._args.node_pools.pools.values())
        ranks = [cluster_autoscaler.rank(each.pool) for each in pools]
        return pulumi.Output.all(*[each.autoscaling_group_name for each in pools]).apply(
            lambda names: cluster_autoscaler.priorities(dict(zip(names, ranks, strict=True)))
        )

    def _object(self, suffix: str, manifest: Manifest, after: Sequence[pulumi.Resource]) -> pulumi.Resource:
        opts = pulumi.ResourceOptions(parent=self, provider=self._args.cluster.kubernetes, depends_on=list(after))
        mirrors = self._args.settings.addons.image_mirrors
        return kubernetes_object(
            naming.resource(self._name, f"autoscaler-{suffix}"), manifest, mirrors=mirrors, opts=opts
        )
