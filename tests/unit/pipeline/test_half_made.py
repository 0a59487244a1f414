"""What EKS could not make or delete: what is asked, what is said, and what the next update is told to replace."""

from __future__ import annotations

import json
from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any, cast

import pytest
from botocore.exceptions import EndpointConnectionError
from click.testing import CliRunner
from pulumi import automation as auto

from ray_platform.cli import preview, session
from ray_platform.cli import up as verb
from ray_platform.cli.options import Exit
from ray_platform.cli.telling import JsonTeller
from ray_platform.pipeline.half_made import HalfMade, half_made
from tests.support.stubbed_aws import Stubbed

STACK = "urn:pulumi:dev::ray-on-eks::"
ROOT = {"urn": f"{STACK}pulumi:pulumi:Stack::ray-on-eks-dev", "type": "pulumi:pulumi:Stack", "custom": False}
NODE_GROUP, ADDON, CLUSTER = "aws:eks/nodeGroup:NodeGroup", "aws:eks/addon:Addon", "aws:eks/cluster:Cluster"
INPUTS = {"clusterName": "ray-dev", "nodeGroupName": "ray-dev-cpu-1", "addonName": "coredns", "name": "ray-dev"}
NOUNS = {NODE_GROUP: "nodegroup", ADDON: "addon", CLUSTER: "cluster"}
ISSUE = {"code": "NodeCreationFailure", "message": "Instances failed to join", "resourceIds": ["i-1"]}


def resource(type_: str, name: str = "it", **more: Any) -> dict[str, Any]:
    return {
        "urn": f"{STACK}{type_}::{name}",
        "type": type_,
        "custom": True,
        "id": "ray-dev:x",
        "inputs": INPUTS,
        **more,
    }


class Stack:
    """A stack that can be looked at, and to which nothing else can be done."""

    name = "dev"

    def __init__(self, *resources: dict[str, Any]) -> None:
        self.deployment: dict[str, Any] = {"resources": [ROOT, *resources], "manifest": {}}

    def export_stack(self) -> auto.Deployment:
        return auto.Deployment(version=3, deployment=self.deployment)


def lost(found: tuple[HalfMade, ...]) -> list[str]:
    return [each.urn.rpartition("::")[2] for each in found if each.is_lost]


def run(stack: Stack, *answers: tuple[str, str | None, list[dict[str, Any]]]) -> tuple[tuple[HalfMade, ...], str]:
    """``answers`` of EKS in order: the type, its status (None: there is none), and its issues."""
    told: list[str] = []
    environment = Stubbed("eks")
    for type_, status, issues in answers:
        call, noun = f"describe_{NOUNS[type_]}", NOUNS[type_]
        if status is None:
            environment.answers["eks"].add_client_error(call, "ResourceNotFoundException")
        else:
            environment.answers["eks"].add_response(call, {noun: {"status": status, "health": {"issues": issues}}})
    found = half_made(cast(auto.Stack, stack), environment.client, told.append)
    environment.answers["eks"].assert_no_pending_responses()
    return found, "\n".join(told)


def test_a_node_group_that_failed_is_told_in_eks_own_words_and_to_be_replaced() -> None:
    found, told = run(Stack(resource(NODE_GROUP, "ray-dev-cpu")), (NODE_GROUP, "CREATE_FAILED", [ISSUE]))

    assert lost(found) == ["ray-dev-cpu"]
    assert told == (
        "ray-dev-cpu (NodeGroup) is CREATE_FAILED: NodeCreationFailure: Instances failed to join. "
        "So the update replaces it."
    )


def test_an_addon_that_failed_is_replaced_and_its_neighbours_are_not() -> None:
    stack = Stack(resource(ADDON, "coredns"), resource(ADDON, "vpc-cni"))
    found, _ = run(stack, (ADDON, "CREATE_FAILED", []), (ADDON, "ACTIVE", []))

    assert lost(found) == ["coredns"]


@pytest.mark.parametrize("type_", [NODE_GROUP, ADDON])
def test_what_eks_could_not_delete_is_replaced_also_where_the_state_knew_it_as_ready(type_: str) -> None:
    stack = Stack(resource(type_, "it", outputs={"status": "ACTIVE"}))
    found, told = run(stack, (type_, "DELETE_FAILED", []))

    assert lost(found) == ["it"]
    assert "is DELETE_FAILED: EKS does not say why. So the update replaces it." in told


@pytest.mark.parametrize(
    ("type_", "status", "next_"),
    [
        (ADDON, "DEGRADED", "it comes right once that is mended"),
        (NODE_GROUP, "DEGRADED", "it comes right once that is mended"),
        (ADDON, "UPDATE_FAILED", "another update of it is needed, once that is mended"),
        (CLUSTER, "FAILED", "it has to be deleted by hand, by `aws eks delete-cluster --name ray-dev`"),
    ],
)
def test_what_no_replacement_is_for_is_told_with_what_becomes_of_it(type_: str, status: str, next_: str) -> None:
    found, told = run(Stack(resource(type_, "it")), (type_, status, []))

    assert [each.is_lost for each in found] == [False]
    assert f"is {status}: EKS does not say why. So {next_}." in told


@pytest.mark.parametrize(
    ("type_", "status"), [(ADDON, "ACTIVE"), (ADDON, None), (NODE_GROUP, "UPDATING"), (CLUSTER, "ACTIVE")]
)
def test_of_what_works_is_under_way_or_is_gone_nothing_is_said(type_: str, status: str | None) -> None:
    assert run(Stack(resource(type_)), (type_, status, [])) == ((), "")


