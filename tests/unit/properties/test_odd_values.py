"""A value that nobody means is told, or is one that AWS, Kubernetes and a registry can read."""

import json
import re
from collections.abc import Iterator
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ray_platform.config.load import declared, parse
from ray_platform.config.numbers import INTEGER_MAX, INTEGER_MIN
from ray_platform.config.problems import ConfigError
from ray_platform.config.stack_file import StackFileError, with_changes
from ray_platform.config.stack_yaml import read, write
from ray_platform.examination import laid_out
from tests.support.mocked_aws import SUBNET_IDS, VPC_ID
from tests.unit.config.given import instance_facts
from tests.unit.properties.odd import (
    NUMBER_PLACES,
    NUMBERS,
    ODD,
    PLACES,
    TEXTS_OF_PLACES,
    WORST,
    Place,
    nearly_right_texts,
    with_value,
)
from tests.unit.properties.places import parts
from tests.unit.properties.profile import examples
from tests.unit.properties.stacks import Stack

# Words for people, and names that Pulumi keeps: in any script.
_IN_ANY_SCRIPT: Final = {"tags", "guardrailExceptions", "vpcIdOutput", "subnetIdsOutput", "values"}
_LOOKED_AT: Final = {"kubeReserved", "systemReserved", "evictionHard", "flags"}
_ONE_IMAGE: Final = re.compile(
    r"(([a-z0-9.-]+(:[0-9]+)?/)?[a-z0-9][a-z0-9._/-]*[a-z0-9]|[a-z0-9])(:[A-Za-z0-9_.-]+)?(@sha256:.*)?"
)


def _with(place: Place, value: Any) -> Stack:
    return with_value(
        {
            "network": {"vpcId": VPC_ID, "subnetIds": list(SUBNET_IDS)},
            "nodePools": {"system": {}, "tested": {}},
        },
        place,
        value,
    )


def test_there_are_places_everywhere_and_the_texts_of_those_with_texts_are_fine() -> None:
    assert len(PLACES) > 110
    assert len(NUMBER_PLACES) > 20
    for place, text in TEXTS_OF_PLACES.items():
        assert _accepted(_with(place, text)), place


def test_the_worst_values_are_told_or_can_be_read_in_every_place() -> None:
    for place in PLACES:
        for value in WORST:
            raw = _with(place, value)
            if _accepted(raw):
                _can_be_read(raw)


@examples(400)
@given(st.sampled_from(PLACES), ODD)
def test_an_odd_value_anywhere_is_told_or_can_be_read(place: Place, value: Any) -> None:
    raw = _with(place, value)
    if _accepted(raw):
        _can_be_read(raw)


@examples(400)
@given(st.sampled_from(NUMBER_PLACES), NUMBERS)
def test_an_odd_number_in_the_place_of_a_number_is_told_or_can_be_read(place: Place, number: float) -> None:
    raw = _with(place, number)
    if _accepted(raw):
        _can_be_read(raw)


@examples(300)
@given(nearly_right_texts())
def test_a_text_with_one_odd_character_is_told_or_can_be_read(near: tuple[Place, str]) -> None:
    raw = _with(*near)
    if _accepted(raw):
        _can_be_read(raw)


_YAML: Final = st.text("a0-:[]{},&*!<?|>'\"\n \t#%@_.x٢é", max_size=30)


@examples(150)
@given(_YAML)
def test_any_text_is_read_as_yaml_or_refused(text: str) -> None:
    try:
        value = read(text)
    except ValueError:
        return
    assert list(_not_of_json(value)) == []


@examples(150)
@given(st.sampled_from(["true", "True", "FALSE", "false"]), st.text("abz019-_.", min_size=1, max_size=8))
def test_a_word_that_begins_like_true_or_false_is_a_text(beginning: str, rest: str) -> None:
    word = beginning + rest
    assert read(f"{word}: {word}") == {word: word}


@examples(150)
@given(st.one_of(st.text(), st.text("0123456789eox.-_:+TZ ", max_size=12)))
def test_any_text_that_is_written_as_yaml_is_read_as_it_was(text: str) -> None:
    assert read(write({"a": [text]})) == {"a": [text]}


@examples(100)
@given(st.text('a0.[]"\\=-{}:٢', max_size=15), st.text('a0[]{}":,٢', max_size=10))
def test_any_change_is_made_or_refused(path: str, text: str) -> None:
    given = {"a": {"a": ["a"]}, "0": "a"}
    try:
        assert with_changes(given, [f"{path}={text}"])
    except StackFileError as refusal:
        assert path in str(refusal) or repr(path)[1:-1] in str(refusal)
    assert given == {"a": {"a": ["a"]}, "0": "a"}


def _not_of_json(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from (key for key in value if not isinstance(key, str))
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from _not_of_json(each)
    elif not isinstance(value, str | int | float | None):
        yield value


@pytest.mark.parametrize("text", ["ray::1", "ray//r:1", ":1", "ray:1:2", "-r:1", "r.:1"])
def test_what_is_half_a_reference_is_none_for_this_test_either(text: str) -> None:
    assert not _readable_image(text)


def _accepted(raw: Stack) -> bool:
    """Whether the configuration is taken; what is wrong with it can be told if not."""
    found, problems = parse(raw)
    named = declared(raw)
    _, unfit = laid_out(named, {name: instance_facts(name) for pool in named.pools for _, name in pool.paths()})
    assert (found is None) == bool(problems)
    for problem in (*problems, *unfit):
        assert list(parts(problem.path))
        assert problem.rule and problem.remedy
    text = str(ConfigError((*problems, *unfit)))
    assert text.encode() and "Exceeds the limit" not in text and "at most -" not in text
    return not problems and not unfit


def _can_be_read(raw: Stack) -> None:
    json.dumps(raw, allow_nan=False).encode()
    _check(raw, ())
    config = raw["nodePools"].get("tested") or {}
    kubelet = (config.get("nodeConfig") or {}).get("kubelet") or {}
    settings = kubelet.get("config") or {}
    assert isinstance(settings, dict)
    assert isinstance(kubelet.get("flags") or [], list)
    for key in ("kubeReserved", "systemReserved", "evictionHard"):
        assert isinstance(settings.get(key) or {}, dict)
    assert settings.get("maxPods") is None or 4 <= settings["maxPods"] <= 65536
    assert (config.get("maxSize") or 0) <= 100_000
    for image in (raw.get("ray", {}).get("image"), (config.get("ray") or {}).get("image")):
        assert image is None or _readable_image(image)


def _check(value: Any, at: Place) -> None:
    if isinstance(value, dict):
        for key, each in value.items():
            _check(key, (*at, key))
            _check(each, (*at, key))
    elif isinstance(value, list):
        for each in value:
            _check(each, at)
    elif isinstance(value, int):
        assert INTEGER_MIN <= value <= INTEGER_MAX
    elif isinstance(value, str):
        value.encode()
        assert "\t" not in value or "nodeConfig" in at or "values" in at, at
        # Of the data that is handed on, only the amounts and flags are looked at.
        handed_on = "nodeConfig" in at and not _LOOKED_AT & set(at)
        assert value.isascii() or _IN_ANY_SCRIPT & set(at) or handed_on, at


def _readable_image(image: str) -> bool:
    return _ONE_IMAGE.fullmatch(image) is not None and "//" not in image
