"""The two IAM roles of a pipeline: who may assume them, and the least that `ray-platform` does with each.

`python -m ray_platform.pipeline_roles FOLDER --account-id …` writes the documents for an account; docs/pipelines.md
says what to do with them. With no option they are those of examples/pipelines.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import click

Statement = dict[str, Any]

ISSUER: Final = "token.actions.githubusercontent.com"
PROJECT: Final = "ray-on-eks"
"""The platform's tag `Project`, by which EC2's and KMS's rights are narrowed: their resources have no names of ours."""

# What `ray-platform check` asks, with the calls of `survey` and `costs`.
SURVEY_READS: Final = (
    *("ec2:DescribeInstanceTypeOfferings", "ec2:DescribeInstanceTypes", "ec2:DescribeInstances"),
    *("ec2:DescribeNatGateways", "ec2:DescribeNetworkInterfaces", "ec2:DescribeRouteTables"),
    *("ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcAttribute"),
    *("ec2:DescribeVpcEndpoints", "ec2:DescribeVpcs", "ec2:GetManagedPrefixListEntries"),
    *("ec2:GetSubnetCidrReservations", "eks:DescribeAddon", "eks:DescribeAddonVersions", "eks:DescribeCluster"),
    *("eks:DescribeNodegroup", "eks:ListAccessEntries", "eks:ListAddons", "eks:ListNodegroups"),
    *("iam:GetRole", "iam:GetUser", "kms:DescribeKey", "kms:GetKeyPolicy", "kms:ListAliases"),
    *("logs:DescribeLogGroups", "pricing:GetProducts", "servicequotas:GetAWSDefaultServiceQuota"),
    *("servicequotas:GetServiceQuota", "sqs:ListQueues", "sts:GetCallerIdentity"),
)

