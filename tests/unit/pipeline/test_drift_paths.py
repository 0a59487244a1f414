"""Paths of properties: read, written, matched, followed; and what differs below one."""

from typing import Any

import pytest

from ray_platform.marks import SECRET
from ray_platform.pipeline.drift_paths import (
    Keys,
    covers,
    differences,
    keys_of,
    path_of,
    value_at,
    without_secrets,
)

MARKED = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "v1:abc"}

PATHS: list[tuple[str, Keys]] = [
    ("retentionInDays", ("retentionInDays",)),
    ("scalingConfig.maxSize", ("scalingConfig", "maxSize")),
    ('labels["ray.io/node-pool"]', ("labels", "ray.io/node-pool")),
    ('tags["a \\"b\\""].c', ("tags", 'a "b"', "c")),
    ("spec.ports[0].port", ("spec", "ports", 0, "port")),
    ("tags.my-tag", ("tags", "my-tag")),
]


@pytest.mark.parametrize(("path", "keys"), PATHS, ids=[each[0] for each in PATHS])
def test_a_path_is_read_and_written_as_the_engine_has_it(path: str, keys: Keys) -> None:
    assert keys_of(path) == keys
    assert path_of(keys) == path


@pytest.mark.parametrize(
    ("pattern", "path", "is_covered"),
    [
        ("status", "status.conditions[0].type", True),
        ("status", "statusText", False),
        ("spec.groups[*].replicas", "spec.groups[3].replicas", True),
        ("spec.groups[*].replicas", "spec.groups[3].minReplicas", False),
        ("spec.groups[*].replicas", "spec.groups", False),
        ('tags["eks:*"]', 'tags["eks:cluster-name"]', True),
        ('tags["eks:*"]', 'tags["team"]', False),
        ("**.ports[*].protocol", "spec.template.containers[0].ports[1].protocol", True),
        ("**.ports[*].protocol", "spec.template.containers[0].ports[1].name", False),
        ("", "anything", True),
    ],
)
def test_a_pattern_covers_what_it_names_and_all_below(pattern: str, path: str, is_covered: bool) -> None:
    assert covers(keys_of(pattern), keys_of(path)) is is_covered


def test_a_secret_is_hidden_wherever_it_is_and_whatever_is_asked_of_it() -> None:
    shown = without_secrets({"a": [{"password": MARKED}], "whole": MARKED, "plain": 1})

    assert shown == {"a": [{"password": SECRET}], "whole": SECRET, "plain": 1}
    assert value_at(shown, ("whole", "deep", 0)) == SECRET
    assert value_at(shown, ("a", 0, "password")) == SECRET


@pytest.mark.parametrize("keys", [("b",), ("a", 1), ("a", 0, "x"), ("a", "name"), ("plain", "x")])
def test_there_is_nothing_at_keys_that_lead_nowhere(keys: Keys) -> None:
    assert value_at({"a": [{"b": 1}], "plain": 1}, keys) is None


DIFFERENCES: list[tuple[str, Any, Any, dict[str, tuple[Any, Any]]]] = [
    ("a plain value", 7, 30, {"p": (7, 30)}),
    ("a map", {"a": 1, "b": 2}, {"a": 1, "b": 3, "c": 4}, {"p.b": (2, 3), "p.c": (None, 4)}),
    ("a map that came", None, {"a": 1, "b": {"c": 2}}, {"p.a": (None, 1), "p.b.c": (None, 2)}),
    ("a map that went", {"a": 1}, None, {"p.a": (1, None)}),
    ("an empty map that came", None, {}, {"p": (None, {})}),
    ("a longer list", ["x"], ["x", {"y": 1}], {"p[1].y": (None, 1)}),
    ("another kind of value", {"a": 1}, "text", {"p": ({"a": 1}, "text")}),
    (
        "two policies",
        '{"Statement": [{"Effect": "Deny"}], "Version": "1"}',
        '{"Version":"1","Statement":[{"Effect":"Allow"}]}',
        {"p.Statement[0].Effect": ("Deny", "Allow")},
    ),
    ("a policy that went", '{"Version": "1"}', None, {"p": ('{"Version": "1"}', None)}),
    ("two numbers in texts", "1", "2", {"p": ("1", "2")}),
    ("a secret that came", None, SECRET, {"p": (None, SECRET)}),
    ("a secret for a plain value", "old", SECRET, {"p": (SECRET, SECRET)}),
    ("what only the provider sees", 5, 5, {"p": (5, 5)}),
]


@pytest.mark.parametrize(
    ("expected", "found", "told"), [each[1:] for each in DIFFERENCES], ids=[each[0] for each in DIFFERENCES]
)
def test_what_differs_is_told_as_deep_as_it_goes(expected: Any, found: Any, told: dict[str, tuple[Any, Any]]) -> None:
    assert {path_of(each.keys): (each.expected, each.found) for each in differences(("p",), expected, found)} == told
