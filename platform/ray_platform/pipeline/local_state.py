"""The state in a folder of this machine, cut off in the middle of a write.

A backend `file://…` writes the new state to a file of its own and renames it; but the attributes, in a file next to it,
it truncates and writes before that (gocloud.dev, blob/fileblob, attrs.go and the writer's Close). A kill in between
leaves them empty, and every command fails with "failed to load checkpoint: EOF". The state itself is whole then: it is
the one before the write. Without the file of attributes it is read as any other. Tried with Pulumi 3.259.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar
from urllib.parse import unquote, urlsplit

from pulumi import automation as auto
from pulumi.automation.errors import CommandError

# What the CLI says of a state that is cut off, or that another process is writing just now; its reason follows.
UNREADABLE = "failed to load checkpoint: "

Result = TypeVar("Result")


def readable(run: Callable[[], Result], workspace: Callable[[], auto.Workspace], project: str, stack: str) -> Result:
    """What ``run`` returns, which reads the stack's state; where the state stays unreadable it is mended once.

    Raises ``CommandError`` where that does not help. ``workspace`` is asked for the backend, only then.
    """
    # A living process may be writing it just now: then it can be read a moment later.
    for _ in range(2):
        try:
            return run()
        except CommandError as error:
            if UNREADABLE not in str(error):
                raise
    mended(workspace().who_am_i().url or "", project, stack)
    return run()


def mended(backend: str, project: str, stack: str) -> bool:
    """Whether a broken file of attributes was there, which is gone now. ``backend`` is its URL."""
    url = urlsplit(backend)
    if url.scheme != "file":
        return False
    folder = Path(unquote(url.netloc + url.path)).expanduser() / ".pulumi" / "stacks" / project
    broken = [file for file in folder.glob(f"{stack}.json*.attrs") if not _is_json(file)]
    for file in broken:
        file.unlink()
    return bool(broken)


def _is_json(file: Path) -> bool:
    try:
        json.loads(file.read_text(encoding="utf-8"))
    except ValueError:
        return False
    return True
