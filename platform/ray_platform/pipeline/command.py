"""The Pulumi CLI as a process that an interrupt asks to end, and does not kill."""

import os
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import FrameType
from typing import IO

from pulumi import automation as auto
from pulumi.automation import CommandResult
from pulumi.automation.errors import create_command_error

OnLine = Callable[[str], object]


class InterruptibleCommand(auto.PulumiCommand):
    """Runs each command of the CLI in a session of its own.

    A Ctrl-C on the terminal reaches this process alone, which passes on one SIGINT: the engine then finishes the
    resources that are under way, writes its state and ends. The SDK's own way gives the CLI every signal of the
    terminal, and a second one kills the engine between a resource and its state.
    """

    def __init__(self, root: str | None = None) -> None:
        super().__init__(root=root)
        self._running: list[subprocess.Popen[str]] = []

    def interrupt(self) -> None:
        """Ask whatever runs to end."""
        for process in self._running:
            process.send_signal(signal.SIGINT)

    def run(
        self,
        args: list[str],
        cwd: str,
        additional_env: Mapping[str, str],
        on_output: OnLine | None = None,
        on_error: OnLine | None = None,
    ) -> CommandResult:
        """Raises what the SDK raises: ``CommandError`` or one of its kinds when the command fails."""
        environment = {**os.environ, **additional_env, "PULUMI_AUTOMATION_API": "true"}
        if os.path.isabs(self.command):
            # The language hosts are next to the CLI.
            environment["PATH"] = f"{os.path.dirname(self.command)}{os.pathsep}{environment.get('PATH', '')}"
        process = subprocess.Popen(
            [self.command, "--non-interactive", *args],
            cwd=cwd,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            start_new_session=True,
        )
        assert process.stdout and process.stderr
        self._running.append(process)
        try:
            out, err = _Reader(process.stdout, on_output), _Reader(process.stderr, on_error)
            result = CommandResult(stdout=out.text(), stderr=err.text(), code=process.wait())
        finally:
            self._running.remove(process)
        if result.code != 0:
            raise create_command_error(result)
        return result


class _Reader:
    """Reads a stream to its end beside the others."""

    def __init__(self, stream: IO[str], on_line: OnLine | None) -> None:
        self._stream, self._on_line = stream, on_line
        self._lines: list[str] = []
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def text(self) -> str:
        self._thread.join()
        return "\n".join(self._lines)

    def _read(self) -> None:
        with self._stream:
            for line in self._stream:
                self._lines.append(line.rstrip())
                if self._on_line:
                    self._on_line(line.rstrip())


class Interruption:
    """Whether this process was asked to end."""

    def __init__(self) -> None:
        self.came = False


@contextmanager
def passing_on_interrupts(command: InterruptibleCommand, told: Callable[[], object]) -> Iterator[Interruption]:
    """While the context lasts, SIGINT and SIGTERM end the operation and not this process. ``told`` is called once."""
    interruption = Interruption()

    def pass_on(number: int, frame: FrameType | None) -> None:
        if not interruption.came:
            told()
        interruption.came = True
        command.interrupt()

    before = {number: signal.signal(number, pass_on) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield interruption
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
