"""What is not ours stays as it is: the autoscaler's sizes, a given key, the given network, a protected stack."""

from pathlib import Path
from typing import Any

import pytest
from pulumi.automation.errors import CommandError

from ray_platform import policies
from ray_platform.account import AwsAccount
from simulator.account import Account
from simulator.aws import RESOURCE_TYPES
from simulator.aws.by_hand import add_given_key
from simulator.aws.eks_nodes import set_desired_size
from simulator.session import Place
from tests.support.deployment import account, deployment, made, new_place

pytestmark = pytest.mark.engine

US = AwsAccount(account_id="123456789012", partition="aws", dns_suffix="amazonaws.com", region="us-east-1")


def cpu_group(place: Place) -> dict[str, Any]:
    (group,) = [each for each in made(place, "NodeGroup") if each["inputs"]["labels"]["ray.io/node-pool"] == "cpu"]
    return group


def test_a_size_that_the_autoscaler_moved_is_no_change_and_survives_an_update_of_the_bounds(tmp_path: Path) -> None:
    place = new_place(tmp_path)
    with deployment(place) as dev:
        dev.up()
        set_desired_size(dev.account, cpu_group(place)["id"], 4)
        assert dev.preview().changes == {}
        dev.configure("nodePools", cpu={"minSize": 1, "desiredSize": 2, "maxSize": 9})
        # The node group, and the bound of the Ray workers on it.
        assert dev.up().changes == {"update": 2}

    assert cpu_group(place)["inputs"]["scalingConfig"] == {"minSize": 1, "desiredSize": 4, "maxSize": 9}


def test_a_given_key_and_the_given_network_are_never_touched(tmp_path: Path) -> None:
    place = new_place(tmp_path)
    with Account.open(place.account, RESOURCE_TYPES) as opened:
        key = add_given_key(
            opened, policies.encryption_key(US, log_group="/aws/eks/ray-dev/cluster", for_volumes=False)
        )
    place.change("security", kmsKeyArn=key)
    with deployment(place) as dev:
        before = account(place)
        assert dev.up().outputs["kmsKeyArn"] == key
        after_up = account(place)
        dev.destroy()
        after_destroy = account(place)

    assert [each for each in after_up["resources"] if each["type"] == "aws:kms/key:Key"] == before["resources"]
    assert not [each for each in after_up["resources"] if each["type"] == "aws:kms/alias:Alias"]
    assert after_up["network"] == before["network"]
    assert after_destroy == before


def test_a_given_key_that_does_not_admit_cloudwatch_stops_at_the_log_group(tmp_path: Path) -> None:
    place = new_place(tmp_path)
    with Account.open(place.account, RESOURCE_TYPES) as opened:
        key = add_given_key(opened, policies.encryption_key(US, log_group="/aws/eks/other/cluster", for_volumes=False))
    place.change("security", kmsKeyArn=key)
    with deployment(place) as dev, pytest.raises(CommandError, match="KMS key does not exist or is not allowed"):
        dev.up()

    assert made(place, "Cluster") == []


def test_a_protected_stack_is_destroyed_only_after_the_protection_is_lifted(tmp_path: Path) -> None:
    place = new_place(tmp_path, "prod")
    with deployment(place) as prod:
        before = account(place)
        prod.up()
        with pytest.raises(CommandError, match="protect"):
            prod.destroy()
        assert len(made(place, "Cluster")) == 1

        prod.configure("operations", protect=False)
        prod.up()
        with pytest.raises(CommandError, match="deletion protection"):
            prod.destroy()
        assert len(made(place, "Cluster")) == 1

        prod.configure("operations", deletionProtection=False)
        prod.up()
        prod.destroy()
        assert account(place) == before
