"""The bare program: registers what a file says, through the SDKs' own classes, and does nothing else.

It is run by path, as a program is. The file is the one that ``FLOOR`` names.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pulumi

# For its thresholds of garbage collection alone: those of both sides have to be the same.
import ray_platform  # noqa: F401

FLOOR = "BENCH_FLOOR"


class Floor:
    """What has been registered so far, and each output that was taken of it, once: as a variable would hold it."""

    def __init__(self) -> None:
        self._made: dict[str, Any] = {}
        self._outputs: dict[tuple[str | int, ...], Any] = {}

    def register(self, floor: Mapping[str, Any]) -> pulumi.Inputs:
        """Everything in turn; returns the stack's outputs."""
        for each in floor["registrations"]:
            self._made[each["urn"]] = self._registered(each)
        for each in floor["registrations"]:
            if each["class"] is None:
                self._made[each["urn"]].register_outputs(self._values(each["outputs"]))
        return self._values(floor["exports"])

    def _registered(self, each: Mapping[str, Any]) -> pulumi.Resource:
        opts = self._options(each)
        if each["class"] is None:
            return pulumi.ComponentResource(each["type"], each["name"], None, opts)
        module, _, name = each["class"].partition(":")
        class_ = getattr(importlib.import_module(module), name)
        resource: pulumi.Resource = class_(each["name"], **self._values(each["inputs"]), opts=opts)
        return resource

    def _options(self, each: Mapping[str, Any]) -> pulumi.ResourceOptions:
        options = each["options"]
        return pulumi.ResourceOptions(
            parent=self._made.get(each["parent"]),
            depends_on=[self._made[urn] for urn in each["depends_on"]],
            provider=self._made.get(each["provider"]),
            providers=[self._made[urn] for urn in each["providers"]] or None,
            protect=options["protect"] or None,
            ignore_changes=options["ignore_changes"] or None,
            custom_timeouts=pulumi.CustomTimeouts(**options["timeouts"]) if options["timeouts"] else None,
        )

    def _values(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return {name: self._value(value) for name, value in values.items()}

    def _value(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._value(each) for each in value]
        if not isinstance(value, dict):
            return value
        if "mapping" in value:
            return self._values(value["mapping"])
        if "secret" in value:
            return pulumi.Output.secret(self._value(value["secret"]))
        if "resource" in value:
            return self._made[value["resource"]]
        if "parts" in value:
            return pulumi.Output.concat(*[self._value(each) for each in value["parts"]])
        return self._output(value["output"], value["path"], value["without"])

    def _output(self, urn: str, path: list[str | int], without: str) -> Any:
        key = (urn, *path, without)
        if key not in self._outputs:
            found = self._made[urn]
            for step in path:
                found = found[step] if isinstance(step, int) else getattr(found, step)
            self._outputs[key] = found.apply(lambda text: text.removeprefix(without)) if without else found
        return self._outputs[key]


async def main() -> pulumi.Inputs:
    """Register everything, and return what the program exports."""
    exports = Floor().register(json.loads(Path(os.environ[FLOOR]).read_text(encoding="utf-8")))
    # Lets the registrations begin. Where none has, the SDK does not wait for them first but for each single output,
    # and looks at all that are left whenever one comes (`wait_for_rpcs`, pulumi 3.259.0): many times as slow with many
    # resources, and nothing that a program has to pay for.
    await asyncio.sleep(0)
    return exports


if __name__ != "tools.bench.bare_program":
    pulumi.run(main)
