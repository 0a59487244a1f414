"""A group that may still have pods is not forgotten, and nobody believes a change that running pods ignore."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from ray_platform.config.problems import Problem
from ray_platform.config.ray_config import RayConfig
from ray_platform.scheduling.changes import changes
from ray_platform.scheduling.layout import RayLayout, WorkerGroup
from ray_platform.scheduling.resources import Resources
from tests.unit.scheduling.layouts import CPU, GPU, HEAD, LAYOUT

NEW_IMAGE = "rayproject/ray:2.59.0-py312"


def outputs(layout: RayLayout = LAYOUT, **config: Any) -> dict[str, Any]:
    """A stack's outputs as the engine gives them back: fractions for numbers, and no key without a value."""
    ray = RayConfig.model_validate(config)
    settings = {
        "name": ray.name,
        "namespace": ray.namespace,
        "version": ray.version,
        "idleTimeoutSeconds": ray.idle_timeout_seconds,
    }
    return {"ray": json.loads(json.dumps(settings | layout.as_output()), parse_int=float, object_hook=_without_nulls)}


def _without_nulls(pairs: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in pairs.items() if value is not None}


def compared(
    layout: RayLayout | None, before: Mapping[str, Any] | None = None, **config: Any
) -> tuple[list[Problem], list[str]]:
    return changes(outputs() if before is None else before, layout, RayConfig.model_validate(config))


def with_groups(*groups: WorkerGroup) -> RayLayout:
    return replace(LAYOUT, worker_groups=groups)


def test_the_same_layout_again_is_no_change() -> None:
    assert compared(LAYOUT) == ([], [])


@pytest.mark.parametrize("before", [{}, {"ray": None}, {"region": "us-east-1"}])
def test_a_stack_without_ray_before_has_nothing_to_lose(before: dict[str, Any]) -> None:
    assert compared(with_groups(CPU), before) == ([], [])


def test_ray_may_be_switched_off_as_a_whole() -> None:
    assert compared(None) == ([], [])


def test_a_group_that_may_have_pods_is_not_removed() -> None:
    (problem,), warnings = compared(with_groups(CPU))

    assert warnings == []
    assert problem.path == "nodePools.gpu"
    assert str(problem).startswith('nodePools.gpu = {"minReplicas": 0, "maxReplicas": 2}')
    for step in (
        "pulumi config set --path 'ray-on-eks:nodePools.gpu.ray.maxReplicas' 0",
        "`pulumi up`",
        "`kubectl -n ray get pods -l ray.io/cluster=ray,ray.io/group=gpu`",
    ):
        assert step in problem.remedy


def test_a_drained_group_goes() -> None:
    drained = with_groups(CPU, replace(GPU, min_replicas=0, max_replicas=0))

    assert compared(drained) == ([], [])
    assert compared(with_groups(CPU), outputs(drained)) == ([], [])


def test_every_removed_group_is_named() -> None:
    problems, _ = compared(with_groups())

    assert [problem.path for problem in problems] == ["nodePools.cpu", "nodePools.gpu"]


def test_a_renamed_pool_is_a_removed_one_and_its_new_name_is_guessed() -> None:
    (problem,), _ = compared(with_groups(CPU, replace(GPU, name="gpu-a10")))

    assert problem.path == "nodePools.gpu"
    assert "If gpu-a10 is its new name" in problem.rule


def test_nothing_is_guessed_when_several_pools_are_new_or_none() -> None:
    for new in ([], [replace(GPU, name="a"), replace(GPU, name="b")]):
        (problem,), _ = compared(with_groups(CPU, *new))
        assert "new name" not in problem.rule


def test_a_new_group_is_welcome() -> None:
    assert compared(LAYOUT, outputs(with_groups(CPU))) == ([], [])


@pytest.mark.parametrize("config", [{"name": "other"}, {"namespace": "other"}])
def test_another_name_or_namespace_replaces_the_cluster_groups_and_all(config: dict[str, str]) -> None:
    problems, (warning,) = compared(with_groups(CPU), None, **config)

    assert problems == []
    assert "ray/ray is replaced by" in warning
    assert "other" in warning


@pytest.mark.parametrize(
    ("changed", "key"),
    [
        ({"image": NEW_IMAGE}, "image"),
        ({"resources": Resources(cpu_millis=7000, memory_mib=26624)}, "resources"),
        ({"node_selector": {"ray.io/node-pool": "cpu", "kubernetes.io/arch": "arm64"}}, "nodeSelector"),
        ({"tolerations": GPU.tolerations}, "tolerations"),
        ({"spot": True}, "spot"),
    ],
)
def test_a_change_that_running_workers_ignore_is_warned_about(changed: dict[str, Any], key: str) -> None:
    problems, (warning,) = compared(with_groups(replace(CPU, **changed), GPU))

    assert problems == []
    assert warning.startswith(f"group cpu ({key}) changed, but KubeRay leaves running pods as they are")
    assert "pulumi config set --path 'ray-on-eks:ray.upgradeStrategy' Recreate" in warning
    assert "`kubectl -n ray delete pods -l ray.io/cluster=ray,ray.io/group=cpu`" in warning
    assert "group=gpu" not in warning


def test_a_change_of_the_head_is_warned_about_too() -> None:
    _, (warning,) = compared(replace(LAYOUT, head=replace(HEAD, resources=Resources(cpu_millis=4000))))

    assert warning.startswith("the head (resources) changed")
    assert "ray.io/group=headgroup" in warning


def test_another_version_of_ray_says_that_new_workers_stay_alone() -> None:
    layout = replace(LAYOUT, head=replace(HEAD, image=NEW_IMAGE))

    assert "cannot join a head that still runs 2.58.1" in compared(layout, version="2.59.0")[1][0]
    assert "cannot join" not in compared(layout)[1][0]


@pytest.mark.parametrize("changed", [{"max_replicas": 9}, {"min_replicas": 0}, {"idle_timeout_seconds": 30}])
def test_bounds_and_timeouts_take_effect_at_once(changed: dict[str, Any]) -> None:
    assert compared(with_groups(replace(CPU, **changed), GPU)) == ([], [])


def test_a_group_without_pods_has_none_to_warn_about() -> None:
    drained = replace(CPU, min_replicas=0, max_replicas=0)

    assert compared(with_groups(replace(drained, image=NEW_IMAGE)), outputs(with_groups(drained))) == ([], [])


@pytest.mark.parametrize(
    ("layout", "config", "named"),
    [
        (with_groups(replace(CPU, image=NEW_IMAGE), GPU), {}, "group cpu (image)"),
        (with_groups(CPU, GPU, replace(GPU, name="more")), {}, "group more"),
        (with_groups(replace(CPU, idle_timeout_seconds=30), GPU), {}, "group cpu (idleTimeoutSeconds)"),
        (LAYOUT, {"version": "2.59.0"}, "ray.version"),
        (LAYOUT, {"idleTimeoutSeconds": 30}, "ray.idleTimeoutSeconds"),
    ],
)
def test_recreate_says_that_every_pod_ends(layout: RayLayout, config: dict[str, Any], named: str) -> None:
    problems, (warning,) = compared(layout, upgradeStrategy="Recreate", **config)

    assert problems == []
    assert f"a change to {named} ends every Ray pod" in warning


def test_recreate_without_a_change_says_nothing_and_does_not_excuse_a_removed_group() -> None:
    assert compared(LAYOUT, upgradeStrategy="Recreate") == ([], [])
    assert compared(with_groups(CPU), upgradeStrategy="Recreate")[0]
