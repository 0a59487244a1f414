"""pulumi-kubernetes' ConfigGroup of the yaml/v2 module, for manifests that are named by their addresses.

Built after pulumi-kubernetes 4 (provider/pkg/provider/yaml/v2): each object is a child resource named
GROUP-OBJECT or GROUP-NAMESPACE/OBJECT. Where the real one downloads, this one asks whoever serves it for the object.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import pulumi
from pulumi.provider import ConstructResult, Provider

from simulator.account.resource import Refusal

TOKEN = "kubernetes:yaml/v2:ConfigGroup"

Manifest = dict[str, Any]


class KubernetesComponents(Provider):
    """Constructs ConfigGroups. ``fetch`` gives the object behind an address, or raises Refusal."""

    def __init__(self, fetch: Callable[[str], Manifest]) -> None:
        super().__init__(version("pulumi-kubernetes"))
        self._fetch = fetch

    def construct(
        self,
        name: str,
        resource_type: str,
        inputs: pulumi.Inputs,
        options: pulumi.ResourceOptions | None = None,
    ) -> ConstructResult:
        if resource_type != TOKEN:
            raise pulumi.InputPropertiesError(f"the simulator has no component {resource_type}")
        given: dict[str, Any] = {key: value for key, value in inputs.items() if value is not None}
        group = ConfigGroup(name, self._objects(given), given.get("resourcePrefix", name), options)
        return ConstructResult(urn=group.urn, state={"resources": group.resources})

    def _objects(self, given: dict[str, Any]) -> list[Manifest]:
        """Raises InputPropertiesError for what the simulator does not play."""
        problems = [
            (key, "the simulator takes addresses in `files` only")
            for key in given
            if key not in ("files", "resourcePrefix")
        ]
        objects = []
        for index, address in enumerate(given.get("files", [])):
            try:
                objects.append(self._fetch(address))
            except Refusal as refusal:
                problems.append((f"files[{index}]", str(refusal)))
        if problems:
            raise pulumi.InputPropertiesError(
                "these options cannot be used with the simulator",
                [{"property_path": path, "reason": reason} for path, reason in problems],
            )
        return objects


class ConfigGroup(pulumi.ComponentResource):
    """The component, with one child for each object."""

    def __init__(
        self, name: str, objects: list[Manifest], prefix: str, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(TOKEN, name, {}, opts)
        self.resources = [self._register(prefix, each) for each in objects]
        self.register_outputs({"resources": self.resources})

    def _register(self, prefix: str, manifest: Manifest) -> pulumi.CustomResource:
        group, _, version_ = manifest["apiVersion"].rpartition("/")
        metadata = manifest["metadata"]
        inside = f"{metadata['namespace']}/" if metadata.get("namespace") else ""
        return pulumi.CustomResource(
            f"kubernetes:{group or 'core'}/{version_}:{manifest['kind']}",
            f"{prefix}-{inside}{metadata['name']}",
            manifest,
            pulumi.ResourceOptions(parent=self),
        )
