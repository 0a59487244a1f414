"""An account of its own for each test, and in it, for those that ask, a cluster that nodes can join."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from simulator import aws
from simulator.account import Account
from tests.simulator.aws_by_hand import ByHand, SoundCluster


@pytest.fixture
def hand(tmp_path: Path) -> Iterator[ByHand]:
    with Account.open(tmp_path / "account.json", aws.RESOURCE_TYPES) as account:
        yield ByHand(account)


@pytest.fixture
def sound(hand: ByHand) -> SoundCluster:
    return SoundCluster(hand)
