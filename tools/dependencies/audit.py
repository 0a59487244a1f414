"""Known vulnerabilities of the pinned packages: `python -m tools.dependencies.audit`, or `make audit`.

pip-audit asks the package index, and where that has no advisories, OSV. Exit code 0: none, or only those that
exceptions.yaml explains; 1: others; 2: nobody could be asked about some package, which is no good news.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tools.bootstrap import cache as caches
from tools.bootstrap import progress
from tools.bootstrap.environment import LOCK
from tools.bootstrap.steps import ROOT
from tools.dependencies import exceptions, lock

SERVICES = ("pypi", "osv")
VULNERABLE, UNKNOWN = 1, 2
# A service that nobody reaches ends at once or takes pip-audit's own time limit for each package; this is for all.
PATIENCE_SECONDS = 600.0


class NotAnswered(Exception):
    """A service that gave no report; the message is one line that says why."""


def unasked(report: Mapping[str, Any], root: Path) -> list[str]:
    """The pinned packages that the service did not look at. pip-audit itself calls such a run clean."""
    asked = {each["name"] for each in report["dependencies"] if "skip_reason" not in each}
    return sorted(lock.pins(root).keys() - asked)


def unexplained(report: Mapping[str, Any], root: Path) -> list[str]:
    """The vulnerabilities that no exception explains, with the version that mends each."""
    allowed = exceptions.excepted("vulnerabilities", root)
    lines = []
    for package in report["dependencies"]:
        for each in package.get("vulns") or ():
            if not _ids(each) & allowed.keys():
                mended = f"mended in {', '.join(each['fix_versions'])}" if each["fix_versions"] else "not mended yet"
                lines.append(f"{package['name']} {package['version']}: {each['id']}, {mended}")
    return lines


def needless(report: Mapping[str, Any], root: Path) -> list[str]:
    """The exceptions that a report on every package does not need."""
    vulnerabilities = [each for package in report["dependencies"] for each in package.get("vulns") or ()]
    return exceptions.unused("vulnerabilities", set[str]().union(*map(_ids, vulnerabilities)), root)


def _ids(vulnerability: Mapping[str, Any]) -> set[str]:
    return {vulnerability["id"], *vulnerability["aliases"]}


def python(root: Path) -> Path:
    """The interpreter of pip-audit's own environment, made from its lock when there is none. Raises SetupError."""
    locked = (root / lock.AUDIT_LOCK).read_bytes() + sys.version.encode()
    cache = caches.directory("audit")
    final = cache / hashlib.sha256(locked).hexdigest()[:16]
    program = final / "bin" / "python"
    if not program.exists():
        with progress.exclusive(cache.parent / "audit.lock"):
            caches.clear_leftovers(cache)
            with caches.made_whole(final) as content:
                _install(root, content)
    return program


def _install(root: Path, place: Path) -> None:
    uv = Path(sys.executable).with_name("uv")
    install: list[str | Path] = [uv, "pip", "install", "--system-certs", "--python", place / "bin" / "python"]
    install += ["--require-hashes", "-r", root / lock.AUDIT_LOCK]
    try:
        progress.run([uv, "venv", "--python", sys.executable, place], doing="making an environment for pip-audit")
        progress.run(install, doing="installing pip-audit")
    except progress.ProgramFailed as failure:
        raise failure.explain(
            "pip-audit could not be installed: see to the connection to the package index."
        ) from failure


def ask(root: Path, service: str) -> dict[str, Any]:
    """The report of one service. Raises ``NotAnswered``."""
    command: list[str | Path] = [python(root), "-m", "pip_audit", "--vulnerability-service", service]
    # The lock is complete and hashed: nothing needs to be resolved or downloaded.
    command += ["--disable-pip", "--require-hashes", "--requirement", root / LOCK]
    command += ["--format", "json", "--progress-spinner", "off"]
    try:
        run = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        raise NotAnswered(f"no answer in {PATIENCE_SECONDS:g} s") from None
    try:
        report: dict[str, Any] = json.loads(run.stdout)
    except json.JSONDecodeError:
        said = run.stderr.strip().splitlines() or ["it said nothing"]
        raise NotAnswered(f"pip-audit ended with {run.returncode}: {said[-1].strip()}") from None
    return report


def main(root: Path = ROOT) -> int:
    """Asks one service after the other until one has looked at everything; says what it found."""
    pinned = lock.pins(root)
    for service in SERVICES:
        try:
            report = ask(root, service)
        except NotAnswered as reason:
            print(f"{service}: {reason}")
            continue
        missed = unasked(report, root)
        found = unexplained(report, root) + ([] if missed else needless(report, root))
        print(f"{service}: {len(pinned) - len(missed)} of {len(pinned)} packages looked at", *found, sep="\n")
        if found:
            return VULNERABLE
        if not missed:
            return 0
    print("not audited: see above; when nobody could be reached, run it where the package index or OSV can be asked")
    return UNKNOWN


if __name__ == "__main__":
    sys.exit(main())
