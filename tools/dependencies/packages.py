"""The Python packages: which are pinned, which of them the product needs, under what licence each one is."""

from __future__ import annotations

import re
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

from tools.bootstrap.environment import REQUIREMENT_FILES

REQUIREMENTS, _, CONSTRAINTS = REQUIREMENT_FILES
# The oldest Python that we support, on Linux: what a package needs there must not depend on the machine that asks.
PLACE = {
    "implementation_name": "cpython",
    "implementation_version": "3.11.0",
    "os_name": "posix",
    "platform_machine": "x86_64",
    "platform_python_implementation": "CPython",
    "platform_release": "",
    "platform_system": "Linux",
    "platform_version": "",
    "python_full_version": "3.11.0",
    "python_version": "3.11",
    "sys_platform": "linux",
}
# The ways in which packages name a licence, to the identifiers of SPDX.
SPDX = {
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache 2.0": "Apache-2.0",
    "Apache License 2.0": "Apache-2.0",
    "Apache License Version 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "PSFL": "PSF-2.0",
}
# Those whose metadata leave the version open, from the licence text in the package. Read 2026-11-23.
FROM_THE_TEXT = {
    "igraph": "GPL-2.0-or-later",
    "jinja2": "BSD-3-Clause",
    "python-dateutil": "Apache-2.0 OR BSD-3-Clause",
}
_IDENTIFIER = re.compile(r"[A-Za-z0-9.+-]+( (OR|AND|WITH) [A-Za-z0-9.+-]+)*")
_UNKNOWN = {"", "UNKNOWN", "Dual License"}


def canonical(name: str) -> str:
    """The name as the index spells it: `types_PyYAML` is `types-pyyaml`."""
    return re.sub(r"[-_.]+", "-", name).lower()


def direct(root: Path) -> frozenset[str]:
    """The packages that requirements.txt names itself."""
    return frozenset(canonical(each.name) for each in _requirements(root))


def product(root: Path) -> dict[str, frozenset[str]]:
    """The packages that requirements.txt brings in, each with those it needs itself, on Linux and Python 3.11.

    It reads the metadata of what is installed here. Raises PackageNotFoundError when something is not.
    """
    waiting = _requirements(root)
    needs: dict[str, frozenset[str]] = {}
    seen: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        wanted = waiting.pop()
        name, extras = canonical(wanted.name), frozenset(wanted.extras)
        if (name, extras) in seen:
            continue
        seen.add((name, extras))
        required = _required(name, extras)
        needs[name] = needs.get(name, frozenset()) | {canonical(each.name) for each in required}
        waiting += required
    return needs


def licence(name: str) -> str:
    """The licence of an installed package as an SPDX expression. Raises ValueError when its metadata do not say."""
    if known := FROM_THE_TEXT.get(name):
        return known
    about = metadata.metadata(name)
    classifiers: list[str] = [
        each.rsplit(" :: ", 1)[-1] for each in about.get_all("Classifier") or () if "License ::" in each
    ]
    named: list[str] = [each for key in ("License-Expression", "License") for each in about.get_all(key) or ()]
    for said in (*named, *classifiers):
        if said not in _UNKNOWN:
            found = SPDX.get(said, said)
            if _IDENTIFIER.fullmatch(found):
                return found
    raise ValueError(f"{name}: its metadata do not name a licence: read its text and add it to FROM_THE_TEXT")


def _requirements(root: Path) -> list[Requirement]:
    text = (root / REQUIREMENTS).read_text(encoding="utf-8")
    return [Requirement(line) for line in text.splitlines() if line and line[0] not in "#-"]


def _required(name: str, extras: frozenset[str]) -> list[Requirement]:
    every = [Requirement(line) for line in metadata.requires(name) or ()]
    places = [PLACE | {"extra": extra} for extra in extras or {""}]
    return [each for each in every if each.marker is None or any(each.marker.evaluate(place) for place in places)]
