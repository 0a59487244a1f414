"""The boxes and arrows of a stack, and which of them decide the time."""

from __future__ import annotations

import itertools
from graphlib import CycleError, TopologicalSorter
from typing import Any

import pytest

from ray_platform.plan.picture import Picture, picture
from ray_platform.plan.timeline import timeline
from tests.support.graph import recorded

PATH = ["Cluster", "Node pool cpu", "KubeRay operator", "Ray cluster"]


def drawn(resources: list[dict[str, Any]]) -> Picture:
    return picture(resources, timeline(resources))


def component(name: str, **rest: Any) -> dict[str, Any]:
    type_ = f"ray-platform:components:{name}"
    return {"urn": f"urn:pulumi:dev::ray::{type_}::{name}", "type": type_, "custom": False, "inputs": {}, **rest}


def inside(
    parent: dict[str, Any], name: str, *needs: dict[str, Any], token: str = "aws:iam/role:Role"
) -> dict[str, Any]:
    return {
        "urn": f"urn:pulumi:dev::ray::{parent['type']}${token}::{name}",
        "type": token,
        "custom": True,
        "parent": parent["urn"],
        "dependencies": [need["urn"] for need in needs],
        "inputs": {},
    }


def arrows(found: Picture) -> set[tuple[str, str]]:
    return {(arrow.before, arrow.after) for arrow in found.arrows}


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_each_component_is_a_box_with_a_name_for_people_and_each_pool_one_of_its_own(stack: str) -> None:
    found = drawn(recorded(stack).resources())

    assert {box.name for box in found.boxes} == {
        "Network",
        "Security",
        *PATH,
        "Node pool gpu",
        "Node pool gpu-on-demand",
        "DNS and volumes",
        "Cluster autoscaler",
        "Termination handler",
        "GPU device plugin",
    }
    assert all(box.kind != "component" for box in found.boxes)


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_the_boxes_stand_for_every_resource_once_and_providers_are_none(stack: str) -> None:
    resources = recorded(stack).resources()
    made = [each for each in resources if each["custom"] and not each["type"].startswith("pulumi:providers:")]

    assert sum(box.resources for box in drawn(resources).boxes) == len(made)


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_nobody_waits_in_a_circle_and_no_arrow_says_what_others_say(stack: str) -> None:
    found = drawn(recorded(stack).resources())
    waits: dict[str, set[str]] = {box.name: set() for box in found.boxes}
    for arrow in found.arrows:
        waits[arrow.after].add(arrow.before)
    earlier: dict[str, set[str]] = {}
    for name in TopologicalSorter(waits).static_order():
        earlier[name] = waits[name].union(*(earlier[each] for each in waits[name]))

    assert waits["Security"] == {"Network"}
    for name, befores in waits.items():
        assert not befores & set().union(*(earlier[each] for each in befores)), name


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_the_critical_path_is_marked_from_the_control_plane_to_ray(stack: str) -> None:
    found = drawn(recorded(stack).resources())
    steps = [(step.label, step.seconds) for box in found.boxes for step in box.steps if step.critical]

    assert [box.name for box in found.boxes if box.critical] == PATH
    assert {(a.before, a.after) for a in found.arrows if a.critical} == set(itertools.pairwise(PATH))
    assert [label for label, _ in steps] == ["control plane", "vpc-cni", "nodes", "kuberay-operator", "Ray's pods"]
    assert all(seconds >= 10 for _, seconds in steps)


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_the_boxes_are_in_the_order_of_their_start_and_end_with_the_timeline(stack: str) -> None:
    resources = recorded(stack).resources()
    found = drawn(resources)

    assert [box.start for box in found.boxes] == sorted(box.start for box in found.boxes)
    assert found.boxes[0].name == "Network"
    assert max(box.finish for box in found.boxes) == timeline(resources).time_to_ready


def test_a_pool_says_how_it_is_bought_and_how_large_it_may_be() -> None:
    kinds = {box.name: box.kind for box in drawn(recorded("dev").resources()).boxes}

    assert kinds["Node pool cpu"] == "on demand, 1 to 4 nodes"
    assert kinds["Node pool gpu"] == "spot, 0 to 2 nodes"


def test_the_order_of_the_resources_makes_no_difference() -> None:
    resources = recorded("dev").resources()

    assert drawn(list(reversed(resources))) == drawn(resources)


def test_a_component_without_resources_is_a_box_only_where_its_ids_are_used() -> None:
    network, unused = component("Network", outputs={"vpcId": "vpc-1"}), component("DevicePlugin", outputs={})
    security = component("Security")
    group = inside(security, "group") | {"inputs": {"rules": [{"vpcId": "vpc-1"}]}}
    found = drawn([network, unused, security, group])

    assert [box.name for box in found.boxes] == ["Network", "Security"]
    assert arrows(found) == {("Network", "Security")}


def test_what_waits_for_a_provider_or_for_a_part_of_a_component_waits_for_the_box_around_it() -> None:
    cluster, ray, budget = component("Cluster"), component("RayCluster"), component("Budget")
    part = component("ServiceAccountRole", parent=cluster["urn"])
    role = inside(part, "role")
    provider = inside(cluster, "k8s", token="pulumi:providers:kubernetes")
    account = inside(ray, "account") | {"provider": f"{provider['urn']}::id"}
    found = drawn([cluster, part, role, provider, ray, account, budget, inside(budget, "budget", role)])

    assert arrows(found) == {("Cluster", "Ray cluster"), ("Cluster", "Budget")}
    assert {box.name: box.resources for box in found.boxes} == {"Cluster": 1, "Ray cluster": 1, "Budget": 1}


def test_a_component_that_nobody_named_is_called_by_its_type() -> None:
    other = component("LoadBalancer")

    assert [box.name for box in drawn([other, inside(other, "thing")]).boxes] == ["Load balancer"]


def test_components_that_wait_for_each_other_are_refused() -> None:
    one, other = component("Security"), component("Cluster")
    first, second = inside(one, "first"), inside(other, "second")
    third = inside(one, "third", second)
    second["dependencies"] = [first["urn"]]

    with pytest.raises(CycleError):
        drawn([one, other, first, second, third])
