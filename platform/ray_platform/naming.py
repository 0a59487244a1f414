"""Names the platform gives to what it creates, and the limits those names keep.

Most physical names come from Pulumi's auto-naming: the logical name, a hyphen and seven random digits.
`resource` makes logical names short enough that the result fits the tightest AWS limit.
"""

from hashlib import sha256
from typing import Final

# IAM API reference, CreateRole, RoleName.
IAM_ROLE_NAME_MAX: Final = 64
# EventBridge API reference, PutRule, Name.
EVENT_RULE_NAME_MAX: Final = 64
# EKS user guide, managed node groups: a node group name has at most 63 characters.
NODE_GROUP_NAME_MAX: Final = 63
# EKS API reference, CreateCluster, name.
CLUSTER_NAME_MAX: Final = 100
# KMS API reference, CreateAlias, AliasName.
KEY_ALIAS_MAX: Final = 256
# CloudWatch Logs API reference, CreateLogGroup, logGroupName.
LOG_GROUP_NAME_MAX: Final = 512
# Resource tags (EC2 user guide, "Tag restrictions"; Auto Scaling's CreateOrUpdateTags has the same two).
TAG_KEY_MAX: Final = 128
TAG_VALUE_MAX: Final = 256

# Pulumi's auto-naming appends a hyphen and seven hexadecimal digits.
AUTO_NAME_SUFFIX: Final = 8
RESOURCE_NAME_MAX: Final = min(IAM_ROLE_NAME_MAX, EVENT_RULE_NAME_MAX, NODE_GROUP_NAME_MAX) - AUTO_NAME_SUFFIX

_HASH_DIGITS: Final = 8


def resource(name: str, suffix: str) -> str:
    """Logical name `NAME-SUFFIX`, at most `RESOURCE_NAME_MAX` characters.

    A longer one is cut and ends in a hash of the whole, so that two long names never become the same.
    """
    full = f"{name}-{suffix}"
    if len(full) <= RESOURCE_NAME_MAX:
        return full
    digest = sha256(full.encode()).hexdigest()[:_HASH_DIGITS]
    kept = full[: RESOURCE_NAME_MAX - _HASH_DIGITS - 1].rstrip("-_")
    return f"{kept}-{digest}"


def log_group(cluster: str) -> str:
    """The log group EKS writes control plane logs to; EKS fixes this name."""
    return f"/aws/eks/{cluster}/cluster"


def key_alias(cluster: str) -> str:
    """Alias of the cluster's own KMS key."""
    return f"alias/eks/{cluster}"
