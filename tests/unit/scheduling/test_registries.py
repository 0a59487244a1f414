"""Images that nodes without a way to the internet are to run."""

from typing import Any

import pytest

from ray_platform.config.problems import Problem
from ray_platform.scheduling.registries import images_in_use, mirror_problems
from tests.unit.scheduling.given import layout, resolved, scheduling

EVERY_REGISTRY = ["docker.io", "nvcr.io", "public.ecr.aws", "quay.io", "registry.k8s.io"]


def problems(**sections: Any) -> list[Problem]:
    given = scheduling(**sections)
    ray = layout(**sections) if given.ray.enabled else None
    return list(mirror_problems(given.addons, resolved(**sections), ray))


def registries(**sections: Any) -> list[str]:
    return [problem.path.split('"')[1] for problem in problems(**sections)]


def test_the_defaults_need_a_mirror_for_each_of_five_registries() -> None:
    assert registries() == EVERY_REGISTRY


def test_a_problem_names_the_images_and_the_command() -> None:
    told = next(str(problem) for problem in problems() if "quay" in problem.path)

    assert 'addons.imageMirrors["quay.io"] = (not set)' in told
    assert "quay.io/kuberay/operator:v1.6.2" in told
    assert "pulumi config set --path 'ray-on-eks:addons.imageMirrors[\"quay.io\"]' ACCOUNT.dkr.ecr" in told


def test_mirrors_for_all_are_enough() -> None:
    mirrors = {registry: f"123456789012.dkr.ecr.us-east-1.amazonaws.com/{registry[:4]}" for registry in EVERY_REGISTRY}

    assert registries(addons={"imageMirrors": mirrors}) == []


@pytest.mark.parametrize(
    ("sections", "unneeded"),
    [
        ({"ray": {"enabled": False}}, {"docker.io", "quay.io"}),
        ({"ray": {"image": "123456789012.dkr.ecr.us-east-1.amazonaws.com/ray:1"}}, {"docker.io"}),
        ({"addons": {"clusterAutoscaler": {"enabled": False}}}, {"registry.k8s.io"}),
        ({"addons": {"nodeTerminationHandler": {"enabled": False}}}, {"public.ecr.aws"}),
        ({"addons": {"devicePlugin": {"enabled": False}}}, {"nvcr.io"}),
        ({"nodePools": {"cpu": {}}}, {"nvcr.io", "public.ecr.aws"}),
    ],
)
def test_what_is_switched_off_needs_no_mirror(sections: dict[str, Any], unneeded: set[str]) -> None:
    assert registries(**sections) == [each for each in EVERY_REGISTRY if each not in unneeded]


def test_the_images_are_those_of_the_layout_and_the_services() -> None:
    images = list(images_in_use(scheduling().addons, resolved(), layout()))

    assert {image.split("/")[-1].split(":")[0] for image in images} == {
        "operator",
        "ray",
        "cluster-autoscaler",
        "aws-node-termination-handler",
        "k8s-device-plugin",
    }