@pytest.mark.parametrize(
    "sound",
    [resource(NODE_GROUP, delete=True), resource(NODE_GROUP, id=""), resource("aws:kms/key:Key")],
    ids=["is to be deleted", "is not there yet", "another type"],
)
def test_aws_is_not_asked_for_what_cannot_be_half_made(sound: dict[str, Any]) -> None:
    assert run(Stack(sound)) == ((), "")


def test_what_aws_refuses_to_tell_is_said_and_the_rest_is_asked_for() -> None:
    stack, told = Stack(resource(ADDON, "coredns"), resource(ADDON, "vpc-cni")), list[str]()
    environment = Stubbed("eks")
    environment.answers["eks"].add_client_error("describe_addon", "AccessDeniedException")
    environment.answers["eks"].add_response("describe_addon", {"addon": {"status": "CREATE_FAILED"}})

    assert lost(half_made(cast(auto.Stack, stack), environment.client, told.append)) == ["vpc-cni"]
    assert "cannot be told whether all is well with coredns: AWS does not answer eks:DescribeAddon" in told[0]


def test_where_nobody_answers_the_rest_is_not_asked_for_and_one_sentence_names_it_all() -> None:
    names = ["coredns", "vpc-cni", "kube-proxy"]
    stack, told = Stack(*(resource(ADDON, name, inputs={**INPUTS, "addonName": name}) for name in names)), list[str]()
    environment, asked = Stubbed("eks"), list[str]()
    for _ in names:
        environment.answers["eks"].add_response("describe_addon", {"addon": {"status": "ACTIVE"}})

    def away(params: dict[str, Any], **_: Any) -> None:
        asked.append(params["addonName"])
        if len(asked) > 1:
            raise EndpointConnectionError(endpoint_url="eks")

    environment.client("eks").meta.events.register("before-parameter-build.eks.DescribeAddon", away)
    assert half_made(cast(auto.Stack, stack), environment.client, told.append) == ()
    assert asked == names[:2]
    (only,) = told
    assert "all is well with vpc-cni, kube-proxy: AWS does not answer eks:DescribeAddon (Could not connect" in only


# On the command line


def test_it_is_one_event_and_the_lost_are_to_be_replaced(capsys: pytest.CaptureFixture[str]) -> None:
    environment = Stubbed("eks")
    answer = {"nodegroup": {"status": "CREATE_FAILED", "health": {"issues": [ISSUE]}}}
    environment.answers["eks"].add_response("describe_nodegroup", answer)
    environment.answers["eks"].add_response("describe_addon", {"addon": {"status": "DEGRADED"}})
    failed, ailing = resource(NODE_GROUP, "cpu"), resource(ADDON, "coredns")
    target = SimpleNamespace(stack=Stack(failed, ailing), environment=environment)
    assert session.what_never_comes_right(cast(session.Opened, target), JsonTeller()) == [failed["urn"]]

    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    (event,) = [each for each in events if each["event"] == "half-made"]
    issues = ["NodeCreationFailure: Instances failed to join"]
    assert event["resources"] == [
        {"urn": failed["urn"], "status": "CREATE_FAILED", "issues": issues, "replaced": True},
        {"urn": ailing["urn"], "status": "DEGRADED", "issues": [], "replaced": False},
    ]


def test_where_all_works_there_is_no_event(capsys: pytest.CaptureFixture[str]) -> None:
    target = SimpleNamespace(stack=Stack(), environment=Stubbed("eks"))

    assert session.what_never_comes_right(cast(session.Opened, target), JsonTeller()) == []
    assert capsys.readouterr().out == ""


def test_up_shows_and_makes_the_replacements_after_what_was_pending_is_settled(monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[object] = []
    plan = SimpleNamespace(changes=[], components={}, expected=None)

    def previewed(*_: object, **options: object) -> SimpleNamespace:
        steps.append(("preview", options))
        return plan

    def carried_out(*_: object, **options: object) -> None:
        steps.append(("up", options))
        raise session.Stop(Exit.FAILED, "enough")

    target = SimpleNamespace(stack=SimpleNamespace(up=None))
    monkeypatch.setattr(verb, "opened", lambda chosen, create: nullcontext(target))
    monkeypatch.setattr(verb, "settle_what_is_pending", lambda *_: steps.append("settle"))
    monkeypatch.setattr(verb, "what_never_comes_right", lambda *_: ["urn:cpu"])
    monkeypatch.setattr(verb, "previewed", previewed)
    monkeypatch.setattr(verb, "carried_out", carried_out)
    for unasked in ("show", "stop_what_is_guarded", "stop_what_no_guardrail_lets_pass", "Progress"):
        monkeypatch.setattr(verb, unasked, lambda *_: None)
    CliRunner().invoke(verb.up, ["--stack", "dev"])

    assert steps == ["settle", ("preview", {"replace": ["urn:cpu"]}), ("up", {"replace": ["urn:cpu"]})]


def test_preview_shows_the_replacements_too(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[object] = []

    def previewed(*_: object, **options: object) -> None:
        given.append(options)
        raise session.Stop(Exit.FAILED, "enough")

    monkeypatch.setattr(preview, "opened", lambda chosen, create: nullcontext(SimpleNamespace(stack=None)))
    monkeypatch.setattr(preview, "what_never_comes_right", lambda *_: ["urn:cpu"])
    monkeypatch.setattr(preview, "previewed", previewed)
    CliRunner().invoke(preview.preview, ["--stack", "dev"])

    assert given == [{"replace": ["urn:cpu"]}]
