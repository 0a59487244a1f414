"""A refusal on the real engine: one plain message, no traceback, nothing made."""

from pathlib import Path

import pytest
from pulumi.automation.errors import CommandError

from simulator.account import Account
from simulator.account.network_fixture import ensure_network
from simulator.aws import RESOURCE_TYPES
from tests.support.deployment import deployment, made, new_place

pytestmark = pytest.mark.engine

STRANGER = "subnet-0fffffffffffffff0"


def test_faults_of_config_network_and_hardware_come_together_in_plain_words(tmp_path: Path) -> None:
    place = new_place(tmp_path)
    with Account.open(place.account, RESOURCE_TYPES, region="us-east-1") as opened:
        ensure_network(opened, "vpc-0a1b2c3d4e5f60718", ["subnet-0d1e2f3a4b5c60001", "subnet-0d1e2f3a4b5c60002"])
    place.change("cluster", logRetentionDays=8)
    place.change("nodePools", cpu={"instanceTypes": ["m5.xlarge", "m5.huge"]})
    with deployment(place) as dev:
        place.change("network", subnetIds=["subnet-0d1e2f3a4b5c60001", STRANGER])
        with pytest.raises(CommandError) as refusal:
            dev.up()
        message = str(refusal.value)

        assert "3 problems in the stack configuration; nothing was created or changed." in message
        for path in ("network.subnetIds[1]", "cluster.logRetentionDays", "nodePools.cpu.instanceTypes[1]"):
            assert f". {path} = " in message
        assert "Traceback" not in message
        assert all(each["type"].startswith("pulumi:") for each in dev.state())

        place.change("nodePools", cpu={"instanceTypes": ["m5.xlarge"]})
        place.change("ray", head={"cpu": 3})
        with pytest.raises(CommandError) as refusal:
            dev.preview()
        message = str(refusal.value)

        assert "3 problems" in message
        assert ". ray.head.cpu = 3" in message and "at most 2.83 cores" in message
        assert "Traceback" not in message
    assert made(place, "Key") == []
