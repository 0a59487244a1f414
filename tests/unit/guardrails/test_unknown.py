"""What nobody knows yet is neither forbidden nor called sound."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from ray_platform.guardrails.all import CATALOGUE, judge
from ray_platform.guardrails.sources import from_recording
from ray_platform.guardrails.values import UNKNOWN, each, look, plain
from ray_platform.guardrails.verdict import Resource, Stack
from tests.unit.guardrails.faults import FAULTS, Fault
from tests.unit.guardrails.plans import plan

UNKNOWN_TEXT = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"

# What these look at is not set at all in a sound stack.
NOTHING_TO_JUDGE = {"no-world-ingress", "no-public-addresses"}


class Hidden(Exception):
    """How a mapping says that a value in it is not known."""


class Proxy(dict[str, Any]):
    def __getitem__(self, key: str) -> Any:
        if super().__getitem__(key) == UNKNOWN_TEXT:
            raise Hidden
        return super().__getitem__(key)


def hidden_at_the_ends(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: hidden_at_the_ends(each) for key, each in value.items()}
    if isinstance(value, list):
        return [hidden_at_the_ends(each) for each in value]
    return UNKNOWN


def hidden_at_once(value: Any) -> Any:
    return dict.fromkeys(value, UNKNOWN)


@pytest.fixture(scope="module")
def sound() -> Stack:
    recorded = plan()
    return from_recording(recorded.recording, replace(recorded.limits, cost_usd=1_000_000.0))


@pytest.mark.parametrize("hide", [hidden_at_the_ends, hidden_at_once])
def test_a_resource_of_which_nothing_is_known_breaks_no_guardrail(sound: Stack, hide: Callable[[Any], Any]) -> None:
    for index, resource in enumerate(sound.resources):
        rest = list(sound.resources)
        rest[index] = replace(resource, inputs=hide(resource.inputs))

        assert judge(replace(sound, resources=tuple(rest))).violations == (), resource.name


@pytest.mark.parametrize(
    ("hide", "decided"),
    [(hidden_at_the_ends, {"no-ingress"} | NOTHING_TO_JUDGE), (hidden_at_once, NOTHING_TO_JUDGE)],
)
def test_a_stack_of_which_nothing_is_known_is_undecided(
    sound: Stack, hide: Callable[[Any], Any], decided: set[str]
) -> None:
    resources = [replace(each, inputs=hide(each.inputs), default_tags=UNKNOWN) for each in sound.resources]
    hidden = replace(sound, resources=tuple(resources), outputs=hide(sound.outputs))

    judgement = judge(hidden)

    assert judgement.violations == ()
    assert {each.code for each in judgement.undecided} == {each.code for each in CATALOGUE} - decided


def test_what_is_not_known_hides_no_fault_beside_it() -> None:
    spoiled = plan()
    template = spoiled.inputs("LaunchTemplate")
    template["metadataOptions"] = {"httpTokens": UNKNOWN_TEXT, "httpPutResponseHopLimit": 2}

    judgement = spoiled.judged()

    assert [each.path for each in judgement.violations] == ["metadataOptions.httpPutResponseHopLimit"]
    assert [(each.code, each.path) for each in judgement.undecided] == [("imds", "metadataOptions.httpTokens")]


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("text", "text"),
        (None, None),
        (1.5, 1.5),
        (True, True),
        (UNKNOWN_TEXT, UNKNOWN),
        ("1c4a061d-8072-4f0a-a4cb-0ff528b18fe7", UNKNOWN),
        (f"arn:aws:sqs:{UNKNOWN_TEXT}:queue", UNKNOWN),
        ("[secret]", UNKNOWN),
        ({"a": [UNKNOWN_TEXT, {"b": 1}]}, {"a": [UNKNOWN, {"b": 1}]}),
        (("a", "b"), ["a", "b"]),
        ({SIGNATURE: SECRET, "value": {"a": 1}}, {"a": 1}),
        ({SIGNATURE: SECRET, "ciphertext": "[secret]"}, UNKNOWN),
        ({SIGNATURE: "d0e6a833031e9bbcd3f4e8bde6ca49a4", "dependencies": []}, UNKNOWN),
        (object(), UNKNOWN),
    ],
    # Not the address of an object: each worker of a parallel run would collect another name.
    ids=lambda value: type(value).__name__ if type(value) is object else str(value),
)
def test_a_value_is_plain_or_unknown(raw: Any, value: Any) -> None:
    assert plain(raw) == value


def test_a_mapping_may_say_by_an_exception_that_it_does_not_know_a_value() -> None:
    met = Proxy(a=UNKNOWN_TEXT, b=Proxy(c=1, d=UNKNOWN_TEXT))

    assert plain(met, (Hidden,)) == {"a": UNKNOWN, "b": {"c": 1, "d": UNKNOWN}}
    with pytest.raises(Hidden):
        plain(met)


def test_one_looks_into_what_is_known_only() -> None:
    tree = {"a": {"b": UNKNOWN}, "list": [1, 2], "one": {"c": 3}}

    assert look(tree, "a", "b", "c") is UNKNOWN
    assert look(tree, "a", "x") is None
    assert look(None, "a") is None
    assert list(each(tree, "list")) == [("list[0]", 1), ("list[1]", 2)]
    assert list(each(tree, "one")) == [("one", {"c": 3})]
    assert list(each(tree, "a", "b")) == [("a.b", UNKNOWN)]
    assert list(each(tree, "none")) == []


def test_a_resource_is_called_by_the_end_of_its_urn_and_of_its_type() -> None:
    resource = Resource(urn="urn:pulumi:dev::p::a$aws:sqs/queue:Queue::mine", type="aws:sqs/queue:Queue", inputs={})

    assert (resource.name, resource.kind) == ("mine", "Queue")


@pytest.mark.parametrize("fault", [each for each in FAULTS if each.code == "spot-fallback"], ids=str)
def test_whether_a_pool_has_a_fallback_may_be_unknown(fault: Fault) -> None:
    spoiled = plan()
    fault.do(spoiled)
    spoiled.inputs("NodeGroup", "prod-gpu")["capacityType"] = UNKNOWN_TEXT

    judgement = spoiled.judged()

    assert ("spot-fallback", "capacityType") in {(each.code, each.path) for each in judgement.undecided}
    assert spoiled.node("NodeGroup", "prod-gpu").urn not in {each.urn for each in judgement.violations}
