"""The Pulumi CLI for tests: the one the set-up recorded, or else the one on PATH."""

from __future__ import annotations

from pulumi.automation import PulumiCommand

from tools.bootstrap import pulumi_cli
from tools.bootstrap.steps import ROOT, recorded_cli


def pulumi_root() -> str:
    """The directory whose bin/pulumi is the CLI. Raises RuntimeError with the remedy when there is none."""
    cli = recorded_cli(ROOT) or pulumi_cli.on_path(pulumi_cli.pinned_version(ROOT))
    if cli is None:
        raise RuntimeError("There is no Pulumi CLI here yet: run `make setup`.")
    return str(cli.parent.parent)


def pulumi_command() -> PulumiCommand:
    """The CLI as the Automation API takes it; asks it for its version once more."""
    return PulumiCommand(root=pulumi_root())
