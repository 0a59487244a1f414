"""A recording of the whole program that tests can ask, with what AWS answers in ``mocked_aws``."""

import functools
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ray_platform.config.stack_file import read_sections
from ray_platform.plan.recorder import play, record
from ray_platform.plan.recording import Node, Recording
from tests.support.mocked_aws import MockedAws, facts

__all__ = ["PROGRAM", "PROJECT", "ROOT", "Graph", "Node", "recorded", "run_program"]

ROOT = Path(__file__).parents[2]
PROJECT = "ray-on-eks"
PROGRAM = ROOT / "__main__.py"


class Graph(Recording):
    """Everything one run registered, and the stack's outputs as plain values."""

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


@functools.cache
def recorded(stack: str) -> Recording:
    """A committed stack, ``dev`` or ``prod``, as the product records it in the healthy account."""
    sections = read_sections(ROOT, stack)
    network = sections["network"]
    answers = facts(network["vpcId"], tuple(network["subnetIds"]))
    return record(PROGRAM, project=PROJECT, stack=stack, config=sections, facts=answers)


def run_program(
    config: Mapping[str, Any], *, into: Graph | None = None, program: Path = PROGRAM, project: str = PROJECT
) -> Graph:
    """Run ``__main__.py``, or another program, with this config, given as in a stack file without the project's name.

    Whatever the program raises comes out of here; ``into`` then holds what was registered before.
    """
    graph = Graph() if into is None else into
    play(program, project=project, stack="test", config=config, answers=MockedAws(), into=graph)
    return graph
