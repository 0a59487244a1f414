"""Container images that come from a mirror instead of the public registry they were published in."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

# Where an image without a registry in its name comes from (the reference format of container images).
DOCKER_HUB: Final = "docker.io"

# The public registries of the images that the platform uses by itself.
PUBLIC_REGISTRIES: Final = (DOCKER_HUB, "nvcr.io", "public.ecr.aws", "quay.io", "registry.k8s.io")


def registry(image: str) -> str:
    """The registry of an image: ``quay.io`` of ``quay.io/kuberay/operator:v1``, Docker Hub of ``rayproject/ray:2``."""
    first, slash, _ = image.partition("/")
    return first if slash and ("." in first or ":" in first or first == "localhost") else DOCKER_HUB


def mirrored(image: str, mirrors: Mapping[str, str]) -> str:
    """The image under the mirror of its registry, or as it is where there is none.

    ``mirrors`` maps a registry to what stands for it: ``{"quay.io": "registry.example/quay"}``.
    """
    source = registry(image)
    if source not in mirrors:
        return image
    return f"{mirrors[source]}/{image.removeprefix(f'{source}/')}"


def with_mirrors(manifest: Any, mirrors: Mapping[str, str]) -> Any:
    """A Kubernetes object, or a part of one, with every container's image taken from its mirror."""
    if isinstance(manifest, Mapping):
        return {
            key: mirrored(value, mirrors) if key == "image" and isinstance(value, str) else with_mirrors(value, mirrors)
            for key, value in manifest.items()
        }
    return [with_mirrors(each, mirrors) for each in manifest] if isinstance(manifest, list) else manifest


def without_mirror(images: Iterable[str], mirrors: Mapping[str, str]) -> dict[str, list[str]]:
    """The public registries that still have to be reached -> the images that come from there."""
    found: dict[str, list[str]] = {}
    for image in sorted(set(images), key=lambda each: (registry(each), each)):
        if registry(image) in PUBLIC_REGISTRIES and registry(image) not in mirrors:
            found.setdefault(registry(image), []).append(image)
    return found
