"""The virtual environment `.venv`, rebuilt whenever what it is made from has changed."""

from __future__ import annotations

import hashlib
import json
import sys
import tomllib
from pathlib import Path

from tools.bootstrap import progress

REQUIREMENT_FILES = ("requirements.txt", "requirements-dev.txt", "constraints.txt")
# The same packages as constraints.txt with the hashes of their files: what is installed.
LOCK = "requirements.lock"
# Without compiling: the AWS package alone has thousands of modules, of which a run imports a few.
PIP_OPTIONS = ("--disable-pip-version-check", "--no-input", "--no-compile")


def python(root: Path) -> Path:
    """The environment's interpreter, whether or not it is there yet."""
    return root / ".venv" / "bin" / "python"


def fingerprint(root: Path) -> str:
    """A hash of everything the environment depends on.

    The place is part of it, because scripts and the editable install hold absolute paths. Of pyproject.toml
    only what packaging reads counts: an edit of a lint rule must not send an offline machine to the network.
    """
    project = tomllib.loads((root / "pyproject.toml").read_text())
    packaging = [project.get("build-system"), project.get("project"), project.get("tool", {}).get("hatch")]
    parts = [str(root), sys.version.split(".")[:2], packaging]
    parts += [(root / name).read_text() for name in (*REQUIREMENT_FILES, LOCK)]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def is_fresh(root: Path) -> bool:
    """Whether the environment was finished from just these files by just this Python."""
    stamp = _stamp(root)
    return python(root).exists() and stamp.is_file() and stamp.read_text() == fingerprint(root)


def build(root: Path) -> None:
    """Makes the environment anew. The stamp is written last, so a build that was cut short never counts."""
    wanted = fingerprint(root)
    try:
        progress.run([sys.executable, "-m", "venv", "--clear", root / ".venv"], doing="making .venv")
    except progress.ProgramFailed as failure:
        raise failure.explain(
            "Python's venv module does not work here: install it (on Debian and Ubuntu the package "
            f"python{sys.version_info[0]}.{sys.version_info[1]}-venv) and run the same command again."
        ) from failure
    install: list[str | Path] = [python(root), "-m", "pip", "install", *PIP_OPTIONS]
    try:
        progress.run([*install, "--require-hashes", "-r", LOCK], doing="installing the Python packages", cwd=root)
        # Apart from the others: there is no single file of it to hash.
        progress.run([*install, "--no-deps", "-e", "."], doing="installing this project", cwd=root)
    except progress.ProgramFailed as failure:
        raise failure.explain(
            "pip could not install the pinned packages (its last lines are above): "
            "see to the connection to the package index and run the same command again."
        ) from failure
    _stamp(root).write_text(wanted)


def _stamp(root: Path) -> Path:
    return root / ".venv" / "set-up.sha256"
