"""What the scanners found, what of it is excepted and why, and what is left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from itertools import product
from pathlib import Path
from typing import Any

import yaml


@dataclass(frozen=True, kw_only=True, order=True)
class Finding:
    """One rule that one resource of one stack breaks, in the scanner's own words."""

    stack: str
    scanner: str
    check: str
    resource: str
    detail: str

    def __str__(self) -> str:
        return f"{self.stack}: {self.check} {self.resource}: {self.detail} ({self.scanner})"


@dataclass(frozen=True, kw_only=True)
class Excepted:
    """A check that does not count for some resources, and why. Patterns are those of a shell: `Pod.ray.*`."""

    check: str
    resources: tuple[str, ...]
    reason: str
    stacks: tuple[str, ...]
    detail: str = "*"

    def covers(self, finding: Finding, *, stack: str, resource: str) -> bool:
        """Whether it does for this stack and this pattern, one of its own each."""
        return (
            (finding.check, finding.stack) == (self.check, stack)
            and fnmatchcase(finding.resource, resource)
            and fnmatchcase(finding.detail, self.detail)
        )


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """Clean when nothing is unexplained and no exception has outlived what it was for."""

    unexplained: Sequence[Finding]
    idle: Sequence[str]
    excused: Mapping[str, int] = field(default_factory=dict)
    """How many findings each check's exceptions cover."""

    @property
    def clean(self) -> bool:
        return not self.unexplained and not self.idle


def load(file: Path, stacks: Sequence[str]) -> list[Excepted]:
    """The exceptions of the file; without `stacks` one is for all of these. Raises ValueError with every problem."""
    entries = yaml.safe_load(file.read_text(encoding="utf-8")) or []
    problems = [problem for number, entry in enumerate(entries, 1) for problem in _problems(number, entry, stacks)]
    if problems:
        raise ValueError("\n".join(f"{file.name}: {problem}" for problem in problems))
    return [
        Excepted(
            check=entry["check"],
            resources=tuple(entry["resources"]),
            reason=entry["reason"].strip(),
            stacks=tuple(entry.get("stacks", stacks)),
            detail=entry.get("detail", "*"),
        )
        for entry in entries
    ]


def judge(findings: Sequence[Finding], exceptions: Sequence[Excepted]) -> Verdict:
    """What no exception covers, and each pattern in each stack that covers nothing any more."""
    covered: set[Finding] = set()
    idle: list[str] = []
    for exception in exceptions:
        for stack, resource in product(exception.stacks, exception.resources):
            matching = [each for each in findings if exception.covers(each, stack=stack, resource=resource)]
            covered.update(matching)
            if not matching:
                idle.append(f"{stack}: {exception.check} {resource}: nothing matches; take the exception away")
    excused: dict[str, int] = {}
    for finding in sorted(covered):
        excused[finding.check] = excused.get(finding.check, 0) + 1
    return Verdict(unexplained=sorted(set(findings) - covered), idle=idle, excused=excused)


def _problems(number: int, entry: Any, stacks: Sequence[str]) -> list[str]:
    if not isinstance(entry, dict):
        return [f"entry {number} is no mapping"]
    allowed = {"check", "resources", "reason", "stacks", "detail"}
    return [
        *(f"entry {number}: {key} is not one of {', '.join(sorted(allowed))}" for key in entry.keys() - allowed),
        *(f"entry {number}: {key} is missing" for key in ("check", "resources", "reason") if not entry.get(key)),
        *(f"entry {number}: no stack {name}" for name in entry.get("stacks", []) if name not in stacks),
        *(f"entry {number}: the resource * excepts all" for name in entry.get("resources") or [] if name == "*"),
    ]
