"""A given key is looked at, and what it lacks is printed."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from ray_platform import policies
from ray_platform.checks import key
from ray_platform.checks.facts import Case, KeyFacts, Unread
from ray_platform.checks.finding import Finding
from tests.unit.checks.cases import ACCOUNT, ACCOUNT_ID, CLUSTER, case

KEY_ARN = f"arn:aws:kms:us-east-1:{ACCOUNT_ID}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
FOREIGN_ARN = KEY_ARN.replace(ACCOUNT_ID, "210987654321")
LOG_GROUP = "/aws/eks/ray-prod/cluster"
SESSION = f"arn:aws:sts::{ACCOUNT_ID}:assumed-role/builder/alice"

OURS: dict[str, Any] = json.loads(policies.encryption_key(ACCOUNT, log_group=LOG_GROUP, for_volumes=True))
KEY = KeyFacts(arn=KEY_ARN, state="Enabled", spec="SYMMETRIC_DEFAULT", usage="ENCRYPT_DECRYPT", policy=OURS)


def given(facts: KeyFacts | None = KEY, *, config: Mapping[str, Any] | None = None, **more: Any) -> Case:
    """A stack with a key of its owner, for the volumes too."""
    security = {"kmsKeyArn": facts.arn if facts else KEY_ARN, "encryptVolumesWithKey": True}
    return case({"security": security, **(config or {})}, key=facts, **more)


def without(*sids: str) -> KeyFacts:
    """The key with our policy but for these statements."""
    return replace(KEY, policy={**OURS, "Statement": [each for each in OURS["Statement"] if each["Sid"] not in sids]})


def with_statement(**elements: Any) -> KeyFacts:
    """The key with our policy and one statement more."""
    statement = {"Sid": "More", "Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*", **elements}
    return replace(KEY, policy={**OURS, "Statement": [*OURS["Statement"], statement]})


def only(found: Case) -> Finding:
    (finding,) = key.findings(found)
    return finding


def pasted(remedy: str) -> list[dict[str, Any]]:
    """The statements in a remedy, as somebody would copy them."""
    statements: list[dict[str, Any]] = json.loads(remedy[remedy.index("[\n") : remedy.rindex("\n]") + 2])
    return statements


def test_a_key_with_our_policy_is_fine() -> None:
    assert not list(key.findings(given()))


def test_a_stack_that_makes_its_own_key_is_not_asked() -> None:
    assert not list(key.findings(case(key=None)))


def test_a_key_that_does_not_exist_is_an_error() -> None:
    finding = only(given(None))

    assert (finding.code, finding.severity, finding.where) == ("key-missing", "error", "security.kmsKeyArn")
    assert KEY_ARN in finding.evidence
    assert "pulumi config rm --path 'ray-on-eks:security.kmsKeyArn'" in finding.remedy


def test_a_key_that_nobody_may_look_at_is_not_called_missing() -> None:
    denied = Unread(what="the given key", action="kms:DescribeKey", reason="AccessDeniedException")

    assert not list(key.findings(given(None, unread=(denied,))))


def test_without_credentials_nothing_is_said_of_the_key() -> None:
    assert not list(key.findings(given(None, caller_arn=None, account=None)))


@pytest.mark.parametrize(
    ("state", "commands"),
    [
        ("Disabled", ["enable-key"]),
        ("PendingDeletion", ["cancel-key-deletion", "enable-key"]),
        ("PendingImport", ["import-key-material"]),
        ("Unavailable", ["describe-key"]),
    ],
)
def test_a_key_that_is_not_enabled_is_an_error(state: str, commands: list[str]) -> None:
    finding = only(given(replace(KEY, state=state)))

    assert (finding.code, finding.severity) == ("key-state", "error")
    assert state in finding.evidence
    for command, line in zip(commands, finding.remedy.splitlines(), strict=True):
        assert f"aws kms {command}" in line
        assert state == "PendingImport" or f"--key-id {KEY_ARN} --region us-east-1" in line


@pytest.mark.parametrize(("spec", "usage"), [("RSA_2048", "ENCRYPT_DECRYPT"), ("SYMMETRIC_DEFAULT", "SIGN_VERIFY")])
def test_a_key_of_another_kind_is_an_error(spec: str, usage: str) -> None:
    finding = only(given(replace(KEY, spec=spec, usage=usage)))

    assert (finding.code, finding.severity) == ("key-kind", "error")
    assert spec in finding.evidence and usage in finding.evidence
    assert "Name another key" in finding.remedy


def test_a_key_of_another_account_is_a_note_that_says_where_its_policy_is() -> None:
    finding = only(given(replace(KEY, arn=FOREIGN_ARN)))

    assert (finding.code, finding.severity) == ("key-account", "note")
    assert "210987654321" in finding.what and ACCOUNT_ID in finding.evidence


def test_a_policy_that_may_not_be_read_is_passed_over() -> None:
    assert not list(key.findings(given(replace(KEY, policy=None))))


def test_a_key_without_cloudwatch_gets_the_statement_for_exactly_our_log_group() -> None:
    finding = only(given(without("CloudWatchLogsEncryptsTheClusterLogGroup")))

    assert (finding.code, finding.severity, finding.where) == ("key-policy-logs", "error", "security.kmsKeyArn")
    assert LOG_GROUP in finding.what and "kms:GenerateDataKey" in finding.evidence
    assert pasted(finding.remedy) == [policies.key_for_logs(ACCOUNT, log_group=LOG_GROUP)]
    assert f"aws kms put-key-policy --key-id {KEY_ARN} --policy-name default --region us-east-1" in finding.remedy


def test_cloudwatch_for_another_log_group_is_not_enough() -> None:
    other = json.loads(policies.encryption_key(ACCOUNT, log_group="/aws/eks/ray-dev/cluster", for_volumes=True))

    assert only(given(replace(KEY, policy=other))).code == "key-policy-logs"


def test_a_wider_statement_for_cloudwatch_will_do() -> None:
    wider = policies.key_for_logs(ACCOUNT, log_group="*")
    wider["Condition"] = {"ArnLike": wider["Condition"]["ArnEquals"]}
    kept = without("CloudWatchLogsEncryptsTheClusterLogGroup").policy
    assert kept is not None

    assert not list(key.findings(given(replace(KEY, policy={"Statement": [*kept["Statement"], wider]}))))


def test_a_cluster_without_logs_needs_no_statement_for_them() -> None:
    silent = {"cluster": {"name": "ray-prod", "logTypes": []}}

    assert not list(key.findings(given(without("CloudWatchLogsEncryptsTheClusterLogGroup"), config=silent)))


def test_volumes_need_statements_that_reach_the_role_of_auto_scaling() -> None:
    """The account's IAM is of no help to a role whose policies nobody can change."""
    finding = only(given(without("Ec2EncryptsVolumes", "Ec2GrantsVolumesToInstances")))

    assert (finding.code, finding.severity) == ("key-policy-volumes", "error")
    assert pasted(finding.remedy) == policies.key_for_volumes(ACCOUNT)
    assert policies.auto_scaling_role(ACCOUNT) in finding.evidence


