"""Killing the engine in the middle of its work, at a step that a test names, and recovering from it."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal

from pulumi.automation.errors import CommandError

from ray_platform.pipeline.command import InterruptibleCommand
from ray_platform.pipeline.half_made import half_made
from ray_platform.pipeline.locks import past_dead_locks
from ray_platform.pipeline.recovery import Recovery, recover
from simulator.account.faults import Faults, Phase
from simulator.account.resource import Refusal
from simulator.reads.environment import SimulatedEnvironment
from simulator.session import Place, simulated
from tests.support.cli import pulumi_root
from tests.support.deployment import Deployment, Run

Verb = Literal["up", "destroy"]
# Chooses the call at which the engine dies, by its number from 1, its operation and its type.
Moment = Callable[[int, str, str], bool]


class MortalCommand(InterruptibleCommand):
    """The Pulumi CLI, which can be killed as by the machine that takes its memory."""

    def __init__(self) -> None:
        super().__init__(root=pulumi_root())
        self.dead = 0

    def kill(self) -> None:
        """SIGKILL whatever runs; counts it once."""
        for process in self._running:
            if process.poll() is None:
                process.kill()
                process.wait()
                self.dead += 1


def at_call(number: int) -> Moment:
    """The call of this number among those that change the account."""
    return lambda calls, operation, token: calls == number


def at_first(operation: str, kind: str) -> Moment:
    """The first call of this operation on a type that ends so, as ``Role`` or ``iam/role:Role``."""
    return lambda calls, done, token: done == operation and token.endswith(kind)


@contextmanager
def mortal(place: Place) -> Iterator[Deployment]:
    """The stack, on an engine that can be killed."""
    with simulated(place, MortalCommand()) as (stack, account):
        yield Deployment(place=place, stack=stack, account=account)


def killed(dev: Deployment, verb: Verb, moment: Moment, phase: Phase = "after") -> bool:
    """Run the verb and kill its engine at the moment, before or after the account changes; False if it never came.

    After the change is the worst of moments: the account has it and the engine was not told. Calls that were under way
    beside it come to their end in the account too, as they do in AWS.
    """
    command = dev.stack.workspace.pulumi_command
    assert isinstance(command, MortalCommand)
    before = command.dead

    def watch(now: Phase, number: int, operation: str, token: str) -> None:
        if now == phase and command.dead == before and moment(number, operation, token):
            command.kill()
            if phase == "before":
                raise Refusal("RequestAborted", "The engine was killed before its request was sent.")

    with _watched(dev, watch):
        try:
            past_dead_locks(dev.stack, lambda line: None, dev.up if verb == "up" else dev.destroy)
        except CommandError:
            if command.dead == before:
                raise
    # What the dead engine's program leaves is garbage in cycles, its channels too. gRPC keeps one connection for each
    # address: to an engine that comes to listen where a dead one did, it would say for a while that nobody is there.
    gc.collect()
    return command.dead > before


def killed_at(dev: Deployment, number: int, verb: Verb, phase: Phase = "after") -> bool:
    """``killed`` at the call of this number."""
    return killed(dev, verb, at_call(number), phase)


def recovered(dev: Deployment, told: Callable[[str], object] = lambda line: None) -> Recovery:
    """What the product does before the next operation."""
    return recover(dev.stack, SimulatedEnvironment(account=dev.account, vpc_id=None).client, told)


def continued(dev: Deployment, verb: Verb) -> Run:
    """Recover, and let the verb come to its end, as the product does."""
    recovered(dev)
    if verb == "destroy":
        return past_dead_locks(dev.stack, lambda line: None, dev.destroy)
    client = SimulatedEnvironment(account=dev.account, vpc_id=None).client
    lost = [each.urn for each in half_made(dev.stack, client, lambda line: None) if each.is_lost]
    return past_dead_locks(dev.stack, lambda line: None, lambda: dev.up(replace=lost))


def assert_nothing_lost(dev: Deployment) -> None:
    """State and account hold the same resources, each once, and nothing is pending."""
    deployment = dev.stack.export_stack().deployment or {}
    assert not deployment.get("pending_operations")
    custom = [each for each in deployment.get("resources") or () if each.get("custom")]
    known = Counter((each["type"], each["id"]) for each in custom if not each["type"].startswith("pulumi:"))
    there = Counter((each.token, each.id) for each in dev.account.records() if each.urn)
    there += Counter((each["type"], each["id"]) for each in dev.account.kubernetes)
    assert known == there
    assert set(known.values()) <= {1}


@contextmanager
def _watched(dev: Deployment, watch: Callable[[Phase, int, str, str], None]) -> Iterator[None]:
    dev.account.faults = Faults(watch=watch)
    try:
        yield
    finally:
        dev.account.faults = Faults()
