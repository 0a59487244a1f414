"""A VPC for the Ray platform. Each line needs only what stands above it; destroy goes upwards."""

import pulumi

from ray_vpc import outputs
from ray_vpc.endpoints import Endpoints
from ray_vpc.flow_logs import FlowLogs
from ray_vpc.network import Network
from ray_vpc.preparation import prepare


async def main() -> pulumi.Inputs:
    given = await prepare()

    network = Network(given.settings.name, given, given.opts)
    Endpoints(given.settings.name, given, network, given.opts)
    FlowLogs(given.settings.name, given, network, given.opts)

    return outputs.describe(network)


pulumi.run(main)
