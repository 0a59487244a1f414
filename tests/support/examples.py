"""The examples that people apply to the cluster."""

from pathlib import Path

EXAMPLES = Path(__file__).parents[2] / "examples"

# What `kubectl apply` takes: not the settings of a Pulumi program.
MANIFESTS = sorted(file for file in EXAMPLES.rglob("*.yaml") if not file.name.startswith("Pulumi."))
