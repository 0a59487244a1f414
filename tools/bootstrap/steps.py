"""The set-up in order: Python, the packages, the Pulumi CLI. A second run finds all of it and is quick."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

from tools.bootstrap import environment, progress, pulumi_cli

ROOT = Path(__file__).resolve().parents[2]
INTERRUPTED = 130


def record(root: Path) -> Path:
    """The file that holds the CLI's absolute path, for whatever runs after the set-up."""
    return root / ".venv" / "pulumi-cli"


def recorded_cli(root: Path) -> Path | None:
    """The CLI that the last set-up found, unless it has gone since."""
    file = record(root)
    cli = Path(file.read_text().strip()) if file.is_file() else None
    return cli if cli and os.access(cli, os.X_OK) else None


def prepare(root: Path) -> None:
    """Sets everything up. Raises SetupError with the one thing to do."""
    start = time.monotonic()
    pinned = pulumi_cli.pinned_version(root)
    cache = pulumi_cli.cache_directory()
    cli = pulumi_cli.find(pinned, cache)
    if cli is None or not environment.is_fresh(root):
        progress.say(f"set-up: Python {sys.version.split()[0]}")
        with progress.exclusive(cache.parent / "set-up.lock"):
            cli = _catch_up(root, pinned, cache)
    _write_record(root, cli)
    took = time.monotonic() - start
    progress.say(f"set-up: ready, Pulumi CLI {_origin(cli, cache)} ({progress.duration(took)})")


def _catch_up(root: Path, pinned: pulumi_cli.Version, cache: Path) -> Path:
    """Does what is still to be done now that no other set-up is at work."""
    if not environment.is_fresh(root):
        with progress.step("Python packages into .venv (about 1 min)"):
            environment.build(root)
    cli = pulumi_cli.find(pinned, cache)
    if cli is None:
        with progress.step(f"Pulumi CLI {pulumi_cli.dotted(pinned)}: not on PATH, not in the cache"):
            cli = pulumi_cli.obtain(pinned, cache, pulumi_cli.sources(root, pinned))
    return cli


def _write_record(root: Path, cli: Path) -> None:
    """In one step, so that a test run beside this one never reads half a path."""
    draft = record(root).with_suffix(f".{os.getpid()}")
    draft.write_text(f"{cli}\n")
    draft.replace(record(root))


def _origin(cli: Path, cache: Path) -> str:
    return "from the cache" if cli.is_relative_to(cache) else "from PATH"


def main() -> int:
    """Returns the exit status."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.default_int_handler)
    try:
        prepare(ROOT)
    except progress.SetupError as error:
        print(f"set-up: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("set-up: stopped; the same command goes on where this one ended.", file=sys.stderr)
        return INTERRUPTED
    return 0
