"""Failures on purpose."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ray_platform.survey.cluster import read_cluster
from ray_platform.survey.questions import Questions
from simulator.account import Account
from simulator.account.faults import ADDON, NODE_GROUP, Faults
from simulator.account.resource import HalfMade, Refusal
from simulator.aws import RESOURCE_TYPES
from simulator.cluster.machines import machines_of
from simulator.reads import SimulatedEnvironment
from tests.simulator.aws_by_hand import SoundCluster

LOG_GROUP = next(each for each in RESOURCE_TYPES if each.token == "aws:cloudwatch/logGroup:LogGroup")


def test_the_chosen_call_fails_once_and_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "account.json"
    with Account.open(path, RESOURCE_TYPES, faults=Faults(fail_call=2)) as account:
        account.create(LOG_GROUP, {"name": "/one"})
        with pytest.raises(Refusal, match="InternalFailure"):
            account.create(LOG_GROUP, {"name": "/two"})
        assert [each["id"] for each in json.loads(path.read_text())["resources"]] == ["/one"]
        account.create(LOG_GROUP, {"name": "/two"})


def _throttled(share: float, seed: int) -> list[bool]:
    faults, outcomes = Faults(throttle=share, seed=seed), []
    for _ in range(50):
        try:
            faults.before("create", "aws:kms/key:Key", {})
            outcomes.append(False)
        except Refusal as refusal:
            assert refusal.code == "ThrottlingException"
            outcomes.append(True)
    return outcomes


def test_throttling_comes_from_the_seed() -> None:
    assert _throttled(0.5, seed=1) == _throttled(0.5, seed=1)
    assert _throttled(0.5, seed=1) != _throttled(0.5, seed=2)
    assert any(_throttled(0.5, seed=1))
    assert not all(_throttled(0.5, seed=1))


def test_without_throttling_no_call_is_throttled() -> None:
    assert not any(_throttled(0.0, seed=1))


def group(**changes: Any) -> dict[str, Any]:
    return {"clusterName": "ray", "nodeGroupName": "cpu", "scalingConfig": {"desiredSize": 1}, **changes}


@pytest.mark.parametrize(
    ("capacity_type", "desired", "fails"), [("SPOT", 1, True), ("SPOT", 0, False), ("ON_DEMAND", 1, False)]
)
def test_no_spot_capacity_fails_the_spot_groups_that_want_nodes(capacity_type: str, desired: int, fails: bool) -> None:
    inputs = group(capacityType=capacity_type, scalingConfig={"desiredSize": desired})
    failure = Faults(no_capacity="SPOT").failure(NODE_GROUP, inputs)

    assert (failure and failure.code) == ("AsgInstanceLaunchFailures" if fails else None)


def test_a_client_that_tries_again_is_throttled_less() -> None:
    def refused(attempts: int) -> int:
        faults, count = Faults(throttle=0.3, attempts=attempts, seed=1), 0
        for _ in range(300):
            try:
                faults.before("create", "aws:kms/key:Key", {})
            except Refusal:
                count += 1
        return count

    assert refused(1) > 60 > refused(3) > 0
    assert refused(25) == 0


def test_credentials_expire_for_good_at_the_chosen_call() -> None:
    faults = Faults(expire_call=2)
    faults.before("create", "aws:kms/key:Key", {})
    for _ in range(2):
        with pytest.raises(Refusal, match="ExpiredTokenException"):
            faults.before("delete", "aws:kms/key:Key", {})


def test_a_role_is_not_seen_by_the_first_call_that_names_it() -> None:
    faults = Faults(unseen_roles=True)
    one, two = (
        {"clusterName": "ray", "nodeRoleArn": "arn:one"},
        {"addonName": "coredns", "serviceAccountRoleArn": "arn:two"},
    )
    for token, inputs in ((NODE_GROUP, one), (ADDON, two)):
        with pytest.raises(Refusal, match=r"InvalidParameterException: The role arn:\w+ does not exist"):
            faults.before("create", token, inputs)
        faults.before("create", token, inputs)
    faults.before("create", "aws:iam/role:Role", {"roleArn": "arn:three"})


@pytest.mark.parametrize(
    ("faults", "token", "inputs", "expected"),
    [
        (Faults(nodes_fail=True), NODE_GROUP, group(), "CREATE_FAILED"),
        (Faults(nodes_fail=True), NODE_GROUP, group(scalingConfig={"desiredSize": 0}), None),
        (Faults(nodes_fail=True), ADDON, {"clusterName": "ray", "addonName": "coredns"}, None),
        (Faults(stuck_addon="coredns"), ADDON, {"clusterName": "ray", "addonName": "coredns"}, "DEGRADED"),
        (Faults(stuck_addon="coredns"), ADDON, {"clusterName": "ray", "addonName": "vpc-cni"}, None),
        (Faults(failed_addon="coredns"), ADDON, {"clusterName": "ray", "addonName": "coredns"}, "CREATE_FAILED"),
        (Faults(), ADDON, {"clusterName": "ray", "addonName": "coredns"}, None),
    ],
)
def test_what_fails_late_is_what_the_fault_names(
    faults: Faults, token: str, inputs: dict[str, Any], expected: str | None
) -> None:
    failure = faults.failure(token, inputs)

    assert (failure and failure.status) == expected


# What is half made


def described(account: Account, noun: str, **arguments: str) -> dict[str, Any]:
    eks = SimulatedEnvironment(account=account, vpc_id=None).client("eks")
    found: dict[str, Any] = getattr(eks, f"describe_{noun}")(clusterName="ray", **arguments)[noun]
    return found


def health(described: dict[str, Any]) -> tuple[str, list[str]]:
    return described["status"], [each["code"] for each in described["health"]["issues"]]


def test_a_node_group_that_fails_is_there_without_nodes_takes_no_update_and_outlives_the_process(
    sound: SoundCluster,
) -> None:
    hand, account = sound.hand, sound.hand.account
    account.faults = Faults(nodes_fail=True)
    with pytest.raises(HalfMade, match=r"Instances failed to join .*unexpected state 'CREATE_FAILED'") as failed:
        sound.node_group(nodeGroupName="bad")
    account.faults = Faults()
    assert failed.value.resource.id == "ray:bad"
    # The provider waits before it reads, so it has nothing yet that only AWS knows.
    assert failed.value.resource.outputs.keys() & {"arn", "resources", "status"} == set()

    for _ in range(2):
        assert health(described(account, "nodegroup", nodegroupName="bad")) == (
            "CREATE_FAILED",
            ["NodeCreationFailure"],
        )
        assert list(machines_of(account)) == []
        account.rebuild()
    found = hand.read("NodeGroup", "ray:bad")
    assert found
    assert found[1].outputs["status"] == "CREATE_FAILED"

    with pytest.raises(Refusal, match="not in Active State"):
        hand.update("NodeGroup", "ray:bad", labels={"a": "b"})
    # Nothing is sent for tags but tags.
    assert hand.update("NodeGroup", "ray:bad", tags={"a": "b"})["status"] == "CREATE_FAILED"
    hand.delete("NodeGroup", "ray:bad")
    sound.node_group(nodeGroupName="bad")
    assert health(described(account, "nodegroup", nodegroupName="bad")) == ("ACTIVE", [])


def test_a_stuck_addon_is_degraded_until_its_fault_is_gone(sound: SoundCluster) -> None:
    account = sound.hand.account
    sound.node_group()
    account.faults = Faults(stuck_addon="coredns")
    with pytest.raises(HalfMade, match=r"\(ray:coredns\) create: timeout .*DEGRADED") as failed:
        sound.hand.addon("coredns")
    assert failed.value.resource.id == "ray:coredns"

    assert health(described(account, "addon", addonName="coredns")) == ("DEGRADED", ["InsufficientNumberOfReplicas"])
    account.faults = Faults()
    assert health(described(account, "addon", addonName="coredns")) == ("ACTIVE", [])


def test_an_addon_that_failed_stays_so_until_it_is_deleted(sound: SoundCluster) -> None:
    account = sound.hand.account
    sound.node_group()
    account.faults = Faults(failed_addon="coredns")
    with pytest.raises(HalfMade, match=r"\(ray:coredns\) create: unexpected state 'CREATE_FAILED'"):
        sound.hand.addon("coredns")
    account.faults = Faults()
    account.rebuild()

    assert described(account, "addon", addonName="coredns")["status"] == "CREATE_FAILED"
    with pytest.raises(Refusal, match="Addon already exists"):
        sound.hand.addon("coredns")
    sound.hand.delete("Addon", "ray:coredns")
    sound.hand.addon("coredns")
    assert described(account, "addon", addonName="coredns")["status"] == "ACTIVE"


def test_pods_find_no_home_in_a_group_that_failed(sound: SoundCluster) -> None:
    sound.hand.account.faults = Faults(nodes_fail=True)
    with pytest.raises(HalfMade):
        sound.node_group()
    sound.hand.account.faults = Faults()

    with pytest.raises(Refusal, match="no node group has a node"):
        sound.hand.addon("coredns")


def test_what_a_survey_reads_of_it_is_in_eks_own_words(sound: SoundCluster) -> None:
    account = sound.hand.account
    sound.node_group(nodeGroupName="good")
    account.faults = Faults(nodes_fail=True, stuck_addon="coredns")
    with pytest.raises(HalfMade):
        sound.node_group(nodeGroupName="bad")
    with pytest.raises(HalfMade):
        sound.hand.addon("coredns")

    questions = Questions(environment=SimulatedEnvironment(account=account, vpc_id=None))
    found = read_cluster(questions, "ray")
    assert found
    assert [(each.kind, each.name, each.status) for each in found.ailing] == [
        ("node group", "bad", "CREATE_FAILED"),
        ("addon", "coredns", "DEGRADED"),
    ]
    assert found.ailing[0].issues == ("NodeCreationFailure: Instances failed to join the kubernetes cluster",)
    assert questions.unread == []


def test_a_survey_that_may_not_ask_says_so(sound: SoundCluster) -> None:
    denied = frozenset({"eks:ListNodegroups", "eks:DescribeAddon"})
    environment = SimulatedEnvironment(account=sound.hand.account, vpc_id=None, denied=denied)
    questions = Questions(environment=environment)

    found = read_cluster(questions, "ray")
    assert found
    assert found.ailing == ()
    assert {each.action for each in questions.unread} == denied
