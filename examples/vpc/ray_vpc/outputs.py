"""What the stack tells the platform."""

from collections.abc import Sequence

import pulumi

from ray_vpc.network import Network


def describe(network: Network) -> pulumi.Inputs:
    """``config`` is text to paste below ``config:`` in a stack file of the platform."""
    ids = pulumi.Output.all(network.vpc.id, *(subnet.id for subnet in network.private))
    return {
        "vpcId": network.vpc.id,
        "subnetIds": [subnet.id for subnet in network.private],
        "config": ids.apply(lambda found: network_section(found[0], found[1:])),
    }


def network_section(vpc_id: str, subnet_ids: Sequence[str]) -> str:
    """The section ``network`` of the platform's configuration, as YAML."""
    lines = ["  ray-on-eks:network:", f"    vpcId: {vpc_id}", "    subnetIds:"]
    return "\n".join([*lines, *(f"      - {each}" for each in subnet_ids)]) + "\n"
