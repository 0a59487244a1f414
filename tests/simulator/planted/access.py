"""Faults of the tools, of access and rights, and of names that are taken."""

from typing import Any

from ray_platform import naming
from ray_platform.checks.facts import Machine
from simulator.account import Account
from tests.simulator.planted.key import LOG_GROUP
from tests.simulator.planted.releases import cluster
from tests.support.checking import ACCOUNT_ID, CLUSTER, REGION, Fault, Planted

NOBODY = f"arn:aws:iam::{ACCOUNT_ID}:role/nobody"
SOUND: dict[str, Any] = {
    "pulumi": "3.259.0",
    "aws_cli": "2.31.0",
    "kubectl": "1.35.0",
    "addresses": ("10.0.0.250",),
}


def machine(**changes: Any) -> Machine:
    return Machine(**{**SOUND, **changes})


def left_log_group(account: Account) -> None:
    account.client("logs").create_log_group(logGroupName=LOG_GROUP)


def left_alias(account: Account) -> None:
    kms = account.client("kms")
    kms.create_alias(AliasName=naming.key_alias(CLUSTER), TargetKeyId=kms.create_key()["KeyMetadata"]["KeyId"])


def left_queue(account: Account) -> Planted:
    made = account.client("sqs").create_queue(QueueName=f"{CLUSTER}-interruption-0a1b2c3")
    return Planted(where=made["QueueUrl"])


FAULTS = (
    Fault(
        name="no Pulumi",
        code="tool-pulumi",
        where="pulumi",
        machine=machine(pulumi=None),
        evidence=("not on PATH",),
        remedy=("https://www.pulumi.com/docs/install/",),
    ),
    Fault(
        name="an old Pulumi",
        code="tool-pulumi",
        where="pulumi",
        severity="warning",
        machine=machine(pulumi="3.100.0"),
        evidence=("The CLI is 3.100.0",),
        remedy=("https://www.pulumi.com/docs/install/",),
    ),
    Fault(
        name="no AWS CLI",
        code="tool-aws-cli",
        where="aws",
        machine=machine(aws_cli=None),
        evidence=("not on PATH",),
        remedy=("Install version 2: https://docs.aws.amazon.com/cli/",),
    ),
    Fault(
        name="an old AWS CLI",
        code="tool-aws-cli",
        where="aws",
        machine=machine(aws_cli="1.16.0"),
        evidence=("The AWS CLI is 1.16.0",),
        remedy=("Install version 2",),
    ),
    Fault(
        name="no kubectl",
        code="tool-kubectl",
        where="kubectl",
        severity="note",
        machine=machine(kubectl=None),
        evidence=("not on PATH",),
        remedy=("Install version 1.35",),
    ),
    Fault(
        name="an old kubectl",
        code="tool-kubectl",
        where="kubectl",
        severity="warning",
        machine=machine(kubectl="1.31.4"),
        evidence=("kubectl is 1.31.4, the cluster 1.35",),
        remedy=("Install version 1.35",),
    ),
    Fault(
        name="a machine outside the VPC",
        code="endpoint-reach",
        where="cluster.endpointPublicAccess",
        severity="warning",
        machine=machine(addresses=("192.168.1.20",)),
        evidence=("This machine has 192.168.1.20; the VPC is 10.0.0.0/16",),
        remedy=("pulumi config set --path 'ray-on-eks:cluster.endpointPublicAccess' true", "publicAccessCidrs[0]"),
    ),
    Fault(
        name="a cluster out of reach",
        code="endpoint-reach",
        where="cluster.endpointPublicAccess",
        plant=cluster(),
        machine=machine(addresses=("192.168.1.20",), reaches_endpoint=False),
        evidence=("eks.amazonaws.com takes no connection from 192.168.1.20",),
        remedy=("aws eks update-cluster-config --name ray-dev", "endpointPublicAccess=true"),
    ),
    Fault(
        name="a cluster that does not know the caller",
        code="caller-access",
        where=CLUSTER,
        plant=cluster(creator=False),
        evidence=(f"You are arn:aws:iam::{ACCOUNT_ID}:user/moto", "for nobody"),
        remedy=(
            f"aws eks create-access-entry --cluster-name ray-dev --region {REGION} --principal-arn "
            f"arn:aws:iam::{ACCOUNT_ID}:user/moto",
            "aws eks associate-access-policy",
        ),
    ),
    Fault(
        name="an access entry for a role that does not exist",
        code="access-entry-principal",
        where="cluster.accessEntries.team.principalArn",
        config={"cluster": {"accessEntries": {"team": {"principalArn": NOBODY}}}},
        evidence=(f"IAM knows no {NOBODY}",),
        remedy=("aws iam list-roles", "pulumi config set --path 'ray-on-eks:cluster.accessEntries.team.principalArn'"),
    ),
    Fault(
        name="no credentials",
        code="credentials",
        where="aws.region",
        denied=("sts:GetCallerIdentity",),
        evidence=("AccessDenied: You are not authorized to perform: sts:GetCallerIdentity",),
        remedy=("AWS_PROFILE", "aws sts get-caller-identity --region us-east-1"),
    ),
    Fault(
        name="route tables that may not be read",
        code="unread",
        where="ec2:DescribeRouteTables",
        severity="note",
        denied=("ec2:DescribeRouteTables",),
        evidence=("the way out of the subnets", "not authorized"),
        remedy=("Allow ec2:DescribeRouteTables",),
    ),
    Fault(
        name="network policies that nobody enforces",
        code="config-doubt",
        where="addons.vpcCni.networkPolicy",
        severity="warning",
        config={"addons": {"vpcCni": {"networkPolicy": False}}},
        evidence=("addons.vpcCni.networkPolicy is false",),
        remedy=("pulumi config set --path 'ray-on-eks:addons.vpcCni.networkPolicy' true",),
    ),
    Fault(
        name="a cluster of the same name",
        code="cluster-name-taken",
        where="cluster.name",
        plant=cluster(own=False),
        evidence=("EKS has a cluster ray-dev in us-east-1",),
        remedy=("pulumi config set --path 'ray-on-eks:cluster.name' ray-dev-2",),
    ),
    Fault(
        name="a log group left over",
        code="left-over",
        where=LOG_GROUP,
        plant=left_log_group,
        evidence=(f"{LOG_GROUP} exists in us-east-1",),
        remedy=(
            f'"type": "aws:cloudwatch/logGroup:LogGroup", "name": "ray-dev-logs", "id": "{LOG_GROUP}"',
            f"aws logs delete-log-group --log-group-name {LOG_GROUP} --region us-east-1",
        ),
    ),
    Fault(
        name="a key alias left over",
        code="left-over",
        where="alias/eks/ray-dev",
        plant=left_alias,
        evidence=("alias/eks/ray-dev exists",),
        remedy=(
            '"type": "aws:kms/alias:Alias", "name": "ray-dev-key-alias"',
            "aws kms delete-alias --alias-name alias/eks/ray-dev --region us-east-1",
        ),
    ),
    Fault(
        name="a queue left over",
        code="left-over",
        severity="note",
        plant=left_queue,
        evidence=("HERE exists in us-east-1",),
        remedy=("aws sqs delete-queue --queue-url HERE --region us-east-1",),
    ),
)
