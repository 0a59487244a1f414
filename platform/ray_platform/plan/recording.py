"""What a run of the program registered: resources as the engine would have got them, and the stack's outputs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Node:
    """One registration. ``dependencies`` are URNs, explicit and by property; the latter are told apart as well.

    ``outputs`` are those that a component registered; a resource that a provider makes has none here.
    """

    urn: str
    type: str
    name: str
    parent: str
    custom: bool
    inputs: dict[str, Any]
    dependencies: frozenset[str]
    property_dependencies: Mapping[str, frozenset[str]] = field(default_factory=dict)
    protect: bool = False
    ignore_changes: tuple[str, ...] = ()
    timeouts: Mapping[str, str] = field(default_factory=dict)
    provider: str = ""
    providers: Mapping[str, str] = field(default_factory=dict)
    """Of a component: the provider for the resources of each package in it."""
    delete_before_replace: bool = False
    outputs: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class Recording:
    """Everything one run registered, by URN; the stack's outputs as plain values; what the program warned of."""

    nodes: dict[str, Node] = field(default_factory=dict)
    outputs: dict[str, Any] = field(default_factory=dict)
    secret_outputs: set[str] = field(default_factory=set)
    warnings: list[str] = field(default_factory=list)

    def resources(self) -> list[dict[str, Any]]:
        """The resources as an exported deployment holds them, without the stack's own."""
        return [_exported(node) for node in self.nodes.values()]


def _exported(node: Node) -> dict[str, Any]:
    return {
        "urn": node.urn,
        "type": node.type,
        "custom": node.custom,
        "parent": node.parent,
        "dependencies": sorted(node.dependencies),
        "propertyDependencies": {name: sorted(urns) for name, urns in node.property_dependencies.items()},
        "provider": node.provider,
        "inputs": node.inputs,
        "outputs": dict(node.outputs),
    }
