"""The same stack, seen in a recording, in a preview of the engine, and by a policy pack."""

from enum import Enum
from types import SimpleNamespace
from typing import Any

import pytest

from ray_platform.guardrails.all import judge
from ray_platform.guardrails.sources import default_tags, from_preview, from_recording, resource
from ray_platform.guardrails.values import UNKNOWN
from ray_platform.guardrails.verdict import Limits, Stack
from ray_platform.plan.recording import Node
from tests.unit.guardrails.plans import Plan, plan

UNKNOWN_TEXT = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
STACK_URN = "urn:pulumi:prod::ray-on-eks::pulumi:pulumi:Stack::ray-on-eks-prod"


class Op(Enum):
    SAME = "same"
    CREATE = "create"
    DELETE = "delete"
    REFRESH = "refresh"


def step(op: Op, urn: str, type_: str, new: SimpleNamespace | None) -> SimpleNamespace:
    return SimpleNamespace(op=op, urn=urn, type=type_, new=new)


def state(inputs: dict[str, Any], **more: Any) -> SimpleNamespace:
    return SimpleNamespace(**{"inputs": inputs, "outputs": {}, "parent": "", "provider": "", **more})


def planned(node: Node, op: Op = Op.CREATE, **inputs: Any) -> SimpleNamespace:
    return step(op, node.urn, node.type, state(node.inputs | inputs, parent=node.parent, provider=node.provider))


def previewed(recorded: Plan) -> list[SimpleNamespace]:
    """The steps in which the engine would tell it."""
    outputs = state({}, outputs=recorded.recording.outputs)
    return [
        step(Op.CREATE, STACK_URN, "pulumi:pulumi:Stack", state({})),
        *map(planned, recorded.recording.nodes.values()),
        step(Op.CREATE, STACK_URN, "pulumi:pulumi:Stack", outputs),
    ]


def test_a_preview_and_a_recording_of_a_stack_are_the_same() -> None:
    recorded = plan()

    assert from_preview(previewed(recorded), recorded.limits) == from_recording(recorded.recording, recorded.limits)


def test_a_resource_that_goes_is_not_judged_and_one_that_was_read_anew_is_judged_by_what_it_will_be() -> None:
    recorded = plan()
    queue, group = recorded.node("Queue"), recorded.node("LogGroup")
    steps = [
        planned(queue, Op.REFRESH, sqsManagedSseEnabled=False),
        planned(group, Op.REFRESH),
        planned(queue, Op.SAME),
        step(Op.DELETE, group.urn, group.type, None),
    ]

    stack = from_preview(steps, Limits())

    assert [each.urn for each in stack.resources] == [queue.urn]
    assert "queue-encryption" not in {each.code for each in judge(stack).violations}
    assert stack.outputs is None


def test_what_a_preview_does_not_know_is_undecided() -> None:
    recorded = plan()
    steps = [*previewed(recorded), planned(recorded.node("RolePolicy"), policy=UNKNOWN_TEXT)]

    judgement = judge(from_preview(steps, recorded.limits))

    assert judgement.violations == ()
    assert [(each.code, each.path) for each in judgement.undecided] == [("no-wildcard-rights", "policy")]


def test_a_control_plane_is_judged_by_its_own_inputs_where_the_engine_tells_them() -> None:
    recorded = plan()
    endpoint = {"endpointPrivateAccess": True, "endpointPublicAccess": True}
    steps = [*previewed(recorded), planned(recorded.node("Cluster"), vpcConfig=endpoint)]

    codes = {each.code for each in judge(from_preview(steps, recorded.limits)).violations}

    assert codes == {"private-endpoint", "secrets-encryption", "log-types"}


@pytest.mark.parametrize(
    ("provider", "tags"),
    [
        ({"defaultTags": '{"tags": {"Project": "ray"}}'}, {"Project": "ray"}),
        ({"defaultTags": {"tags": {"Project": "ray"}}}, {"Project": "ray"}),
        ({"defaultTags": UNKNOWN}, UNKNOWN),
        ({"defaultTags": {"tags": UNKNOWN}}, UNKNOWN),
        ({}, {}),
        (None, {}),
    ],
)
def test_a_provider_says_which_tags_it_adds(provider: Any, tags: Any) -> None:
    assert default_tags(provider) == tags


def test_a_resource_of_a_policy_pack_has_its_providers_tags() -> None:
    tags = {"Project": "ray", "ENVIRONMENT": "dev", "ManagedBy": "pulumi"}
    met: dict[str, Any] = {"urn": "urn:pulumi:dev::ray::aws:sqs/queue:Queue::q", "type": "aws:sqs/queue:Queue"}
    met["inputs"] = {"sqsManagedSseEnabled": True}

    tagged = resource(**met, provider={"defaultTags": {"tags": tags}})
    bare = resource(**met)

    assert judge(Stack(resources=(tagged,))).violations == ()
    assert [each.code for each in judge(Stack(resources=(bare,))).violations] == ["tags"]
