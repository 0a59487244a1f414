"""Processes that tests need only for what is left of them."""

from __future__ import annotations

import subprocess
import sys


def dead_pid() -> int:
    """The id of a process that was."""
    with subprocess.Popen([sys.executable, "-I", "-S", "-c", ""]) as child:
        child.wait()
    return child.pid
