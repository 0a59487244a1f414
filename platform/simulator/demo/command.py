"""``make demo``: bring a stack up in a simulated AWS account, show what is there, and take it down again."""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from pulumi import automation as auto
from pulumi.automation.errors import CommandError
from rich.console import Console

from ray_platform.pipeline.operation import said
from ray_platform.plan.timeline import timeline
from simulator.account import AccountError
from simulator.cluster.processes import ControlPlaneError
from simulator.demo import clusters, ray, report
from simulator.kubernetes.pods import Landed
from simulator.session import FOLDER, Place, simulated

T = TypeVar("T")

CLUSTER_BINARIES = Path(".venv/cluster-binaries")
INTERRUPTED = 130
# Characters in a line where no terminal says how many it has.
PLAIN_WIDTH = 120


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 0; 1 after saying what is wrong; 130 when interrupted."""
    options = _parser().parse_args(arguments)
    project = Path.cwd()
    place = Place(project=project, folder=project / FOLDER / options.stack, stack=options.stack)
    console = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else PLAIN_WIDTH)
    try:
        command = auto.PulumiCommand(root=str(options.pulumi.parents[1]))
        if options.verb == "destroy" and not place.account.exists():
            console.print(f"There is nothing to destroy: no account at {place.account.relative_to(project)}.")
            return 0
        kind = clusters.kind_of(place, options.cluster)
        place.take_settings()
        with clusters.opened(place, kind, options.cluster_binaries) as cluster:
            run = up if options.verb == "up" else destroy
            exit_code = run(place, command, console, cluster)
        if options.verb == "destroy" and exit_code == 0:
            shutil.rmtree(place.folder)
        return exit_code
    except (FileNotFoundError, RuntimeError, ValueError, AccountError, ControlPlaneError) as error:
        console.print(f"demo: {error}", markup=False)
        return 1
    except KeyboardInterrupt:
        console.print("Interrupted. Nothing is lost: the same command goes on from here.")
        return INTERRUPTED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="demo", description=__doc__)
    parser.add_argument("verb", choices=["up", "destroy"])
    parser.add_argument("--stack", default="dev", help="the stack, of which Pulumi.STACK.yaml is the config (dev)")
    parser.add_argument("--cluster", choices=clusters.KINDS, help="where Kubernetes is (that of the last run; memory)")
    parser.add_argument(
        "--cluster-binaries", type=Path, default=CLUSTER_BINARIES, metavar="FILE", help="names the directory for real"
    )
    parser.add_argument("--pulumi", type=Path, required=True, metavar="FILE", help="the Pulumi CLI")
    return parser


def up(place: Place, command: auto.PulumiCommand, console: Console, cluster: clusters.Cluster) -> int:
    """Bring the stack up, or up to date; print the tree, the outputs, Ray and a summary. 1 when a pod has no node."""
    started = time.monotonic()
    beside = ", a real Kubernetes control plane" if cluster.control_plane else ""
    console.print(f"Bringing up {place.stack}: the real Pulumi engine, a simulated AWS account{beside}", style="bold")
    with simulated(place, command, cluster.control_plane) as (stack, account):
        _keep_first_account(place)
        result = _run(console, lambda progress: stack.up(on_event=progress))
        if result is None:
            return 1
        resources = (stack.export_stack().deployment or {})["resources"]
        pods = cluster.pods(account)
    seconds = time.monotonic() - started
    console.print(report.resource_tree(resources))
    others = {name: value for name, value in result.outputs.items() if name not in ray.OUTPUTS}
    console.print(report.outputs_table(others), soft_wrap=False)
    if ray.is_on(result.outputs):
        console.print(ray.groups_table(result.outputs, pods), soft_wrap=False)
        console.print(ray.ways_in(result.outputs))
    made = report.changes(result.summary.resource_changes)
    console.print(f"[bold]{place.stack} is up: {made}[/], {len(resources)} resources, in {seconds:.0f} s")
    console.print(report.time_to_ready(timeline(resources)))
    console.print(report.monthly_cost(result.outputs))
    console.print(f"The account is a file: {place.account.relative_to(place.project)}")
    return _told_whether_all_have_a_node(console, pods)


def _told_whether_all_have_a_node(console: Console, pods: Sequence[Landed]) -> int:
    pending = ray.without_node(pods)
    for line in pending:
        console.print(line, markup=False)
    if not pending:
        console.print(f"Each of the {len(pods)} pods has a node.")
    return 1 if pending else 0


def destroy(place: Place, command: auto.PulumiCommand, console: Console, cluster: clusters.Cluster) -> int:
    """Take the stack down. Where it is protected, the protection is lifted first, as for a real one."""
    console.print(f"Destroying {place.stack}", style="bold")
    with simulated(place, command, cluster.control_plane) as (stack, account):
        if place.is_protected():
            console.print("It is protected: first an update with operations.protect and deletionProtection off")
            place.change("operations", protect=False, deletionProtection=False)
            if _run(console, lambda progress: stack.up(on_event=progress)) is None:
                return 1
        result = _run(console, lambda progress: stack.destroy(on_event=progress))
        if result is None:
            return 1
        left = cluster.leftovers(account)
    if place.account.read_bytes() != _first_account(place).read_bytes():
        left.append(f"{place.account.relative_to(place.project)} is not as it was")
    console.print(f"{place.stack} is gone: {report.changes(result.summary.resource_changes)}")
    console.print("The account is as it was." if not left else f"Something is left: {'; '.join(left)}", markup=False)
    return 1 if left else 0


def _run(console: Console, operation: Callable[[report.Progress], T]) -> T | None:
    """The operation's result; None after printing why it failed."""
    with report.Progress(console) as progress:
        try:
            return operation(progress)
        except CommandError as error:
            failure = error
    for message in progress.errors or [said(failure)]:
        console.print(message, markup=False)
    return None


def _first_account(place: Place) -> Path:
    return place.folder / "account.before.json"


def _keep_first_account(place: Place) -> None:
    if not _first_account(place).exists():
        shutil.copyfile(place.account, _first_account(place))
