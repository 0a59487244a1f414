"""One operation of the engine in a process of its own, as Pulumi starts one for each: what it took, as JSON.

Nothing of this repository is imported before the clock starts, so that what a program imports counts as its time.
"""

from __future__ import annotations

import json
import runpy
import sys
import time
from pathlib import Path
from typing import Any

from pulumi import automation as auto
from pulumi.automation import EngineEvent


def main(text: str) -> None:
    order = json.loads(text)
    stack = auto.create_or_select_stack(
        order["stack"],
        project_name=order["project"],
        program=lambda: _run(order["program"]),
        opts=auto.LocalWorkspaceOptions(
            work_dir=order["folder"],
            env_vars=order["environment"],
            pulumi_command=auto.PulumiCommand(root=order["pulumi_root"]),
        ),
    )
    registered: set[str] = set()

    def heard(event: EngineEvent) -> None:
        if event.resource_pre_event:
            registered.add(event.resource_pre_event.metadata.urn)

    operation = stack.up if order["operation"] == "up" else stack.preview
    start = time.perf_counter()
    operation(on_event=heard)
    seconds = time.perf_counter() - start
    told = {"seconds": seconds, "peak_kib": peak_kib(), "registered": sorted(registered)}
    print(json.dumps(told), flush=True)


def _run(program: str) -> None:
    runpy.run_path(program)


def peak_kib() -> int:
    """The most memory that this process held. The kernel's own count: what getrusage tells begins with the parent's."""
    status: dict[str, Any] = dict(
        line.split(":", 1) for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    )
    return int(status["VmHWM"].split()[0])


if __name__ == "__main__":
    main(sys.argv[1])
