"""What pulumi-aws' own classes say of a resource's properties."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.account.resource import UNKNOWN
from simulator.aws import schema

NODE_GROUP = "aws:eks/nodeGroup:NodeGroup"
VALID: dict[str, Any] = {
    "clusterName": "ray",
    "nodeRoleArn": "arn:aws:iam::123456789012:role/node",
    "subnetIds": ["subnet-0a"],
    "scalingConfig": {"minSize": 0, "desiredSize": 1, "maxSize": 2},
    "labels": {"ray.io/node-type": "worker"},
    "taints": [{"key": "nvidia.com/gpu", "value": "true", "effect": "NO_SCHEDULE"}],
}


def test_right_inputs_have_no_problems() -> None:
    assert schema.problems(NODE_GROUP, VALID) == []


def test_a_value_that_only_an_update_will_know_fits_everywhere() -> None:
    unknown = dict.fromkeys(VALID, UNKNOWN)
    assert schema.problems(NODE_GROUP, unknown) == []


def test_an_unknown_property_is_refused_with_the_nearest_valid_one() -> None:
    ((path, reason),) = schema.problems(NODE_GROUP, {**VALID, "lables": {}})
    assert path == "lables"
    assert "did you mean `labels`?" in reason


def test_an_unknown_property_unlike_any_is_refused_with_the_valid_ones() -> None:
    ((_, reason),) = schema.problems("aws:sqs/queuePolicy:QueuePolicy", {"policy": "", "queueUrl": "", "zzz": 1})
    assert "valid are: policy, queueUrl, region" in reason


@pytest.mark.parametrize(
    ("change", "path", "reason"),
    [
        ({"subnetIds": "subnet-0a"}, "subnetIds", "expected a list, got a string"),
        ({"taints": {"key": "a"}}, "taints", "expected a list, got an object"),
        ({"labels": ["a"]}, "labels", "expected a map, got a list"),
        ({"labels": {"a": 1}}, 'labels["a"]', "expected a string, got a number"),
        ({"scalingConfig": [{}]}, "scalingConfig", "expected an object, got a list"),
        ({"clusterName": 1}, "clusterName", "expected a string, got a number"),
        ({"forceUpdateVersion": "true"}, "forceUpdateVersion", "expected a boolean, got a string"),
        ({"diskSize": True}, "diskSize", "expected a whole number, got a boolean"),
        ({"diskSize": "100"}, "diskSize", "expected a whole number, got a string"),
        ({"taints": [{"key": "a"}]}, "taints[0].effect", "this property is required"),
        ({"clusterName": None}, "clusterName", "this property is required"),
        ({"updateConfig": {"maxUnavail": 1}}, "updateConfig.maxUnavail", "did you mean `maxUnavailable`?"),
    ],
)
def test_a_wrong_shape_is_refused_where_it_is(change: dict[str, Any], path: str, reason: str) -> None:
    problems = schema.problems(NODE_GROUP, {**VALID, **change})
    assert [where for where, _ in problems] == [path]
    assert reason in problems[0][1]


def test_every_problem_is_told_at_once() -> None:
    problems = schema.problems(NODE_GROUP, {"lables": {}, "diskSize": "1"})
    assert {path for path, _ in problems} == {
        "lables",
        "diskSize",
        "clusterName",
        "nodeRoleArn",
        "scalingConfig",
        "subnetIds",
    }


def test_default_tags_reach_the_types_that_take_them() -> None:
    assert schema.has_all_tags(NODE_GROUP)
    assert not schema.has_all_tags("aws:iam/rolePolicy:RolePolicy")


def test_objects_are_told_from_maps_of_values() -> None:
    assert schema.has_nested(NODE_GROUP, "scalingConfig")
    assert schema.has_nested(NODE_GROUP, "taints")
    assert not schema.has_nested(NODE_GROUP, "labels")
