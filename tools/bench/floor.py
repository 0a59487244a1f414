"""The floor: what the program registers, as plain data that `tools.bench.bare_program` registers again.

Everything comes from a recording of the program itself: the same types, names, parents, providers, options and inputs.
Where an input was made of an output of another resource, it is so again: without that nothing could be created.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pulumi.runtime import rpc

from ray_platform.account import AwsAccount
from ray_platform.plan.answers import outputs
from ray_platform.plan.expansion import CONTROL_PLANE, EKS_CLUSTER
from ray_platform.plan.recording import Node, Recording
from ray_platform.plan.urns import is_urn

REMOTE: Final = (EKS_CLUSTER, "kubernetes:yaml/v2:ConfigGroup")
"""Components that their provider makes: the children come with them."""
SECRET: Final = "secret"
PARTS: Final = "parts"
OUTPUT: Final = "output"
RESOURCE: Final = "resource"
# A shorter text may stand in another by chance.
LEAST_WITHIN: Final = 8
SCHEME: Final = "https://"

Path = tuple[str | int, ...]


@dataclass(frozen=True, kw_only=True)
class Told:
    """A text that a resource tells: which one, and where. ``computed`` when only AWS can know it; ``bare`` when it is
    an address without its scheme, as trust policies have it.
    """

    text: str
    by: str
    path: Path
    computed: bool
    bare: bool = False

    def reference(self) -> dict[str, Any]:
        path = [snake(step) if isinstance(step, str) else step for step in self.path]
        return {OUTPUT: self.by, "path": path, "without": SCHEME if self.bare else ""}


def described(recording: Recording, account: AwsAccount) -> dict[str, Any]:
    """The registrations, whatever one needs before it, and the stack's outputs."""
    registrations = _Registrations(recording.nodes, account)
    nodes = [node for node in recording.nodes.values() if not registrations.comes_by_itself(node)]
    return {
        "registrations": [registrations.of(node) for node in nodes],
        "exports": {
            name: {SECRET: value} if name in recording.secret_outputs else value
            for name, value in registrations.exports(recording.outputs).items()
        },
    }


