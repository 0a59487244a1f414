"""Who may do what before anything runs: the encryption key, the two service roles, the node security group."""

from dataclasses import dataclass
from typing import NamedTuple

import pulumi
import pulumi_aws as aws

from ray_platform import naming, policies
from ray_platform.account import AwsAccount
from ray_platform.components.network import Network
from ray_platform.components.roles import AttachedRole, attached_role
from ray_platform.config.sections import SecurityConfig, Settings

# RFC 1918. The VPC's own ranges are added, for VPCs outside of them (100.64.0.0/10 is common with EKS).
PRIVATE_RANGES = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
ALL_PROTOCOLS = "-1"


@dataclass(frozen=True, kw_only=True)
class SecurityArgs:
    account: AwsAccount
    settings: Settings
    network: Network


class _Egress(NamedTuple):
    suffix: str
    description: str
    cidr: str | None = None
    prefix_list: str | None = None
    protocol: str = ALL_PROTOCOLS
    port: int | None = None


class Security(pulumi.ComponentResource):
    """The key, the roles of control plane and nodes, and the one security group both of them carry.

    The group goes on the nodes and on the control plane's interfaces and nothing else goes on the nodes: the group
    that EKS makes by itself allows all egress, and would void the restriction.
    """

    key_arn: pulumi.Output[str]
    cluster_role: AttachedRole
    node_role: AttachedRole
    node_security_group: aws.ec2.SecurityGroup
    node_security_group_rules: list[pulumi.Resource]

    def __init__(self, name: str, args: SecurityArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("ray-platform:components:Security", naming.resource(name, "security"), {}, opts)
        self._name, self._args = name, args
        self.key_arn = self._encryption_key()
        self.cluster_role = self._cluster_role()
        self.node_role = self._node_role()
        self.node_security_group = self._node_security_group()
        self.node_security_group_rules = [self._traffic_among_themselves(), *self._egress_rules()]
        self.register_outputs(
            {
                "keyArn": self.key_arn,
                "clusterRoleArn": self.cluster_role.role.arn,
                "nodeRoleArn": self.node_role.role.arn,
                "nodeSecurityGroupId": self.node_security_group.id,
            }
        )

    def _encryption_key(self) -> pulumi.Output[str]:
        """The ARN of the given key, which is never touched, or of one made for this cluster."""
        config, cluster = self._args.settings.security, self._args.settings.cluster.name
        if config.kms_key_arn is not None:
            return pulumi.Output.from_input(config.kms_key_arn)
        protected = pulumi.ResourceOptions(parent=self, protect=self._args.settings.operations.protect)
        key = aws.kms.Key(
            naming.resource(self._name, "key"),
            description=f"Secrets and control plane logs of EKS cluster {cluster}",
            enable_key_rotation=True,
            deletion_window_in_days=config.kms_deletion_window_days,
            policy=policies.encryption_key(
                self._args.account,
                log_group=naming.log_group(cluster),
                for_volumes=config.encrypt_volumes_with_key,
            ),
            opts=protected,
        )
        aws.kms.Alias(
            naming.resource(self._name, "key-alias"),
            name=naming.key_alias(cluster),
            target_key_id=key.key_id,
            opts=pulumi.ResourceOptions(parent=self),
        )
        return key.arn

    def _cluster_role(self) -> AttachedRole:
        account = self._args.account
        return attached_role(
            naming.resource(self._name, "cluster"),
            description=f"Control plane of EKS cluster {self._args.settings.cluster.name}",
            trust=policies.service_trust("eks.amazonaws.com"),
            managed_policy_arns={
                "eks": account.managed_policy_arn("AmazonEKSClusterPolicy"),
                "vpc": account.managed_policy_arn("AmazonEKSVPCResourceController"),
            },
            parent=self,
        )

    def _node_role(self) -> AttachedRole:
        """Joining the cluster and pulling images is all a node may do; pods get their rights from their own roles."""
        account = self._args.account
        managed = {
            "eks": account.managed_policy_arn("AmazonEKSWorkerNodePolicy"),
            "ecr": account.managed_policy_arn("AmazonEC2ContainerRegistryPullOnly"),
        }
        if self._args.settings.security.session_manager:
            managed["ssm"] = account.managed_policy_arn("AmazonSSMManagedInstanceCore")
        return attached_role(
            naming.resource(self._name, "node"),
            description=f"Nodes of EKS cluster {self._args.settings.cluster.name}",
            trust=policies.service_trust(f"ec2.{account.dns_suffix}"),
            managed_policy_arns=managed,
            parent=self,
        )

    def _node_security_group(self) -> aws.ec2.SecurityGroup:
        cluster = self._args.settings.cluster.name
        return aws.ec2.SecurityGroup(
            naming.resource(self._name, "node"),
            description=f"Nodes and control plane interfaces of EKS cluster {cluster}",
            vpc_id=self._args.network.vpc_id,
            tags={"Name": naming.resource(cluster, "node")},
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _traffic_among_themselves(self) -> pulumi.Resource:
        return aws.vpc.SecurityGroupIngressRule(
            naming.resource(self._name, "from-itself"),
            security_group_id=self.node_security_group.id,
            referenced_security_group_id=self.node_security_group.id,
            ip_protocol=ALL_PROTOCOLS,
            description="Nodes and control plane among themselves: Ray, kubelet, webhooks, the Kubernetes API",
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _egress_rules(self) -> list[pulumi.Resource]:
        return [
            aws.vpc.SecurityGroupEgressRule(
                naming.resource(self._name, rule.suffix),
                security_group_id=self.node_security_group.id,
                cidr_ipv4=rule.cidr,
                prefix_list_id=self._prefix_list_id(rule.prefix_list) if rule.prefix_list else None,
                ip_protocol=rule.protocol,
                from_port=rule.port,
                to_port=rule.port,
                description=rule.description,
                opts=pulumi.ResourceOptions(parent=self),
            )
            for rule in _egress(self._args.settings.security, self._args.network.cidr_blocks, self._args.account)
        ]

    def _prefix_list_id(self, name: str) -> pulumi.Output[str]:
        opts = pulumi.InvokeOutputOptions(parent=self)
        return aws.ec2.get_managed_prefix_list_output(name=name, opts=opts).id


def _egress(config: SecurityConfig, vpc_cidr_blocks: list[str], account: AwsAccount) -> list[_Egress]:
    private = dict.fromkeys([*PRIVATE_RANGES, *vpc_cidr_blocks])
    rules = [
        _Egress(f"to-{cidr.replace('/', '-')}", f"Anything within private range {cidr}", cidr=cidr) for cidr in private
    ]
    if config.egress == "internet-https":
        # Through a NAT gateway the group still sees the public destination, so the AWS APIs need this rule.
        https = _Egress("to-internet-https", "HTTPS to AWS APIs and registries", cidr="0.0.0.0/0")
    else:
        # A gateway endpoint leaves S3 at its public addresses, and image layers come from there.
        s3 = f"com.amazonaws.{account.region}.s3"
        https = _Egress("to-s3", "HTTPS to S3 through a gateway endpoint of the VPC", prefix_list=s3)
    return [*rules, https._replace(protocol="tcp", port=443)]
