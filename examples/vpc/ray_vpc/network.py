"""The VPC, its subnets in three zones, and their ways out."""

import pulumi
import pulumi_aws as aws

from ray_vpc.preparation import Prepared

ANYWHERE = "0.0.0.0/0"


class Network(pulumi.ComponentResource):
    """Private subnets with a route out by a NAT gateway, and public ones for these gateways and load balancers.

    Nothing gets a public address by itself, and the default security group lets nothing through.
    """

    vpc: aws.ec2.Vpc
    private: list[aws.ec2.Subnet]
    public: list[aws.ec2.Subnet]
    private_tables: list[aws.ec2.RouteTable]

    def __init__(self, name: str, args: Prepared, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("ray-vpc:index:Network", name, {}, opts)
        self._name = name
        self.vpc = self._create_vpc(args)
        self.private, self.public = self._create_subnets(args)
        gateway = self._create_way_in(args)
        gateways = self._create_nat_gateways(args, gateway)
        self.private_tables = self._create_ways_out(args, gateways)
        self.register_outputs({"vpcId": self.vpc.id})

    def _create_vpc(self, args: Prepared) -> aws.ec2.Vpc:
        vpc = aws.ec2.Vpc(
            self._name,
            cidr_block=str(args.settings.cidr),
            enable_dns_support=True,
            enable_dns_hostnames=True,
            tags=self._tags(),
            opts=self._opts(),
        )
        aws.ec2.DefaultSecurityGroup(
            f"{self._name}-default", vpc_id=vpc.id, tags=self._tags("default, closed"), opts=self._opts()
        )
        return vpc

    def _create_subnets(self, args: Prepared) -> tuple[list[aws.ec2.Subnet], list[aws.ec2.Subnet]]:
        """The tags tell load balancer controllers where to stand: internal ones in private subnets."""
        private: list[aws.ec2.Subnet] = []
        public: list[aws.ec2.Subnet] = []
        for plan in args.zones:
            for subnets, kind, block, role in (
                (private, "private", plan.private, "internal-elb"),
                (public, "public", plan.public, "elb"),
            ):
                subnet = aws.ec2.Subnet(
                    f"{self._name}-{kind}-{plan.zone}",
                    vpc_id=self.vpc.id,
                    availability_zone=plan.zone,
                    cidr_block=str(block),
                    map_public_ip_on_launch=False,
                    tags=self._tags(f"{kind} {plan.zone}") | {f"kubernetes.io/role/{role}": "1"},
                    opts=self._opts(),
                )
                subnets.append(subnet)
        return private, public

    def _create_way_in(self, args: Prepared) -> aws.ec2.InternetGateway:
        gateway = aws.ec2.InternetGateway(self._name, vpc_id=self.vpc.id, tags=self._tags(), opts=self._opts())
        table = self._create_table("public")
        self._create_route("public", table, gateway_id=gateway.id)
        for plan, subnet in zip(args.zones, self.public, strict=True):
            self._associate(f"public-{plan.zone}", table, subnet)
        return gateway

    def _create_nat_gateways(self, args: Prepared, gateway: aws.ec2.InternetGateway) -> list[aws.ec2.NatGateway]:
        """They stand on the internet gateway: made after it, gone before it."""
        after = self._opts(depends_on=[gateway])
        found = []
        for plan, subnet in list(zip(args.zones, self.public, strict=True))[: args.settings.nat_gateways]:
            name, tags = f"{self._name}-{plan.zone}", self._tags(plan.zone)
            address = aws.ec2.Eip(name, domain="vpc", tags=tags, opts=after)
            found.append(aws.ec2.NatGateway(name, allocation_id=address.id, subnet_id=subnet.id, tags=tags, opts=after))
        return found

    def _create_ways_out(self, args: Prepared, gateways: list[aws.ec2.NatGateway]) -> list[aws.ec2.RouteTable]:
        """A table for each zone, so that one NAT gateway can become three without a subnet changing its table."""
        tables = []
        for index, (plan, subnet) in enumerate(zip(args.zones, self.private, strict=True)):
            table = self._create_table(f"private-{plan.zone}")
            self._create_route(f"private-{plan.zone}", table, nat_gateway_id=gateways[index % len(gateways)].id)
            self._associate(f"private-{plan.zone}", table, subnet)
            tables.append(table)
        return tables

    def _create_table(self, name: str) -> aws.ec2.RouteTable:
        return aws.ec2.RouteTable(
            f"{self._name}-{name}", vpc_id=self.vpc.id, tags=self._tags(name.replace("-", " ", 1)), opts=self._opts()
        )

    def _create_route(self, name: str, table: aws.ec2.RouteTable, **target: pulumi.Input[str]) -> None:
        aws.ec2.Route(
            f"{self._name}-{name}",
            aws.ec2.RouteArgs(route_table_id=table.id, destination_cidr_block=ANYWHERE, **target),
            opts=self._opts(),
        )

    def _associate(self, name: str, table: aws.ec2.RouteTable, subnet: aws.ec2.Subnet) -> None:
        aws.ec2.RouteTableAssociation(
            f"{self._name}-{name}", route_table_id=table.id, subnet_id=subnet.id, opts=self._opts()
        )

    def _tags(self, what: str = "") -> dict[str, str]:
        return {"Name": f"{self._name} {what}".strip()}

    def _opts(self, depends_on: list[pulumi.Resource] | None = None) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self, depends_on=depends_on)
