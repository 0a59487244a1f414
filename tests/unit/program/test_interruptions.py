"""What the termination handler stands on."""

import json

from tests.support.graph import Graph


def test_five_kinds_of_events_go_to_one_queue_that_only_our_rules_may_fill(default: Graph) -> None:
    queue = default.one("Queue")
    patterns = [json.loads(rule.inputs["eventPattern"]) for rule in default.of_type("EventRule")]
    policy = json.loads(default.one("QueuePolicy").inputs["policy"])

    assert {pattern["detail-type"][0] for pattern in patterns} == {
        "EC2 Spot Instance Interruption Warning",
        "EC2 Instance Rebalance Recommendation",
        "EC2 Instance State-change Notification",
        "AWS Health Event",
        "EC2 Instance-terminate Lifecycle Action",
    }
    assert {target.inputs["arn"] for target in default.of_type("EventTarget")} == {
        f"arn:aws:sqs:us-east-1:123456789012:{queue.name}"
    }
    assert len(policy["Statement"][0]["Condition"]["ArnEquals"]["aws:SourceArn"]) == 5
    assert queue.inputs["messageRetentionSeconds"] == 300
    assert queue.inputs["sqsManagedSseEnabled"] is True
