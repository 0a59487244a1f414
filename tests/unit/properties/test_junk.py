"""Whatever stands in a configuration, it is told as problems: nothing else is raised."""

import copy
import json
import math
from collections.abc import Iterator
from typing import Any, Final

import pulumi
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ray_platform.config.load import Declared, declared, parse
from ray_platform.config.problems import SECTIONS, ConfigError
from ray_platform.examination import laid_out
from tests.support.graph import Graph, run_program
from tests.unit.config.given import instance_facts
from tests.unit.properties.odd import NUMBERS, TEXTS
from tests.unit.properties.places import Absent, parts, value_at
from tests.unit.properties.profile import examples
from tests.unit.properties.stacks import Stack, stacks

# What a key may be called that somebody means something by, and what may be meant for something else.
_KEYS: Final = st.sampled_from(
    [
        *("vpcId", "fromStack", "stack", "tags", "name", "nodePool", "head", "ray", "cpu", "image", "kubelet"),
        *("config", "flags", "minSize", "gpu", "0", "", "a.b", 'a"b', "[0]", "é"),
    ]
) | st.text(max_size=5)
_LEAF: Final = st.one_of(
    st.none(),
    st.booleans(),
    NUMBERS,
    TEXTS,
    st.sampled_from(["1e9", "0x10", "yes", "10.0.0.0/8", "arn:aws:", "{}", "$(id)", "-", "/", "a" * 5000]),
)
JUNK: Final = st.recursive(
    _LEAF, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=3), max_leaves=6
)
SECTIONS_OF_JUNK: Final = st.dictionaries(st.sampled_from(SECTIONS) | _KEYS, JUNK, max_size=4)


@st.composite
def spoiled_stacks(draw: st.DrawFn) -> Stack:
    """A valid configuration with junk in one to three places."""
    stack: Stack = copy.deepcopy(draw(stacks()))
    for _ in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from(list(_paths(stack))))
        owner: Any = stack
        for part in path[:-1]:
            owner = owner[part]
        owner[path[-1]] = draw(JUNK)
    return stack


def _paths(value: Any) -> Iterator[tuple[Any, ...]]:
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in entries:
        yield (key,)
        yield from ((key, *below) for below in _paths(inner))


@examples(150)
@given(SECTIONS_OF_JUNK)
def test_sections_of_junk_are_told_at_places_that_exist(raw: Stack) -> None:
    _is_told(raw)


@examples(120)
@given(spoiled_stacks())
def test_junk_within_a_valid_configuration_is_told_at_places_that_exist(raw: Stack) -> None:
    _is_told(raw)


def _is_told(raw: Stack) -> None:
    before = copy.deepcopy(raw)
    found, problems = parse(raw)
    named = declared(raw)
    layout, unfit = laid_out(named, _facts(named))

    assert (found is None) == bool(problems)
    # What is missing for the images to come from elsewhere is told beside the layout.
    assert layout is None or all(problem.path.startswith("addons.imageMirrors[") for problem in unfit)
    for problem in (*problems, *unfit):
        assert list(parts(problem.path))
        place = value_at(raw, problem.path)
        assert problem.source != "config" or not isinstance(place, Absent), problem.path
    assert str(ConfigError((*problems, *unfit))).encode()
    assert raw == before


def _facts(named: Declared) -> dict[str, Any]:
    return {name: instance_facts(name) for pool in named.pools for _, name in pool.paths()}


@examples(10, shrink=False)
@given(spoiled_stacks())
def test_the_program_takes_junk_or_refuses_it_with_problems(raw: Stack) -> None:
    if isinstance(raw.get("cluster"), dict):
        # Support of a Kubernetes version ends on a day, and the program looks at the calendar.
        raw["cluster"].pop("kubernetesVersion", None)
    assume(_can_be_written(raw))
    graph = Graph()
    try:
        run_program(raw, into=graph)
    except pulumi.RunError as refusal:
        assert "in the stack configuration; nothing was created or changed." in str(refusal)
        assert {node.type for node in graph.nodes.values()} <= {"pulumi:providers:aws"}


def _can_be_written(raw: Stack) -> bool:
    """Pulumi hands a configuration on as JSON, in which Python writes no number of thousands of digits."""
    try:
        return bool(json.dumps(raw))
    except ValueError:
        return False


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("key", ["minSize", "maxSize", "diskGib", "maxUnavailable", "gpu", "labels"])
def test_what_is_no_number_is_refused(key: str, number: float) -> None:
    found, problems = parse({"nodePools": {"cpu": {key: number}}})

    assert found is None
    assert f"nodePools.cpu.{key}" in {problem.path for problem in problems}
    assert str(ConfigError(problems))
