"""The network the platform is given. It is looked at, never created, changed, tagged or deleted."""

from dataclasses import dataclass

import pulumi

from ray_platform.config.network_rules import SubnetFacts, VpcFacts


@dataclass(frozen=True, kw_only=True)
class NetworkArgs:
    """What was found at the ids in ``network.vpcId`` and ``network.subnetIds``; the rules hold for it already."""

    vpc: VpcFacts
    subnets: tuple[SubnetFacts, ...]


class Network(pulumi.ComponentResource):
    """The VPC and the subnets of the control plane's interfaces and of the nodes. It owns no resource."""

    vpc_id: str
    subnet_ids: list[str]
    cidr_blocks: list[str]

    def __init__(self, name: str, args: NetworkArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("ray-platform:components:Network", name, {}, opts)
        self.vpc_id = args.vpc.vpc_id
        self.subnet_ids = [subnet.subnet_id for subnet in args.subnets]
        self.cidr_blocks = list(args.vpc.cidr_blocks)
        zones = sorted({subnet.availability_zone for subnet in args.subnets})
        self.register_outputs({"vpcId": self.vpc_id, "subnetIds": self.subnet_ids, "availabilityZones": zones})
