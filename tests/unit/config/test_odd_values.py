"""Values that nobody means: they are refused where they stand, and told in words that can be printed."""

import datetime
import json
import math
from typing import Any

import pytest

from ray_platform.config.load import parse
from ray_platform.config.plain import DEPTH_MAX
from ray_platform.config.problems import ConfigError, Problem, shown, yaml_path
from tests.unit.config.given import ROLE_ARN, only_problem, pool, pool_problem, settings

HUGE = 10**5000
HALF = "\ud800"
WIDE_ONE = "\uff11"
ARABIC_TWO = "٢"


def nested(levels: int) -> dict[str, Any]:
    value: dict[str, Any] = {}
    for _ in range(levels - 1):
        value = {"a": value}
    return value


@pytest.mark.parametrize(
    ("sections", "path"),
    [
        ({"aws": {"region": f"us-east-{WIDE_ONE}"}}, "aws.region"),
        ({"security": {"kmsKeyArn": f"arn:aws:kms:us-east-1:{ARABIC_TWO * 12}:key/a"}}, "security.kmsKeyArn"),
        (
            {"cluster": {"accessEntries": {"a": {"principalArn": ROLE_ARN.replace("1", ARABIC_TWO)}}}},
            "cluster.accessEntries.a.principalArn",
        ),
        (
            {"cluster": {"accessEntries": {"a": {"principalArn": f"{ROLE_ARN}é"}}}},
            "cluster.accessEntries.a.principalArn",
        ),
        ({"addons": {"coredns": {"version": f"v1.{ARABIC_TWO}.0-eksbuild.1"}}}, "addons.coredns.version"),
        ({"addons": {"imageMirrors": {"quay.io": f"mirror:{ARABIC_TWO}"}}}, 'addons.imageMirrors["quay.io"]'),
        ({"ray": {"version": f"{ARABIC_TWO}.58.1"}}, "ray.version"),
        ({"ray": {"version": f"{'9' * 5000}.0.0"}}, "ray.version"),
        ({"ray": {"version": "02.58.1"}}, "ray.version"),
        ({"ray": {"image": "ray:é"}}, "ray.image"),
        ({"ray": {"image": f"ré/ray:{ARABIC_TWO}"}}, "ray.image"),
        ({"cluster": {"serviceIpv4Cidr": f"172.20.0.0/{WIDE_ONE}6"}}, "cluster.serviceIpv4Cidr"),
        ({"cluster": {"name": "ray\n"}}, "cluster.name"),
        ({"ray": {"name": f"ra{ARABIC_TWO}"}}, "ray.name"),
        ({"operations": {"guardrailExceptions": {"imds": "\u00a0\u2003"}}}, "operations.guardrailExceptions.imds"),
        ({"aws": {"tags": {"Owner": "a\tb"}}}, "aws.tags.Owner"),
    ],
)
def test_what_aws_and_kubernetes_read_is_ascii_and_spaces_of_any_kind_say_nothing(
    sections: dict[str, Any], path: str
) -> None:
    assert only_problem(**sections).path == path


def test_a_tag_may_be_written_in_any_script() -> None:
    assert settings(aws={"tags": {"Eigentümer": "東京 ٣"}}).aws.tags == {"Eigentümer": "東京 ٣"}


@pytest.mark.parametrize(
    ("value", "rule", "inside"),
    [
        ({"a": [1, {"b": math.nan}]}, "a finite number", ".a[1].b"),
        ({"a": -math.inf}, "a finite number", ".a"),
        ({"a": 2**63}, "a whole number of at most 64 bits", ".a"),
        ({"a": HUGE}, "a whole number of at most 64 bits", ".a"),
        ({"a": datetime.date(2026, 1, 1)}, "a text, number", ".a"),
        ({"a": HALF}, "a text, number", ".a"),
        ({"a": {HALF: 1}}, "a mapping whose keys are text", ".a"),
        ({"a": {1: 1}}, "a mapping whose keys are text", ".a"),
        (nested(DEPTH_MAX + 1), f"at most {DEPTH_MAX} levels", ".a"),
        (nested(5000), f"at most {DEPTH_MAX} levels", ".a"),
    ],
    ids=shown,
)
def test_data_that_is_handed_on_is_what_every_json_parser_reads(value: Any, rule: str, inside: str) -> None:
    problem = only_problem(addons={"coredns": {"values": value}})

    assert problem.path == f"addons.coredns.values{inside}"
    assert problem.rule.startswith(rule)
    assert str(ConfigError([problem]))
    assert pool_problem(nodeConfig={"kubelet": {"config": value}}).rule.startswith(rule)


