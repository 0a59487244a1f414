"""The stacks that are measured: dev as committed, dev with many pools, and a folder of many stacks."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ray_platform.config import stack_yaml
from ray_platform.config.stack_file import PROGRAM_FILE, PROJECT_FILE, project_name, read_sections
from simulator.session import PULUMI_CLI
from tools.bootstrap.steps import ROOT


def dev() -> dict[str, Any]:
    """The sections of the committed stack."""
    return read_sections(ROOT, "dev")


def with_pools(sections: Mapping[str, Any], count: int) -> dict[str, Any]:
    """The stack with so many pools: the CPU pool, in which the head is, and empty ones of at most one node.

    Empty ones, so that any number passes the checks of addresses; what is registered does not depend on sizes.
    """
    empty = {"minSize": 0, "desiredSize": 0, "maxSize": 1}
    others = {f"pool-{number:03}": empty for number in range(2, count + 1)}
    return {**sections, "nodePools": {"cpu": sections["nodePools"]["cpu"], **others}}


def new_project(folder: Path, count: int) -> list[str]:
    """A project of so many stacks like dev, each with a cluster name of its own; returns the stacks' names."""
    folder.mkdir(parents=True)
    for name in (PROJECT_FILE, PROGRAM_FILE):
        shutil.copyfile(ROOT / name, folder / name)
    # Without a set-up the CLI on PATH is taken, there as here.
    if (ROOT / PULUMI_CLI).exists():
        (folder / PULUMI_CLI).parent.mkdir()
        shutil.copyfile(ROOT / PULUMI_CLI, folder / PULUMI_CLI)
    project, sections = project_name(ROOT), dev()
    names = [f"stack-{number:02}" for number in range(1, count + 1)]
    for name in names:
        own = {**sections, "cluster": {**sections["cluster"], "name": f"ray-{name}"}}
        settings = {"config": {f"{project}:{key}": value for key, value in own.items()}}
        (folder / f"Pulumi.{name}.yaml").write_text(stack_yaml.write(settings), encoding="utf-8")
    return names
