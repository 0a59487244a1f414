"""Which image runs where."""

from typing import Any

import pytest

from ray_platform.scheduling.images import ray_image
from ray_platform.scheduling.layout import RayLayout
from tests.unit.scheduling.given import layout, only_problem, problems

OWN = "registry.example/team/ray:7"
OTHER = "registry.example/team/ray-arm:7"
ARM = {"architecture": "arm64"}


@pytest.mark.parametrize(
    ("gpu", "architecture", "image"),
    [
        (False, "x86_64", "rayproject/ray:2.58.1-py312"),
        (True, "x86_64", "rayproject/ray:2.58.1-py312-gpu"),
        (False, "arm64", "rayproject/ray:2.58.1-py312-aarch64"),
        (True, "arm64", None),
    ],
)
def test_rays_own_image_follows_from_version_gpu_and_architecture(gpu: bool, architecture: Any, image: str) -> None:
    assert ray_image("2.58.1", gpu=gpu, architecture=architecture) == image


def _images(found: RayLayout) -> dict[str, str]:
    return {"head": found.head.image} | {each.name: each.image for each in found.worker_groups}


def test_each_group_has_the_image_of_its_hardware() -> None:
    found = layout(nodePools={"arm": ARM, "gpu": {"gpu": True}}, ray={"version": "2.60.0"})

    assert _images(found) == {
        "head": "rayproject/ray:2.60.0-py312-aarch64",
        "arm": "rayproject/ray:2.60.0-py312-aarch64",
        "gpu": "rayproject/ray:2.60.0-py312-gpu",
    }


def test_workers_without_gpu_on_gpu_nodes_need_no_gpu_image() -> None:
    found = layout(nodePools={"cpu": {}, "gpu": {"gpu": True, **ARM, "ray": {"gpus": 0}}})

    assert _images(found)["gpu"] == "rayproject/ray:2.58.1-py312-aarch64"


def test_an_image_of_ones_own_is_for_all_and_that_of_a_pool_for_its_workers() -> None:
    found = layout(nodePools={"cpu": {"ray": {"image": OTHER}}, "gpu": {"gpu": True}}, ray={"image": OWN})

    assert _images(found) == {"head": OWN, "cpu": OTHER, "gpu": OWN}


def test_gpus_on_arm_need_an_image_of_ones_own() -> None:
    gpu = {"gpu": True, **ARM}
    problem = only_problem(nodePools={"cpu": {}, "gpu": gpu})

    assert (problem.path, problem.source) == ("nodePools.gpu.ray.image", "absent")
    assert problem.rule == "an image of your own: Ray publishes none for GPUs on arm64"
    assert "nodePools.gpu.ray.image' REPOSITORY:TAG" in problem.remedy
    assert _images(layout(nodePools={"cpu": {}, "gpu": {**gpu, "ray": {"image": OTHER}}}))["gpu"] == OTHER


def test_an_image_that_lacks_the_architecture_of_a_pool_is_refused_there() -> None:
    pools: dict[str, Any] = {"cpu": {}, "arm": ARM}
    problem = only_problem(nodePools=pools, ray={"image": OWN})

    assert (problem.path, problem.source) == ("nodePools.arm.ray.image", "absent")
    assert problem.rule == "an image for arm64, like the nodes; ray.image is built for x86_64"
    both = {"image": OWN, "imageArchitectures": ["x86_64", "arm64"]}
    assert _images(layout(nodePools=pools, ray=both)) == {"head": OWN, "cpu": OWN, "arm": OWN}
    pools["arm"] = {**ARM, "ray": {"image": OTHER}}
    assert _images(layout(nodePools=pools, ray={"image": OWN}))["arm"] == OTHER


def test_the_head_goes_where_its_image_runs() -> None:
    pools = {"arm": {**ARM, "ray": {"image": OTHER}}, "cpu": {}}

    assert layout(nodePools=pools).head.pool == "arm"
    assert layout(nodePools=pools, ray={"image": OWN}).head.pool == "cpu"


def test_an_image_that_runs_in_no_pool_for_the_head_is_refused() -> None:
    found = problems(nodePools={"arm": ARM, "gpu": {"gpu": True}}, ray={"image": OWN})

    assert [(each.path, each.source) for each in found] == [
        ("ray.imageArchitectures", "default"),
        ("nodePools.arm.ray.image", "absent"),
    ]
    assert "with arm64, since the Ray head runs on nodes of pool arm" in found[0].rule


def test_the_architectures_of_an_image_of_ones_own_say_nothing_about_rays_own() -> None:
    assert layout(nodePools={"arm": ARM}, ray={"imageArchitectures": ["x86_64"]}).head.pool == "arm"
