"""A stack of the project on the real engine in a simulated account, as tests use it."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from pulumi import automation as auto
from pulumi.automation import EngineEvent, OpType

from simulator.account import Account
from simulator.session import Place, simulated
from tests.support.cli import pulumi_command

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, kw_only=True)
class Step:
    """One thing the engine did: the operation, the type's last part (all of it for the platform's own components),
    and the logical name.
    """

    operation: str
    type: str
    name: str


@dataclass
class Run:
    """What one operation of the engine did, in the order in which the steps were done."""

    summary: dict[str, int] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    outputs: dict[str, Any] = field(default_factory=dict)

    @property
    def changes(self) -> dict[str, int]:
        """The operations that changed something; empty for a clean run."""
        return {operation: count for operation, count in self.summary.items() if operation != "same"}

    def index(self, operation: str, type_: str, name: str) -> int:
        """When a step was done, as its place among all steps."""
        return self.steps.index(Step(operation=operation, type=type_, name=name))

    def take(self, event: EngineEvent) -> None:
        if event.res_outputs_event:
            meta = event.res_outputs_event.metadata
            if meta.op != OpType.SAME:
                *_, types, name = meta.urn.split("::")
                self.steps.append(Step(operation=str(meta.op.value), type=_short(types.split("$")[-1]), name=name))
        if event.diagnostic_event and event.diagnostic_event.severity == "warning":
            self.warnings.append(event.diagnostic_event.message)
        if event.summary_event:
            self.summary = {str(key): count for key, count in event.summary_event.resource_changes.items()}


def _short(type_: str) -> str:
    return type_ if type_.startswith("ray-platform:") else type_.split(":")[-1]


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """The stack while its account is served."""

    place: Place
    stack: auto.Stack
    account: Account

    def configure(self, section: str, **values: Any) -> None:
        self.place.change(section, **values)

    def drop(self, section: str, key: str) -> None:
        """Take a key out of a section of the config."""
        settings = yaml.safe_load(self.place.stack_file.read_text(encoding="utf-8"))
        (name,) = [name for name in settings["config"] if name.endswith(f":{section}")]
        del settings["config"][name][key]
        self.place.stack_file.write_text(yaml.safe_dump(settings), encoding="utf-8")

    def up(self, replace: list[str] | None = None) -> Run:
        run = Run()
        result = self.stack.up(on_event=run.take, replace=replace)
        run.outputs = {name: output.value for name, output in result.outputs.items()}
        return run

    def preview(self) -> Run:
        run = Run()
        self.stack.preview(on_event=run.take)
        return run

    def destroy(self) -> Run:
        run = Run()
        self.stack.destroy(on_event=run.take)
        return run

    def state(self) -> list[dict[str, Any]]:
        """The resources, with their secrets in clear."""
        return list((self.stack.export_stack().deployment or {}).get("resources") or [])

    def stored_state(self) -> dict[str, Any]:
        """The deployment as it lies in the backend, and as `pulumi stack export` writes it."""
        (file,) = self.place.folder.glob(f"state/.pulumi/stacks/*/{self.place.stack}.json")
        deployment: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))["checkpoint"]["latest"]
        return deployment


def new_place(folder: Path, stack: str = "dev") -> Place:
    """A place with the committed settings of a stack."""
    place = Place(project=ROOT, folder=folder, stack=stack)
    place.take_settings()
    return place


@contextmanager
def deployment(place: Place) -> Iterator[Deployment]:
    with simulated(place, _command()) as (stack, opened):
        yield Deployment(place=place, stack=stack, account=opened)


def objects(place: Place, kind: str) -> list[dict[str, Any]]:
    """The Kubernetes objects of a kind in the account, oldest first."""
    return [each["inputs"] for each in account(place)["kubernetes"] if each["inputs"]["kind"] == kind]


@functools.cache
def _command() -> auto.PulumiCommand:
    return pulumi_command()


def account(place: Place) -> dict[str, Any]:
    """The account file as it is now."""
    contents: dict[str, Any] = json.loads(place.account.read_text(encoding="utf-8"))
    return contents


def made(place: Place, type_: str) -> list[dict[str, Any]]:
    """The records of a type in the account, oldest first; ``type_`` may be its last part, as ``NodeGroup``."""
    return [each for each in account(place)["resources"] if each["type"].split(":")[-1] == type_]
