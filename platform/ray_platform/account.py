"""The AWS account a stack lives in, as plain facts, and the ARNs that can be written before anything exists."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class AwsAccount:
    """Where the stack is built. Partition and DNS suffix come from the provider, so China and GovCloud work too."""

    account_id: str
    partition: str
    dns_suffix: str
    region: str

    def managed_policy_arn(self, name: str) -> str:
        """The ARN of a policy that AWS maintains, for example ``AmazonEKSWorkerNodePolicy``."""
        return f"arn:{self.partition}:iam::aws:policy/{name}"

    def access_policy_arn(self, name: str) -> str:
        """The ARN of one of EKS's own cluster access policies, for example ``AmazonEKSViewPolicy``."""
        return f"arn:{self.partition}:eks::aws:cluster-access-policy/{name}"

    def log_group_arn(self, name: str) -> str:
        return f"arn:{self.partition}:logs:{self.region}:{self.account_id}:log-group:{name}"

    def node_groups_arn(self, cluster: str) -> str:
        """Matches every managed node group of one cluster, whatever its name and id."""
        return f"arn:{self.partition}:eks:{self.region}:{self.account_id}:nodegroup/{cluster}/*/*"

    def auto_scaling_groups_arn(self) -> str:
        service = f"arn:{self.partition}:autoscaling:{self.region}:{self.account_id}"
        return f"{service}:autoScalingGroup:*:autoScalingGroupName/*"
