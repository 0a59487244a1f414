"""What the set-up makes once for every clone of this user, whole or not at all."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

PARTIAL = ".partial-"


def directory(name: str) -> Path:
    """Where things of one kind outlive the tree."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return Path(base) / "ray-on-eks" / name


def clear_leftovers(cache: Path) -> None:
    """Makes the directory, and takes away what a killed set-up left in it. Only one set-up may be at work."""
    cache.mkdir(parents=True, exist_ok=True)
    for leftover in cache.glob(f"{PARTIAL}*"):
        shutil.rmtree(leftover)


@contextlib.contextmanager
def made_whole(final: Path) -> Iterator[Path]:
    """A new directory's path to fill. It becomes `final` in one step when all went well, and is gone otherwise."""
    with tempfile.TemporaryDirectory(prefix=PARTIAL, dir=final.parent) as partial:
        content = Path(partial) / "content"
        yield content
        shutil.rmtree(final, ignore_errors=True)
        content.rename(final)
