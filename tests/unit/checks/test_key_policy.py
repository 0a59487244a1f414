"""The evaluator of key policies, on our own policy and on what others write."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from ray_platform import policies
from ray_platform.checks.key_policy import Request, allows, denials
from tests.unit.checks.cases import ACCOUNT, ACCOUNT_ID

LOG_GROUP = "/aws/eks/ray-prod/cluster"
KEY_ARN = f"arn:aws:kms:us-east-1:{ACCOUNT_ID}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
OTHER_ACCOUNT = "210987654321"
ROLE = f"arn:aws:iam::{ACCOUNT_ID}:role/teams/ml/builder"
SESSION = f"arn:aws:sts::{ACCOUNT_ID}:assumed-role/builder/alice"
USER = f"arn:aws:iam::{ACCOUNT_ID}:user/alice"

OURS = json.loads(policies.encryption_key(ACCOUNT, log_group=LOG_GROUP, for_volumes=True))


def allow(**elements: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*", **elements}


def deny(**elements: Any) -> dict[str, Any]:
    return allow(**{"Effect": "Deny", **elements})


def document(*statements: Mapping[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def request(principal: str = ROLE, action: str = "kms:Decrypt", *, resource: str = "*", **context: str) -> Request:
    """Context keys with ``_`` for ``:``, as ``kms_ViaService``."""
    keys = {key.replace("_", ":"): value for key, value in context.items()}
    return Request(principal=principal, action=action, context=keys, resource=resource)


def passes(condition: Mapping[str, Any], **context: str) -> bool:
    return allows(document(allow(Condition=condition)), request(**context))


def from_cloudwatch(log_group: str, *, region: str = "us-east-1", action: str = "kms:Encrypt") -> Request:
    return Request(
        principal=f"logs.{region}.amazonaws.com",
        action=action,
        context={policies.LOG_GROUP_CONTEXT: ACCOUNT.log_group_arn(log_group)},
    )


def through_ec2(account_id: str, action: str, *, region: str = "us-east-1", **context: str) -> Request:
    return Request(
        principal=f"arn:aws:iam::{account_id}:role/anybody",
        action=action,
        context={"kms:ViaService": f"ec2.{region}.amazonaws.com", "kms:CallerAccount": account_id, **context},
    )


@pytest.mark.parametrize("action", ["Encrypt", "Decrypt", "ReEncryptFrom", "ReEncryptTo", "GenerateDataKey"])
def test_cloudwatch_may_use_our_key_for_our_log_group_and_for_no_other(action: str) -> None:
    assert allows(OURS, from_cloudwatch(LOG_GROUP, action=f"kms:{action}"))
    for other in ("/aws/eks/ray-dev/cluster", f"{LOG_GROUP}-2", "*"):
        assert not allows(OURS, from_cloudwatch(other, action=f"kms:{action}"))


def test_cloudwatch_of_another_region_and_other_services_may_not_use_our_key() -> None:
    assert not allows(OURS, from_cloudwatch(LOG_GROUP, region="eu-west-1"))
    assert not allows(OURS, request("sqs.amazonaws.com", "kms:Decrypt"))


def test_cloudwatch_may_not_govern_our_key() -> None:
    for action in ("kms:ScheduleKeyDeletion", "kms:PutKeyPolicy", "kms:CreateGrant"):
        assert not allows(OURS, from_cloudwatch(LOG_GROUP, action=action))


def test_ec2_may_use_our_key_for_callers_of_our_account_and_of_no_other() -> None:
    for action in ("kms:Decrypt", "kms:GenerateDataKeyWithoutPlaintext", "kms:DescribeKey"):
        assert allows(OURS, through_ec2(ACCOUNT_ID, action), by_iam=False)
        assert not allows(OURS, through_ec2(OTHER_ACCOUNT, action))
        assert not allows(OURS, through_ec2(ACCOUNT_ID, action, region="eu-west-1"), by_iam=False)


def test_ec2_may_grant_our_key_to_instances_and_to_nobody_else() -> None:
    for_instance = {"kms:GrantIsForAWSResource": "true"}

    assert allows(OURS, through_ec2(ACCOUNT_ID, "kms:CreateGrant", **for_instance), by_iam=False)
    assert not allows(OURS, through_ec2(ACCOUNT_ID, "kms:CreateGrant"), by_iam=False)
    assert not allows(OURS, through_ec2(OTHER_ACCOUNT, "kms:CreateGrant", **for_instance))


def test_without_volumes_ec2_may_not_use_our_key() -> None:
    without = json.loads(policies.encryption_key(ACCOUNT, log_group=LOG_GROUP, for_volumes=False))

    assert not allows(without, through_ec2(ACCOUNT_ID, "kms:Decrypt"), by_iam=False)


def test_the_iam_of_our_account_decides_on_our_key_and_of_no_other_account() -> None:
    govern = "kms:PutKeyPolicy"

    assert allows(OURS, request(ROLE, govern)) and allows(OURS, request(SESSION, govern))
    assert not allows(OURS, request(ROLE, govern), by_iam=False)
    assert not allows(OURS, request(f"arn:aws:iam::{OTHER_ACCOUNT}:role/builder", govern))


@pytest.mark.parametrize(
    ("principal", "who", "named"),
    [
        ({"AWS": ROLE}, ROLE, True),
        ({"AWS": ROLE}, SESSION, True),
        ({"AWS": SESSION}, SESSION, True),
        ({"AWS": f"arn:aws:sts::{ACCOUNT_ID}:assumed-role/builder/bob"}, SESSION, False),
        ({"AWS": f"arn:aws:iam::{ACCOUNT_ID}:role/a-builder"}, SESSION, False),
        ({"AWS": f"arn:aws:iam::{OTHER_ACCOUNT}:role/builder"}, SESSION, False),
        ({"AWS": f"arn:aws:iam::{ACCOUNT_ID}:user/builder"}, SESSION, False),
        ({"AWS": [ROLE, USER]}, USER, True),
        ({"AWS": "*"}, USER, True),
        ("*", "logs.us-east-1.amazonaws.com", True),
        ({"Service": ["ec2.amazonaws.com", "logs.us-east-1.amazonaws.com"]}, "logs.us-east-1.amazonaws.com", True),
        ({"Service": "logs.amazonaws.com"}, "logs.us-east-1.amazonaws.com", False),
        ({"Service": "*"}, ROLE, False),
        ({"Federated": "cognito-identity.amazonaws.com"}, ROLE, False),
        ({"AWS": ACCOUNT_ID}, USER, False),
    ],
)
def test_a_principal_is_named_by_itself_or_by_its_role(principal: Any, who: str, named: bool) -> None:
    assert allows(document(allow(Principal=principal)), request(who), by_iam=False) is named


@pytest.mark.parametrize("name", [ACCOUNT_ID, f"arn:aws:iam::{ACCOUNT_ID}:root"])
def test_an_account_that_is_named_lets_its_iam_decide_and_denies_all_its_members(name: str) -> None:
    allowing, denying = allow(Principal={"AWS": name}), deny(Principal={"AWS": name})

    assert allows(document(allowing), request(USER))
    assert not allows(document(allowing), request(f"arn:aws:iam::{OTHER_ACCOUNT}:user/alice"))
    assert not allows(document(allow(), denying), request(USER), by_iam=False)


def test_a_denial_of_all_but_some_spares_these() -> None:
    policy = document(allow(), {"Effect": "Deny", "NotPrincipal": {"AWS": ROLE}, "Action": "kms:*", "Resource": "*"})

    assert allows(policy, request(SESSION))
    assert not allows(policy, request(USER))


@pytest.mark.parametrize(
    ("elements", "action", "covered"),
    [
        ({"Action": "kms:Decrypt"}, "kms:Decrypt", True),
        ({"Action": "KMS:decrypt"}, "kms:Decrypt", True),
        ({"Action": "*"}, "kms:Decrypt", True),
        ({"Action": ["kms:Encrypt", "kms:De*"]}, "kms:DescribeKey", True),
        ({"Action": "kms:ReEncrypt?rom"}, "kms:ReEncryptFrom", True),
        ({"Action": "kms:ReEncrypt?"}, "kms:ReEncryptFrom", False),
        ({"Action": "kms:[DE]*"}, "kms:Decrypt", False),
        ({"Action": "kms:Decrypt"}, "kms:DecryptMore", False),
        ({"NotAction": "kms:Decrypt"}, "kms:Decrypt", False),
        ({"NotAction": ["kms:Put*", "kms:Schedule*"]}, "kms:Decrypt", True),
    ],
)
def test_actions_are_matched_with_wildcards_and_in_any_case(
    elements: Mapping[str, Any], action: str, covered: bool
) -> None:
    statement = allow()
    del statement["Action"]

    assert allows(document({**statement, **elements}), request(action=action)) is covered


def test_a_statement_about_another_key_is_not_about_this_one() -> None:
    about_one = document(allow(Resource=KEY_ARN))

    assert allows(about_one, request(resource=KEY_ARN))
    assert not allows(about_one, request(resource=f"{KEY_ARN}0"))
    assert allows(document(allow()), request(resource=KEY_ARN))
    assert not allows(document(allow(), deny(Resource=KEY_ARN)), request(resource=KEY_ARN))


def test_nothing_is_allowed_that_no_statement_allows_and_a_denial_wins() -> None:
    denial = deny(Sid="Never", Action="kms:Decrypt")
    policy = document(allow(), denial)

    assert not allows(document(), request())
    assert allows(policy, request(action="kms:Encrypt"))
    assert not allows(policy, request(action="kms:Decrypt"))
    assert list(denials(policy, request(action="kms:Decrypt"))) == [denial]


def test_a_lone_statement_need_not_be_in_a_list() -> None:
    assert allows({"Statement": allow()}, request())


@pytest.mark.parametrize(
    ("operator", "wanted", "actual", "holds"),
    [
        ("StringEquals", "ec2", "ec2", True),
        ("StringEquals", ["s3", "ec2"], "ec2", True),
        ("StringEquals", "EC2", "ec2", False),
        ("StringEquals", "ec*", "ec2", False),
        ("StringEqualsIgnoreCase", "EC2", "ec2", True),
        ("StringNotEquals", "s3", "ec2", True),
        ("StringNotEquals", ["s3", "ec2"], "ec2", False),
        ("StringNotEqualsIgnoreCase", "EC2", "ec2", False),
        ("StringLike", "ec*", "ec2", True),
        ("StringLike", "ec??", "ec2", False),
        ("StringNotLike", "ec*", "ec2", False),
        ("ArnEquals", "arn:aws:logs:*:1:log-group:*", "arn:aws:logs:us-east-1:1:log-group:a:b", True),
        ("ArnLike", "arn:aws:logs:*:log-group:a", "arn:aws:logs:us-east-1:1:log-group:a", False),
        ("ArnLike", "arn:aws:logs:us-east-1:1:log-group:a", "arn:aws:logs:us-east-1:1:log-group:b", False),
        ("ArnNotLike", "arn:aws:logs:*:1:*", "arn:aws:logs:us-east-1:1:log-group:a", False),
        ("ArnNotEquals", "arn:aws:logs:*:2:*", "arn:aws:logs:us-east-1:1:log-group:a", True),
        ("Bool", "true", "true", True),
        ("Bool", True, "true", True),
        ("Bool", "false", "true", False),
        ("Null", "false", "ec2", True),
        ("Null", "true", "ec2", False),
        ("ForAnyValue:StringEquals", ["ec2"], "ec2", True),
        ("ForAllValues:StringEquals", ["s3"], "ec2", False),
        ("StringEqualsIfExists", "s3", "ec2", False),
    ],
)
def test_a_condition_is_that_of_its_operator(operator: str, wanted: Any, actual: str, holds: bool) -> None:
    assert passes({operator: {"kms:ViaService": wanted}}, kms_ViaService=actual) is holds
    assert passes({operator: {"KMS:viaservice": wanted}}, kms_ViaService=actual) is holds


@pytest.mark.parametrize(
    ("operator", "holds"),
    [
        ("StringEquals", False),
        ("StringLike", False),
        ("ArnLike", False),
        ("Bool", False),
        ("StringNotEquals", True),
        ("ArnNotLike", True),
        ("StringEqualsIfExists", True),
        ("BoolIfExists", True),
        ("ForAllValues:StringEquals", True),
        ("ForAnyValue:StringNotEquals", False),
        ("Null", True),
    ],
)
def test_a_key_that_the_request_lacks_is_unequal_to_everything(operator: str, holds: bool) -> None:
    assert passes({operator: {"kms:ViaService": "true"}}) is holds


def test_every_condition_of_a_statement_has_to_hold() -> None:
    both = {"StringEquals": {"kms:ViaService": "ec2", "kms:CallerAccount": "1"}, "Bool": {"kms:ForAWS": "true"}}

    assert passes(both, kms_ViaService="ec2", kms_CallerAccount="1", kms_ForAWS="true")
    assert not passes(both, kms_ViaService="ec2", kms_CallerAccount="2", kms_ForAWS="true")
    assert not passes(both, kms_ViaService="ec2", kms_CallerAccount="1", kms_ForAWS="false")


@pytest.mark.parametrize(
    "undecided",
    [{"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}, {"StringEquals": {"kms:ViaService": "${aws:PrincipalTag/via}"}}],
    ids=["operator", "variable"],
)
def test_what_cannot_be_told_allows_nothing_and_denies(undecided: dict[str, Any]) -> None:
    assert not passes(undecided, kms_ViaService="ec2")
    assert not allows(document(allow(), deny(Condition=undecided)), request(kms_ViaService="ec2"))


def test_a_denial_that_cannot_be_told_is_none_once_another_condition_of_it_fails() -> None:
    denial = deny(Condition={"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}, "StringEquals": {"kms:ViaService": "s3"}})

    assert allows(document(allow(), denial), request(kms_ViaService="ec2"))
