"""The addons that need a node to run on: CoreDNS and the EBS CSI driver with its StorageClass."""

from dataclasses import dataclass

import pulumi

from ray_platform import naming
from ray_platform.account import AwsAccount
from ray_platform.components.cluster import Cluster
from ray_platform.components.kubernetes_objects import kubernetes_object
from ray_platform.components.node_pools import NodePools
from ray_platform.config.sections import Settings
from ray_platform.manifests.storage import gp3_class


@dataclass(frozen=True, kw_only=True)
class AddonsArgs:
    account: AwsAccount
    settings: Settings
    cluster: Cluster
    node_pools: NodePools


class Addons(pulumi.ComponentResource):
    """Addons after nodes: created earlier they wait for 20 minutes and fail. Their pods may be on any system node.

    A pod that looks up names depends on ``coredns``, and by that on the nodes of ordinary pods.
    """

    coredns: pulumi.Resource

    def __init__(self, name: str, args: AddonsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("ray-platform:components:Addons", naming.resource(name, "addons"), {}, opts)
        self._name, self._args = name, args
        self.coredns = self._create_coredns()
        if args.settings.addons.ebs_csi_driver.enabled:
            self._create_storage_class(self._create_ebs_csi_driver())
        self.register_outputs({})

    def _create_coredns(self) -> pulumi.Resource:
        config = self._args.settings.addons.coredns
        return self._args.cluster.addon(
            "coredns",
            version=config.version,
            values=config.values,
            parent=self,
            depends_on=self._args.node_pools.system_node_groups,
        )

    def _create_ebs_csi_driver(self) -> pulumi.Resource:
        config, account = self._args.settings.addons.ebs_csi_driver, self._args.account
        role = self._args.cluster.service_account_role(
            "ebs-csi",
            namespace="kube-system",
            service_account="ebs-csi-controller-sa",
            # V2 may only touch volumes that the driver itself has tagged.
            managed_policy_arns={"ebs": account.managed_policy_arn("AmazonEBSCSIDriverPolicyV2")},
            parent=self,
        )
        return self._args.cluster.addon(
            "aws-ebs-csi-driver",
            version=config.version,
            values=config.values,
            role=role,
            parent=self,
            depends_on=self._args.node_pools.system_node_groups,
        )

    def _create_storage_class(self, driver: pulumi.Resource) -> None:
        """After the driver for the sake of destroy: no volume is begun while the driver that would delete it goes."""
        kubernetes_object(
            naming.resource(self._name, "gp3"),
            gp3_class(),
            mirrors={},
            opts=pulumi.ResourceOptions(parent=self, provider=self._args.cluster.kubernetes, depends_on=[driver]),
        )
