"""What the survey makes of AWS's answers, and of its refusals."""

from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from ray_platform.checks.facts import Unread
from ray_platform.config.pool_config import NodePoolConfig
from ray_platform.survey.hardware import read_quotas
from ray_platform.survey.questions import Questions
from tests.support.stubbed_aws import Stubbed

QUOTA = {"ServiceCode": "ec2", "QuotaCode": "L-1216C47A"}


def test_what_may_not_be_read_is_noted_with_its_iam_action_and_awss_words() -> None:
    asked = Stubbed("service-quotas")
    asked.answers["service-quotas"].add_client_error("get_service_quota", "AccessDeniedException", "no such right")
    ask = Questions(environment=asked)

    assert ask.one("the limit", "service-quotas", "get_service_quota", **QUOTA) is None
    reason = "AccessDeniedException: no such right"
    assert ask.unread == [Unread(what="the limit", action="servicequotas:GetServiceQuota", reason=reason)]


def test_what_does_not_exist_is_empty_and_not_unread() -> None:
    asked = Stubbed("kms")
    asked.answers["kms"].add_client_error("describe_key", "NotFoundException")
    ask = Questions(environment=asked)

    assert ask.one("the key", "kms", "describe_key", absent=("NotFoundException",), KeyId="a") == {}
    assert ask.unread == []


def test_all_pages_are_read() -> None:
    asked = Stubbed("logs")
    asked.answers["logs"].add_response(
        "describe_log_groups", {"logGroups": [{"logGroupName": "a"}], "nextToken": "more"}
    )
    asked.answers["logs"].add_response("describe_log_groups", {"logGroups": [{"logGroupName": "b"}]})

    found = Questions(environment=asked).all("log groups", "logs", "describe_log_groups", "logGroups")

    assert [each["logGroupName"] for each in found or ()] == ["a", "b"]


def test_an_answer_that_leaves_the_key_out_has_nothing_under_it() -> None:
    asked = Stubbed("sqs")
    asked.answers["sqs"].add_response("list_queues", {})

    assert Questions(environment=asked).all("queues", "sqs", "list_queues", "QueueUrls") == []


def test_a_service_that_does_not_answer_is_noted_too(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Stubbed("sqs")

    def unreachable(*_: Any, **__: Any) -> None:
        raise EndpointConnectionError(endpoint_url="https://sqs.example")

    monkeypatch.setattr(asked.client("sqs"), "_make_api_call", unreachable)
    ask = Questions(environment=asked)

    assert ask.all("queues", "sqs", "list_queues", "QueueUrls") is None
    (unread,) = ask.unread
    assert (unread.action, "https://sqs.example" in unread.reason) == ("sqs:ListQueues", True)


def test_a_quota_that_the_account_never_changed_is_awss_default() -> None:
    asked = Stubbed("service-quotas", "ec2")
    asked.answers["service-quotas"].add_client_error("get_service_quota", "NoSuchResourceException")
    asked.answers["service-quotas"].add_response("get_aws_default_service_quota", {"Quota": {"Value": 5.0}}, QUOTA)
    asked.answers["ec2"].add_response("describe_instances", {"Reservations": []})

    pool = NodePoolConfig.model_validate({})
    found = read_quotas(Questions(environment=asked), [pool], "ray")

    assert [(quota.code, quota.limit) for quota in (found or {}).values()] == [("L-1216C47A", 5.0)]


def test_spot_hosts_and_capacity_blocks_count_where_aws_counts_them() -> None:
    asked = Stubbed("service-quotas", "ec2")
    asked.answers["service-quotas"].add_response("get_service_quota", {"Quota": {"Value": 64.0}})
    running = [
        {"InstanceType": "m5.xlarge"},
        {"InstanceType": "m5.xlarge", "InstanceLifecycle": "spot"},
        {"InstanceType": "m5.xlarge", "InstanceLifecycle": "capacity-block"},
        {"InstanceType": "m5.xlarge", "Placement": {"Tenancy": "host"}},
        {"InstanceType": "g5.xlarge"},
    ]
    described = [{"InstanceType": name, "VCpuInfo": {"DefaultVCpus": 4}} for name in ("g5.xlarge", "m5.xlarge")]
    asked.answers["ec2"].add_response("describe_instances", {"Reservations": [{"Instances": running}]})
    asked.answers["ec2"].add_response("describe_instance_types", {"InstanceTypes": described})

    found = read_quotas(Questions(environment=asked), [NodePoolConfig.model_validate({})], "ray")

    assert {quota.code: quota.in_use for quota in (found or {}).values()} == {"L-1216C47A": 4}
