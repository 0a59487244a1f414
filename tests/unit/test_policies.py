"""The policies say exactly what each service needs, and nothing wider."""

import json
from typing import Any

import pytest

from ray_platform import policies
from ray_platform.account import AwsAccount

ACCOUNT = AwsAccount(
    account_id="123456789012", partition="aws-us-gov", dns_suffix="amazonaws.com", region="us-gov-west-1"
)
QUEUE = "arn:aws-us-gov:sqs:us-gov-west-1:123456789012:ray-interruption"
RULES = [
    "arn:aws-us-gov:events:us-gov-west-1:123456789012:rule/b",
    "arn:aws-us-gov:events:us-gov-west-1:123456789012:rule/a",
]

DOCUMENTS = {
    "service trust": policies.service_trust("eks.amazonaws.com"),
    "service account trust": policies.service_account_trust(
        provider_arn="arn:aws-us-gov:iam::123456789012:oidc-provider/oidc.eks/id/A",
        issuer="oidc.eks/id/A",
        namespace="kube-system",
        service_account="aws-node",
    ),
    "key": policies.encryption_key(ACCOUNT, log_group="/aws/eks/ray/cluster", for_volumes=False),
    "key for volumes": policies.encryption_key(ACCOUNT, log_group="/aws/eks/ray/cluster", for_volumes=True),
    "autoscaler": policies.cluster_autoscaler(ACCOUNT, cluster="ray"),
    "termination handler": policies.termination_handler(ACCOUNT, cluster="ray", queue_arn=QUEUE),
    "queue": policies.interruption_queue(queue_arn=QUEUE, rule_arns=RULES),
}


def statements(name: str) -> dict[str, dict[str, Any]]:
    return {statement["Sid"]: statement for statement in json.loads(DOCUMENTS[name])["Statement"]}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_statement_says_what_it_is_for_and_names_no_foreign_partition(name: str) -> None:
    document = json.loads(DOCUMENTS[name])
    sids = [statement["Sid"] for statement in document["Statement"]]

    assert document["Version"] == "2012-10-17"
    assert len(set(sids)) == len(sids)
    assert all(sid.isalnum() for sid in sids)
    assert "arn:aws:" not in DOCUMENTS[name]


@pytest.mark.parametrize("name", ["autoscaler", "termination handler"])
def test_a_role_changes_nothing_outside_of_its_own_cluster(name: str) -> None:
    harmless = ("Describe", "Get")
    for statement in statements(name).values():
        actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        assert not any("*" in action for action in actions)
        changes = [action for action in actions if not action.split(":")[1].startswith(harmless)]
        if changes:
            assert statement["Resource"] == QUEUE or statement["Condition"] == {
                "StringEquals": {"aws:ResourceTag/k8s.io/cluster-autoscaler/ray": "owned"}
            }


def test_the_autoscaler_can_read_the_node_groups_of_its_cluster_only() -> None:
    reads = statements("autoscaler")["ReadLabelsAndTaintsOfNodeGroups"]

    assert reads["Action"] == "eks:DescribeNodegroup"
    assert reads["Resource"] == "arn:aws-us-gov:eks:us-gov-west-1:123456789012:nodegroup/ray/*/*"


def test_the_termination_handler_may_do_two_things_to_its_own_queue() -> None:
    reads = statements("termination handler")["ReadItsOwnQueue"]

    assert reads["Action"] == ["sqs:ReceiveMessage", "sqs:DeleteMessage"]
    assert reads["Resource"] == QUEUE


def test_of_the_account_the_termination_handler_sees_instances_and_nothing_else() -> None:
    everywhere = [each for each in statements("termination handler").values() if each["Resource"] == "*"]

    assert [each["Action"] for each in everywhere] == ["ec2:DescribeInstances"]


def test_the_key_admits_cloudwatch_logs_for_exactly_the_log_group_of_the_cluster() -> None:
    logs = statements("key")["CloudWatchLogsEncryptsTheClusterLogGroup"]

    assert logs["Principal"] == {"Service": "logs.us-gov-west-1.amazonaws.com"}
    assert logs["Condition"] == {
        "ArnEquals": {
            "kms:EncryptionContext:aws:logs:arn": (
                "arn:aws-us-gov:logs:us-gov-west-1:123456789012:log-group:/aws/eks/ray/cluster"
            )
        }
    }
    assert set(logs["Action"]) == {
        "kms:Encrypt*",
        "kms:Decrypt*",
        "kms:ReEncrypt*",
        "kms:GenerateDataKey*",
        "kms:Describe*",
    }


def test_the_account_keeps_control_of_the_key() -> None:
    root = statements("key")["AccountDecidesByIam"]

    assert root["Principal"] == {"AWS": "arn:aws-us-gov:iam::123456789012:root"}
    assert root["Action"] == "kms:*"


def test_ec2_may_use_the_key_only_when_volumes_use_it_and_only_for_this_account() -> None:
    through_ec2 = {"kms:ViaService": "ec2.us-gov-west-1.amazonaws.com", "kms:CallerAccount": "123456789012"}
    volumes = {sid: each for sid, each in statements("key for volumes").items() if sid.startswith("Ec2")}

    assert not any(sid.startswith("Ec2") for sid in statements("key"))
    assert set(volumes) == {"Ec2EncryptsVolumes", "Ec2GrantsVolumesToInstances"}
    assert all(each["Condition"]["StringEquals"] == through_ec2 for each in volumes.values())


def test_a_service_account_role_trusts_one_service_account_and_one_audience() -> None:
    trust = statements("service account trust")["ServiceAccountAssumesRole"]

    assert trust["Action"] == "sts:AssumeRoleWithWebIdentity"
    assert trust["Condition"] == {
        "StringEquals": {
            "oidc.eks/id/A:sub": "system:serviceaccount:kube-system:aws-node",
            "oidc.eks/id/A:aud": "sts.amazonaws.com",
        }
    }


def test_only_our_rules_may_send_to_the_queue_and_nobody_without_tls() -> None:
    queue = statements("queue")

    assert queue["OurRulesSendEvents"]["Condition"] == {"ArnEquals": {"aws:SourceArn": sorted(RULES)}}
    assert queue["NoPlainText"]["Effect"] == "Deny"
    assert queue["NoPlainText"]["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
