"""The kinds that the operator's manifests bring: which they are, and where the manifests would come from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simulator.account.resource import Refusal

GROUP = "ray.io"
VERSION = "v1"
SOURCE = "simulator/source"
"""The annotation with the address of the file that a definition stands for."""

# File name in KubeRay's config/crd/bases, as of 1.6.2 -> kind and plural.
FILES: Mapping[str, tuple[str, str]] = {
    "ray.io_rayclusters.yaml": ("RayCluster", "rayclusters"),
    "ray.io_rayjobs.yaml": ("RayJob", "rayjobs"),
    "ray.io_rayservices.yaml": ("RayService", "rayservices"),
}


def definition_at(address: str) -> dict[str, Any]:
    """A definition that stands for the one in the file: its names, and objects that may hold anything.

    In memory it is all there is. For a real API server it is a note of what to apply: the real one is half a million
    characters, which the engine would write anew at each of its steps. Another version of the file is another
    definition, since the address is noted. Nothing is downloaded: raises Refusal for a file that is not KubeRay's.
    """
    file = address.rpartition("/")[2]
    if file not in FILES:
        raise Refusal(
            "NotSimulated",
            f"the simulator downloads nothing, and {address} is none of the files it knows: {', '.join(FILES)}",
        )
    kind, plural = FILES[file]
    schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.{GROUP}", "annotations": {SOURCE: address}},
        "spec": {
            "group": GROUP,
            "names": {"kind": kind, "listKind": f"{kind}List", "plural": plural, "singular": kind.lower()},
            "scope": "Namespaced",
            "versions": [
                {"name": VERSION, "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}},
            ],
        },
    }


def source(manifest: Mapping[str, Any]) -> str | None:
    """The address that a definition stands for, also a live one's; None for any other object."""
    is_definition = manifest["kind"] == "CustomResourceDefinition"
    annotations = manifest["metadata"].get("annotations") or {}
    return annotations.get(SOURCE) if is_definition else None
