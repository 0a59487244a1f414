"""The engine is killed in the middle of its work, again and again, and nothing is lost, nothing there twice.

Where nothing else is said, the kill comes after the account has changed and before the engine knows it. The tests run
in order on one stack.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from pulumi.automation.errors import ConcurrentUpdateError

from ray_platform.pipeline import identity
from ray_platform.pipeline.asking import Asking
from ray_platform.pipeline.pending import pending
from simulator.reads.environment import SimulatedEnvironment
from tests.support.deployment import Deployment, account, new_place
from tests.support.kills import assert_nothing_lost, at_first, continued, killed, mortal, recovered

# The SDK warns of the engine that it no longer hears.
pytestmark = [pytest.mark.engine, pytest.mark.filterwarnings("ignore:Error in event stream")]


@pytest.fixture(scope="module")
def dev(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    with mortal(new_place(tmp_path_factory.mktemp("recovery"))) as running:
        yield running


@pytest.fixture(scope="module")
def before(dev: Deployment) -> dict[str, Any]:
    """The account before anything was made."""
    return account(dev.place)


def test_a_killed_up_leaves_a_lock_which_recovery_drops_and_a_key_which_it_finds(
    dev: Deployment, before: dict[str, Any]
) -> None:
    assert killed(dev, "up", at_first("create", "kms/key:Key"))
    with pytest.raises(ConcurrentUpdateError, match="currently locked"):
        dev.up()
    told: list[str] = []
    recovery = recovered(dev, told.append)

    assert "ray-dev-key" in {each.name for each in recovery.imported}
    assert "locked by a process of this machine that no longer exists" in told[0]
    assert "was killed while it worked on" in told[1]


def test_what_the_account_was_not_yet_asked_for_is_forgotten_and_made_by_the_next_up(dev: Deployment) -> None:
    assert killed(dev, "up", at_first("create", "logGroup:LogGroup"), phase="before")
    recovery = recovered(dev)

    assert recovery.left == ()
    assert "ray-dev-logs" in {each.name for each in recovery.cleared}


# What is under way beside these is cut off as well: rules, aliases, targets, providers.
@pytest.mark.parametrize("kind", ["eks/cluster:Cluster", "nodeGroup:NodeGroup"])
def test_the_next_up_is_killed_later_and_what_it_made_is_found(dev: Deployment, kind: str) -> None:
    assert killed(dev, "up", at_first("create", kind))
    recovery = recovered(dev)

    assert recovery.left == ()
    assert any(each.type.endswith(kind) for each in recovery.imported)
    assert not pending(dev.stack.export_stack().deployment)


def test_a_kubernetes_object_is_found_too_and_the_up_that_follows_ends_as_an_undisturbed_one(dev: Deployment) -> None:
    assert killed(dev, "up", at_first("create", ":RayCluster"))
    assert [each.name for each in recovered(dev).imported] == ["ray-dev-ray"]
    dev.up()

    assert dev.preview().changes == {}
    assert_nothing_lost(dev)


def test_every_resource_of_the_stack_could_have_been_found(dev: Deployment) -> None:
    asking = Asking(client=SimulatedEnvironment(account=dev.account, vpc_id=None).client)
    real = [each for each in dev.state() if each.get("custom") and not each["type"].startswith("pulumi:")]
    as_pending = pending({"pending_operations": [{"type": "creating", "resource": each} for each in real]})
    found = {each.urn: identity.identified(each, asking) for each in as_pending}

    assert {urn: each.id if each else None for urn, each in found.items()} == {each["urn"]: each["id"] for each in real}


def test_a_destroy_that_was_killed_is_continued_and_leaves_the_account_as_it_was(
    dev: Deployment, before: dict[str, Any]
) -> None:
    assert killed(dev, "destroy", at_first("delete", "nodeGroup:NodeGroup"))
    continued(dev, "destroy")

    assert account(dev.place) == before
