"""What an update would do, by the engine's own preview: its steps, and the resources with what they wait for."""

import json
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from pulumi import automation as auto
from pulumi.automation import StepEventMetadata

from ray_platform.pipeline.events import Change
from ray_platform.pipeline.operation import Listener, Told, operate
from ray_platform.plan.picture import box_names
from ray_platform.plan.timeline import Timeline, timeline

# Steps after which a resource has to become ready anew.
_TAKES_TIME: Final = frozenset({"create", "create-replacement", "replace", "update"})


@dataclass(frozen=True, kw_only=True)
class Planned:
    """A preview. ``resources`` are those that the update leaves there, as an exported deployment holds them.

    ``engine_steps`` is what the engine told of each resource, as it told it.
    """

    told: Told
    resources: tuple[Mapping[str, Any], ...]
    steps: Mapping[str, tuple[str, ...]]
    engine_steps: tuple[StepEventMetadata, ...]
    seconds: float

    @property
    def changes(self) -> list[Change]:
        """What would be created, updated, replaced or deleted, in the engine's order."""
        return [change for change in self.told.changes if change.counts]

    @property
    def counts(self) -> dict[str, int]:
        return self.told.counts("planned")

    @cached_property
    def components(self) -> dict[str, str]:
        """URN -> the name of the component that the resource is in."""
        return box_names(self.resources)

    @cached_property
    def expected(self) -> Timeline:
        """When each resource would be ready. What stays the same is ready at once."""
        return timeline(
            each if _TAKES_TIME.intersection(self.steps.get(each["urn"], ())) else {**each, "custom": False}
            for each in self.resources
        )


def planned(
    stack: auto.Stack, *, listener: Listener, interrupted: Callable[[], object] = lambda: None, **options: Any
) -> Planned:
    """Preview the stack. Raises ``OperationFailed``.

    The engine writes the plan, with what each resource waits for, into a file; its events do not tell that.
    """
    told_by_engine: list[StepEventMetadata] = []
    with tempfile.TemporaryDirectory(prefix="ray-platform-") as folder:
        file = Path(folder) / "plan.json"
        ended = operate(
            stack.preview,
            stack,
            listener=listener,
            previewing=True,
            interrupted=interrupted,
            on_step=told_by_engine.append,
            plan=str(file),
            **options,
        )
        plans = json.loads(file.read_text(encoding="utf-8"))["resourcePlans"]
    inputs = {change.urn: change.new for change in ended.told.changes if change.new}
    return Planned(
        told=ended.told,
        resources=tuple(
            _resource(urn, plan["goal"], inputs.get(urn, {})) for urn, plan in plans.items() if plan.get("goal")
        ),
        steps={urn: tuple(plan["steps"]) for urn, plan in plans.items()},
        engine_steps=tuple(told_by_engine),
        seconds=ended.seconds,
    )


def _resource(urn: str, goal: Mapping[str, Any], inputs: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "urn": urn,
        "type": goal["type"],
        "custom": goal["custom"],
        "parent": goal.get("parent", ""),
        "protect": goal.get("protect", False),
        "dependencies": goal.get("dependencies") or [],
        "propertyDependencies": goal.get("propertyDependencies") or {},
        "provider": goal.get("provider", ""),
        "inputs": inputs,
    }
