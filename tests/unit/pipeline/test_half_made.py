"""What EKS could not make: what is asked, what is said, and what of the state the next update replaces."""

from __future__ import annotations

import json
from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any, cast

import pytest
from click.testing import CliRunner
from pulumi import automation as auto

from ray_platform.cli import session
from ray_platform.cli import up as verb
from ray_platform.cli.options import Exit
from ray_platform.cli.telling import JsonTeller
from ray_platform.pipeline.half_made import HalfMade, mend
from tests.support.stubbed_aws import Stubbed

STACK = "urn:pulumi:dev::ray-on-eks::"
ROOT = {"urn": f"{STACK}pulumi:pulumi:Stack::ray-on-eks-dev", "type": "pulumi:pulumi:Stack", "custom": False}
NODE_GROUP, ADDON = "aws:eks/nodeGroup:NodeGroup", "aws:eks/addon:Addon"
INPUTS = {"clusterName": "ray-dev", "nodeGroupName": "ray-dev-cpu-1", "addonName": "coredns"}
NOUNS = {NODE_GROUP: "nodegroup", ADDON: "addon"}
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
    """Its state, and what was done to it in which order."""

    name = "dev"

    def __init__(self, *resources: dict[str, Any]) -> None:
        self.deployment: dict[str, Any] = {"resources": [ROOT, *resources], "manifest": {}}
        self.calls: list[str] = []

    def export_stack(self) -> auto.Deployment:
        return auto.Deployment(version=3, deployment=self.deployment)

    def import_stack(self, state: auto.Deployment) -> None:
        self.calls.append("import")
        self.deployment = dict(state.deployment or {})

    def refresh(self, target: list[str]) -> None:
        assert target == [ROOT["urn"]]
        self.calls.append("refresh")

    @property
    def tainted(self) -> list[str]:
        return [each["urn"].rpartition("::")[2] for each in self.deployment["resources"] if each.get("taint")]


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
    found = mend(cast(auto.Stack, stack), environment.client, told.append)
    environment.answers["eks"].assert_no_pending_responses()
    return found, "\n".join(told)


def test_a_node_group_that_failed_is_told_in_eks_own_words_and_marked_under_the_lock() -> None:
    stack = Stack(resource(NODE_GROUP, "ray-dev-cpu"))
    found, told = run(stack, (NODE_GROUP, "CREATE_FAILED", [ISSUE]))

    assert [each.is_lost for each in found] == [True]
    assert "ray-dev-cpu (NodeGroup) is CREATE_FAILED: NodeCreationFailure: Instances failed to join. So" in told
    assert stack.tainted == ["ray-dev-cpu"]
    assert stack.calls == ["refresh", "import"]
    assert stack.deployment["manifest"] == {}


def test_an_addon_that_failed_is_marked_and_its_neighbours_are_not() -> None:
    stack = Stack(resource(ADDON, "coredns"), resource(ADDON, "vpc-cni"))
    run(stack, (ADDON, "CREATE_FAILED", []), (ADDON, "ACTIVE", []))

    assert stack.tainted == ["coredns"]


@pytest.mark.parametrize(("type_", "status"), [(ADDON, "DEGRADED"), (ADDON, "UPDATE_FAILED"), (NODE_GROUP, "DEGRADED")])
def test_what_comes_right_by_itself_is_told_and_left(type_: str, status: str) -> None:
    stack = Stack(resource(type_, "it"))
    found, told = run(stack, (type_, status, []))

    assert [each.is_lost for each in found] == [False]
    assert f"is {status}: EKS does not say why. So it comes right once that is mended." in told
    assert (stack.tainted, stack.calls) == ([], [])


@pytest.mark.parametrize(("type_", "status"), [(ADDON, "ACTIVE"), (ADDON, None), (NODE_GROUP, "UPDATING")])
def test_of_what_works_is_under_way_or_is_gone_nothing_is_said(type_: str, status: str | None) -> None:
    stack = Stack(resource(type_))

    assert run(stack, (type_, status, [])) == ((), "")
    assert stack.calls == []


@pytest.mark.parametrize(
    "sound",
    [
        resource(NODE_GROUP, outputs={"status": "ACTIVE"}),
        resource(NODE_GROUP, delete=True),
        resource(NODE_GROUP, id=""),
        resource("aws:kms/key:Key"),
    ],
    ids=["was ready once", "is to be deleted", "is not there yet", "another type"],
)
def test_aws_is_not_asked_for_what_cannot_be_half_made(sound: dict[str, Any]) -> None:
    assert run(Stack(sound)) == ((), "")


def test_a_surplus_one_of_the_same_urn_stays_as_it_is() -> None:
    surplus = resource(NODE_GROUP, "cpu", delete=True)
    stack = Stack(resource(NODE_GROUP, "cpu"), surplus)
    run(stack, (NODE_GROUP, "CREATE_FAILED", []))

    assert stack.tainted == ["cpu"]
    assert stack.deployment["resources"][2] == surplus


def test_what_aws_does_not_tell_is_said_and_stops_nothing() -> None:
    stack, told = Stack(resource(ADDON, "coredns")), list[str]()
    environment = Stubbed("eks")
    environment.answers["eks"].add_client_error("describe_addon", "AccessDeniedException")

    assert mend(cast(auto.Stack, stack), environment.client, told.append) == ()
    assert "cannot be told whether coredns works" in told[0]
    assert "eks:DescribeAddon" in told[0]
    assert stack.calls == []


# On the command line


def test_it_is_one_event(capsys: pytest.CaptureFixture[str]) -> None:
    environment = Stubbed("eks")
    answer = {"nodegroup": {"status": "CREATE_FAILED", "health": {"issues": [ISSUE]}}}
    environment.answers["eks"].add_response("describe_nodegroup", answer)
    failed = resource(NODE_GROUP, "cpu")
    target = SimpleNamespace(stack=Stack(failed), environment=environment)
    session.mend_what_is_half_made(cast(session.Opened, target), JsonTeller())

    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    (event,) = [each for each in events if each["event"] == "half-made"]
    issues = ["NodeCreationFailure: Instances failed to join"]
    assert event["resources"] == [{"urn": failed["urn"], "status": "CREATE_FAILED", "issues": issues, "replaced": True}]


def test_where_all_works_there_is_no_event(capsys: pytest.CaptureFixture[str]) -> None:
    target = SimpleNamespace(stack=Stack(), environment=Stubbed("eks"))
    session.mend_what_is_half_made(cast(session.Opened, target), JsonTeller())

    assert capsys.readouterr().out == ""


def test_up_mends_after_what_was_pending_is_settled_and_before_it_shows_its_changes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    steps: list[str] = []

    def previewed(*_: object) -> None:
        steps.append("preview")
        raise session.Stop(Exit.FAILED, "enough")

    monkeypatch.setattr(verb, "opened", lambda chosen, create: nullcontext(SimpleNamespace(stack=None)))
    monkeypatch.setattr(verb, "settle_what_is_pending", lambda *_: steps.append("settle"))
    monkeypatch.setattr(verb, "mend_what_is_half_made", lambda *_: steps.append("mend"))
    monkeypatch.setattr(verb, "previewed", previewed)
    CliRunner().invoke(verb.up, ["--stack", "dev"])

    assert steps == ["settle", "mend", "preview"]
