"""Ray on EKS, from the given network up. Each line needs only what stands above it; destroy goes upwards."""

import pulumi

from ray_platform import outputs
from ray_platform.components.addons import Addons, AddonsArgs
from ray_platform.components.budget import Budget, BudgetArgs
from ray_platform.components.cluster import Cluster, ClusterArgs
from ray_platform.components.cluster_autoscaler import ClusterAutoscaler, ClusterAutoscalerArgs
from ray_platform.components.device_plugin import DevicePlugin, DevicePluginArgs
from ray_platform.components.kuberay_operator import KubeRayOperator, KubeRayOperatorArgs
from ray_platform.components.network import Network, NetworkArgs
from ray_platform.components.node_pools import NodePools, NodePoolsArgs
from ray_platform.components.ray_cluster import RayCluster, RayClusterArgs
from ray_platform.components.security import Security, SecurityArgs
from ray_platform.components.termination_handler import TerminationHandler, TerminationHandlerArgs
from ray_platform.preparation import prepare


async def main() -> pulumi.Inputs:
    given = await prepare()
    name, settings, account, opts = given.name, given.settings, given.account, given.opts

    network = Network(name, NetworkArgs(vpc=given.vpc, subnets=given.subnets), opts)
    security = Security(name, SecurityArgs(account=account, settings=settings, network=network), opts)
    cluster = Cluster(name, ClusterArgs(account=account, settings=settings, network=network, security=security), opts)
    pool_args = NodePoolsArgs(
        settings=settings,
        pools=given.pools,
        layout=given.ray,
        network=network,
        security=security,
        cluster=cluster,
        tags=given.tags,
    )
    pools = NodePools(name, pool_args, opts)
    addons = Addons(name, AddonsArgs(account=account, settings=settings, cluster=cluster, node_pools=pools), opts)
    scale = ClusterAutoscalerArgs(account=account, settings=settings, cluster=cluster, node_pools=pools, addons=addons)
    autoscaler = ClusterAutoscaler(name, scale, opts)
    drain = TerminationHandlerArgs(account=account, settings=settings, cluster=cluster, node_pools=pools, addons=addons)
    handler = TerminationHandler(name, drain, opts)
    DevicePlugin(name, DevicePluginArgs(settings=settings, cluster=cluster, pools=given.pools), opts)
    operator = KubeRayOperator(name, KubeRayOperatorArgs(settings=settings, cluster=cluster, node_pools=pools), opts)
    ray_args = RayClusterArgs(
        settings=settings, account=account, layout=given.ray, cluster=cluster, operator=operator, addons=addons
    )
    RayCluster(name, ray_args, opts)
    Budget(name, BudgetArgs(settings=settings, pools=given.pools, tags=given.tags), opts)

    return outputs.all_of(
        outputs.describe_cluster(cluster, security),
        outputs.describe_nodes(pools, autoscaler, handler),
        outputs.describe_access(cluster, account, settings),
        outputs.describe_ray(settings.ray, given.ray),
        outputs.describe_stack(settings, given.pools, given.tags),
    )


pulumi.run(main)
