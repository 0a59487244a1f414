"""Every IAM, KMS and SQS policy of the platform, as pure functions that return the JSON document.

The rights are the least that each service's own documentation asks for. A statement carries a ``Sid`` that says what
it is for; a wildcard resource stands only where the API takes nothing narrower.
"""

import json
from collections.abc import Sequence
from typing import Any

from ray_platform.account import AwsAccount

Statement = dict[str, Any]

# IAM roles for service accounts exchange their token with STS under this audience, in every partition.
STS_AUDIENCE = "sts.amazonaws.com"

# CloudWatch Logs names the log group with this key of the encryption context.
LOG_GROUP_CONTEXT = "kms:EncryptionContext:aws:logs:arn"

_KEY_USE = ["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"]


def _document(*statements: Statement) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def account_root(account: AwsAccount) -> str:
    """The principal that stands for a whole account: naming it leaves the decision to the account's IAM."""
    return f"arn:{account.partition}:iam::{account.account_id}:root"


def logs_service(account: AwsAccount) -> str:
    """CloudWatch Logs as a principal of key policies: there it has a name in each region."""
    return f"logs.{account.region}.{account.dns_suffix}"


def auto_scaling_role(account: AwsAccount) -> str:
    """The service-linked role by which Auto Scaling starts instances."""
    role = "aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"
    return f"arn:{account.partition}:iam::{account.account_id}:role/{role}"


def service_trust(service: str) -> str:
    """Trust policy of a role that one AWS service assumes, for example ``eks.amazonaws.com``."""
    return _document(
        {
            "Sid": "ServiceAssumesRole",
            "Effect": "Allow",
            "Principal": {"Service": service},
            "Action": "sts:AssumeRole",
        }
    )


def service_account_trust(*, provider_arn: str, issuer: str, namespace: str, service_account: str) -> str:
    """Trust policy of a role for one Kubernetes service account (IRSA).

    ``issuer`` is the cluster's OIDC issuer without ``https://``. Both ``sub`` and ``aud`` are pinned: without ``sub``
    every pod of the cluster could assume the role, without ``aud`` a token made for another service could.
    """
    return _document(
        {
            "Sid": "ServiceAccountAssumesRole",
            "Effect": "Allow",
            "Principal": {"Federated": provider_arn},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {
                "StringEquals": {
                    f"{issuer}:sub": f"system:serviceaccount:{namespace}:{service_account}",
                    f"{issuer}:aud": STS_AUDIENCE,
                }
            },
        }
    )


def encryption_key(account: AwsAccount, *, log_group: str, for_volumes: bool) -> str:
    """Key policy: the account decides by IAM, CloudWatch Logs may use the key for this one log group.

    Without the second statement ``CreateLogGroup`` fails. With ``for_volumes`` EC2 may use the key as well.
    """
    statements: list[Statement] = [
        {
            "Sid": "AccountDecidesByIam",
            "Effect": "Allow",
            "Principal": {"AWS": account_root(account)},
            "Action": "kms:*",
            "Resource": "*",
        },
        key_for_logs(account, log_group=log_group),
    ]
    if for_volumes:
        statements += key_for_volumes(account)
    return _document(*statements)


def key_for_secrets(account: AwsAccount) -> Statement:
    """What a key that the account's IAM does not decide on needs for the secrets of a cluster.

    EKS looks at the key and makes its grant with the rights of whoever creates the cluster.
    """
    return {
        "Sid": "CreatorsOfClustersGrantTheKeyToEks",
        "Effect": "Allow",
        "Principal": {"AWS": account_root(account)},
        "Action": ["kms:DescribeKey", "kms:CreateGrant"],
        "Resource": "*",
    }


def key_for_logs(account: AwsAccount, *, log_group: str) -> Statement:
    """CloudWatch Logs may use the key, for exactly this log group."""
    return {
        "Sid": "CloudWatchLogsEncryptsTheClusterLogGroup",
        "Effect": "Allow",
        "Principal": {"Service": logs_service(account)},
        "Action": _KEY_USE,
        "Resource": "*",
        "Condition": {"ArnEquals": {LOG_GROUP_CONTEXT: account.log_group_arn(log_group)}},
    }


