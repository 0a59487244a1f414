"""Queues, their policies, and the event rules that fill them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from simulator.account.resource import Refusal
from tests.simulator.aws_by_hand import ByHand, Rejected, document

SPOT = json.dumps({"source": ["aws.ec2"], "detail-type": ["EC2 Spot Instance Interruption Warning"]})


def send_statement(queue_arn: str) -> dict[str, Any]:
    events = {"Service": "events.amazonaws.com"}
    return {"Effect": "Allow", "Principal": events, "Action": "sqs:SendMessage", "Resource": queue_arn}


def test_a_queue_with_its_policy_a_rule_and_a_target_is_made(hand: ByHand) -> None:
    queue = hand.make("Queue", name="ray", messageRetentionSeconds=300, sqsManagedSseEnabled=True)
    hand.make("QueuePolicy", queueUrl=queue.id, policy=document(send_statement(queue.outputs["arn"])))
    rule = hand.make("EventRule", name="spot", eventPattern=SPOT)
    target = hand.make("EventTarget", rule=rule.id, arn=queue.outputs["arn"])
    assert queue.outputs["url"] == "https://sqs.us-east-1.amazonaws.com/123456789012/ray"
    assert (queue.outputs["messageRetentionSeconds"], queue.outputs["sqsManagedSseEnabled"]) == (300, True)
    assert target.outputs["arn"] == queue.outputs["arn"]


@pytest.mark.parametrize(
    "changes",
    [{"name": "q" * 81}, {"name": "ray.queue"}, {"messageRetentionSeconds": 59}, {"visibilityTimeoutSeconds": 43_201}],
)
def test_a_queue_outside_the_rules_of_sqs_is_rejected(hand: ByHand, changes: dict[str, Any]) -> None:
    with pytest.raises(Rejected, match=next(iter(changes))):
        hand.make("Queue", **{"name": "ray", **changes})


def test_a_second_queue_or_rule_of_a_name_is_refused(hand: ByHand) -> None:
    hand.make("Queue", name="ray")
    hand.make("EventRule", name="spot", eventPattern=SPOT)
    with pytest.raises(Refusal, match="QueueAlreadyExists"):
        hand.make("Queue", name="ray")
    with pytest.raises(Refusal, match="ResourceAlreadyExistsException"):
        hand.make("EventRule", name="spot", eventPattern=SPOT)


@pytest.mark.parametrize(
    "policy",
    [
        "{",
        document({"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}),
        document({"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage"}),
    ],
)
def test_a_malformed_queue_policy_is_refused(hand: ByHand, policy: str) -> None:
    queue = hand.make("Queue", name="ray")
    with pytest.raises(Refusal, match="InvalidAttributeValue"):
        hand.make("QueuePolicy", queueUrl=queue.id, policy=policy)


def test_a_policy_needs_its_queue(hand: ByHand) -> None:
    url = "https://sqs.us-east-1.amazonaws.com/123456789012/none"
    with pytest.raises(Refusal, match="NonExistentQueue"):
        hand.make("QueuePolicy", queueUrl=url, policy=document(send_statement("*")))


@pytest.mark.parametrize("name", ["r" * 65, "a rule"])
def test_a_rule_name_that_eventbridge_does_not_take_is_rejected(hand: ByHand, name: str) -> None:
    with pytest.raises(Rejected, match="name"):
        hand.make("EventRule", name=name, eventPattern=SPOT)


@pytest.mark.parametrize("pattern", ["{", "[]", '{"source": "aws.ec2"}', '{"detail": {"state": []}}'])
def test_a_pattern_that_eventbridge_does_not_take_is_refused(hand: ByHand, pattern: str) -> None:
    with pytest.raises(Refusal, match="InvalidEventPatternException"):
        hand.make("EventRule", name="spot", eventPattern=pattern)


def test_a_rule_needs_a_pattern_or_a_schedule(hand: ByHand) -> None:
    with pytest.raises(Rejected, match="eventPattern"):
        hand.make("EventRule", name="spot")


def test_a_target_needs_its_rule_and_an_arn(hand: ByHand) -> None:
    with pytest.raises(Refusal, match="Rule none does not exist"):
        hand.make("EventTarget", rule="none", arn="arn:aws:sqs:us-east-1:123456789012:ray")
    hand.make("EventRule", name="spot", eventPattern=SPOT)
    with pytest.raises(Refusal, match="ValidationException"):
        hand.make("EventTarget", rule="spot", arn="ray")


def test_a_rule_with_targets_cannot_be_deleted(hand: ByHand) -> None:
    queue = hand.make("Queue", name="ray")
    hand.make("EventRule", name="spot", eventPattern=SPOT)
    target = hand.make("EventTarget", rule="spot", arn=queue.outputs["arn"])
    with pytest.raises(Refusal, match="can't be deleted since it has targets"):
        hand.delete("EventRule", "spot")
    hand.delete("EventTarget", target.id)
    hand.delete("EventRule", "spot")
