"""Failures on purpose."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from simulator.account import Account
from simulator.account.faults import NODE_GROUP, Faults
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
