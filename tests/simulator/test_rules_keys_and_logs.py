"""KMS keys, their aliases, and the log groups they encrypt."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.account.moto_cloud import ClientError
from simulator.account.resource import Refusal
from simulator.aws.by_hand import add_given_key
from tests.simulator.aws_by_hand import (
    CLUSTER,
    LOG_GROUP,
    LOG_GROUP_ARN,
    ByHand,
    Rejected,
    document,
    logs_statement,
    owner_statement,
)

CLOSED_TO_LOGS = "AccessDeniedException: The specified KMS key does not exist or is not allowed to be used with Arn"


def test_a_log_group_with_a_key_that_admits_cloudwatch_for_it_is_made(hand: ByHand) -> None:
    key = hand.make("Key", policy=document(owner_statement(), logs_statement()))
    group = hand.make("LogGroup", name=LOG_GROUP, kmsKeyId=key.outputs["arn"], retentionInDays=7)
    assert group.outputs["kmsKeyId"] == key.outputs["arn"]
    assert group.outputs["arn"] == LOG_GROUP_ARN


@pytest.mark.parametrize(
    "statements",
    [
        pytest.param([], id="no statement for logs: the seed's defect"),
        pytest.param([logs_statement(service="logs.eu-west-1.amazonaws.com")], id="another region's logs"),
        pytest.param([logs_statement(log_group_arn=f"{LOG_GROUP_ARN}-2")], id="another log group"),
        pytest.param([logs_statement(Action=["kms:Decrypt*", "kms:Describe*"])], id="reading only"),
        pytest.param([logs_statement(), logs_statement(Effect="Deny")], id="a deny beside the allow"),
        pytest.param(
            [logs_statement(Condition={"StringEquals": {"kms:EncryptionContext:aws:logs:arn": f"{LOG_GROUP_ARN}:*"}})],
            id="the ARN with the star of its log streams",
        ),
    ],
)
def test_a_log_group_with_a_key_that_does_not_admit_cloudwatch_is_refused(
    hand: ByHand, statements: list[dict[str, Any]]
) -> None:
    key = hand.make("Key", policy=document(owner_statement(), *statements))
    with pytest.raises(Refusal, match=CLOSED_TO_LOGS):
        hand.make("LogGroup", name=LOG_GROUP, kmsKeyId=key.outputs["arn"])


@pytest.mark.parametrize(
    "condition",
    [
        {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": "arn:aws:logs:us-east-1:123456789012:log-group:/aws/eks/*"}},
        {"ArnEquals": {"kms:EncryptionContext:aws:logs:arn": ["arn:aws:logs:*:*:log-group:other", LOG_GROUP_ARN]}},
        {},
    ],
)
def test_a_wider_condition_admits_cloudwatch_too(hand: ByHand, condition: dict[str, Any]) -> None:
    key = hand.make("Key", policy=document(owner_statement(), logs_statement(Condition=condition)))
    group = hand.make("LogGroup", name=LOG_GROUP, kmsKeyId=key.outputs["arn"])
    assert group.outputs["kmsKeyId"] == key.outputs["arn"]


def test_a_given_key_is_judged_like_one_of_ours(hand: ByHand) -> None:
    closed = add_given_key(hand.account, document(owner_statement()))
    opened = add_given_key(hand.account, document(owner_statement(), logs_statement()))
    with pytest.raises(Refusal, match=CLOSED_TO_LOGS):
        hand.make("LogGroup", name=LOG_GROUP, kmsKeyId=closed)
    hand.make("LogGroup", name=LOG_GROUP, kmsKeyId=opened)


def test_a_log_group_with_a_key_that_is_missing_or_disabled_is_refused(hand: ByHand) -> None:
    key = hand.make("Key", policy=document(owner_statement(), logs_statement()), isEnabled=False)
    for arn in (key.outputs["arn"], "arn:aws:kms:us-east-1:123456789012:key/00000000-0000-0000-0000-000000000000"):
        with pytest.raises(Refusal, match=CLOSED_TO_LOGS):
            hand.make("LogGroup", name=LOG_GROUP, kmsKeyId=arn)


def test_a_key_that_is_put_on_a_log_group_later_is_judged_as_well(hand: ByHand) -> None:
    group = hand.make("LogGroup", name=LOG_GROUP)
    closed = hand.make("Key", policy=document(owner_statement()))
    with pytest.raises(Refusal, match=CLOSED_TO_LOGS):
        hand.update("LogGroup", group.id, kmsKeyId=closed.outputs["arn"])


@pytest.mark.parametrize("days", [2, 15, -1])
def test_a_retention_outside_the_set_of_cloudwatch_is_rejected(hand: ByHand, days: int) -> None:
    with pytest.raises(Rejected, match="retentionInDays"):
        hand.make("LogGroup", name="any", retentionInDays=days)


def test_a_second_log_group_or_alias_of_a_name_is_refused(hand: ByHand) -> None:
    key = hand.make("Key")
    hand.make("LogGroup", name="any")
    hand.make("Alias", name="alias/eks/ray", targetKeyId=key.id)
    with pytest.raises(ClientError, match="ResourceAlreadyExists"):
        hand.make("LogGroup", name="any")
    with pytest.raises(ClientError, match="AlreadyExists"):
        hand.make("Alias", name="alias/eks/ray", targetKeyId=key.id)


@pytest.mark.parametrize("name", ["eks/ray", "alias/aws/ray", "alias/with space", "alias/" + "x" * 251])
def test_an_alias_outside_the_rules_of_kms_is_rejected(hand: ByHand, name: str) -> None:
    key = hand.make("Key")
    with pytest.raises(Rejected, match=r"alias|name"):
        hand.make("Alias", name=name, targetKeyId=key.id)


@pytest.mark.parametrize("days", [6, 31])
def test_a_deletion_window_outside_7_to_30_days_is_rejected(hand: ByHand, days: int) -> None:
    with pytest.raises(Rejected, match="deletionWindowInDays"):
        hand.make("Key", deletionWindowInDays=days)


def test_a_key_policy_that_locks_its_owner_out_is_refused(hand: ByHand) -> None:
    with pytest.raises(Refusal, match="will not allow you to update the key policy in the future"):
        hand.make("Key", policy=document(logs_statement()))


@pytest.mark.parametrize("policy", ["{", '{"Version": "2012-10-17"}', document({"Effect": "Allow", "Action": "kms:*"})])
def test_a_malformed_key_policy_is_refused(hand: ByHand, policy: str) -> None:
    with pytest.raises(Refusal, match="MalformedPolicyDocumentException"):
        hand.make("Key", policy=policy)


def test_a_deleted_key_waits_for_its_window_and_is_gone_for_pulumi(hand: ByHand) -> None:
    key = hand.make("Key", deletionWindowInDays=30)
    hand.delete("Key", key.id)
    state = hand.account.client("kms").describe_key(KeyId=key.id)["KeyMetadata"]
    assert state["KeyState"] == "PendingDeletion"
    assert not hand.account.records(key.outputs["arn"])


def test_a_protected_log_group_cannot_be_deleted(hand: ByHand) -> None:
    group = hand.make("LogGroup", name="any", deletionProtectionEnabled=True)
    with pytest.raises(Refusal, match="deletion protection enabled"):
        hand.delete("LogGroup", group.id)


def test_a_log_group_that_is_not_to_be_destroyed_stays_in_the_account(hand: ByHand) -> None:
    group = hand.make("LogGroup", name="any", skipDestroy=True)
    hand.delete("LogGroup", group.id)
    assert len(hand.account.client("logs").describe_log_groups()["logGroups"]) == 1


def test_eks_makes_the_log_group_again_when_it_goes_before_the_cluster(hand: ByHand) -> None:
    group = hand.make("LogGroup", name=LOG_GROUP, retentionInDays=7)
    hand.cluster(security_group=hand.security_group(), enabledClusterLogTypes=["api", "audit"])
    hand.delete("LogGroup", group.id)
    left = hand.account.client("logs").describe_log_groups()["logGroups"]
    assert [(each["logGroupName"], each.get("retentionInDays")) for each in left] == [(LOG_GROUP, None)]


def test_the_log_group_stays_away_when_it_goes_after_the_cluster(hand: ByHand) -> None:
    group = hand.make("LogGroup", name=LOG_GROUP)
    hand.cluster(security_group=hand.security_group(), enabledClusterLogTypes=["api"])
    hand.delete("Cluster", CLUSTER)
    hand.delete("LogGroup", group.id)
    assert hand.account.client("logs").describe_log_groups()["logGroups"] == []


def test_a_cluster_that_logs_makes_its_log_group_when_there_is_none(hand: ByHand) -> None:
    hand.cluster(security_group=hand.security_group(), enabledClusterLogTypes=["api"])
    with pytest.raises(ClientError, match="ResourceAlreadyExists"):
        hand.make("LogGroup", name=LOG_GROUP)
