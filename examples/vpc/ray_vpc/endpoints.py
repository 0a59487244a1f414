"""AWS's services inside the VPC."""

import pulumi
import pulumi_aws as aws

from ray_vpc.network import Network
from ray_vpc.preparation import Prepared

HTTPS = 443
# What nodes, system pods and the autoscalers of the platform call (EKS user guide, "Deploy private clusters").
INTERFACES = ("ec2", "ecr.api", "ecr.dkr", "sts", "logs", "eks", "autoscaling", "sqs", "elasticloadbalancing")


class Endpoints(pulumi.ComponentResource):
    """The gateway of S3, which costs nothing and is always there; on request an interface of each other service.

    Interfaces answer under AWS's own names, so that nothing that calls them has to know, and let in 443 from the VPC.
    """

    def __init__(self, name: str, args: Prepared, network: Network, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("ray-vpc:index:Endpoints", name, {}, opts)
        self._name, self._args, self._network = name, args, network
        self._opts = pulumi.ResourceOptions(parent=self)
        aws.ec2.VpcEndpoint(
            f"{name}-s3",
            vpc_id=network.vpc.id,
            service_name=self._service("s3"),
            vpc_endpoint_type="Gateway",
            route_table_ids=[table.id for table in network.private_tables],
            tags={"Name": f"{name} s3"},
            opts=self._opts,
        )
        if args.settings.interface_endpoints:
            self._create_interfaces()
        self.register_outputs({})

    def _create_interfaces(self) -> None:
        group = aws.ec2.SecurityGroup(
            f"{self._name}-endpoints",
            vpc_id=self._network.vpc.id,
            description="AWS services: 443 from the VPC",
            tags={"Name": f"{self._name} endpoints"},
            opts=self._opts,
        )
        aws.vpc.SecurityGroupIngressRule(
            f"{self._name}-endpoints",
            security_group_id=group.id,
            description="HTTPS from the VPC",
            ip_protocol="tcp",
            from_port=HTTPS,
            to_port=HTTPS,
            cidr_ipv4=str(self._args.settings.cidr),
            opts=self._opts,
        )
        for service in INTERFACES:
            aws.ec2.VpcEndpoint(
                f"{self._name}-{service}",
                vpc_id=self._network.vpc.id,
                service_name=self._service(service),
                vpc_endpoint_type="Interface",
                private_dns_enabled=True,
                subnet_ids=[subnet.id for subnet in self._network.private],
                security_group_ids=[group.id],
                tags={"Name": f"{self._name} {service}"},
                opts=self._opts,
            )

    def _service(self, service: str) -> str:
        return f"com.amazonaws.{self._args.region}.{service}"
