"""Operations of the real engine on a simulated account that this process serves, each in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from ray_platform.config.stack_file import PROGRAM_FILE, project_name
from simulator.account import Account
from simulator.session import Place, pulumi_root, served_account, stack_environment
from tools.bench.bare_program import FLOOR
from tools.bootstrap.steps import ROOT

Operation = Literal["preview", "up"]
PROGRAM: Final = ROOT / PROGRAM_FILE
# Much longer than anything takes here: what hangs is to be told, not waited for.
DEADLINE_SECONDS: Final = 300


class OperationFailed(Exception):
    """An operation of the engine that ended badly; the message is what it said."""


@dataclass(frozen=True, kw_only=True)
class Ran:
    """One operation: its wall time, the peak memory of the program's process, and what the engine registered."""

    seconds: float
    peak_mib: float
    registered: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Engine:
    """An open account and the stack that is to be made in it."""

    place: Place
    providers: str
    account: Account

    def run(self, operation: Operation, program: Path, floor: Path | None = None) -> Ran:
        """``floor`` is what the bare program reads. Raises ``OperationFailed``."""
        (self.place.folder / "state").mkdir(exist_ok=True)
        order = {
            "operation": operation,
            "program": str(program),
            "stack": self.place.stack,
            "project": project_name(self.place.folder),
            "folder": str(self.place.folder),
            "pulumi_root": pulumi_root(ROOT),
            "environment": stack_environment(self.place.folder, self.providers),
        }
        said = in_own_process(
            "-m", "tools.bench.child", json.dumps(order), environment={FLOOR: str(floor)} if floor else {}
        )
        return _ran(json.loads(said.splitlines()[-1]))


def fresh_python() -> dict[str, str]:
    """The environment of a Python that caches bytecode: the SDKs are large, and nobody compiles them at every run."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def in_own_process(*arguments: str, folder: Path = ROOT, environment: Mapping[str, str] | None = None) -> str:
    """What a fresh Python prints, in the repository's root or in another folder.

    Raises ``OperationFailed`` with what it said when it ends badly, or not at all.
    """
    try:
        ended = subprocess.run(
            [sys.executable, *arguments],
            cwd=folder,
            env=fresh_python() | dict(environment or {}),
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=DEADLINE_SECONDS,
        )
    except subprocess.TimeoutExpired:
        raise OperationFailed(f"{arguments[:2]} took longer than {DEADLINE_SECONDS} s") from None
    if ended.returncode != 0:
        raise OperationFailed(f"{ended.stdout[-4000:]}\n{ended.stderr[-4000:]}")
    return ended.stdout


def _ran(told: Mapping[str, Any]) -> Ran:
    return Ran(seconds=told["seconds"], peak_mib=told["peak_kib"] / 1024, registered=frozenset(told["registered"]))


@contextmanager
def engine(folder: Path, sections: Mapping[str, Any], stack: str = "dev") -> Iterator[Engine]:
    """A fresh account with the network that the sections name, and a stack of which nothing is made.

    One at a time: only one account can be open in a process.
    """
    place = Place(project=ROOT, folder=folder, stack=stack)
    place.take_settings()
    place.replace_config(sections)
    with served_account(place) as (account, providers):
        yield Engine(place=place, providers=providers, account=account)
