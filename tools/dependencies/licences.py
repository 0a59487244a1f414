"""The licences of all packages, as a table in docs/dependencies.md: `python -m tools.dependencies.licences --write`."""

from __future__ import annotations

from pathlib import Path

from ray_platform.generated import GeneratedPart, print_or_write
from tools.bootstrap.steps import ROOT
from tools.dependencies import exceptions, lock, packages

PART = GeneratedPart(document=Path("docs/dependencies.md"), command="python -m tools.dependencies.licences --write")
# They ask for their text to be kept, and MPL for the source of changed files of the package itself: nothing of ours.
PERMISSIVE = {"Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "MIT-0", "MPL-2.0", "PSF-2.0"}


def table(root: Path) -> str:
    """One row for each pinned package: version, licence, and whether the product needs it or only tests and tools."""
    needed = packages.product(root)
    rows = ["| package | version | licence | for |", "|---|---|---|---|"]
    for name, version in lock.pins(root, packages.CONSTRAINTS).items():
        purpose = "the product" if name in needed else "tests and tools"
        rows.append(f"| {name} | {version} | {packages.licence(name)} | {purpose} |")
    return "\n".join(rows)


def violations(licences: dict[str, str], root: Path = ROOT) -> list[str]:
    """The packages whose licence is neither permissive nor excepted, and the exceptions that nothing needs."""
    allowed = exceptions.excepted("licences", root)
    strict = {name: licence for name, licence in licences.items() if not _permissive(licence)}
    refused = [f"{name}: {licence} is not permissive" for name, licence in strict.items() if name not in allowed]
    return refused + exceptions.unused("licences", set(strict), root)


def _permissive(licence: str) -> bool:
    """Of `A OR B` one is enough, of `A AND B` both are needed."""
    return any(set(choice.split(" AND ")) <= PERMISSIVE for choice in licence.split(" OR "))


if __name__ == "__main__":
    print_or_write(PART, table(ROOT))
