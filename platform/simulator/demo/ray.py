"""The Ray layer in the demo's report: the groups, what each of their pods gets, and where the pods landed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from pulumi import automation as auto
from rich.markup import escape
from rich.table import Column, Table

from ray_platform.config.pool_rules import RAY_HEAD_GROUP
from simulator.kubernetes.pods import Landed
from simulator.kubernetes.quantities import resources

OUTPUTS = ("ray", "rayDashboardCommand", "rayTokenCommand", "raySubmitCommand")
"""The outputs that are told here and nowhere else."""


def is_on(outputs: Mapping[str, auto.OutputValue]) -> bool:
    return outputs["ray"].value is not None


def groups_table(outputs: Mapping[str, auto.OutputValue], pods: Sequence[Landed]) -> Table:
    """One row for the head and one for each worker group."""
    ray = outputs["ray"].value
    own = [pod for pod in pods if pod.namespace == ray["namespace"] and pod.ray_group]
    table = Table(
        "group",
        "one pod",
        Column("pods", justify="right"),
        Column("where they land", overflow="fold"),
        title=f"Ray {ray['version']}: cluster {ray['name']} in namespace {ray['namespace']}",
        title_justify="left",
    )
    head = _of_group(own, RAY_HEAD_GROUP)
    table.add_row("head", _amounts(ray["head"]["resources"]), str(len(head)), _places(head, ray["head"]["pool"]))
    for name, group in ray["workerGroups"].items():
        workers = _of_group(own, name)
        count = f"{len(workers)} ({group['minReplicas']} to {group['maxReplicas']})"
        table.add_row(escape(name), _amounts(group["resources"]), count, _places(workers, name))
    return table


def ways_in(outputs: Mapping[str, auto.OutputValue]) -> str:
    """How people get to Ray."""
    told = (
        ("Open the dashboard", "rayDashboardCommand"),
        ("Take the token", "rayTokenCommand"),
        ("Submit a job", "raySubmitCommand"),
    )
    return "\n".join(f"[bold]{what}:[/] {escape(str(outputs[name].value))}" for what, name in told)


def without_node(pods: Iterable[Landed]) -> list[str]:
    """A line for each pod that has no node."""
    return [f"{pod.namespace}/{pod.name} has no node: {pod.reason}" for pod in pods if pod.node is None]


def _of_group(pods: Iterable[Landed], group: str) -> list[Landed]:
    return [pod for pod in pods if pod.ray_group == group]


def _amounts(quantities: Mapping[str, str]) -> str:
    amounts = resources(quantities)
    gpus = f", {amounts.gpus} GPU" if amounts.gpus else ""
    return f"{amounts.cpu_millis / 1000:g} CPU, {amounts.memory_mib / 1024:.4g} GiB{gpus}"


def _places(pods: Sequence[Landed], pool: str) -> str:
    if not pods:
        return f"nowhere yet: pool {escape(pool)} makes room when Ray asks"
    counts = Counter(_place(pod) for pod in pods)
    return "\n".join(f"{count} x {place}" if count > 1 else place for place, count in counts.items())


def _place(pod: Landed) -> str:
    if pod.node is None:
        return f"[bold red]pending:[/] {escape(pod.reason)}"
    labels = pod.node_labels
    return escape(f"{pod.node}, {labels['node.kubernetes.io/instance-type']} of pool {labels['ray.io/node-pool']}")
