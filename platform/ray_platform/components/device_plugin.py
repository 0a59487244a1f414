"""The NVIDIA device plugin on the GPU nodes."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from ray_platform import naming
from ray_platform.components.cluster import Cluster
from ray_platform.components.kubernetes_objects import kubernetes_object
from ray_platform.config.node_pools import ResolvedPool
from ray_platform.config.sections import Settings
from ray_platform.manifests import device_plugin


@dataclass(frozen=True, kw_only=True)
class DevicePluginArgs:
    settings: Settings
    cluster: Cluster
    pools: Sequence[ResolvedPool]

    @property
    def enabled(self) -> bool:
        """Without a GPU pool nothing is created, whatever the config says."""
        return any(pool.gpu for pool in self.pools) and self.settings.addons.device_plugin.enabled


class DevicePlugin(pulumi.ComponentResource):
    """The DaemonSet that offers GPUs to pods.

    It waits for no node: most GPU pools begin with none, and a node that comes later finds it there. Nor do nodes wait
    for it when they go, for its pods hold nothing.
    """

    def __init__(self, name: str, args: DevicePluginArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("ray-platform:components:DevicePlugin", naming.resource(name, "device-plugin"), {}, opts)
        if args.enabled:
            kubernetes_object(
                naming.resource(name, "device-plugin"),
                device_plugin.daemon_set(),
                mirrors=args.settings.addons.image_mirrors,
                opts=pulumi.ResourceOptions(parent=self, provider=args.cluster.kubernetes),
            )
        self.register_outputs({})
