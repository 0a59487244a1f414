"""The file of exceptions: what a scan finds and what is right nevertheless, each with its reason."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import yaml

from tools.bootstrap.steps import ROOT

FILE = Path("tools", "dependencies", "exceptions.yaml")
Kind = Literal["licences", "vulnerabilities", "values", "kubeconfigs"]


def excepted(kind: Kind, root: Path = ROOT) -> dict[str, str]:
    """What is excepted, with the reason. Raises ValueError for one that gives none."""
    entries = {str(key): str(reason or "").strip() for key, reason in _read(root)[kind].items()}
    if bare := [key for key, reason in entries.items() if not reason]:
        raise ValueError(f"{FILE}: {kind}: no reason for {', '.join(bare)}")
    return entries


def unused(kind: Kind, used: set[str], root: Path = ROOT) -> list[str]:
    """A line for each exception that nothing needed: it would cover the next fault of its name."""
    return [f"{FILE}: {kind}: nothing matches {key}: take it out" for key in sorted(excepted(kind, root).keys() - used)]


def _read(root: Path) -> dict[Kind, dict[object, object]]:
    content: dict[Kind, dict[object, object]] = yaml.safe_load((root / FILE).read_text(encoding="utf-8"))
    return content
