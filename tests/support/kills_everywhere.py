"""The engine killed again and again until nothing of the stack is left that was not once cut off in its making."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ray_platform.pipeline.local_state import readable
from ray_platform.pipeline.pending import pending
from simulator.account.faults import Phase
from tests.support.deployment import Deployment
from tests.support.graph import recorded
from tests.support.kills import Verb, assert_nothing_lost, killed_at, recovered

Tell = Callable[[str], object]
# One kill of so many comes before the account is asked, and the others after it has changed.
BEFORE = 10
# Far more runs than a stack has resources; kills that get nowhere must end.
RUNS = 500


@dataclass(kw_only=True)
class Kills:
    """What one verb went through: its kills by phase, and what they cut off."""

    verb: Verb
    phases: Counter[str] = field(default_factory=Counter)
    cut_off: set[str] = field(default_factory=set)
    """The URNs of what was under way at a kill, each once."""

    @property
    def count(self) -> int:
        return self.phases.total()


def killed_everywhere(dev: Deployment, verb: Verb, told: Tell = lambda line: None) -> Kills:
    """Run the verb to its end, killed at the first change of every run.

    A run that follows goes on where the one before was cut off, so its first change is one that no run has made yet.
    What runs beside it is cut off as well. Raises AssertionError when a recovery leaves something open.
    """
    kills = Kills(verb=verb)
    while kills.count < RUNS:
        phase: Phase = "before" if kills.count % BEFORE == BEFORE - 1 else "after"
        if not killed_at(dev, 1, verb, phase):
            return kills
        kills.phases[phase] += 1
        kills.cut_off |= _under_way(dev)
        assert recovered(dev).left == ()
        told(f"{verb}: {kills.count} kills, {len(kills.cut_off)} resources cut off")
    raise AssertionError(f"{verb} did not end within {RUNS} runs")


def _under_way(dev: Deployment) -> set[str]:
    """The kill may have come while the state was written: then it is put right as the product does."""
    project = dev.stack.workspace.project_settings().name
    exported = readable(dev.stack.export_stack, lambda: dev.stack.workspace, project, dev.stack.name)
    return {each.urn for each in pending(exported.deployment) if each.is_real}


def real_resources(stack: str = "dev") -> set[str]:
    """The URNs of all that an undisturbed run makes in the account."""
    nodes = recorded(stack).nodes.values()
    return {each.urn for each in nodes if each.custom and not each.type.startswith("pulumi:")}


def assert_whole(dev: Deployment, stack: str = "dev") -> None:
    """The account has exactly what an undisturbed run makes, each once, and it works; the state knows it; nothing is
    left to do.
    """
    assert_nothing_lost(dev)
    assert [each.id for each in dev.account.records() if dev.account.failure(each.token, each.id)] == []
    known = [each["urn"] for each in dev.state() if each.get("custom") and not each["type"].startswith("pulumi:")]
    assert Counter(known) == Counter(real_resources(stack))
    assert dev.preview().changes == {}


def orphans(dev: Deployment) -> list[Any]:
    """What the account holds without any stack."""
    return [(each.token, each.id) for each in dev.account.records() if not each.urn]
