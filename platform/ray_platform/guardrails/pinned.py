"""Nothing changes its version by itself."""

import re
from collections.abc import Iterator
from typing import Any, Final

from ray_platform.guardrails.cluster import NODE_GROUP, control_planes
from ray_platform.guardrails.kubernetes import containers, of_kind, pods
from ray_platform.guardrails.values import each, look
from ray_platform.guardrails.verdict import Answer, Guardrail, Stack, expect, is_set

_ADDON: Final = "aws:eks/addon:Addon"
_CHARTS: Final = ("Chart", "Release")
_FILES: Final = ("ConfigFile", "ConfigGroup")

_DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}")
# Words for whatever is newest; a name without any digit is such a word too.
_MOVING: Final = re.compile(r"(latest|nightly|main|master|edge|stable|dev|head)\b", re.IGNORECASE)

_A_VERSION: Final = "must be a version"
_AN_IMAGE: Final = "must be an image with an exact tag or a digest"


def is_exact(version: Any) -> bool:
    """Whether this names one release: 1.2.3, v1.35 or 2.58.1-py311, and not latest, nightly-py311 or stable."""
    text = str(version)
    return re.search(r"\d", text) is not None and _MOVING.match(text) is None


def is_pinned_image(image: Any) -> bool:
    if not isinstance(image, str):
        return False
    name, at, digest = image.partition("@")
    if at:
        return _DIGEST.fullmatch(digest) is not None
    return is_exact(name.rpartition("/")[2].partition(":")[2])


def _is_pinned_url(url: Any) -> bool:
    """A file of this machine changes with the program only."""
    text = str(url)
    return "://" not in text or any(re.fullmatch(r"v?\d+(\.\d+)+.*", part) for part in text.split("/"))


def _pinned(stack: Stack) -> Iterator[Answer]:
    yield from _of_aws(stack)
    for pod in pods(stack):
        for container in containers(pod):
            image = look(container.value, "image")
            yield from expect(container.resource, f"{container.path}.image", image, is_pinned_image, _AN_IMAGE)
    for chart in of_kind(stack, *_CHARTS):
        if chart.type.startswith("kubernetes:helm.sh/"):
            version = look(chart.inputs, "version")
            yield from expect(chart, "version", version, _is_version, _A_VERSION)
    for files in of_kind(stack, *_FILES):
        for path, url in [*each(files.inputs, "files"), *each(files.inputs, "file")]:
            yield from expect(files, path, url, _is_pinned_url, "must name a release")


def _of_aws(stack: Stack) -> Iterator[Answer]:
    for cluster in control_planes(stack):
        yield from expect(cluster, "version", look(cluster.inputs, "version"), _is_version, _A_VERSION)
    for group in stack.of_type(NODE_GROUP):
        yield from expect(group, "version", look(group.inputs, "version"), _is_version, _A_VERSION)
        template = look(group.inputs, "launchTemplate", "version")
        yield from expect(group, "launchTemplate.version", template, _is_number, "must be a number")
    for addon in stack.of_type(_ADDON):
        yield from expect(addon, "addonVersion", look(addon.inputs, "addonVersion"), _is_version, _A_VERSION)


def _is_version(value: Any) -> bool:
    return is_set(value) and is_exact(value)


def _is_number(value: Any) -> bool:
    """Neither ``$Latest`` nor ``$Default``."""
    return str(value).isdecimal()


GUARDRAILS: Final = (
    Guardrail(
        code="pinned-versions",
        promise="Versions are exact: of Kubernetes, addons, launch templates, images, charts and fetched manifests.",
        remedy="Name a release (versions.py, or the key of the configuration).",
        check=_pinned,
    ),
)