def test_of_two_statements_the_one_that_is_missing_is_printed() -> None:
    finding = only(given(without("Ec2GrantsVolumesToInstances")))

    assert [each["Sid"] for each in pasted(finding.remedy)] == ["Ec2GrantsVolumesToInstances"]
    assert "kms:CreateGrant" in finding.evidence and "kms:Decrypt" not in finding.evidence


def test_a_policy_that_names_the_role_of_auto_scaling_will_do() -> None:
    named = with_statement(Effect="Allow", Principal={"AWS": policies.auto_scaling_role(ACCOUNT)}).policy
    assert named is not None
    statements = [each for each in named["Statement"] if not each["Sid"].startswith("Ec2")]

    assert not list(key.findings(given(replace(KEY, policy={"Statement": statements}))))


def test_volumes_with_the_accounts_default_key_need_nothing() -> None:
    lacking = without("Ec2EncryptsVolumes", "Ec2GrantsVolumesToInstances")

    assert not list(key.findings(case({"security": {"kmsKeyArn": KEY_ARN}}, key=lacking)))


def test_whoever_creates_the_cluster_must_be_able_to_grant_the_key() -> None:
    finding = only(given(without("AccountDecidesByIam"), caller_arn=SESSION))

    assert (finding.code, finding.severity) == ("key-policy-secrets", "error")
    assert SESSION in finding.what
    assert pasted(finding.remedy) == [policies.key_for_secrets(ACCOUNT)]


def test_a_policy_that_names_the_callers_role_will_do() -> None:
    named = {"AWS": f"arn:aws:iam::{ACCOUNT_ID}:role/teams/builder"}
    granted = with_statement(Effect="Allow", Principal=named, Action=["kms:DescribeKey", "kms:CreateGrant"]).policy
    assert granted is not None
    statements = [each for each in granted["Statement"] if each["Sid"] != "AccountDecidesByIam"]

    assert not list(key.findings(given(replace(KEY, policy={"Statement": statements}), caller_arn=SESSION)))


def test_a_cluster_that_exists_has_its_grant_already() -> None:
    assert not list(key.findings(given(without("AccountDecidesByIam"), cluster=CLUSTER)))


def test_what_is_printed_mends_it() -> None:
    bare = replace(KEY, policy={"Statement": []})
    found = list(key.findings(given(bare)))
    mended = replace(KEY, policy={"Statement": [each for one in found for each in pasted(one.remedy)]})

    assert [each.code for each in found] == ["key-policy-secrets", "key-policy-logs", "key-policy-volumes"]
    assert not list(key.findings(given(mended)))


def test_a_statement_that_denies_is_shown_since_no_other_would_help() -> None:
    logs = "logs.us-east-1.amazonaws.com"
    finding = only(given(with_statement(Principal={"Service": logs})))

    assert (finding.code, finding.severity) == ("key-policy-logs", "error")
    assert '"Sid": "More"' in finding.evidence
    assert logs in finding.remedy and "put-key-policy" in finding.remedy


def test_a_denial_under_a_condition_is_a_warning() -> None:
    outside = {"NotIpAddress": {"aws:SourceIp": "192.0.2.0/24"}}

    assert (
        only(
            given(
                with_statement(Principal={"AWS": ACCOUNT_ID}, Action="kms:CreateGrant", Condition=outside),
                config={"security": {"kmsKeyArn": KEY_ARN}},
            )
        ).severity
        == "warning"
    )
