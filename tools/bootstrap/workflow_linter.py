"""actionlint, built from source: the tests run it over the workflows of GitHub Actions.

It is in a directory of the cache, named after its pins in tools/workflow-linter: other pins are another directory.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from tools.bootstrap import cache as caches
from tools.bootstrap import go_build
from tools.bootstrap.go_build import GoModule

MODULE = Path("tools", "workflow-linter")
PACKAGE = "github.com/rhysd/actionlint/cmd/actionlint"
PROGRAM = "actionlint"


def cached(root: Path, cache: Path) -> Path | None:
    """The finished program in the cache for the pins of this tree; needs no network."""
    program = cache / fingerprint(root) / PROGRAM
    return program if os.access(program, os.X_OK) else None


def fingerprint(root: Path) -> str:
    """A hash of the pins."""
    texts = [(root / MODULE / name).read_bytes() for name in ("go.mod", "go.sum")]
    return hashlib.sha256(b"\0".join(texts)).hexdigest()[:16]


def obtain(root: Path, cache: Path) -> Path:
    """Builds it. Only one set-up at a time may be in here. Raises SetupError."""
    caches.clear_leftovers(cache)
    module = GoModule(directory=root / MODULE, title="the linter of the workflows")
    final = cache / fingerprint(root)
    with caches.made_whole(final) as content:
        go_build.build(module, PACKAGE, content / PROGRAM, doing=f"building {PROGRAM}", linked={})
    return final / PROGRAM
