"""SQS queues and their policies."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError
from moto.moto_api._internal import mock_random

from simulator.account.resource import Refusal
from simulator.aws import policy_documents
from simulator.aws.base import AwsType, dns_suffix, known, tag_changes, tag_outputs, wanted_tags

if TYPE_CHECKING:
    from simulator.account import Account

NAME = re.compile(r"[0-9A-Za-z_-]{1,80}")
ATTRIBUTES = {
    "delaySeconds": "DelaySeconds",
    "maxMessageSize": "MaximumMessageSize",
    "messageRetentionSeconds": "MessageRetentionPeriod",
    "receiveWaitTimeSeconds": "ReceiveMessageWaitTimeSeconds",
    "visibilityTimeoutSeconds": "VisibilityTimeout",
    "kmsMasterKeyId": "KmsMasterKeyId",
    "kmsDataKeyReusePeriodSeconds": "KmsDataKeyReusePeriodSeconds",
}
RANGES = {
    "delaySeconds": (0, 900),
    "maxMessageSize": (1024, 1_048_576),
    "messageRetentionSeconds": (60, 1_209_600),
    "receiveWaitTimeSeconds": (0, 20),
    "visibilityTimeoutSeconds": (0, 43_200),
    "kmsDataKeyReusePeriodSeconds": (60, 86_400),
}
UNMODELLED = ("fifoQueue", "redrivePolicy", "redriveAllowPolicy", "contentBasedDeduplication", "policy")


def queue_attributes(account: Account, url: str) -> dict[str, str] | None:
    """All attributes of the queue, or None when there is no such queue."""
    try:
        answer = account.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
    except ClientError:
        return None
    return dict(answer.get("Attributes", {}))


class Queue(AwsType):
    token = "aws:sqs/queue:Queue"
    replace_on = frozenset({"name", "namePrefix"})
    name_property = "name"
    name_max_length = 80
    computed = AwsType.computed | {"url"}

    def check(self, account: Account, inputs: dict[str, Any]) -> list[tuple[str, str]]:
        found = []
        if known(name := inputs.get("name")) and not NAME.fullmatch(name):
            found.append(("name", f"{name!r} must be 1 to 80 letters, digits, - or _"))
        for key, (low, high) in RANGES.items():
            if known(value := inputs.get(key)) and not low <= value <= high:
                found.append((key, f"expected {key} to be in the range ({low} - {high}), got {value}"))
        if inputs.get("sqsManagedSseEnabled") and inputs.get("kmsMasterKeyId"):
            found.append(("sqsManagedSseEnabled", "conflicts with kmsMasterKeyId"))
        for key in UNMODELLED:
            if inputs.get(key):
                found.append((key, "the simulator does not model this part of a queue"))
        return found

    def make(self, account: Account, inputs: dict[str, Any], outputs: dict[str, Any]) -> str:
        name = inputs.get("name") or inputs["namePrefix"] + mock_random.get_random_hex(26)
        sqs = account.client("sqs")
        if queue_exists(account, name):
            # SQS would hand out the other queue when all attributes agree: stricter than AWS, for nobody means that.
            raise Refusal(
                "QueueAlreadyExists", f"A queue already exists with the same name and a different value: {name}"
            )
        created = sqs.create_queue(QueueName=name, Attributes=_attributes(inputs), tags=wanted_tags(inputs))
        return _url(account, name, created["QueueUrl"])

    def describe(
        self, account: Account, id: str, inputs: dict[str, Any], outputs: dict[str, Any]
    ) -> dict[str, Any] | None:
        attributes = queue_attributes(account, id)
        if attributes is None:
            return None
        numbers = {
            key: int(attributes[api])
            for key, api in ATTRIBUTES.items()
            if api in attributes and attributes[api].isdigit()
        }
        sse = attributes.get("SqsManagedSseEnabled")
        tags = account.client("sqs").list_queue_tags(QueueUrl=id).get("Tags", {})
        return {
            "arn": attributes["QueueArn"],
            "name": id.rpartition("/")[2],
            "namePrefix": inputs.get("namePrefix"),
            "url": id,
            "fifoQueue": False,
            **numbers,
            "kmsMasterKeyId": attributes.get("KmsMasterKeyId"),
            "sqsManagedSseEnabled": inputs.get("sqsManagedSseEnabled", True) if sse is None else sse == "true",
            "region": account.region,
            **tag_outputs(inputs, tags),
        }

    def update(
        self, account: Account, id: str, old: dict[str, Any], new: dict[str, Any], outputs: dict[str, Any]
    ) -> dict[str, Any]:
        sqs = account.client("sqs")
        if _attributes(new) != _attributes(old):
            sqs.set_queue_attributes(QueueUrl=id, Attributes=_attributes(new))
        changed, gone = tag_changes(wanted_tags(old), wanted_tags(new))
        if changed:
            sqs.tag_queue(QueueUrl=id, Tags=changed)
        if gone:
            sqs.untag_queue(QueueUrl=id, TagKeys=gone)
        return self.now(account, id, new, outputs)

    def delete(self, account: Account, id: str, inputs: dict[str, Any], outputs: dict[str, Any]) -> None:
        account.client("sqs").delete_queue(QueueUrl=id)


class QueuePolicy(AwsType):
    token = "aws:sqs/queuePolicy:QueuePolicy"
    replace_on = frozenset({"queueUrl"})

    def enforce(self, account: Account, inputs: dict[str, Any]) -> None:
        policy_documents.parse(inputs["policy"], principals=True, code="InvalidAttributeValue")
        for statement in policy_documents.statements(inputs["policy"]):
            if not (statement.get("Resource") or statement.get("NotResource")):
                raise Refusal("InvalidAttributeValue", "Invalid value for the parameter Policy.")
        if queue_attributes(account, inputs["queueUrl"]) is None:
            raise Refusal("AWS.SimpleQueueService.NonExistentQueue", "The specified queue does not exist.")

    def make(self, account: Account, inputs: dict[str, Any], outputs: dict[str, Any]) -> str:
        account.client("sqs").set_queue_attributes(QueueUrl=inputs["queueUrl"], Attributes={"Policy": inputs["policy"]})
        return str(inputs["queueUrl"])

    def describe(
        self, account: Account, id: str, inputs: dict[str, Any], outputs: dict[str, Any]
    ) -> dict[str, Any] | None:
        attributes = queue_attributes(account, id)
        if not attributes or not attributes.get("Policy"):
            return None
        wanted, policy = inputs.get("policy"), attributes["Policy"]
        return {
            "queueUrl": id,
            "policy": wanted if policy_documents.equivalent(wanted, policy) else policy,
            "region": account.region,
        }

    def update(
        self, account: Account, id: str, old: dict[str, Any], new: dict[str, Any], outputs: dict[str, Any]
    ) -> dict[str, Any]:
        self.enforce(account, new)
        self.make(account, new, outputs)
        return self.now(account, id, new, outputs)

    def delete(self, account: Account, id: str, inputs: dict[str, Any], outputs: dict[str, Any]) -> None:
        if queue_attributes(account, id) is not None:
            account.client("sqs").set_queue_attributes(QueueUrl=id, Attributes={"Policy": ""})


def queue_exists(account: Account, name: str) -> bool:
    """Whether the account has a queue of this name."""
    try:
        account.client("sqs").get_queue_url(QueueName=name)
    except ClientError:
        return False
    return True


def _url(account: Account, name: str, moto_url: str) -> str:
    regional = f"https://sqs.{account.region}.{dns_suffix(account)}/{account.account_id}/{name}"
    return regional if moto_url.endswith(f"/{account.account_id}/{name}") else moto_url


def _attributes(inputs: dict[str, Any]) -> dict[str, str]:
    given = {api: str(inputs[key]) for key, api in ATTRIBUTES.items() if inputs.get(key) is not None}
    if inputs.get("sqsManagedSseEnabled") is not None:
        given["SqsManagedSseEnabled"] = str(inputs["sqsManagedSseEnabled"]).lower()
    return given
