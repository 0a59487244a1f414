"""Who holds a stack's lock, as the CLI names it where a command is refused for it."""

from __future__ import annotations

import os
import re
import socket
from dataclasses import dataclass

# What the backends that are files (also S3, GCS and Azure) say of each lock: pulumi, pkg/backend/diy/lock.go.
_LOCK = re.compile(r"created by (?P<user>.+?)@(?P<host>\S+) \(pid (?P<pid>\d+)\) at (?P<since>\S+)")


@dataclass(frozen=True, kw_only=True)
class Holder:
    """The engine that made a lock."""

    user: str
    host: str
    pid: int
    since: str

    @property
    def is_gone(self) -> bool:
        """Whether it ran on this machine and lives no longer. What ran elsewhere, nobody here can tell."""
        return self.host == socket.gethostname() and not _lives(self.pid)


def holders(text: str) -> list[Holder]:
    """The locks that a message of the CLI names, each once."""
    found = (
        Holder(user=each["user"], host=each["host"], pid=int(each["pid"]), since=each["since"])
        for each in _LOCK.finditer(text)
    )
    return list(dict.fromkeys(found))


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
