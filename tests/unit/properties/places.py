"""The paths of problems, followed through the configuration that they are about."""

import json
import re
from collections.abc import Iterator
from typing import Any, Final

_PART: Final = re.compile(r'(?:^|\.)(?P<key>[A-Za-z0-9_-]+)|\[(?P<index>\d+)\]|\[(?P<quoted>"(?:[^"\\]|\\.)*")\]')


class Absent:
    """There is nothing at the path."""


def parts(path: str) -> Iterator[str | int]:
    """The keys and indices of a path. Raises ``ValueError`` for a text that is no path."""
    end = 0
    while end < len(path):
        part = _PART.match(path, end)
        if part is None:
            raise ValueError(f"no path: {path}")
        end = part.end()
        if part["key"] is not None:
            yield part["key"]
        else:
            yield int(part["index"]) if part["index"] is not None else str(json.loads(part["quoted"]))


def value_at(stack: Any, path: str) -> Any:
    """What the configuration has there, or ``Absent``."""
    for part in parts(path):
        try:
            stack = stack[part]
        except (KeyError, IndexError, TypeError):
            return Absent()
    return stack
