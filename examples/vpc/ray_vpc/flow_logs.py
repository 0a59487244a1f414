"""Who talked to whom in the VPC, kept in CloudWatch."""

import pulumi
import pulumi_aws as aws

from ray_vpc import policies
from ray_vpc.network import Network
from ray_vpc.preparation import Prepared


class FlowLogs(pulumi.ComponentResource):
    """All traffic of the VPC, accepted and rejected, in a log group of its own that forgets after the days set.

    CloudWatch encrypts it with a key of its own.
    """

    def __init__(self, name: str, args: Prepared, network: Network, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("ray-vpc:index:FlowLogs", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        group = aws.cloudwatch.LogGroup(
            f"{name}-flow-logs", retention_in_days=args.settings.flow_log_retention_days, opts=child
        )
        role = aws.iam.Role(f"{name}-flow-logs", assume_role_policy=policies.flow_log_trust(), opts=child)
        rights = aws.iam.RolePolicy(
            f"{name}-flow-logs", role=role.name, policy=group.arn.apply(policies.flow_log_writer), opts=child
        )
        aws.ec2.FlowLog(
            name,
            vpc_id=network.vpc.id,
            traffic_type="ALL",
            log_destination_type="cloud-watch-logs",
            log_destination=group.arn,
            iam_role_arn=role.arn,
            tags={"Name": name},
            opts=pulumi.ResourceOptions(parent=self, depends_on=[rights]),
        )
        self.register_outputs({})
