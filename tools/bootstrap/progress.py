"""How the set-up talks while it works, runs other programs, and keeps out of its own way."""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO

HEARTBEAT_SECONDS = 15.0
TAIL_LINES = 15


class SetupError(Exception):
    """What is missing, in one sentence that names the one thing to do."""


class ProgramFailed(Exception):
    """A program ended badly or took too long; `lines` are the last it wrote, or why it was ended."""

    def __init__(self, lines: Sequence[str]) -> None:
        super().__init__(lines[-1].strip() if lines else "it failed without a word")
        self.lines = tuple(lines)

    def explain(self, sentence: str) -> SetupError:
        """Prints the lines, for whoever has to find the cause, and gives the error to raise."""
        for line in self.lines:
            say(f"        | {line}")
        return SetupError(sentence)


def say(line: str) -> None:
    """One line of progress, at once: CI logs and pipes buffer otherwise."""
    print(line, flush=True)


def duration(seconds: float) -> str:
    """12.3 -> "12 s"; 80 -> "1 min 20 s"."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


@contextlib.contextmanager
def step(title: str) -> Iterator[None]:
    """Announces a step and, when it went well, says how long it took."""
    say(f"set-up: {title}")
    start = time.monotonic()
    yield
    say(f"        done in {duration(time.monotonic() - start)}")


def run(
    command: Sequence[str | Path],
    *,
    doing: str,
    timeout: float | None = None,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
) -> None:
    """Runs a program quietly, with a heartbeat, as a process group of its own.

    `timeout` is in seconds. Raises ProgramFailed when it fails or takes longer. When it is cut short, by the
    timeout or by Ctrl-C, its children end with it.
    """
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=cwd,
            env=env,
            start_new_session=True,
        )
        try:
            status = _wait(process, doing=doing, log=log, timeout=timeout)
        finally:
            _end_group(process)
        if status != 0:
            raise ProgramFailed(_tail(log))


def _wait(process: subprocess.Popen[bytes], *, doing: str, log: IO[bytes], timeout: float | None) -> int:
    start = time.monotonic()
    while True:
        elapsed = time.monotonic() - start
        if timeout is not None and elapsed >= timeout:
            raise ProgramFailed([f"it took longer than {duration(timeout)}"])
        pause = HEARTBEAT_SECONDS if timeout is None else min(HEARTBEAT_SECONDS, timeout - elapsed)
        try:
            return process.wait(pause)
        except subprocess.TimeoutExpired:
            last = (_tail(log) or [""])[-1].strip()
            say(f"        {doing}, {duration(time.monotonic() - start)} so far; {last[:70]}")


def _end_group(process: subprocess.Popen[bytes]) -> None:
    """Ends the program and what it started; a finished one is left alone."""
    if process.poll() is not None:
        return
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(5)
            return


def _tail(log: IO[bytes]) -> list[str]:
    """The last lines of a log that another process is writing through its own copy of the descriptor.

    pread leaves the shared offset alone; a seek here would make the writer overwrite its own output.
    """
    size = os.fstat(log.fileno()).st_size
    text = os.pread(log.fileno(), 4096, max(0, size - 4096)).decode(errors="replace")
    return [line for line in text.splitlines() if line.strip()][-TAIL_LINES:]


@contextlib.contextmanager
def exclusive(lock: Path, *, sleep: Callable[[float], None] = time.sleep) -> Iterator[None]:
    """Waits until no other set-up holds `lock`. The kernel frees it when a holder dies, however it dies."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("a") as handle:
        start = said = time.monotonic()
        while not _take(handle):
            now = time.monotonic()
            if said == start or now - said >= HEARTBEAT_SECONDS:
                say(f"set-up: another set-up is at work; waiting for it, {duration(now - start)} so far")
                said = now
            sleep(0.5)
        yield


def _take(handle: IO[str]) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
