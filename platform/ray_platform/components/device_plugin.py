"""The NVIDIA device plugin on the GPU nodes."""

from dataclasses import dataclass

import pulumi

from ray_platform import naming
from ray_platform.components.cluster import Cluster
from ray_platform.components.kubernetes_objects import kubernetes_object
from ray_platform.components.node_pools import NodePools
from ray_platform.config.sections import Settings
from ray_platform.manifests import device_plugin


@dataclass(frozen=True, kw_only=True)
class DevicePluginArgs:
    settings: Settings
    cluster: Cluster
    node_pools: NodePools

    @property
    def enabled(self) -> bool:
        """Without a GPU pool nothing is created, whatever the config says."""
        return bool(self.node_pools.gpu_node_groups) and self.settings.addons.device_plugin.enabled


class DevicePlugin(pulumi.ComponentResource):
    """The DaemonSet that offers GPUs to pods; ``ready`` is empty when it is switched off."""

    ready: list[pulumi.Resource]

    def __init__(self, name: str, args: DevicePluginArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("ray-platform:components:DevicePlugin", naming.resource(name, "device-plugin"), {}, opts)
        self.ready = [self._create_daemon_set(name, args)] if args.enabled else []
        self.register_outputs({})

    def _create_daemon_set(self, name: str, args: DevicePluginArgs) -> pulumi.Resource:
        opts = pulumi.ResourceOptions(
            parent=self, provider=args.cluster.kubernetes, depends_on=[*args.node_pools.gpu_node_groups]
        )
        mirrors = args.settings.addons.image_mirrors
        return kubernetes_object(
            naming.resource(name, "device-plugin"), device_plugin.daemon_set(), mirrors=mirrors, opts=opts
        )
