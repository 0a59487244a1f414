"""Runs every scanner over one recording and gives what they found."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ray_platform.plan.recording import Recording
from tools.bootstrap.progress import SetupError
from tools.scanners.manifests import Manifest, kubernetes_version, manifests
from tools.scanners.policies import policies
from tools.scanners.terraform import plan
from tools.scanners.verdict import Finding

INSIDE: Final = Path(__file__).with_name("inside.py")
LIMIT_SECONDS: Final = 300
FRAMEWORKS: Final = ("terraform_plan", "kubernetes")


@dataclass(frozen=True, kw_only=True)
class Scan:
    """What was looked at, how many of checkov's checks passed, and what was found."""

    findings: Sequence[Finding]
    resources: int
    policies: int
    manifests: int
    passed: int


def scan(stack: str, recording: Recording, python: Path) -> Scan:
    """The scanners of the environment `python` over this recording. Raises SetupError when one did not do its work."""
    documents, objects, resources = policies(recording), manifests(recording), plan(recording)
    task = {"kubernetes": kubernetes_version(recording), "policies": documents, "manifests": objects}
    rows = json.loads(_run([python, "-W", "ignore", INSIDE], cwd=INSIDE.parent, stdin=json.dumps(task)))
    reports = _checkov(resources, objects, python)
    inside = [Finding(stack=stack, scanner=a, check=b, resource=c, detail=d) for a, b, c, d in rows]
    return Scan(
        findings=[*inside, *(each for report in reports for each in findings_of(report, stack))],
        resources=len(resources["planned_values"]["root_module"]["resources"]),
        policies=len(documents),
        manifests=len(objects),
        passed=sum(report["summary"]["passed"] for report in reports),
    )


def findings_of(report: Mapping[str, Any], stack: str) -> Iterator[Finding]:
    """The failed checks of one of checkov's reports."""
    for each in report["results"]["failed_checks"]:
        yield Finding(
            stack=stack, scanner="checkov", check=each["check_id"], resource=each["resource"], detail=each["check_name"]
        )


def reports_of(output: str) -> list[dict[str, Any]]:
    """Checkov's JSON, one report for each framework. Raises SetupError when one is missing or could not read a file.

    A framework that found nothing to judge writes no report; taken as it is, that would be the best of verdicts.
    """
    loaded = json.loads(output)
    reports = loaded if isinstance(loaded, list) else [loaded]
    missing = set(FRAMEWORKS) - {report.get("check_type") for report in reports}
    if missing:
        raise SetupError(f"checkov judged nothing as {', '.join(sorted(missing))}: the translation no longer suits it.")
    unread = [str(file) for report in reports for file in report["results"].get("parsing_errors") or []]
    if unread:
        raise SetupError(f"checkov could not read {', '.join(unread)}: the translation no longer suits it.")
    return reports


def _checkov(resources: Mapping[str, Any], objects: Mapping[str, Manifest], python: Path) -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "plan.json").write_text(json.dumps(resources, indent=1), encoding="utf-8")
        for number, manifest in enumerate(objects.values()):
            (place / f"object-{number}.json").write_text(json.dumps(manifest, indent=1), encoding="utf-8")
        command: list[str | Path] = [
            python,
            "-W",
            "ignore",
            "-m",
            "checkov.main",
            "--directory",
            ".",
            "--framework",
            *FRAMEWORKS,
        ]
        options = ["--output", "json", "--compact", "--skip-download", "--soft-fail"]
        return reports_of(_run([*command, *options], cwd=place))


def _run(command: Sequence[str | Path], *, cwd: Path, stdin: str = "") -> str:
    # A home of its own: checkov reads the user's .checkov.yaml, which may switch checks off.
    environ = {**os.environ, "HOME": str(cwd), "LOG_LEVEL": "ERROR"}
    try:
        done = subprocess.run(
            command, cwd=cwd, input=stdin, capture_output=True, text=True, timeout=LIMIT_SECONDS, env=environ
        )
    except subprocess.TimeoutExpired as error:
        raise SetupError(f"a scanner took longer than {LIMIT_SECONDS} s: {command[-1]}") from error
    if done.returncode:
        raise SetupError(f"a scanner failed: {done.stderr.strip()[-2000:] or done.returncode}")
    return done.stdout
