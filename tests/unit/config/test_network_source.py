"""The ids of the network come from the configuration, or from the outputs of another stack."""

from typing import Any

import pytest

from ray_platform.config.load import declared, parse
from ray_platform.config.network_source import StackOutputs, StackUnreadable, from_stack, with_ids
from ray_platform.config.problems import Problem
from tests.unit.config.given import NETWORK, only_problem, problems

STACK = "organization/ray-vpc/dev"
SOURCE = {"stack": STACK}
OUTPUTS: dict[str, Any] = {**NETWORK, "config": "text"}


def answered(
    outputs: dict[str, Any], *, secret: frozenset[str] = frozenset(), **names: str
) -> tuple[dict[str, Any], list[Problem]]:
    """The sections after the stack answered with these outputs."""
    raw = {"network": {"fromStack": SOURCE | names}, "cluster": {"name": "ray-test"}}
    source = from_stack(raw)
    assert source is not None
    return with_ids(raw, source, StackOutputs(values=outputs, secret=secret))


def refused(outputs: dict[str, Any], **given: Any) -> Problem:
    sections, found = answered(outputs, **given)
    assert sections["network"]["fromStack"]["stack"] == STACK
    (problem,) = found
    return problem


def test_the_outputs_of_the_stack_read_as_if_they_had_stood_in_the_configuration() -> None:
    sections, found = answered(OUTPUTS)

    assert found == []
    assert sections == {"network": NETWORK, "cluster": {"name": "ray-test"}}
    assert declared(sections).vpc_id == NETWORK["vpcId"]


def test_the_outputs_may_have_other_names() -> None:
    renamed = {"vpc": NETWORK["vpcId"], "private": NETWORK["subnetIds"]}
    sections, found = answered(renamed, vpcIdOutput="vpc", subnetIdsOutput="private")

    assert (sections["network"], found) == (NETWORK, [])


def test_a_stack_is_enough_of_a_network_and_names_nothing_to_look_up() -> None:
    raw = {"network": {"fromStack": SOURCE}}
    settings, found = parse(raw)

    assert found == []
    assert settings is not None and settings.network.from_stack is not None
    assert settings.network.from_stack.stack == STACK
    assert (settings.network.vpc_id, settings.network.subnet_ids) == ("", ())
    assert (declared(raw).vpc_id, declared(raw).subnet_ids) == (None, ())


@pytest.mark.parametrize("key", NETWORK)
def test_both_ways_at_once_are_refused_and_both_named(key: str) -> None:
    network = {key: NETWORK[key], "fromStack": SOURCE}
    problem = only_problem(network=network)

    assert problem.path == "network.fromStack"
    assert "either vpcId and subnetIds, or fromStack" in problem.rule and f"{key} is set as well" in problem.rule
    assert f"config rm --path 'ray-on-eks:network.{key}'" in problem.remedy
    assert from_stack({"network": network}) is None


@pytest.mark.parametrize("network", [{}, {"fromStack": None}])
def test_neither_way_is_refused_and_both_named(network: dict[str, Any]) -> None:
    found = problems(network=network)

    assert [(each.path, each.source) for each in found] == [
        ("network.vpcId", "absent"),
        ("network.subnetIds", "absent"),
    ]
    for problem in found:
        assert "unless network.fromStack names a stack" in problem.rule
        assert "'ray-on-eks:network.fromStack.stack' ORG/PROJECT/STACK" in problem.remedy


@pytest.mark.parametrize("stack", ["dev", "ray-vpc/dev", "organization/ray-vpc/", "a/b/c/d", "a b/c/d"])
def test_only_the_full_name_of_a_stack_is_taken(stack: str) -> None:
    network = {"fromStack": {"stack": stack}}

    assert only_problem(network=network).path == "network.fromStack.stack"
    assert from_stack({"network": network}) is None


def test_an_unknown_key_of_it_is_refused() -> None:
    assert only_problem(network={"fromStack": {**SOURCE, "vpcOutput": "x"}}).path == "network.fromStack.vpcOutput"


def test_a_stack_that_cannot_be_read_is_told_in_pulumis_words() -> None:
    raw = {"network": {"fromStack": SOURCE}}
    source = from_stack(raw)
    assert source is not None
    sections, (problem,) = with_ids(raw, source, StackUnreadable('unknown stack "organization/ray-vpc/dev"'))

    assert sections == raw
    assert (problem.path, problem.value) == ("network.fromStack.stack", STACK)
    assert 'unknown stack "organization/ray-vpc/dev"' in problem.rule
    assert "pulumi stack ls --all" in problem.remedy


def test_an_output_that_is_not_there_is_told_with_those_that_are() -> None:
    problem = refused({"vpc_id": NETWORK["vpcId"], "subnetIds": NETWORK["subnetIds"]})

    assert (problem.path, problem.value, problem.source) == ("network.fromStack.vpcIdOutput", "vpcId", "default")
    assert problem.rule == f"an output of {STACK}, which has subnetIds, vpc_id"
    assert problem.remedy.startswith("pulumi config set --path 'ray-on-eks:network.fromStack.vpcIdOutput' vpc_id")


def test_a_stack_without_any_output_was_perhaps_never_up() -> None:
    _, found = answered({})

    assert [each.path.rpartition(".")[2] for each in found] == ["vpcIdOutput", "subnetIdsOutput"]
    assert all("none; was it ever up?" in each.rule for each in found)


@pytest.mark.parametrize(
    ("name", "value", "rule"),
    [
        ("vpcId", 7, "a text"),
        ("vpcId", "subnet-0123456789abcdef0", "a VPC id"),
        ("subnetIds", "subnet-0123456789abcdef0", "a list"),
        ("subnetIds", ["subnet-0123456789abcdef0"], "at least 2 entries"),
        ("subnetIds", ["subnet-0123456789abcdef0", "vpc-0123456789abcdef0"], "a subnet id"),
    ],
)
def test_an_output_of_another_shape_is_told_with_its_value(name: str, value: Any, rule: str) -> None:
    problem = refused(OUTPUTS | {name: value})

    assert problem.path == f"network.fromStack.{name}Output"
    assert rule in problem.rule and f"in {STACK} it is " in problem.rule
    assert str(value).replace("'", '"') in problem.rule


def test_a_secret_output_is_refused_and_not_told() -> None:
    problem = refused(OUTPUTS, secret=frozenset({"vpcId"}))

    assert problem.path == "network.fromStack.vpcIdOutput"
    assert "no secret" in problem.rule
    assert str(OUTPUTS["vpcId"]) not in str(problem)
