"""When each resource of a deployment would have been ready in AWS: arithmetic on Pulumi's state, no waiting."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ray_platform.plan.durations import creation_seconds
from ray_platform.plan.urns import name_in

# What takes less is nothing that people wait for: it is left out of what they are told.
NOTABLE_SECONDS = 10.0


@dataclass(frozen=True, kw_only=True)
class Step:
    """One resource. Start and finish are seconds after the start of the run; `waited_for` is the resource
    whose finish let it start, None when nothing did.
    """

    urn: str
    token: str
    start: float
    finish: float
    waited_for: str | None

    @property
    def name(self) -> str:
        """The logical name."""
        return name_in(self.urn)

    @property
    def seconds(self) -> float:
        return self.finish - self.start


@dataclass(frozen=True, kw_only=True)
class Timeline:
    """The steps by start, then by finish, then by name: the same resources always give the same timeline."""

    steps: tuple[Step, ...]

    @property
    def time_to_ready(self) -> float:
        """Seconds until the last resource is ready; 0 for an empty deployment."""
        return max((step.finish for step in self.steps), default=0.0)

    @property
    def critical_path(self) -> tuple[Step, ...]:
        """The chain of resources that decides the time to ready, first to last, without those that take no
        time.
        """
        steps = {step.urn: step for step in self.steps}
        last = max(self.steps, key=lambda step: step.finish, default=None)
        path: list[Step] = []
        while last is not None:
            if last.seconds > 0:
                path.append(last)
            last = steps[last.waited_for] if last.waited_for else None
        return tuple(reversed(path))

    @property
    def notable_path(self) -> tuple[Step, ...]:
        """The steps of the critical path that take long enough to tell of."""
        return tuple(step for step in self.critical_path if step.seconds >= NOTABLE_SECONDS)


def timeline(resources: Iterable[Mapping[str, Any]]) -> Timeline:
    """The timeline of creating the resources of an exported deployment, as parallel as the engine makes it.

    `resources` is `stack.export_stack().deployment["resources"]`, or `Recording.resources()`. A resource starts
    when all it depends on (also through its provider) is finished and its parent is registered, for the SDKs
    wait for the parent's URN. What depends on a component waits for the component's children.
    """
    live = [resource for resource in resources if not resource.get("delete")]
    children: dict[str, list[str]] = {}
    for resource in live:
        children.setdefault(resource.get("parent", ""), []).append(resource["urn"])
    clock = _Clock({resource["urn"]: resource for resource in live}, children)
    steps = [clock.step(resource["urn"]) for resource in live]
    return Timeline(steps=tuple(sorted(steps, key=lambda step: (step.start, step.finish, step.urn))))


class _Clock:
    """Works out steps on demand, each once."""

    def __init__(self, resources: Mapping[str, Mapping[str, Any]], children: Mapping[str, list[str]]) -> None:
        self._resources = resources
        self._children = children
        self._steps: dict[str, Step] = {}

    def step(self, urn: str) -> Step:
        if urn not in self._steps:
            self._steps[urn] = self._worked_out(urn)
        return self._steps[urn]

    def _worked_out(self, urn: str) -> Step:
        resource = self._resources[urn]
        before = [self._done(each) for each in sorted(dependencies(resource)) if each in self._resources]
        if (parent := resource.get("parent", "")) in self._resources:
            before.append(self.step(parent))
        last = max(before, key=lambda step: step.finish, default=None)
        start = last.finish if last else 0.0
        seconds = creation_seconds(resource["type"], resource.get("inputs", {})) if resource["custom"] else 0.0
        waited_for = last.urn if last and last.finish > 0 else None
        return Step(urn=urn, token=resource["type"], start=start, finish=start + seconds, waited_for=waited_for)

    def _done(self, urn: str) -> Step:
        """The step that makes a dependency complete: its own, or the last one of a component's children."""
        if self._resources[urn]["custom"]:
            return self.step(urn)
        inside = [self._done(child) for child in self._children.get(urn, ())]
        return max([self.step(urn), *inside], key=lambda step: step.finish)


def dependencies(resource: Mapping[str, Any]) -> set[str]:
    """The URNs of what a resource waits for: named, by property, and its provider."""
    found = set(resource.get("dependencies") or ())
    for urns in (resource.get("propertyDependencies") or {}).values():
        found.update(urns or ())
    if provider := resource.get("provider"):
        found.add(provider.rsplit("::", 1)[0])
    return found - {resource["urn"]}