# Resource or function of the provider -> what it asks AWS for it. From the read functions of the AWS provider for
# Terraform, which Pulumi's stands on, as its documentation and the services' API references have them (2026-11-23).
PROVIDER_READS: Final[Mapping[str, tuple[str, ...]]] = {
    "aws:autoscaling/tag:Tag": ("autoscaling:DescribeTags",),
    "aws:budgets/budget:Budget": ("budgets:ListTagsForResource", "budgets:ViewBudget"),
    "aws:cloudwatch/eventRule:EventRule": ("events:DescribeRule", "events:ListTagsForResource"),
    "aws:cloudwatch/eventTarget:EventTarget": ("events:ListTargetsByRule",),
    "aws:cloudwatch/logGroup:LogGroup": ("logs:DescribeLogGroups", "logs:ListTagsForResource"),
    "aws:ec2/launchTemplate:LaunchTemplate": ("ec2:DescribeLaunchTemplateVersions", "ec2:DescribeLaunchTemplates"),
    "aws:ec2/securityGroup:SecurityGroup": ("ec2:DescribeSecurityGroups",),
    "aws:eks/accessEntry:AccessEntry": ("eks:DescribeAccessEntry",),
    "aws:eks/accessPolicyAssociation:AccessPolicyAssociation": ("eks:ListAssociatedAccessPolicies",),
    "aws:eks/addon:Addon": ("eks:DescribeAddon",),
    "aws:eks/cluster:Cluster": ("eks:DescribeCluster",),
    "aws:eks/nodeGroup:NodeGroup": ("eks:DescribeNodegroup",),
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": ("iam:GetOpenIDConnectProvider",),
    "aws:iam/role:Role": ("iam:GetRole", "iam:GetRolePolicy", "iam:ListAttachedRolePolicies", "iam:ListRolePolicies"),
    "aws:iam/rolePolicy:RolePolicy": ("iam:GetRolePolicy",),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": ("iam:ListAttachedRolePolicies",),
    "aws:kms/alias:Alias": ("kms:ListAliases",),
    "aws:kms/key:Key": ("kms:DescribeKey", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:ListResourceTags"),
    "aws:sqs/queue:Queue": ("sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:ListQueueTags"),
    "aws:sqs/queuePolicy:QueuePolicy": ("sqs:GetQueueAttributes",),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": ("ec2:DescribeSecurityGroupRules",),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": ("ec2:DescribeSecurityGroupRules",),
    "aws.ec2.get_instance_type": ("ec2:DescribeInstanceTypes",),
    "aws.ec2.get_instance_type_offerings": ("ec2:DescribeInstanceTypeOfferings",),
    "aws.ec2.get_managed_prefix_list": ("ec2:DescribeManagedPrefixLists", "ec2:GetManagedPrefixListEntries"),
    "aws.ec2.get_route_table": ("ec2:DescribeRouteTables",),
    "aws.ec2.get_route_tables": ("ec2:DescribeRouteTables",),
    "aws.ec2.get_subnet": ("ec2:DescribeSubnets",),
    "aws.ec2.get_vpc": ("ec2:DescribeRouteTables", "ec2:DescribeVpcAttribute", "ec2:DescribeVpcs"),
    "aws.eks.get_addon_version": ("eks:DescribeAddonVersions",),
    "aws.eks.get_cluster": ("eks:DescribeCluster",),
    "aws.get_caller_identity": ("sts:GetCallerIdentity",),
    "aws.get_partition": (),
}

# The policies of AWS's own that the platform attaches to its roles; no other can be attached.
ATTACHED_POLICIES: Final = (
    *("AmazonEC2ContainerRegistryPullOnly", "AmazonEKSClusterPolicy", "AmazonEKSVPCResourceController"),
    *("AmazonEKSWorkerNodePolicy", "AmazonEKS_CNI_Policy", "AmazonSSMManagedInstanceCore"),
    "AmazonEBSCSIDriverPolicyV2",
)
# EKS user guide, "Using service-linked roles"; the two others are those of the instances.
SERVICE_LINKED: Final = ("eks", "eks-nodegroup", "autoscaling", "spot")


@dataclass(frozen=True, kw_only=True)
class Pipeline:
    """One stack's pipeline. The defaults are the example's.

    ``repository`` is as GitHub's tokens name it, for a new one with ids: ``OWNER@1/REPOSITORY@2``. ``bucket`` and
    ``secrets_key`` are where Pulumi keeps its state and the key that encrypts the secrets in it.
    """

    repository: str = "OWNER/REPOSITORY"
    environment: str = "dev"
    account_id: str = "123456789012"
    partition: str = "aws"
    region: str = "us-east-1"
    cluster: str = "ray-dev"
    bucket: str = "example-pulumi-state"
    secrets_key: str = "00000000-0000-0000-0000-000000000000"

    def arn(self, service: str, resource: str) -> str:
        return f"arn:{self.partition}:{service}:{self.region}:{self.account_id}:{resource}"

    def iam(self, resource: str) -> str:
        return f"arn:{self.partition}:iam::{self.account_id}:{resource}"


def documents(pipeline: Pipeline) -> dict[str, str]:
    """File name -> text. The applying role takes both policies: it reads before it changes."""
    contents = {
        "read-trust": [_trust(pipeline, "pull_request", "ref:refs/heads/main")],
        "read-policy": _read(pipeline),
        "apply-trust": [_trust(pipeline, f"environment:{pipeline.environment}")],
        "apply-policy": _apply(pipeline),
    }
    return {
        f"{name}.json": json.dumps({"Version": "2012-10-17", "Statement": statements}, indent=2) + "\n"
        for name, statements in contents.items()
    }


def _trust(pipeline: Pipeline, *subjects: str) -> Statement:
    """GitHub's tokens of this repository alone, and of it only those with one of these subjects, word for word."""
    return {
        "Sid": "GitHubActionsAssumesRole",
        "Effect": "Allow",
        "Principal": {"Federated": pipeline.iam(f"oidc-provider/{ISSUER}")},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {
            "StringEquals": {
                f"{ISSUER}:aud": "sts.amazonaws.com",
                f"{ISSUER}:sub": [f"repo:{pipeline.repository}:{subject}" for subject in subjects],
            }
        },
    }


def _read(at: Pipeline) -> list[Statement]:
    """What `check`, `preview` and `drift` do. All of them describe; none reads what is kept in a queue or a log."""
    reads = {*SURVEY_READS, *(action for actions in PROVIDER_READS.values() for action in actions)}
    bucket = f"arn:{at.partition}:s3:::{at.bucket}"
    return [
        _allow("Describe", reads, "*"),
        _allow("ListState", ["s3:ListBucket"], bucket),
        _allow("ReadState", ["s3:GetObject"], f"{bucket}/.pulumi/*"),
        _allow("ReadSecretsOfState", ["kms:Decrypt"], at.arn("kms", f"key/{at.secrets_key}")),
    ]


def _apply(at: Pipeline) -> list[Statement]:
    """What `up` and `destroy` do beyond reading, on what carries the cluster's name or the platform's tag."""
    return [*_state(at), *_cluster(at), *_roles(at), *_network(at), *_key(at), *_services(at)]


def _state(at: Pipeline) -> list[Statement]:
    return [
        _allow("WriteState", ["s3:DeleteObject", "s3:PutObject"], f"arn:{at.partition}:s3:::{at.bucket}/.pulumi/*"),
        _allow("WriteSecretsOfState", ["kms:Encrypt"], at.arn("kms", f"key/{at.secrets_key}")),
    ]


def _cluster(at: Pipeline) -> list[Statement]:
    kinds = ("Cluster", "Nodegroup", "Addon", "AccessEntry")
    actions = [
        *(f"eks:{verb}{kind}" for kind in kinds for verb in ("Create", "Delete")),
        *("eks:UpdateClusterConfig", "eks:UpdateClusterVersion", "eks:UpdateNodegroupConfig"),
        *("eks:UpdateNodegroupVersion", "eks:UpdateAddon", "eks:UpdateAccessEntry", "eks:AssociateAccessPolicy"),
        *("eks:DisassociateAccessPolicy", "eks:AssociateEncryptionConfig", "eks:DescribeUpdate"),
        *("eks:TagResource", "eks:UntagResource"),
    ]
    resources = [at.arn("eks", f"{kind}/{at.cluster}/*") for kind in ("nodegroup", "addon", "access-entry")]
    resources.append(at.arn("eks", f"cluster/{at.cluster}"))
    return [_allow("Cluster", actions, *resources)]


def _roles(at: Pipeline) -> list[Statement]:
    role = at.iam(f"role/{at.cluster}-*")
    attached = [f"arn:{at.partition}:iam::aws:policy/{name}" for name in ATTACHED_POLICIES]
    return [
        _allow(
            "Roles",
            [
                *("iam:CreateRole", "iam:DeleteRole", "iam:DeleteRolePolicy", "iam:ListInstanceProfilesForRole"),
                *("iam:PutRolePolicy", "iam:TagRole", "iam:UntagRole", "iam:UpdateAssumeRolePolicy"),
                *("iam:UpdateRole", "iam:UpdateRoleDescription"),
            ],
            role,
        ),
        _allow(
            "OnlyThesePolicies",
            ["iam:AttachRolePolicy", "iam:DetachRolePolicy"],
            role,
            ArnEquals={"iam:PolicyARN": attached},
        ),
        _allow("OnlyToEks", ["iam:PassRole"], role, StringEquals={"iam:PassedToService": "eks.amazonaws.com"}),
        _allow(
            "IssuerOfTheCluster",
            [f"iam:{verb}OpenIDConnectProvider" for verb in ("Create", "Delete", "Tag", "Untag")]
            + ["iam:AddClientIDToOpenIDConnectProvider", "iam:RemoveClientIDFromOpenIDConnectProvider"]
            + ["iam:UpdateOpenIDConnectProviderThumbprint"],
            at.iam(f"oidc-provider/oidc.eks.{at.region}.*"),
        ),
        _allow(
            "ServiceLinkedRoles",
            ["iam:CreateServiceLinkedRole"],
            at.iam("role/aws-service-role/*"),
            StringEquals={"iam:AWSServiceName": [f"{name}.amazonaws.com" for name in SERVICE_LINKED]},
        ),
    ]


def _network(at: Pipeline) -> list[Statement]:
    groups, rules, templates = (
        at.arn("ec2", f"{kind}/*") for kind in ("security-group", "security-group-rule", "launch-template")
    )
    changes = [
        *("ec2:AuthorizeSecurityGroupEgress", "ec2:AuthorizeSecurityGroupIngress", "ec2:DeleteSecurityGroup"),
        *("ec2:ModifySecurityGroupRules", "ec2:RevokeSecurityGroupEgress", "ec2:RevokeSecurityGroupIngress"),
        *("ec2:CreateLaunchTemplateVersion", "ec2:DeleteLaunchTemplate", "ec2:ModifyLaunchTemplate"),
        *("ec2:CreateTags", "ec2:DeleteTags"),
    ]
    creations = ["CreateSecurityGroup", "CreateLaunchTemplate", "RunInstances"]
    creations += ["AuthorizeSecurityGroupEgress", "AuthorizeSecurityGroupIngress"]
    return [
        _allow(
            "NewGroupsAndTemplates",
            ["ec2:CreateLaunchTemplate", "ec2:CreateSecurityGroup"],
            *(groups, templates, at.arn("ec2", "vpc/*")),
        ),
        _allow("OwnGroupsAndTemplates", changes, groups, rules, templates, **_own("Resource")),
        _allow(
            "NewRules",
            ["ec2:AuthorizeSecurityGroupEgress", "ec2:AuthorizeSecurityGroupIngress"],
            rules,
            **_own("Request"),
        ),
        _allow(
            "TagsOfWhatIsNew",
            ["ec2:CreateTags"],
            at.arn("ec2", "*/*"),
            StringEquals={"ec2:CreateAction": creations},
        ),
        # EKS refuses a node group whose creator may not start instances from its launch template: "You are not
        # authorized to launch instances with this launch template" (scylladb/scylla-cluster-tests#12172).
        _allow("InstancesOfATemplate", ["ec2:RunInstances"], "*", ArnLike={"ec2:LaunchTemplate": templates}),
    ]


def _key(at: Pipeline) -> list[Statement]:
    keys = at.arn("kms", "key/*")
    alias = at.arn("kms", f"alias/eks/{at.cluster}")
    own = ["kms:CancelKeyDeletion", "kms:CreateGrant", "kms:EnableKeyRotation", "kms:PutKeyPolicy"]
    own += ["kms:ScheduleKeyDeletion", "kms:UntagResource", "kms:UpdateKeyDescription"]
    aliases = ["kms:CreateAlias", "kms:DeleteAlias", "kms:UpdateAlias"]
    return [
        _allow("NewKey", ["kms:CreateKey", "kms:TagResource"], "*", **_own("Request")),
        _allow("OwnKey", [*own, *aliases], keys, **_own("Resource")),
        _allow("AliasOfTheKey", aliases, alias),
    ]


def _services(at: Pipeline) -> list[Statement]:
    logs = [f"logs:{each}" for each in ("AssociateKmsKey", "CreateLogGroup", "DeleteLogGroup", "DisassociateKmsKey")]
    logs += [f"logs:{each}" for each in ("PutRetentionPolicy", "DeleteRetentionPolicy", "TagResource", "UntagResource")]
    queue = [f"sqs:{each}" for each in ("CreateQueue", "DeleteQueue", "SetQueueAttributes", "TagQueue", "UntagQueue")]
    rules = [f"events:{each}" for each in ("PutRule", "DeleteRule", "PutTargets", "RemoveTargets")]
    rules += ["events:TagResource", "events:UntagResource"]
    groups = f"autoScalingGroup:*:autoScalingGroupName/eks-{at.cluster}-*"
    budget = ["budgets:ModifyBudget", "budgets:TagResource", "budgets:UntagResource"]
    return [
        _allow("Logs", logs, at.arn("logs", f"log-group:/aws/eks/{at.cluster}/*")),
        _allow("Queue", queue, at.arn("sqs", f"{at.cluster}-*")),
        _allow("Rules", rules, at.arn("events", f"rule/{at.cluster}-*")),
        _allow(
            "TagsOfScalingGroups",
            ["autoscaling:CreateOrUpdateTags", "autoscaling:DeleteTags"],
            at.arn("autoscaling", groups),
        ),
        _allow("Budget", budget, f"arn:{at.partition}:budgets::{at.account_id}:budget/{at.cluster}-*"),
    ]


def _own(of: str) -> dict[str, dict[str, str]]:
    return {"StringEquals": {f"aws:{of}Tag/Project": PROJECT}}


def _allow(sid: str, actions: Iterable[str], *resources: str, **conditions: Mapping[str, Any]) -> Statement:
    statement: Statement = {"Sid": sid, "Effect": "Allow", "Action": sorted(actions)}
    statement["Resource"] = resources[0] if len(resources) == 1 else list(resources)
    return statement | ({"Condition": conditions} if conditions else {})


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--repository", default=Pipeline.repository, show_default=True, help="As GitHub's tokens name it.")
@click.option("--environment", default=Pipeline.environment, show_default=True, help="GitHub environment that applies.")
@click.option("--account-id", default=Pipeline.account_id, show_default=True)
@click.option("--partition", default=Pipeline.partition, show_default=True)
@click.option("--region", default=Pipeline.region, show_default=True)
@click.option("--cluster", default=Pipeline.cluster, show_default=True, help="cluster.name of the stack.")
@click.option("--bucket", default=Pipeline.bucket, show_default=True, help="S3 bucket of Pulumi's state.")
@click.option(
    "--secrets-key", default=Pipeline.secrets_key, show_default=True, help="Id of the KMS key of its secrets."
)
def main(folder: Path, **given: str) -> None:
    """Write the trust and permission policies of a pipeline's two roles into FOLDER."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in documents(Pipeline(**given)).items():
        (folder / name).write_text(text, encoding="utf-8")
        click.echo(str(folder / name))


if __name__ == "__main__":
    main()
