"""Faults of the given encryption key."""

import json
from typing import Any

from ray_platform import naming
from simulator.account import Account
from simulator.aws.by_hand import add_given_key
from tests.simulator.aws_by_hand import document, logs_statement, owner_statement
from tests.support.checking import ACCOUNT_ID, CLUSTER, REGION, Fault, Plant, Planted

LOG_GROUP = naming.log_group(CLUSTER)
LOGS = logs_statement(log_group_arn=f"arn:aws:logs:{REGION}:{ACCOUNT_ID}:log-group:{LOG_GROUP}")
KEY_PATH = "security.kmsKeyArn"


def key(*statements: dict[str, Any], **security: Any) -> Plant:
    """Give the stack a key with a policy of these statements."""

    def plant(account: Account) -> Planted:
        arn = add_given_key(account, document(*statements))
        return Planted(config={"security": {"kmsKeyArn": arn, **security}})

    return plant


def disabled_key(account: Account) -> Planted:
    arn = add_given_key(account, document(owner_statement(), LOGS))
    account.client("kms").disable_key(KeyId=arn.rpartition("/")[2])
    return Planted(config={"security": {"kmsKeyArn": arn}})


def key_to_be_deleted(account: Account) -> Planted:
    arn = add_given_key(account, document(owner_statement(), LOGS))
    account.client("kms").schedule_key_deletion(KeyId=arn.rpartition("/")[2])
    return Planted(config={"security": {"kmsKeyArn": arn}})


def key_pair(account: Account) -> Planted:
    made = account.client("kms").create_key(
        KeySpec="RSA_2048", KeyUsage="ENCRYPT_DECRYPT", Policy=document(owner_statement(), LOGS)
    )
    return Planted(config={"security": {"kmsKeyArn": made["KeyMetadata"]["Arn"]}})


FAULTS = (
    Fault(
        name="a key that does not exist",
        code="key-missing",
        where=KEY_PATH,
        config={"security": {"kmsKeyArn": f"arn:aws:kms:{REGION}:{ACCOUNT_ID}:key/none"}},
        evidence=("KMS knows no arn:aws:kms",),
        remedy=("aws kms list-keys --region us-east-1", "pulumi config rm --path 'ray-on-eks:security.kmsKeyArn'"),
    ),
    Fault(
        name="a key that is disabled",
        code="key-state",
        where=KEY_PATH,
        plant=disabled_key,
        evidence=("in the state Disabled",),
        remedy=("aws kms enable-key --key-id arn:aws:kms",),
    ),
    Fault(
        name="a key that is to be deleted",
        code="key-state",
        where=KEY_PATH,
        plant=key_to_be_deleted,
        evidence=("in the state PendingDeletion",),
        remedy=("aws kms cancel-key-deletion --key-id arn:aws:kms", "aws kms enable-key"),
    ),
    Fault(
        name="a key pair",
        code="key-kind",
        where=KEY_PATH,
        plant=key_pair,
        evidence=("RSA_2048",),
        remedy=("aws kms create-key",),
    ),
    Fault(
        name="a key that CloudWatch may not use",
        code="key-policy-logs",
        where=KEY_PATH,
        plant=key(owner_statement()),
        evidence=("logs.us-east-1.amazonaws.com", LOG_GROUP),
        remedy=('"kms:EncryptionContext:aws:logs:arn"', LOG_GROUP, "aws kms put-key-policy --key-id arn:aws:kms"),
    ),
    Fault(
        name="a key that CloudWatch may use for another log group",
        code="key-policy-logs",
        where=KEY_PATH,
        plant=key(owner_statement(), logs_statement()),
        evidence=("logs.us-east-1.amazonaws.com",),
        remedy=(json.dumps(LOGS["Condition"]["ArnEquals"]["kms:EncryptionContext:aws:logs:arn"]),),
    ),
    Fault(
        name="a key that EC2 may not use for volumes",
        code="key-policy-volumes",
        where=KEY_PATH,
        plant=key(owner_statement(), LOGS, encryptVolumesWithKey=True),
        evidence=("volumes of nodes",),
        remedy=('"kms:ViaService": "ec2.us-east-1.amazonaws.com"', "aws kms put-key-policy"),
    ),
)
