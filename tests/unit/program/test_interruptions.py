"""What the termination handler stands on, and whom it acts on."""

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


def test_instances_carry_the_tag_by_which_the_handler_knows_its_own(default: Graph) -> None:
    (container,) = default.one("Deployment", "ray-test-interruption-deployment").inputs["spec"]["template"]["spec"][
        "containers"
    ]
    values = {each["name"]: each.get("value") for each in container["env"]}

    for template in default.of_type("LaunchTemplate"):
        tags = {each["resourceType"]: each["tags"] for each in template.inputs["tagSpecifications"]}
        assert tags["instance"][values["MANAGED_TAG"]] == "true"
