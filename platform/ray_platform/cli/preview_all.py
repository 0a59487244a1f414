"""`ray-platform preview --all`: every stack side by side, a process for each."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass

import click

from ray_platform.cli.options import Exit

# The worst end of a stack is the end of all: what could not even be previewed before what was and has changes.
WORST_FIRST = (Exit.INTERRUPTED, Exit.FAILED, Exit.BAD_CONFIG, Exit.REFUSED, Exit.CHANGES, Exit.DONE)


@dataclass(frozen=True, kw_only=True)
class Previewed:
    """How the preview of one stack ended, and what it printed."""

    stack: str
    exit_code: int
    out: str
    err: str


def preview_all(stacks: Sequence[str], options: Sequence[str], *, as_json: bool, parallel: int) -> int:
    """Preview the stacks, at most ``parallel`` at a time, print each as it ends, and return the worst exit code.

    A process for each: the SDK keeps what it registers in globals of the process.
    """
    codes = []
    with ThreadPoolExecutor(max_workers=parallel) as pool:
        for done in as_completed([pool.submit(_preview, stack, options) for stack in stacks]):
            previewed = done.result()
            codes.append(previewed.exit_code)
            _tell(previewed, as_json=as_json)
    return next((code for code in WORST_FIRST if code in codes), Exit.FAILED)


def _preview(stack: str, options: Sequence[str]) -> Previewed:
    command = [sys.executable, "-m", "ray_platform.cli.main", "preview", "--stack", stack, *options]
    ended = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    return Previewed(stack=stack, exit_code=ended.returncode, out=ended.stdout, err=ended.stderr)


def _tell(previewed: Previewed, *, as_json: bool) -> None:
    """A stack's lines together; as JSON each with the stack that it is about."""
    if not as_json:
        click.echo(f"== {previewed.stack}\n{previewed.out}")
    else:
        for line in previewed.out.splitlines():
            click.echo(json.dumps({**json.loads(line), "stack": previewed.stack}))
    if previewed.err:
        click.echo(previewed.err, err=True)