class _Registrations:
    def __init__(self, nodes: Mapping[str, Node], account: AwsAccount) -> None:
        self._nodes, self._account = nodes, account
        self._inside = self._contents()
        self._known = _longest_first(told for node in nodes.values() for told in self._outputs(node) if told.computed)

    def comes_by_itself(self, node: Node) -> bool:
        return self._owner(node.urn) != node.urn

    def of(self, node: Node) -> dict[str, Any]:
        needed = frozenset().union(*node.property_dependencies.values())
        return {
            "urn": node.urn,
            "class": sdk_class(node),
            "type": node.type,
            "name": node.name,
            "parent": node.parent if node.parent in self._nodes else None,
            "inputs": {snake(name): self._input(node, name) for name in node.inputs},
            "depends_on": self._gathered(
                {self._owner(urn) for urn in node.dependencies - needed if urn in self._nodes}
            ),
            "outputs": {name: self._linked(value, self._known) for name, value in node.outputs.items()},
            **self._providers(node),
            "options": {
                "protect": node.protect,
                "ignore_changes": list(node.ignore_changes),
                "timeouts": {verb: text for verb, text in node.timeouts.items() if text},
            },
        }

    def _contents(self) -> dict[str, set[str]]:
        """The registrations in each of the platform's components that somebody can wait for, the outermost first."""
        inside: dict[str, set[str]] = {urn: set() for urn, node in self._nodes.items() if sdk_class(node) is None}
        for urn in self._nodes:
            above = self._nodes[urn].parent
            while self._owner(urn) == urn and urn not in inside and above in self._nodes:
                inside.get(above, set()).add(urn)
                above = self._nodes[above].parent
        return inside

    def _gathered(self, urns: set[str]) -> list[str]:
        """What is waited for as a person would write it: a component in the place of everything in it.

        The SDK takes a component apart again at little cost, and a list of a thousand resources at a high one.
        """
        left = set(urns)
        for component, inside in self._inside.items():
            if inside and inside <= left:
                left = (left - inside) | {component}
        return sorted(left)

    def exports(self, outputs_: Mapping[str, Any]) -> dict[str, Any]:
        """The stack's outputs, made of what the resources tell, as far as only AWS can know it."""
        return {name: self._linked(value, self._known) for name, value in outputs_.items()}

    def _owner(self, urn: str) -> str:
        """The registration that a resource comes with: its own, or that of the remote component it is in."""
        node, owner = self._nodes.get(urn), urn
        while node is not None and node.parent in self._nodes:
            node = self._nodes[node.parent]
            owner = node.urn if node.type in REMOTE else owner
        return owner

    def _providers(self, node: Node) -> dict[str, Any]:
        """Only what the parent does not hand on anyway."""
        parent = self._nodes.get(node.parent)
        inherited = dict(parent.providers) if parent else {}
        own = {package: ref for package, ref in node.providers.items() if inherited.get(package) != ref}
        package = node.type.partition(":")[0]
        single = node.provider if node.custom and inherited.get(package) != node.provider else ""
        return {"provider": _urn_of(single), "providers": sorted(_urn_of(ref) for ref in own.values())}

    def _input(self, node: Node, name: str) -> Any:
        value = node.inputs[name]
        if node.type.startswith("pulumi:providers:") and not node.property_dependencies.get(name):
            return self._linked(_decoded(value), [])
        sources = [self._nodes[urn] for urn in node.property_dependencies.get(name, ()) if urn in self._nodes]
        return self._linked(value, _longest_first(each for source in sources for each in self._outputs(source)))

    def _outputs(self, node: Node) -> Iterator[Told]:
        owner = self._owner(node.urn)
        before: Path = ("eksCluster",) if node.type == CONTROL_PLANE and owner != node.urn else ()
        told = outputs(node.type, node.name, node.inputs, self._account)
        physical = {"id": node.inputs.get("name") or f"{node.name}-id"} if before else {"id": f"{node.name}-id"}
        for path, text in _texts({**node.inputs, **told, **physical}):
            if is_urn(text):
                continue
            computed = path[0] in told or path[0] == "id"
            yield Told(text=text, by=owner, path=(*before, *path), computed=computed)
            if text.startswith(SCHEME):
                yield Told(
                    text=text.removeprefix(SCHEME), by=owner, path=(*before, *path), computed=computed, bare=True
                )

    def _linked(self, value: Any, known: Sequence[Told]) -> Any:
        """A value with references in the place of what other resources told; a secret stays one."""
        if rpc.is_rpc_secret(value):
            return {SECRET: self._linked(rpc.unwrap_rpc_secret(value), known)}
        if isinstance(value, Mapping):
            return {"mapping": {key: self._linked(each, known) for key, each in value.items()}}
        if isinstance(value, list | tuple):
            return [self._linked(each, known) for each in value]
        if not isinstance(value, str):
            return value
        if is_urn(value):
            return {RESOURCE: self._owner(value)}
        return _parts(value, known)


def _parts(text: str, known: Sequence[Told]) -> Any:
    """The text, or the pieces that it is put together from."""
    for told in known:
        if text == told.text:
            return told.reference()
        if told.computed and len(told.text) >= LEAST_WITHIN and told.text in text:
            before, _, after = text.partition(told.text)
            return {PARTS: [_parts(before, known), told.reference(), _parts(after, known)]}
    return text


def _longest_first(known: Iterable[Told]) -> list[Told]:
    """So that no text is taken for another one that begins like it."""
    return sorted(known, key=lambda each: (-len(each.text), not each.computed, len(each.path)))


def _texts(value: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:
    if isinstance(value, str) and value:
        yield path, value
    elif isinstance(value, Mapping):
        for key, each in value.items():
            yield from _texts(each, (*path, key))
    elif isinstance(value, list | tuple):
        for index, each in enumerate(value):
            yield from _texts(each, (*path, index))


def _decoded(value: Any) -> Any:
    """A provider's setting as a program gives it: the SDK sends all but texts as JSON."""
    try:
        return json.loads(value)
    except (TypeError, ValueError):
        return value


def _urn_of(reference: str) -> str:
    return reference.rpartition("::")[0]


def snake(name: str) -> str:
    """A property's name as the Python SDKs have it."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def sdk_class(node: Node) -> str | None:
    """Where the SDKs have the class of a type, ``module:Class``; None for the platform's own components."""
    package, module, kind = node.type.split(":")
    if package == "ray-platform":
        return None
    if package == "pulumi":
        return f"pulumi_{kind}:Provider"
    if package == "eks":
        return f"pulumi_eks:{kind}"
    if package == "aws":
        return f"pulumi_aws.{module.partition('/')[0]}:{kind}"
    group, _, version = module.partition("/")
    if group.endswith("ray.io"):
        return "pulumi_kubernetes.apiextensions:CustomResource"
    return f"pulumi_kubernetes.{group.partition('.')[0]}.{version}:{kind}"
