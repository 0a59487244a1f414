"""Runs in the scanners' own environment: parliament and kubernetes-validate over what comes in as JSON.

In: {"kubernetes": "1.35", "policies": {name: document}, "manifests": {name: manifest}}.
Out: a list of [scanner, check, name, detail]. As libraries, because parliament's command keeps a log of every policy in
a file of a fixed name in the shared temporary folder (1.6.4, parliament/cli.py, read 2026-11-23).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

import kubernetes_validate  # type: ignore[import-not-found]
import parliament  # type: ignore[import-not-found]

Row = tuple[str, str, str, str]


def judged_policies(policies: dict[str, Any]) -> Iterator[Row]:
    """Every finding, those of parliament's further auditors too, whatever its severity."""
    for name, document in policies.items():
        result = parliament.analyze_policy_string(json.dumps(document), include_community_auditors=True)
        for finding in result.findings:
            yield "parliament", finding.issue, name, str(finding.detail or finding.location)


def judged_manifests(manifests: dict[str, Any], version: str) -> Iterator[Row]:
    """Against the strict schemas, which refuse what the API does not know. Without a schema is a finding too."""
    for name, manifest in manifests.items():
        try:
            kubernetes_validate.validate(manifest, version, strict=True)
        except kubernetes_validate.ValidationError as error:
            yield "kubernetes-validate", "schema", name, f"{'.'.join(map(str, error.path))}: {error.message}"
        except kubernetes_validate.SchemaNotFoundError as error:
            yield "kubernetes-validate", "no-schema", name, error.message


def main() -> None:
    task = json.load(sys.stdin)
    rows = [*judged_policies(task["policies"]), *judged_manifests(task["manifests"], task["kubernetes"])]
    json.dump(rows, sys.stdout)


if __name__ == "__main__":
    main()
