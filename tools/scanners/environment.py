"""The scanners' own virtual environment, in a directory of the cache that is named after its pins.

Other pins are another directory. It is moved into its place when whole, so its `bin/checkov` does not run there and
`bin/python -m` does.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from pathlib import Path

from tools.bootstrap import cache as caches
from tools.bootstrap import progress
from tools.bootstrap.environment import PIP_OPTIONS

PINS = Path("tools", "scanners")
FILES = ("requirements.txt", "constraints.txt")


def ready(root: Path, cache: Path) -> Path:
    """The environment's interpreter, made first where there is none (1-2 min). Raises SetupError."""
    found = cached(root, cache)
    if found:
        return found
    with progress.exclusive(cache.parent / "set-up.lock"):
        return cached(root, cache) or _made(root, cache)


def cached(root: Path, cache: Path) -> Path | None:
    """The finished environment's interpreter; needs no network."""
    python = _python(cache / fingerprint(root))
    return python if os.access(python, os.X_OK) else None


def fingerprint(root: Path) -> str:
    """A hash of the pins and of the Python they are for."""
    parts = [list(sys.version_info[:2]), *[(root / PINS / name).read_text(encoding="utf-8") for name in FILES]]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]


def _made(root: Path, cache: Path) -> Path:
    caches.clear_leftovers(cache)
    final = cache / fingerprint(root)
    with progress.step("the scanners, into an environment of their own (1-2 min, once)"):
        with caches.made_whole(final) as content:
            _install(root, content)
        return _python(final)


def _install(root: Path, content: Path) -> None:
    try:
        progress.run([sys.executable, "-m", "venv", content], doing="making the scanners' environment")
        install: list[str | Path] = [_python(content), "-m", "pip", "install", *PIP_OPTIONS, "-r", PINS / FILES[0]]
        progress.run(install, doing="installing the scanners", cwd=root)
    except progress.ProgramFailed as failure:
        raise failure.explain(
            "pip could not install the pinned scanners (the last lines are above): "
            "see to the connection to the package index and run the same command again."
        ) from failure


def _python(place: Path) -> Path:
    return place / "bin" / "python"
