"""Make the fixture of the tests of upgrades: a stack and its account, as an earlier commit of this project made them.

`python -m tools.previous_release COMMIT`, in the repository's root and its `.venv`, unpacks the commit beside the
repository's files, lets its own code bring the stack dev up in its own simulated account, at the oldest Kubernetes
version that it and today's release both know, and writes both into tests/engine/fixtures. Only the packages are those
of today.
"""

from __future__ import annotations

import argparse
import gzip
import io
import json
import os
import re
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

from tools.bootstrap.steps import ROOT, recorded_cli

FIXTURE = ROOT / "tests" / "engine" / "fixtures" / "previous-release.json.gz"
STACK = "dev"
KUBERNETES_VERSION = "1.34"
# Where in its sources a program made a resource: paths of the machine that made the fixture.
OF_THE_MACHINE = ("sourcePosition", "stackTrace")


def main() -> None:
    """Write the fixture."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("commit", help="the commit of the earlier release")
    commit = parser.parse_args().commit
    with tempfile.TemporaryDirectory() as folder:
        release = Path(folder)
        _unpack(commit, release)
        _bring_up(release)
        made = _read(release / ".demo" / STACK)
    FIXTURE.parent.mkdir(exist_ok=True)
    text = json.dumps({"commit": commit, **made}, separators=(",", ":"))
    FIXTURE.write_bytes(gzip.compress(text.encode(), mtime=0))
    print(f"{FIXTURE.relative_to(ROOT)}: {FIXTURE.stat().st_size // 1024} KiB")


def _unpack(commit: str, folder: Path) -> None:
    archive = subprocess.run(["git", "archive", commit], cwd=ROOT, capture_output=True, check=True).stdout
    with tarfile.open(fileobj=io.BytesIO(archive)) as files:
        files.extractall(folder, filter="data")


def _bring_up(release: Path) -> None:
    stack_file = release / f"Pulumi.{STACK}.yaml"
    config = stack_file.read_text(encoding="utf-8")
    older = re.sub(r'(kubernetesVersion: )"[\d.]+"', rf'\1"{KUBERNETES_VERSION}"', config)
    stack_file.write_text(older, encoding="utf-8")
    # Before the installed project, which is today's.
    environment = os.environ | {"PYTHONPATH": str(release / "platform")}
    command = [sys.executable, "-m", "simulator.demo", "--stack", STACK, "--pulumi", str(recorded_cli(ROOT)), "up"]
    subprocess.run(command, cwd=release, env=environment, check=True)


def _read(folder: Path) -> dict[str, Any]:
    (checkpoint,) = (folder / "state").rglob(f"stacks/*/{STACK}.json")
    state = json.loads(checkpoint.read_text(encoding="utf-8"))
    deployment = state["checkpoint"]["latest"]
    for resource in deployment["resources"]:
        for key in OF_THE_MACHINE:
            resource.pop(key, None)
    account = json.loads((folder / "account.json").read_text(encoding="utf-8"))
    return {"account": account, "state": {"version": state["version"], "deployment": deployment}}


if __name__ == "__main__":
    main()
