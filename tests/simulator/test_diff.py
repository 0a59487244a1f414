"""What counts as a change, and what of it makes a new resource."""

from __future__ import annotations

from typing import Any

from simulator.account.resource import UNKNOWN
from simulator.protocol.diff import changes, leads_into
from simulator.protocol.preview import outputs_after_update
from simulator.protocol.wire import decode, encode


def _paths(old: dict[str, Any], new: dict[str, Any]) -> dict[str, str]:
    return {change.path: change.kind for change in changes(old, new, lambda keys: False)}


def test_equal_inputs_have_no_changes() -> None:
    inputs = {"a": 1, "b": [{"c": "d"}], "e": {}}
    assert _paths(inputs, dict(inputs)) == {}


def test_each_changed_leaf_is_named_as_the_engine_names_it() -> None:
    old = {"scalingConfig": {"minSize": 0, "maxSize": 1}, "taints": [{"key": "a"}], "labels": {"ray.io/x": "1"}}
    new = {"scalingConfig": {"minSize": 1}, "taints": [{"key": "b"}, {"key": "c"}], "labels": {"ray.io/x": "2"}}
    assert _paths(old, new) == {
        "scalingConfig.minSize": "UPDATE",
        "scalingConfig.maxSize": "DELETE",
        "taints[0].key": "UPDATE",
        "taints[1]": "ADD",
        'labels["ray.io/x"]': "UPDATE",
    }


def test_a_mapping_that_comes_or_goes_as_a_whole_replaces_where_one_of_its_leaves_would() -> None:
    network = {"network": {"cidr": "10.0.0.0/16", "family": "ipv4"}}

    def replaced(old: dict[str, Any], new: dict[str, Any]) -> list[bool]:
        return [change.replaces for change in changes(old, new, lambda keys: leads_into({"network.cidr"}, keys))]

    assert replaced({}, network) == replaced(network, {}) == [True]
    assert replaced({}, {"network": {"family": "ipv4"}}) == [False]


def test_a_value_that_is_not_known_yet_is_a_change() -> None:
    assert _paths({"subnetIds": ["a"]}, {"subnetIds": UNKNOWN}) == {"subnetIds": "UPDATE"}


def test_true_is_not_one() -> None:
    assert _paths({"a": True}, {"a": 1}) == {"a": "UPDATE"}


def test_a_field_is_led_into_by_what_is_under_it_and_by_nothing_beside_it() -> None:
    assert leads_into({"vpcConfig"}, ("vpcConfig", "subnetIds", 0))
    assert leads_into({"taints.key"}, ("taints", 0, "key"))
    assert not leads_into({"vpcConfig.subnetIds"}, ("vpcConfig", "securityGroupIds"))
    assert not leads_into({"name"}, ("namePrefix",))


def test_a_previewed_update_keeps_what_aws_added_and_forgets_what_it_may_change() -> None:
    outputs = {
        "name": "ray",
        "vpcConfig": {"subnetIds": ["a"], "clusterSecurityGroupId": "sg-1"},
        "description": "old",
        "latestVersion": 1,
    }
    old = {"name": "ray", "vpcConfig": {"subnetIds": ["a"]}, "description": "old"}
    new = {"name": "ray", "vpcConfig": {"subnetIds": ["a", "b"]}}
    assert outputs_after_update(outputs, old, new, {"latestVersion"}) == {
        "name": "ray",
        "vpcConfig": {"subnetIds": ["a", "b"], "clusterSecurityGroupId": "sg-1"},
        "latestVersion": UNKNOWN,
    }


def test_values_survive_the_wire_and_absent_ones_stay_absent() -> None:
    values = {"a": 1, "b": 1.5, "c": [True, "x", {"d": []}], "e": {}}
    decoded = decode(encode({**values, "none": None}))
    assert decoded == values
    assert isinstance(decoded["a"], int)
