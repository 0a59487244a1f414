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
from urllib.parse import unquote, urlsplit

from pulumi import automation as auto
from pulumi.automation.errors import CommandError

UNREADABLE = "failed to load checkpoint"


def exported(stack: auto.Stack, told: Callable[[str], object]) -> auto.Deployment:
    """The stack's state, mended where it has to be. Raises ``CommandError`` where that does not help."""
    try:
        return stack.export_stack()
    except CommandError as error:
        if UNREADABLE not in str(error) or not _mended(stack):
            raise
        told(f"The kill came while the state of {stack.name} was being written. It is whole, and readable again.")
        return stack.export_stack()


def _mended(stack: auto.Stack) -> bool:
    """Whether a broken file of attributes was there, which is gone now."""
    url = urlsplit(stack.workspace.who_am_i().url or "")
    if url.scheme != "file":
        return False
    root = Path(unquote(url.netloc + url.path)).expanduser()
    project = stack.workspace.project_settings().name
    broken = [
        file
        for file in (root / ".pulumi" / "stacks" / project).glob(f"{stack.name}.json*.attrs")
        if not file.name.endswith(".bak.attrs") and not _is_json(file)
    ]
    for file in broken:
        file.unlink()
    return bool(broken)


def _is_json(file: Path) -> bool:
    try:
        json.loads(file.read_text(encoding="utf-8"))
    except ValueError:
        return False
    return True
