"""Programs that run beside this process and never outlive it, each with a log of its own."""

from __future__ import annotations

import os
import random
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from simulator.cluster import keeper

TAIL_LINES = 15
TAIL_BYTES = 8192
# Below the range that Linux and macOS take for outgoing connections: between the choice and the program's bind
# nobody else is given one of these.
PORTS = range(20000, 32000)


class ControlPlaneError(Exception):
    """The control plane did not start, or stopped working; the message ends with what its log says."""


class Process:
    """One program. It ends when `stop` is called or this process is gone, however it went."""

    def __init__(self, name: str, command: Sequence[str | Path], *, log: Path, environment: Mapping[str, str]) -> None:
        self.name = name
        self.log = log
        with log.open("ab") as output:
            self._keeper = subprocess.Popen(
                [sys.executable, "-I", "-S", keeper.__file__, *map(str, command)],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                # The caller's variables stay out: KUBECONFIG and proxies would lead the programs elsewhere.
                env={"PATH": os.environ.get("PATH", os.defpath), "HOME": str(log.parent), **environment},
                cwd=log.parent,
                start_new_session=True,
            )

    def refuse_if_ended(self) -> None:
        """Raises ControlPlaneError when the program ended by itself."""
        status = self._keeper.poll()
        if status is not None:
            raise ControlPlaneError(f"{self.name} ended with status {status}. {self.last_words()}")

    def last_words(self) -> str:
        """Where the log is, and its end."""
        size = self.log.stat().st_size
        with self.log.open("rb") as log:
            log.seek(max(0, size - TAIL_BYTES))
            lines = log.read().decode(errors="replace").splitlines()[-TAIL_LINES:]
        return "\n  ".join([f"The last lines of {self.log}:", *lines])

    def stop(self) -> None:
        """Ends the program and waits until it is gone. A second call does nothing."""
        assert self._keeper.stdin is not None
        self._keeper.stdin.close()
        self._keeper.wait()


class Processes:
    """The programs of one control plane, in the order in which they were started."""

    def __init__(self, folder: Path) -> None:
        """`folder` is the home and the working directory of each, and takes the logs."""
        self._folder = folder
        self._running: list[Process] = []

    @classmethod
    @contextmanager
    def under(cls, folder: Path) -> Iterator[Processes]:
        """Ends, at the end of the context, what still runs: the youngest first."""
        folder.mkdir(parents=True, exist_ok=True)
        processes = cls(folder)
        try:
            yield processes
        finally:
            for each in reversed(list(processes._running)):
                processes.stop(each)

    def start(self, command: Sequence[str | Path], *, environment: Mapping[str, str] | None = None) -> Process:
        """Starts a program; its name is that of its file."""
        name = Path(command[0]).name
        process = Process(name, command, log=self.log_of(name), environment=environment or {})
        self._running.append(process)
        return process

    def stop(self, process: Process) -> None:
        process.stop()
        self._running.remove(process)

    def refuse_if_one_ended(self) -> None:
        """Raises ControlPlaneError with the first program that ended by itself."""
        for each in self._running:
            each.refuse_if_ended()

    def log_of(self, name: str) -> Path:
        return self._folder / f"{name}.log"


def free_port() -> int:
    """A port of 127.0.0.1 on which nobody listens."""
    for port in random.SystemRandom().sample(PORTS, len(PORTS)):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise ControlPlaneError(f"every port from {PORTS.start} to {PORTS.stop} is taken: end what listens there.")
