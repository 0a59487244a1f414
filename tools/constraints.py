"""Writes constraints.txt: `python3 -m tools.constraints`, or `make constraints`.

It lets pip resolve the requirement files afresh, so every package that they do not name moves to its newest
version. Review the difference, then run the tests.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from tools.bootstrap.environment import REQUIREMENT_FILES
from tools.bootstrap.steps import ROOT

HEADER = """\
# Every package that requirements.txt and requirements-dev.txt bring in, at one exact version.
# Generated: `make constraints` (python3 -m tools.constraints).
"""
REQUIREMENTS, REQUIREMENTS_DEV, CONSTRAINTS = REQUIREMENT_FILES


def without_local_lines(requirements: str) -> str:
    """Drops the old constraints, which would keep everything as it is, and the editable project."""
    return re.sub(r"^-[ce] .*\n", "", requirements, flags=re.MULTILINE)


def pins(report: str) -> list[str]:
    """`name==version` for each package of a pip installation report, by name."""
    packages = [package["metadata"] for package in json.loads(report)["install"]]
    return sorted(f"{re.sub('[-_.]+', '-', p['name']).lower()}=={p['version']}" for p in packages)


def resolve(root: Path) -> list[str]:
    """The full closure as pip resolves it today, for the Python that runs this."""
    with tempfile.TemporaryDirectory() as directory:
        for name in (REQUIREMENTS, REQUIREMENTS_DEV):
            (Path(directory) / name).write_text(without_local_lines((root / name).read_text()))
        command = [sys.executable, "-m", "pip", "install", "--dry-run", "--ignore-installed", "--quiet"]
        command += ["--disable-pip-version-check", "--report", "report.json", "-r", REQUIREMENTS_DEV]
        subprocess.run(command, cwd=directory, check=True)
        return pins((Path(directory) / "report.json").read_text())


if __name__ == "__main__":
    lines = resolve(ROOT)
    (ROOT / CONSTRAINTS).write_text(HEADER + "".join(f"{line}\n" for line in lines))
    print(f"{CONSTRAINTS}: {len(lines)} packages")
