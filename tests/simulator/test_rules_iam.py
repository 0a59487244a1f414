"""Roles, their policies, and OIDC providers."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.account.moto_cloud import ClientError
from simulator.account.resource import Refusal
from tests.simulator.aws_by_hand import MANAGED, ByHand, Rejected, document, trust

READ_S3 = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}


def test_names_and_prefixes_longer_than_iam_takes_are_rejected(hand: ByHand) -> None:
    policy = trust("ec2.amazonaws.com")
    hand.make("Role", name="r" * 64, assumeRolePolicy=policy)
    hand.make("Role", namePrefix="r" * 38, assumeRolePolicy=policy)
    with pytest.raises(Rejected, match="1 - 64"):
        hand.make("Role", name="r" * 65, assumeRolePolicy=policy)
    with pytest.raises(Rejected, match="1 - 38"):
        hand.make("Role", namePrefix="r" * 39, assumeRolePolicy=policy)


def test_a_second_role_of_a_name_is_refused(hand: ByHand) -> None:
    hand.role("node", trust("ec2.amazonaws.com"))
    with pytest.raises(ClientError, match="EntityAlreadyExists"):
        hand.role("node", trust("ec2.amazonaws.com"))


@pytest.mark.parametrize(
    "policy",
    [
        pytest.param("{not json", id="not JSON"),
        pytest.param('{"Version": "2012-10-17", "Statement": []}', id="no statement"),
        pytest.param('{"Version": "2024-01-01", "Statement": [{}]}', id="unknown version"),
        pytest.param(document({"Effect": "Allow", "Action": "sts:AssumeRole"}), id="no principal"),
        pytest.param(
            document({"Effect": "allow", "Principal": {"Service": "x"}, "Action": "sts:AssumeRole"}), id="bad effect"
        ),
    ],
)
def test_a_malformed_trust_policy_is_refused(hand: ByHand, policy: str) -> None:
    with pytest.raises(Refusal, match="MalformedPolicyDocument"):
        hand.make("Role", name="node", assumeRolePolicy=policy)


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("a sentence", "Syntax errors in policy"),
        ({"Effect": "Allow", "Resource": "*"}, "must contain actions"),
        ({"Effect": "Allow", "Action": "s3:GetObject"}, "must contain resources"),
        ({"Effect": "Allow", "Action": "GetObject", "Resource": "*"}, "prefaced by a vendor"),
        ({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "my-bucket"}, "must be in ARN format"),
        ({**READ_S3, "Principal": "*"}, "should not specify a principal"),
        ({**READ_S3, "Actions": "s3:*"}, "unknown element"),
    ],
)
def test_a_malformed_inline_policy_is_refused(hand: ByHand, statement: Any, reason: str) -> None:
    hand.role("node", trust("ec2.amazonaws.com"))
    with pytest.raises(Refusal, match=f"MalformedPolicyDocument.*{reason}"):
        hand.make("RolePolicy", name="p", role="node", policy=document(statement))


def test_an_inline_policy_longer_than_iam_takes_is_refused(hand: ByHand) -> None:
    hand.role("node", trust("ec2.amazonaws.com"))
    hand.make("RolePolicy", name="p", role="node", policy=document(READ_S3))
    with pytest.raises(Refusal, match="LimitExceeded"):
        hand.make("RolePolicy", name="q", role="node", policy=document(*[READ_S3] * 200))


def test_the_policies_the_platform_attaches_exist_and_an_invented_one_is_refused(hand: ByHand) -> None:
    hand.role(
        "all",
        trust("ec2.amazonaws.com"),
        "AmazonEBSCSIDriverPolicyV2",
        "AmazonEC2ContainerRegistryPullOnly",
        "AmazonEKSClusterPolicy",
        "AmazonEKSVPCResourceController",
        "AmazonEKSWorkerNodePolicy",
        "AmazonEKS_CNI_Policy",
        "AmazonSSMManagedInstanceCore",
    )
    with pytest.raises(ClientError, match="NoSuchEntity"):
        hand.make("RolePolicyAttachment", role="all", policyArn=f"{MANAGED}AmazonEKSInventedPolicy")


def test_a_role_with_an_attached_policy_cannot_be_deleted(hand: ByHand) -> None:
    hand.role("node", trust("ec2.amazonaws.com"), "AmazonEKSWorkerNodePolicy")
    with pytest.raises(ClientError, match="DeleteConflict"):
        hand.delete("Role", "node")
    hand.delete("RolePolicyAttachment", f"node/{MANAGED}AmazonEKSWorkerNodePolicy")
    hand.delete("Role", "node")


def test_a_role_with_an_inline_policy_cannot_be_deleted_unless_forced(hand: ByHand) -> None:
    hand.make("Role", name="kept", assumeRolePolicy=trust("ec2.amazonaws.com"))
    hand.make("RolePolicy", name="p", role="kept", policy=document(READ_S3))
    hand.make("Role", name="forced", assumeRolePolicy=trust("ec2.amazonaws.com"), forceDetachPolicies=True)
    hand.make("RolePolicy", name="p", role="forced", policy=document(READ_S3))
    with pytest.raises(ClientError, match="DeleteConflict"):
        hand.delete("Role", "kept")
    hand.delete("Role", "forced")


def test_an_oidc_provider_must_be_the_issuer_of_a_cluster(hand: ByHand) -> None:
    cluster = hand.cluster(security_group=hand.security_group())
    with pytest.raises(Refusal, match="Invalid Open ID Connect Provider URL"):
        hand.make("OpenIdConnectProvider", url="http://oidc.example.com", clientIdLists=["sts.amazonaws.com"])
    with pytest.raises(Refusal, match="OpenIdIdpCommunicationError"):
        hand.make("OpenIdConnectProvider", url="https://oidc.example.com/id/1", clientIdLists=["sts.amazonaws.com"])
    provider = hand.oidc_provider(cluster)
    assert len(provider.outputs["thumbprintLists"][0]) == 40
    with pytest.raises(ClientError, match="EntityAlreadyExists"):
        hand.oidc_provider(cluster)
