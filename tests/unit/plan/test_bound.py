"""The time to ready on the virtual clock, against the least that AWS lets a platform like this take."""

from __future__ import annotations

from typing import Any

import pytest

from ray_platform.plan import durations
from ray_platform.plan.timeline import timeline
from tests.support.graph import recorded

# One after the other whoever builds it: a control plane takes addons, a node its network plugin, the operator a node,
# and Ray the operator. All the rest, keys, roles, namespaces, may add a twentieth.
BOUND = (
    durations.CONTROL_PLANE
    + durations.ADDONS["vpc-cni"]
    + durations.CPU_NODE_GROUP
    + durations.SMALL_IMAGE
    + durations.RAY_CLUSTER
)
ALLOWED = 1.05


def _after(resources: list[dict[str, Any]], ending: str, *others: str) -> list[dict[str, Any]]:
    """The resources, the one whose URN ends so waiting for the others too."""
    waited_for = [each["urn"] for each in resources if each["urn"].endswith(others)]
    assert len(waited_for) == len(others)
    assert sum(each["urn"].endswith(ending) for each in resources) == 1
    return [
        {**each, "dependencies": [*each["dependencies"], *waited_for]} if each["urn"].endswith(ending) else each
        for each in resources
    ]


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_ray_is_ready_within_a_twentieth_of_the_bound(stack: str) -> None:
    assert BOUND <= timeline(recorded(stack).resources()).time_to_ready <= ALLOWED * BOUND


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_the_operator_waiting_for_the_storage_driver_would_be_too_slow(stack: str) -> None:
    slower = _after(
        recorded(stack).resources(),
        f":Deployment::ray-{stack}-kuberay-operator",
        f":Addon::ray-{stack}-aws-ebs-csi-driver",
    )

    assert timeline(slower).time_to_ready > ALLOWED * BOUND
