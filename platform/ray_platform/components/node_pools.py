"""The node pools: per pool a launch template, a managed node group and the tags that scaling from zero needs."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from ray_platform import naming
from ray_platform.components.cluster import Cluster
from ray_platform.components.network import Network
from ray_platform.components.security import Security
from ray_platform.config.node_pools import NODE_TEMPLATE, ResolvedPool, Taint
from ray_platform.config.sections import Settings
from ray_platform.eks_status import LOST
from ray_platform.manifests.termination_handler import managed_tag
from ray_platform.node_config import user_data
from ray_platform.scheduling.layout import RayLayout

# Root volume of AL2023. 3000 IOPS and 125 MiB/s are what gp3 includes in its price.
ROOT_DEVICE = "/dev/xvda"
VOLUME_IOPS = 3000
VOLUME_THROUGHPUT_MIB = 125

# The effects of a taint, as Kubernetes and as the EKS API spell them.
EKS_TAINT_EFFECTS = {
    "NoSchedule": "NO_SCHEDULE",
    "PreferNoSchedule": "PREFER_NO_SCHEDULE",
    "NoExecute": "NO_EXECUTE",
}

# A node group whose nodes cannot join is reported as failed after 20 minutes or more; draining on update and delete
# honours PodDisruptionBudgets and so may take long.
TIMEOUTS = pulumi.CustomTimeouts(create="30m", update="60m", delete="60m")


@dataclass(frozen=True, kw_only=True)
class NodePoolsArgs:
    """``pools`` are the pools of the config with their fallbacks; ``tags`` go on all that a node is made of.

    ``layout`` is what Ray makes of them, None without Ray.
    """

    settings: Settings
    pools: Sequence[ResolvedPool]
    layout: RayLayout | None
    network: Network
    security: Security
    cluster: Cluster
    tags: dict[str, str]


class NodePools(pulumi.ComponentResource):
    """All node pools, by name. ``home`` is the one in which Ray's head has a node with the system's pods."""

    pools: dict[str, "NodePool"]
    home: str | None

    def __init__(self, name: str, args: NodePoolsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("ray-platform:components:NodePools", naming.resource(name, "node-pools"), {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        self.home = args.layout.head.pool if args.layout else None
        self.pools = {pool.name: NodePool(naming.resource(name, pool.name), pool, args, child) for pool in args.pools}
        self.register_outputs({"names": list(self.pools)})

    @property
    def system_node_groups(self) -> list[aws.eks.NodeGroup]:
        """The node groups that always have a node for ordinary pods: CoreDNS, the operators, the head of Ray.

        Such a pod depends on all of them: it may be on any, and no node goes before the pods on it are deleted.
        """
        return [pool.node_group for pool in self.pools.values() if pool.pool.takes_system_pods]


class NodePool(pulumi.ComponentResource):
    """One pool. Its size belongs to the cluster autoscaler: a moved desired size is no difference."""

    pool: ResolvedPool
    launch_template: aws.ec2.LaunchTemplate
    node_group: aws.eks.NodeGroup

    def __init__(
        self, name: str, pool: ResolvedPool, args: NodePoolsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("ray-platform:components:NodePool", name, {}, opts)
        self._name, self._args, self.pool = name, args, pool
        self._cluster_name = args.settings.cluster.name
        self.launch_template = self._create_launch_template()
        self.node_group = self._create_node_group()
        self._create_autoscaling_tags()
        self.register_outputs({"nodeGroupName": self._working_node_group_name})

    @property
    def autoscaling_group_name(self) -> pulumi.Output[str]:
        return self.node_group.resources[0].autoscaling_groups[0].name

    @property
    def _working_node_group_name(self) -> pulumi.Output[str]:
        """Fails for a node group of an earlier run that EKS could not make: Pulumi would go on as if it had nodes."""
        group = self.node_group
        return pulumi.Output.all(group.node_group_name, group.status, group.urn).apply(lambda of: working(*of))

    @property
    def _volume_key_arn(self) -> pulumi.Output[str] | None:
        """None leaves the encryption of volumes to the account's default EBS key."""
        return self._args.security.key_arn if self._args.settings.security.encrypt_volumes_with_key else None

    def _create_launch_template(self) -> aws.ec2.LaunchTemplate:
        pool, args = self.pool, self._args
        return aws.ec2.LaunchTemplate(
            self._name,
            description=f"Nodes of pool {pool.name} of EKS cluster {self._cluster_name}",
            update_default_version=True,
            vpc_security_group_ids=[args.security.node_security_group.id],
            block_device_mappings=[
                aws.ec2.LaunchTemplateBlockDeviceMappingArgs(
                    device_name=ROOT_DEVICE,
                    ebs=aws.ec2.LaunchTemplateBlockDeviceMappingEbsArgs(
                        volume_type="gp3",
                        volume_size=pool.disk_gib,
                        iops=VOLUME_IOPS,
                        throughput=VOLUME_THROUGHPUT_MIB,
                        encrypted="true",
                        kms_key_id=self._volume_key_arn,
                        delete_on_termination="true",
                    ),
                )
            ],
            metadata_options=aws.ec2.LaunchTemplateMetadataOptionsArgs(
                http_endpoint="enabled",
                http_tokens="required",
                # One hop: a pod cannot take the node's role. Pods with a need have a role of their own.
                http_put_response_hop_limit=1,
            ),
            tag_specifications=[
                # The provider's default tags do not reach what a launch template launches.
                aws.ec2.LaunchTemplateTagSpecificationArgs(
                    resource_type=kind, tags=args.tags | {"Name": f"{self._cluster_name}-{pool.name}"} | more
                )
                for kind, more in (
                    ("instance", {managed_tag(self._cluster_name): "true"}),
                    ("volume", {}),
                    ("network-interface", {}),
                )
            ],
            user_data=user_data(pool.node_config),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _create_node_group(self) -> aws.eks.NodeGroup:
        pool, args = self.pool, self._args
        return aws.eks.NodeGroup(
            self._name,
            cluster_name=args.cluster.name,
            version=args.cluster.version,
            node_role_arn=args.security.node_role.role.arn,
            subnet_ids=args.network.subnet_ids,
            instance_types=list(pool.instance_types),
            ami_type=pool.ami_type,
            capacity_type=pool.capacity_type,
            scaling_config=aws.eks.NodeGroupScalingConfigArgs(
                min_size=pool.min_size, desired_size=pool.desired_size, max_size=pool.max_size
            ),
            update_config=aws.eks.NodeGroupUpdateConfigArgs(max_unavailable=pool.max_unavailable),
            node_repair_config=aws.eks.NodeGroupNodeRepairConfigArgs(enabled=pool.node_repair),
            labels=dict(pool.labels),
            taints=[_eks_taint(taint) for taint in pool.taints],
            launch_template=aws.eks.NodeGroupLaunchTemplateArgs(
                id=self.launch_template.id,
                version=self.launch_template.latest_version.apply(str),
            ),
            opts=pulumi.ResourceOptions(
                parent=self,
                # A node joins with these three, and needs them until it is gone: an interface that the CNI does not
                # give back holds the security group for a quarter of an hour (terraform-aws-eks#285, #2048).
                depends_on=[
                    *args.cluster.before_nodes,
                    *args.security.node_role.ready,
                    *args.security.node_security_group_rules,
                ],
                ignore_changes=["scalingConfig.desiredSize"],
                custom_timeouts=TIMEOUTS,
            ),
        )

    def _create_autoscaling_tags(self) -> None:
        """Tags of a node group do not reach its Auto Scaling group, where the autoscaler looks for them."""
        for key, value in self.pool.autoscaling_tags().items():
            aws.autoscaling.Tag(
                naming.resource(self._name, key.removeprefix(f"{NODE_TEMPLATE}/")),
                autoscaling_group_name=self.autoscaling_group_name,
                tag=aws.autoscaling.TagTagArgs(key=key, value=value, propagate_at_launch=False),
                opts=pulumi.ResourceOptions(parent=self),
            )


def working(name: str, status: str | None, urn: str) -> str:
    """The name of a node group. Raises ``pulumi.RunError`` where EKS keeps it as one that failed."""
    if status in LOST:
        raise pulumi.RunError(
            f"EKS could not make or delete the node group {name} and keeps it as {status}. `aws eks "
            "describe-nodegroup` says why. Put that right. Then run `ray-platform up`, which makes it anew; "
            f"or `pulumi up --replace '{urn}'`."
        )
    return name


def _eks_taint(taint: Taint) -> aws.eks.NodeGroupTaintArgs:
    return aws.eks.NodeGroupTaintArgs(key=taint.key, value=taint.value, effect=EKS_TAINT_EFFECTS[taint.effect])
