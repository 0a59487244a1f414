"""Recordings of the committed stacks, to be spoiled one property at a time."""

import copy
import functools
from dataclasses import dataclass, replace
from typing import Any

from ray_platform.config.load import parse
from ray_platform.config.sections import Settings
from ray_platform.config.stack_file import read_sections
from ray_platform.guardrails.all import Judgement, judge
from ray_platform.guardrails.sources import from_recording
from ray_platform.guardrails.verdict import Limits
from ray_platform.plan.recorder import record
from ray_platform.plan.recording import Node, Recording
from tests.unit.checks import cases

PROJECT = "ray-on-eks"


@dataclass
class Plan:
    """A recording whose parts may be changed, and the limits within which it is judged."""

    recording: Recording
    limits: Limits

    def node(self, kind: str, name: str = "") -> Node:
        """A resource of a type, or of its last part, whose logical name ends so."""
        resources = [each for each in self.recording.nodes.values() if each.custom]
        found = [each for each in resources if kind in (each.type, each.type.rpartition(":")[2])]
        return next(each for each in found if each.name.endswith(name))

    def inputs(self, kind: str, name: str = "") -> dict[str, Any]:
        return self.node(kind, name).inputs

    @property
    def control_plane(self) -> dict[str, Any]:
        """What the program gives to pulumi-eks."""
        return next(each.inputs for each in self.recording.nodes.values() if each.type == "eks:index:Cluster")

    def add(self, type_: str, inputs: dict[str, Any]) -> None:
        """One more resource, made with the provider of the others."""
        key = self.node("Key")
        urn = f"urn:pulumi:test::{PROJECT}::{type_}::one-more"
        self.recording.nodes[urn] = replace(key, urn=urn, type=type_, name="one-more", inputs=inputs)

    def remove(self, kind: str, name: str = "") -> None:
        del self.recording.nodes[self.node(kind, name).urn]

    def judged(self) -> Judgement:
        return judge(from_recording(self.recording, self.limits))


def settings(stack: str) -> Settings:
    found, problems = parse(_sections(stack))
    assert found is not None, [str(problem) for problem in problems]
    return found


def plan(stack: str = "prod") -> Plan:
    """What the stack as committed registers. Each call has its own, to be spoiled."""
    return Plan(recording=copy.deepcopy(_recording(stack)), limits=Limits.of(settings(stack)))


def _sections(stack: str) -> dict[str, Any]:
    """The facts that the program meets are those of prod's network."""
    return {**read_sections(cases.ROOT, stack), "network": read_sections(cases.ROOT, "prod")["network"]}


@functools.cache
def _recording(stack: str) -> Recording:
    program, config = cases.ROOT / "__main__.py", _sections(stack)
    return record(program, project=PROJECT, stack=stack, config=config, facts=cases.FACTS)
