"""One operation of a verb, from the stack's lock to its end."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from typing import Any, cast

import pytest
from click.testing import CliRunner
from pulumi import automation as auto
from pulumi.automation.errors import CommandError

from ray_platform.cli.main import main
from ray_platform.cli.session import carried_out
from ray_platform.cli.telling import JsonTeller
from ray_platform.pipeline.command import InterruptibleCommand
from ray_platform.pipeline.operation import OperationFailed
from ray_platform.pipeline.progress import Progress
from tests.support.processes import dead_pid


class Locked:
    """A stack with the lock of a process: its operation is refused until somebody cancels."""

    name = "dev"

    def __init__(self, holder: int) -> None:
        self.lock: str | None = f"created by ann@{socket.gethostname()} (pid {holder}) at 2026-11-23T10:00:00Z"
        self.workspace = auto.LocalWorkspaceOptions(pulumi_command=object.__new__(InterruptibleCommand))

    def cancel(self) -> None:
        self.lock = None

    def up(self, **options: Any) -> str:
        if self.lock:
            raise CommandError(auto.CommandResult(stdout="", stderr=self.lock, code=255))
        return "up"


def run(holder: int) -> Any:
    stack = Locked(holder)
    return carried_out(stack.up, cast(auto.Stack, stack), JsonTeller(), Progress({}, [], None)).result


def test_the_lock_of_an_engine_that_is_gone_is_dropped_and_the_operation_goes_on() -> None:
    assert run(dead_pid()) == "up"


def test_the_lock_of_a_living_engine_stays_and_is_told() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        with pytest.raises(OperationFailed, match="Somebody else is changing dev: ann@") as refused:
            run(process.pid)
        process.communicate()

    assert refused.value.reason == "locked"


@pytest.mark.parametrize(
    ("options", "code", "reason"),
    [((), 1, "install requirements-dev.txt"), (("--config=cluster.nmae=x",), 2, "cluster.nmae")],
    ids=["no simulator", "bad configuration"],
)
def test_whatever_the_command_line_refuses_ends_the_verb_with_its_code_and_its_reason(
    monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...], code: int, reason: str
) -> None:
    monkeypatch.setattr("ray_platform.cli.options.entry_points", lambda **of: ())
    ended = CliRunner().invoke(main, ["preview", "-s", "dev", "--simulate", "--json", *options])

    last = json.loads(ended.stdout.splitlines()[-1])
    assert (last["event"], last["exit_code"], ended.exit_code) == ("finished", code, code)
    assert reason in last["reasons"][0]
