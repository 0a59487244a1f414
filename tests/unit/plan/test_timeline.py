"""The arithmetic of how long a deployment takes in AWS."""

from __future__ import annotations

from typing import Any

from ray_platform.plan import durations
from ray_platform.plan.timeline import timeline


def _urn(name: str, token: str) -> str:
    return f"urn:pulumi:dev::ray::{token}::{name}"


def _resource(
    name: str, token: str, *needs: dict[str, Any], parent: dict[str, Any] | None = None, **rest: Any
) -> dict[str, Any]:
    return {
        "urn": _urn(name, token),
        "type": token,
        "custom": not token.startswith(("eks:", "ray:")),
        "parent": parent["urn"] if parent else "",
        "dependencies": [need["urn"] for need in needs],
        "inputs": {},
        **rest,
    }


def _node_group(name: str, ami_type: str, *needs: dict[str, Any]) -> dict[str, Any]:
    return _resource(name, "aws:eks/nodeGroup:NodeGroup", *needs, inputs={"amiType": ami_type})


ROLE = _resource("role", "aws:iam/role:Role")
CLUSTER = _resource("cluster", "aws:eks/cluster:Cluster", ROLE)


def test_nothing_is_ready_at_once() -> None:
    assert timeline([]).time_to_ready == 0
    assert timeline([]).critical_path == ()


def test_what_depends_on_nothing_goes_in_parallel() -> None:
    groups = [_node_group("cpu", "AL2023_x86_64_STANDARD"), _node_group("gpu", "AL2023_x86_64_NVIDIA")]
    steps = {step.name: step for step in timeline(groups).steps}
    assert steps["cpu"].finish == durations.CPU_NODE_GROUP
    assert steps["gpu"].finish == durations.GPU_NODE_GROUP
    assert timeline(groups).time_to_ready == durations.GPU_NODE_GROUP


def test_a_group_that_begins_empty_waits_for_no_node() -> None:
    empty = _node_group("gpu", "AL2023_x86_64_NVIDIA")
    empty["inputs"]["scalingConfig"] = {"minSize": 0, "desiredSize": 0, "maxSize": 5}
    assert timeline([empty]).time_to_ready == durations.EMPTY_NODE_GROUP


def test_an_addon_takes_what_that_addon_takes_and_an_unknown_one_what_addons_take() -> None:
    addons = [
        _resource(name, "aws:eks/addon:Addon", inputs={"addonName": name}) for name in ("coredns", "vpc-cni", "other")
    ]
    steps = {step.name: step.seconds for step in timeline(addons).steps}

    assert steps == {
        "coredns": durations.ADDONS["coredns"],
        "vpc-cni": durations.ADDONS["vpc-cni"],
        "other": durations.ANY_ADDON,
    }


def test_what_is_told_of_the_critical_path_is_what_takes_long() -> None:
    found = timeline([ROLE, CLUSTER])

    assert [step.name for step in found.critical_path] == ["role", "cluster"]
    assert [step.name for step in found.notable_path] == ["cluster"]


def test_the_critical_path_is_the_chain_that_finishes_last() -> None:
    cpu = _node_group("cpu", "AL2023_x86_64_STANDARD", CLUSTER)
    gpu = _node_group("gpu", "AL2023_x86_64_NVIDIA", CLUSTER)
    coredns = _resource("coredns", "aws:eks/addon:Addon", cpu)
    found = timeline([ROLE, CLUSTER, cpu, gpu, coredns])
    assert [step.name for step in found.critical_path] == ["role", "cluster", "gpu"]
    assert found.time_to_ready == durations.API_CALL + durations.CONTROL_PLANE + durations.GPU_NODE_GROUP


def test_a_dependency_through_a_property_counts() -> None:
    addon = _resource("cni", "aws:eks/addon:Addon", propertyDependencies={"clusterName": [CLUSTER["urn"]]})
    assert timeline([ROLE, CLUSTER, addon]).critical_path[-1].name == "cni"


def test_a_resource_waits_for_what_its_provider_was_made_from() -> None:
    provider = _resource("k8s", "pulumi:providers:kubernetes", CLUSTER)
    storage = _resource("gp3", "kubernetes:storage.k8s.io/v1:StorageClass", provider=provider["urn"] + "::some-id")
    found = timeline([ROLE, CLUSTER, provider, storage])
    assert [step.name for step in found.critical_path] == ["role", "cluster", "gp3"]


def test_children_wait_for_what_their_component_depends_on() -> None:
    component = _resource("ray", "eks:index:Cluster", ROLE)
    child = _resource("control-plane", "aws:eks/cluster:Cluster", parent=component)
    found = timeline([ROLE, component, child])
    assert found.time_to_ready == durations.API_CALL + durations.CONTROL_PLANE


def test_what_depends_on_a_component_waits_for_its_children() -> None:
    component = _resource("ray", "eks:index:Cluster")
    child = _resource("control-plane", "aws:eks/cluster:Cluster", parent=component)
    after = _resource("after", "aws:kms/key:Key", component)
    found = timeline([component, child, after])
    assert [step.name for step in found.critical_path] == ["control-plane", "after"]


def test_the_pull_of_an_image_counts_from_when_what_pulls_it_is_applied() -> None:
    operator = _resource("operator", "kubernetes:apps/v1:Deployment", CLUSTER)
    ray = _resource("ray", "kubernetes:ray.io/v1:RayCluster", operator)
    found = timeline([ROLE, CLUSTER, operator, ray])
    assert [step.name for step in found.critical_path] == ["role", "cluster", "operator", "ray"]
    assert found.critical_path[-1].seconds == durations.RAY_CLUSTER > durations.SMALL_IMAGE


def test_an_old_resource_that_waits_for_its_deletion_takes_no_time() -> None:
    assert timeline([{**CLUSTER, "delete": True}]).time_to_ready == 0
