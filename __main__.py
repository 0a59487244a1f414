"""Ray on EKS, from the given network up. Each line needs only what stands above it; destroy goes upwards."""

import pulumi

from ray_platform import outputs
from ray_platform.components.addons import Addons, AddonsArgs
from ray_platform.components.cluster import Cluster, ClusterArgs
from ray_platform.components.cluster_autoscaler import ClusterAutoscaler, ClusterAutoscalerArgs
from ray_platform.components.network import Network, NetworkArgs
from ray_platform.components.node_pools import NodePools, NodePoolsArgs
from ray_platform.components.security import Security, SecurityArgs
from ray_platform.components.termination_handler import TerminationHandler, TerminationHandlerArgs
from ray_platform.preparation import prepare


async def main() -> pulumi.Inputs:
    given = await prepare()
    name, settings, account, opts = given.name, given.settings, given.account, given.opts

    network = Network(name, NetworkArgs(vpc=given.vpc, subnets=given.subnets), opts)
    security = Security(name, SecurityArgs(account=account, settings=settings, network=network), opts)
    cluster = Cluster(name, ClusterArgs(account=account, settings=settings, network=network, security=security), opts)
    node_pools = NodePools(
        name,
        NodePoolsArgs(
            settings=settings, pools=given.pools, network=network, security=security, cluster=cluster, tags=given.tags
        ),
        opts,
    )
    Addons(name, AddonsArgs(account=account, settings=settings, cluster=cluster, node_pools=node_pools), opts)
    autoscaler = ClusterAutoscaler(
        name, ClusterAutoscalerArgs(account=account, settings=settings, cluster=cluster), opts
    )
    termination_handler = TerminationHandler(
        name,
        TerminationHandlerArgs(account=account, settings=settings, pools=given.pools, cluster=cluster),
        opts,
    )

    return outputs.all_of(
        outputs.describe_cluster(cluster, security),
        outputs.describe_nodes(node_pools, autoscaler, termination_handler),
        outputs.describe_access(cluster, account, settings),
        outputs.describe_stack(settings, given.pools, given.tags),
    )


pulumi.run(main)
