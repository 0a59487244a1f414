"""A broken configuration is refused where it is broken and nowhere else, and nothing is registered."""

import pulumi
import pytest
from hypothesis import given

from ray_platform.config.load import declared, parse
from ray_platform.config.problems import SECTIONS, ConfigError
from ray_platform.examination import laid_out
from tests.support.graph import Graph, run_program
from tests.support.mocked_aws import INSTANCE_TYPES, SUBNET_IDS, VPC_ID
from tests.unit.properties.breaks import BREAKS, Broken, broken, broken_stacks
from tests.unit.properties.places import Absent, value_at
from tests.unit.properties.profile import examples

FACTS = {each.name: each for each in INSTANCE_TYPES}


def test_every_break_is_told_where_it_is_and_there_are_some_in_every_section() -> None:
    assert len({each.keys for each in BREAKS}) > 60
    assert {each.section for each in BREAKS} == {*SECTIONS, "clutser"}
    for each in BREAKS:
        spoiled = broken({"network": {"vpcId": VPC_ID, "subnetIds": SUBNET_IDS}, "nodePools": {"first": {}}}, [each])
        assert {problem.path for problem in parse(spoiled.stack)[1]} == spoiled.paths, each


@examples(200)
@given(broken_stacks())
def test_each_broken_rule_is_told_at_its_place_and_nothing_else_is(spoiled: Broken) -> None:
    found, problems = parse(spoiled.stack)

    assert found is None
    assert {problem.path for problem in problems} == spoiled.paths
    for problem in problems:
        place = value_at(spoiled.stack, problem.path)
        assert isinstance(place, Absent) == (problem.source != "config"), problem.path
        assert problem.rule and problem.remedy
        assert f". {problem.path} = " in str(ConfigError(problems))
    laid_out(declared(spoiled.stack), FACTS)


@examples(40, shrink=False)
@given(broken_stacks())
def test_the_program_refuses_it_before_it_registers_anything(spoiled: Broken) -> None:
    graph = Graph()
    with pytest.raises(pulumi.RunError) as refusal:
        run_program(spoiled.stack, into=graph)

    for path in spoiled.paths:
        assert f". {path} = " in str(refusal.value)
    assert {node.type for node in graph.nodes.values()} <= {"pulumi:providers:aws"}