def test_any_other_data_is_handed_on() -> None:
    data: dict[str, Any] = {"a": [None, True, 2**63 - 1, -(2**63), 0.5, "é", {"b": {}}], "b": nested(DEPTH_MAX - 3)}

    assert settings(addons={"coredns": {"values": data}}).addons.coredns.values == data
    assert pool(nodeConfig={"kubelet": data}).node_config == {"kubelet": data}


@pytest.mark.parametrize(
    "value", [HUGE, -HUGE, nested(5000), [HUGE], HALF, math.nan, "9" * 10**6, {HALF: HALF}, [[]] * 10**6], ids=shown
)
@pytest.mark.parametrize(
    "place",
    ["aws.region", "aws.tags", "cluster.kubernetesVersion", "operations.protect", "security.egress", "nodePools.a"],
)
def test_whatever_stands_somewhere_is_told_in_a_few_words_that_can_be_printed(place: str, value: Any) -> None:
    section, key = place.split(".")
    found, problems = parse({section: {key: value}})

    assert found is None
    text = str(ConfigError(problems))
    assert any(problem.path.startswith(section) for problem in problems)
    assert len(text.encode()) < 20000


@pytest.mark.parametrize("value", [HUGE, nested(5000), HALF], ids=shown)
def test_a_path_in_the_place_of_a_section_is_told_whatever_its_value_is(value: Any) -> None:
    found, problems = parse({"cluster.name": value, "x": value})

    assert found is None
    assert {'["cluster.name"]', "x"} <= {problem.path for problem in problems}
    assert str(ConfigError(problems)).encode()


def test_names_that_cannot_be_printed_are_escaped_where_a_rule_repeats_them() -> None:
    problem = Problem(path="a", value=1, rule=f"none of {HALF}", remedy="Remove a\u2028b.\nOr é.")

    assert (problem.rule, problem.remedy) == ("none of \\ud800", "Remove a\\u2028b.\nOr é.")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a\u00a0b", '"a\\u00a0b"'),
        ("\x1b[31m\u202e\x9b", '"\\u001b[31m\\u202e\\u009b"'),
        (HALF, '"\\ud800"'),
        ("é東", '"é東"'),
        ({"a": [1, None, True, 1.5]}, '{"a": [1, null, true, 1.5]}'),
        (10**20, "100000000000000000000"),
        (math.inf, "Infinity"),
        ("r" * 5000, f'"{"r" * 99}…'),
    ],
    ids=shown,
)
def test_a_value_is_shown_as_json_without_what_a_terminal_would_not_print(value: Any, text: str) -> None:
    assert shown(value) == text


def test_a_key_that_cannot_be_printed_is_escaped_in_the_path() -> None:
    path = yaml_path(("aws", "tags", f"a{HALF}\u00a0"))

    assert path == 'aws.tags["a\\ud800\\u00a0"]'
    assert json.loads(path.removeprefix("aws.tags[").removesuffix("]")) == f"a{HALF}\u00a0"


def test_a_value_that_is_absent_or_a_default_is_shown_as_such() -> None:
    shown_values = [
        Problem(path="a", value=1, rule="", remedy="", source=each).shown_value
        for each in ("config", "default", "absent")
    ]

    assert shown_values == ["1", "1 (the default)", "(not set)"]
