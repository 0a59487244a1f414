"""The cluster autoscaler's rights in the account."""

from dataclasses import dataclass

import pulumi

from ray_platform import naming, policies
from ray_platform.account import AwsAccount
from ray_platform.components.cluster import Cluster
from ray_platform.components.roles import ServiceAccountRole
from ray_platform.config.sections import Settings


@dataclass(frozen=True, kw_only=True)
class ClusterAutoscalerArgs:
    account: AwsAccount
    settings: Settings
    cluster: Cluster


class ClusterAutoscaler(pulumi.ComponentResource):
    """The role of ``kube-system/cluster-autoscaler``; ``role`` is None when the autoscaler is switched off."""

    role: ServiceAccountRole | None

    def __init__(self, name: str, args: ClusterAutoscalerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("ray-platform:components:ClusterAutoscaler", naming.resource(name, "autoscaler"), {}, opts)
        self.role = self._create_role(args) if args.settings.addons.cluster_autoscaler.enabled else None
        self.register_outputs({"roleArn": self.role.arn if self.role else None})

    def _create_role(self, args: ClusterAutoscalerArgs) -> ServiceAccountRole:
        return args.cluster.service_account_role(
            "cluster-autoscaler",
            namespace="kube-system",
            service_account="cluster-autoscaler",
            inline={"scale": policies.cluster_autoscaler(args.account, cluster=args.settings.cluster.name)},
            parent=self,
        )
