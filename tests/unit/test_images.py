"""Images from mirrors."""

import pytest

from ray_platform.images import mirrored, registry, with_mirrors, without_mirror

MIRRORS = {"quay.io": "registry.example/quay", "docker.io": "registry.example:5000/hub"}


@pytest.mark.parametrize(
    ("image", "where"),
    [
        ("rayproject/ray:2.58.1", "docker.io"),
        ("busybox:1", "docker.io"),
        ("docker.io/rayproject/ray:2.58.1", "docker.io"),
        ("quay.io/kuberay/operator:v1", "quay.io"),
        ("localhost/ray:1", "localhost"),
        ("registry:5000/ray:1", "registry:5000"),
    ],
)
def test_the_registry_of_an_image_is_the_first_part_that_looks_like_a_host_or_else_docker_hub(
    image: str, where: str
) -> None:
    assert registry(image) == where


@pytest.mark.parametrize(
    ("image", "taken_from"),
    [
        ("quay.io/kuberay/operator:v1", "registry.example/quay/kuberay/operator:v1"),
        ("rayproject/ray:2.58.1", "registry.example:5000/hub/rayproject/ray:2.58.1"),
        ("docker.io/rayproject/ray:2.58.1", "registry.example:5000/hub/rayproject/ray:2.58.1"),
        ("nvcr.io/nvidia/plugin:v1", "nvcr.io/nvidia/plugin:v1"),
    ],
)
def test_an_image_comes_from_the_mirror_of_its_registry(image: str, taken_from: str) -> None:
    assert mirrored(image, MIRRORS) == taken_from


def test_every_container_of_an_object_is_rewritten_and_nothing_else() -> None:
    pod = {
        "metadata": {"name": "quay.io"},
        "spec": {
            "initContainers": [{"image": "quay.io/a:1", "args": ["quay.io/a:1"]}],
            "containers": [{"image": "nvcr.io/b:1", "env": [{"name": "IMAGE", "value": "quay.io/a:1"}]}],
        },
    }

    assert with_mirrors(pod, MIRRORS) == {
        "metadata": {"name": "quay.io"},
        "spec": {
            "initContainers": [{"image": "registry.example/quay/a:1", "args": ["quay.io/a:1"]}],
            "containers": [{"image": "nvcr.io/b:1", "env": [{"name": "IMAGE", "value": "quay.io/a:1"}]}],
        },
    }


def test_what_still_comes_from_a_public_registry_is_named_once_and_private_ones_are_not() -> None:
    images = ["nvcr.io/b:1", "nvcr.io/b:1", "nvcr.io/c:1", "quay.io/a:1", "registry.example/own:1"]

    assert without_mirror(images, MIRRORS) == {"nvcr.io": ["nvcr.io/b:1", "nvcr.io/c:1"]}