def key_for_volumes(account: AwsAccount) -> list[Statement]:
    """EC2 may use the key on behalf of callers of this account.

    Naming the Auto Scaling service-linked role instead fails where it does not exist yet.
    """
    through_ec2 = {
        "kms:ViaService": f"ec2.{account.region}.{account.dns_suffix}",
        "kms:CallerAccount": account.account_id,
    }
    return [
        {
            "Sid": "Ec2EncryptsVolumes",
            "Effect": "Allow",
            "Principal": {"AWS": "*"},
            "Action": _KEY_USE,
            "Resource": "*",
            "Condition": {"StringEquals": through_ec2},
        },
        {
            "Sid": "Ec2GrantsVolumesToInstances",
            "Effect": "Allow",
            "Principal": {"AWS": "*"},
            "Action": "kms:CreateGrant",
            "Resource": "*",
            "Condition": {"StringEquals": through_ec2, "Bool": {"kms:GrantIsForAWSResource": "true"}},
        },
    ]


def cluster_autoscaler(account: AwsAccount, *, cluster: str) -> str:
    """What the cluster autoscaler needs: look at everything, change only the groups that belong to this cluster.

    EKS tags the Auto Scaling group of a managed node group with ``k8s.io/cluster-autoscaler/CLUSTER = owned``.
    """
    return _document(
        {
            "Sid": "DescribeGroupsAndInstanceTypes",
            "Effect": "Allow",
            "Action": [
                "autoscaling:DescribeAutoScalingGroups",
                "autoscaling:DescribeAutoScalingInstances",
                "autoscaling:DescribeLaunchConfigurations",
                "autoscaling:DescribeScalingActivities",
                "autoscaling:DescribeTags",
                "ec2:DescribeImages",
                "ec2:DescribeInstanceTypes",
                "ec2:DescribeLaunchTemplateVersions",
                "ec2:GetInstanceTypesFromInstanceRequirements",
            ],
            "Resource": "*",
        },
        {
            "Sid": "ReadLabelsAndTaintsOfNodeGroups",
            "Effect": "Allow",
            "Action": "eks:DescribeNodegroup",
            "Resource": account.node_groups_arn(cluster),
        },
        {
            "Sid": "ScaleGroupsOfThisCluster",
            "Effect": "Allow",
            "Action": ["autoscaling:SetDesiredCapacity", "autoscaling:TerminateInstanceInAutoScalingGroup"],
            "Resource": account.auto_scaling_groups_arn(),
            "Condition": _owned_by(cluster),
        },
    )


def termination_handler(account: AwsAccount, *, cluster: str, queue_arn: str) -> str:
    """What the node termination handler needs in queue mode: its own queue, and to complete lifecycle hooks.

    Its documentation lists more, but since it checks the tags of instances (1.25, pkg/monitor/sqsevent) it asks Auto
    Scaling for nothing.
    """
    return _document(
        {
            "Sid": "ReadItsOwnQueue",
            "Effect": "Allow",
            "Action": ["sqs:ReceiveMessage", "sqs:DeleteMessage"],
            "Resource": queue_arn,
        },
        {
            "Sid": "CompleteLifecycleHooksOfThisCluster",
            "Effect": "Allow",
            "Action": "autoscaling:CompleteLifecycleAction",
            "Resource": account.auto_scaling_groups_arn(),
            "Condition": _owned_by(cluster),
        },
        {
            "Sid": "DescribeInstances",
            "Effect": "Allow",
            "Action": "ec2:DescribeInstances",
            "Resource": "*",
        },
    )


def interruption_queue(*, queue_arn: str, rule_arns: Sequence[str]) -> str:
    """Queue policy: only our EventBridge rules may send, and nobody may speak to the queue without TLS."""
    return _document(
        {
            "Sid": "OurRulesSendEvents",
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": queue_arn,
            "Condition": {"ArnEquals": {"aws:SourceArn": sorted(rule_arns)}},
        },
        {
            "Sid": "NoPlainText",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "sqs:*",
            "Resource": queue_arn,
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        },
    )


def ray_buckets(account: AwsAccount, *, buckets: Sequence[str]) -> str:
    """What Ray's pods need to read and write exactly these buckets, parts of a large upload included."""
    arns = [f"arn:{account.partition}:s3:::{bucket}" for bucket in buckets]
    return _document(
        {
            "Sid": "FindTheirBuckets",
            "Effect": "Allow",
            "Action": ["s3:ListBucket", "s3:GetBucketLocation", "s3:ListBucketMultipartUploads"],
            "Resource": arns,
        },
        {
            "Sid": "ReadAndWriteObjects",
            "Effect": "Allow",
            "Action": [
                "s3:GetObject",
                "s3:PutObject",
                "s3:DeleteObject",
                "s3:AbortMultipartUpload",
                "s3:ListMultipartUploadParts",
            ],
            "Resource": [f"{arn}/*" for arn in arns],
        },
    )


def _owned_by(cluster: str) -> dict[str, dict[str, str]]:
    return {"StringEquals": {f"aws:ResourceTag/k8s.io/cluster-autoscaler/{cluster}": "owned"}}
