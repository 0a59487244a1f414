"""requirements.lock: every pin of constraints.txt with the hashes of its files: `python -m tools.dependencies.lock`.

pip takes nothing whose hash is not in it (`--require-hashes`): neither a file that the index has exchanged, nor a
package that somebody slipped in. The file holds all platforms' files, as the index lists them today.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from tools.bootstrap.environment import LOCK
from tools.bootstrap.steps import ROOT
from tools.dependencies.packages import CONSTRAINTS

HEADER = """\
# The packages of constraints.txt with the hashes of every file that the index has of them.
# Generated: `make constraints` (python -m tools.dependencies.lock).
"""
# pip-audit stands in an environment of its own: it needs pip as a package, and others that we do not.
AUDIT, AUDIT_LOCK = "tools/dependencies/audit.txt", "tools/dependencies/audit.lock"
_PIN = re.compile(r"^([a-z0-9-]+)==(\S+)", re.MULTILINE)
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


def write(root: Path) -> None:
    """Asks the index for the hashes of every pin, and writes both locks."""
    (root / LOCK).write_text(HEADER + _compile(root, CONSTRAINTS, "--no-deps"), encoding="utf-8")
    (root / AUDIT_LOCK).write_text(_compile(root, AUDIT), encoding="utf-8")


def pins(root: Path, name: str = LOCK) -> dict[str, str]:
    """The packages of a lock with their versions."""
    return dict(_PIN.findall((root / name).read_text(encoding="utf-8")))


def hashes(root: Path, name: str = LOCK) -> dict[str, list[str]]:
    """The SHA-256 of every file of each package."""
    parts = re.split(r"^(?=[a-z])", (root / name).read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {found[1]: _HASH.findall(part) for part in parts if (found := _PIN.match(part))}


def _compile(root: Path, source: str, *options: str) -> str:
    """uv resolves for all platforms at once; --system-certs: it trusts whom the machine trusts, as pip does."""
    command: list[str | Path] = [Path(sys.executable).with_name("uv"), "pip", "compile", "--quiet", "--universal"]
    command += ["--python-version", "3.11", "--generate-hashes", "--no-header", "--no-annotate", "--system-certs"]
    command += [*options, source]
    return subprocess.run(command, cwd=root, check=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    write(ROOT)
    print(f"{LOCK}: {len(pins(ROOT))} packages")
