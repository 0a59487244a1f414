"""Run the whole program against Pulumi mocks and keep what it registered, as a graph that tests can ask."""

import asyncio
import json
import logging
import runpy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pulumi
from pulumi.runtime import mocks, rpc, settings

from tests.support import mocked_aws

ROOT = Path(__file__).parents[2]
PROJECT = "ray-on-eks"
PROGRAM = ROOT / "__main__.py"


@dataclass(frozen=True, kw_only=True)
class Node:
    """One registration as the engine would have got it. ``dependencies`` are URNs, explicit and by property."""

    urn: str
    type: str
    name: str
    parent: str
    custom: bool
    inputs: dict[str, Any]
    dependencies: frozenset[str]
    protect: bool
    ignore_changes: tuple[str, ...]
    timeouts: dict[str, str]
    provider: str
    delete_before_replace: bool


@dataclass
class Graph:
    """Everything one run registered, and the stack's outputs as plain values."""

    nodes: dict[str, Node] = field(default_factory=dict)
    outputs: dict[str, Any] = field(default_factory=dict)
    secret_outputs: set[str] = field(default_factory=set)

    def of_type(self, type_: str) -> list[Node]:
        """All nodes of a type; ``type_`` may be short, as ``NodeGroup`` for ``aws:eks/nodeGroup:NodeGroup``."""
        return [node for node in self.nodes.values() if node.type == type_ or node.type.split(":")[-1] == type_]

    def one(self, type_: str, name: str | None = None) -> Node:
        found = [node for node in self.of_type(type_) if name is None or node.name == name]
        assert len(found) == 1, f"{len(found)} of {type_} {name or ''}: {[node.name for node in found]}"
        return found[0]

    def ancestors(self, node: Node) -> Iterator[Node]:
        while node.parent in self.nodes:
            node = self.nodes[node.parent]
            yield node

    def needs(self, node: Node) -> set[str]:
        """The URNs that must exist before ``node``, at any distance; a component stands for its children."""
        seen: set[str] = set()
        waiting = list(node.dependencies)
        while waiting:
            urn = waiting.pop()
            if urn in seen:
                continue
            seen.add(urn)
            if urn in self.nodes:
                waiting += self.nodes[urn].dependencies
            waiting += [child.urn for child in self.nodes.values() if child.parent == urn]
        return seen

    def before(self, first: Node, then: Node) -> bool:
        return first.urn in self.needs(then)


class _Recorder(mocks.MockMonitor):
    def __init__(self, graph: Graph) -> None:
        super().__init__(mocked_aws.MockedAws())
        self.graph = graph
        mocked_aws.register_control_planes(self)

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802  the name is the protocol's
        response = super().RegisterResource(request)  # type: ignore[no-untyped-call]
        if request.type != "pulumi:pulumi:Stack":
            by_property = {urn for deps in request.propertyDependencies.values() for urn in deps.urns}
            self.graph.nodes[response.urn] = Node(
                urn=response.urn,
                type=request.type,
                name=request.name,
                parent=request.parent,
                custom=request.custom,
                inputs=rpc.deserialize_properties(request.object),
                dependencies=frozenset({*request.dependencies, *by_property} - {response.urn}),
                protect=request.protect,
                ignore_changes=tuple(request.ignoreChanges),
                timeouts={
                    "create": request.customTimeouts.create,
                    "update": request.customTimeouts.update,
                    "delete": request.customTimeouts.delete,
                },
                provider=request.provider,
                delete_before_replace=request.deleteBeforeReplace,
            )
        return response

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: N802  the name is the protocol's
        if "::pulumi:pulumi:Stack::" in request.urn:
            for name, value in rpc.deserialize_properties(request.outputs).items():
                self.graph.outputs[name] = rpc.unwrap_rpc_secret(value)
                if rpc.is_rpc_secret(value):
                    self.graph.secret_outputs.add(name)
        return super().RegisterResourceOutputs(request)  # type: ignore[no-untyped-call]


def run_program(
    config: Mapping[str, Any], *, into: Graph | None = None, program: Path = PROGRAM, project: str = PROJECT
) -> Graph:
    """Run ``__main__.py``, or another program, with this config, given as in a stack file without the project's name.

    Returns once every registration has landed, so that absence can be asserted too. Whatever the program raises
    comes out of here; ``into`` then holds what was registered before.
    """
    graph = into or Graph()
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        settings.reset_options()
        settings.SETTINGS.outputs.clear()
        mocks.set_mocks(
            mocks=mocked_aws.MockedAws(),
            project=project,
            stack="test",
            preview=False,
            logger=logging.getLogger("pulumi-mocks"),
            monitor=_Recorder(graph),
        )
        pulumi.runtime.set_all_config(
            {
                key if ":" in key else f"{project}:{key}": value if isinstance(value, str) else json.dumps(value)
                for key, value in config.items()
            }
        )

        settings.set_root_resource(None)  # type: ignore[arg-type]  # run_in_stack makes the stack, as in a real run
        loop.run_until_complete(pulumi.runtime.run_in_stack(lambda: _run(program)))
    finally:
        pulumi.runtime.set_all_config({})
        settings.reset_options()
        asyncio.set_event_loop(None)
        loop.close()
    return graph


def _run(program: Path) -> None:
    runpy.run_path(str(program))
