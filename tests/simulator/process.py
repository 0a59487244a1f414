"""`python -m simulator serve` as a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path


@contextmanager
def running(account_path: str | os.PathLike[str], *arguments: str, log: Path | None = None) -> Iterator[str]:
    """Serve from a child process, and yield the value for PULUMI_DEBUG_PROVIDERS.

    `arguments` are further ones of `python -m simulator serve`, as `"--vpc-id", "vpc-0..."`. `log` is where
    its standard error goes (this process's own when None). Raises RuntimeError with what the child said when
    it does not start. The child also ends by itself when this process is gone, since its standard input then
    closes.
    """
    command = [sys.executable, "-m", "simulator", "serve", "--account", os.fspath(account_path), *arguments]
    with ExitStack() as stack:
        errors = stack.enter_context(log.open("w", encoding="utf-8")) if log else None
        child = stack.enter_context(
            subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        )
        stack.callback(child.terminate)
        assert child.stdout is not None
        line = child.stdout.readline()
        if not line.startswith("export "):
            said = log.read_text(encoding="utf-8") if log else "it says why above"
            raise RuntimeError(f"the simulator did not start: {said.strip()}")
        yield line.split('"')[1]
