"""Failures on purpose."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from simulator.account import Account
from simulator.account.faults import ADDON, NODE_GROUP, Faults
from simulator.account.resource import Refusal
from simulator.aws import RESOURCE_TYPES

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


@pytest.mark.parametrize(
    ("capacity_type", "desired", "refused"), [("SPOT", 1, True), ("SPOT", 0, False), ("ON_DEMAND", 1, False)]
)
def test_no_spot_capacity_refuses_the_spot_groups_that_want_nodes(
    capacity_type: str, desired: int, refused: bool
) -> None:
    inputs = {"capacityType": capacity_type, "scalingConfig": {"desiredSize": desired}}
    faults = Faults(no_capacity="SPOT")
    faults.before("delete", NODE_GROUP, inputs)
    if refused:
        with pytest.raises(Refusal, match="UnfulfillableCapacity"):
            faults.before("create", NODE_GROUP, inputs)
    else:
        faults.before("create", NODE_GROUP, inputs)


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


def test_nodes_that_do_not_join_fail_new_groups_only() -> None:
    faults, inputs = Faults(nodes_fail=True), {"clusterName": "ray", "nodeGroupName": "cpu"}
    for operation in ("update", "delete"):
        faults.before(operation, NODE_GROUP, inputs)
    with pytest.raises(Refusal, match=r"NodeCreationFailure: .*\(ray:cpu\)"):
        faults.before("create", NODE_GROUP, inputs)


def test_the_stuck_addon_is_the_named_one() -> None:
    faults = Faults(stuck_addon="coredns")
    faults.before("create", ADDON, {"clusterName": "ray", "addonName": "vpc-cni"})
    with pytest.raises(Refusal, match=r"\(ray:coredns\) create: timeout"):
        faults.before("create", ADDON, {"clusterName": "ray", "addonName": "coredns"})
