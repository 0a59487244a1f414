"""The set-up in order: Python, the packages, the Pulumi CLI, the cluster's programs. A second run finds them all."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tools.bootstrap import cache as caches
from tools.bootstrap import cluster_binaries, environment, progress, pulumi_cli, workflow_linter

ROOT = Path(__file__).resolve().parents[2]
INTERRUPTED = 130
CLUSTER_BINARIES = "cluster-binaries"
WORKFLOW_LINTER = "workflow-linter"


def record(root: Path) -> Path:
    """The file that holds the CLI's absolute path, for whatever runs after the set-up."""
    return root / ".venv" / "pulumi-cli"


def cluster_record(root: Path) -> Path:
    """The file that holds the absolute path of the directory with the control plane's programs."""
    return root / ".venv" / "cluster-binaries"


def recorded_cli(root: Path) -> Path | None:
    """The CLI that the last set-up found, unless it has gone since."""
    cli = _recorded(record(root))
    return cli if cli and os.access(cli, os.X_OK) else None


def recorded_cluster_binaries(root: Path) -> Path | None:
    """The directory that the last set-up with them found, unless it has gone or the pins have moved on since."""
    directory = _recorded(cluster_record(root))
    return directory if directory and cluster_binaries.cached(root, directory.parent) == directory else None


def built_linter(root: Path) -> Path | None:
    """The linter of the workflows, unless no set-up with `cluster` was here since its pins moved."""
    return workflow_linter.cached(root, caches.directory(WORKFLOW_LINTER))


def prepare(root: Path, *, cluster: bool = False) -> None:
    """Sets everything up, and with `cluster` what Go builds too: the control plane's programs, the workflows' linter.

    Raises SetupError with the one thing to do.
    """
    start = time.monotonic()
    pinned, cache = pulumi_cli.pinned_version(root), caches.directory("pulumi")
    cli = _in_place(root, pinned, cache, cluster=cluster)
    if cli is None:
        progress.say(f"set-up: Python {sys.version.split()[0]}")
        with progress.exclusive(cache.parent / "set-up.lock"):
            cli = _catch_up(root, pinned, cache, cluster=cluster)
    _write_record(record(root), cli)
    ready = f"Pulumi CLI {_origin(cli, cache)}"
    if cluster and (binaries := _built_cluster(root)):
        _write_record(cluster_record(root), binaries)
        ready += ", cluster binaries from the cache"
    progress.say(f"set-up: ready, {ready} ({progress.duration(time.monotonic() - start)})")


def _in_place(root: Path, pinned: pulumi_cli.Version, cache: Path, *, cluster: bool) -> Path | None:
    """The CLI, when nothing at all is left to be done."""
    if not environment.is_fresh(root):
        return None
    if cluster and (built_linter(root) is None or _built_cluster(root) is None):
        return None
    return pulumi_cli.find(pinned, cache)


def _catch_up(root: Path, pinned: pulumi_cli.Version, cache: Path, *, cluster: bool) -> Path:
    """Does what is still to be done now that no other set-up is at work."""
    if not environment.is_fresh(root):
        with progress.step("Python packages into .venv (about 1 min)"):
            environment.build(root)
    cli = pulumi_cli.find(pinned, cache)
    if cli is None:
        with progress.step(f"Pulumi CLI {pulumi_cli.dotted(pinned)}: not on PATH, not in the cache"):
            cli = pulumi_cli.obtain(pinned, cache, pulumi_cli.sources(root, pinned))
    if cluster and _built_cluster(root) is None:
        with progress.step("Kubernetes and the KubeRay operator, from source (about 6 min on two cores, once)"):
            cluster_binaries.obtain(root, caches.directory(CLUSTER_BINARIES))
    if cluster and built_linter(root) is None:
        with progress.step("the linter of the workflows, from source (about 15 s, once)"):
            workflow_linter.obtain(root, caches.directory(WORKFLOW_LINTER))
    return cli


def _built_cluster(root: Path) -> Path | None:
    return cluster_binaries.cached(root, caches.directory(CLUSTER_BINARIES))


def _recorded(file: Path) -> Path | None:
    return Path(file.read_text().strip()) if file.is_file() else None


def _write_record(file: Path, path: Path) -> None:
    """In one step, so that a test run beside this one never reads half a path."""
    draft = file.with_suffix(f".{os.getpid()}")
    draft.write_text(f"{path}\n")
    draft.replace(file)


def _origin(cli: Path, cache: Path) -> str:
    return "from the cache" if cli.is_relative_to(cache) else "from PATH"


def main(arguments: Sequence[str]) -> int:
    """Returns the exit status. The one argument there is, `cluster-binaries`, adds the control plane's programs."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.default_int_handler)
    try:
        prepare(ROOT, cluster=CLUSTER_BINARIES in arguments)
    except progress.SetupError as error:
        print(f"set-up: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("set-up: stopped; the same command goes on where this one ended.", file=sys.stderr)
        return INTERRUPTED
    return 0
