"""From which Kubernetes version an update can bring a cluster to which: one minor further at a time, and never back."""

from dataclasses import dataclass
from typing import Final

from ray_platform.config.problems import Problem, set_command
from ray_platform.versions import KUBERNETES_MINORS

VERSION_PATH: Final = "cluster.kubernetesVersion"


@dataclass(frozen=True, kw_only=True)
class ForbiddenStep:
    """A step that EKS does not take: why, and what to do instead."""

    why: str
    remedy: str


def minor_number(version: str) -> tuple[int, ...]:
    """`1.35` as (1, 35)."""
    return tuple(int(part) for part in version.split("."))


def forbidden_step(in_use: str, wanted: str) -> ForbiddenStep | None:
    """What keeps a cluster of version `in_use` from becoming one of version `wanted`; None where nothing does.

    Both as `1.35`. EKS goes up by one minor version at a time (eksctl user guide, "Cluster upgrades"). It can go back
    by one within 7 days of an upgrade, but leaves it to the user to bring the node groups back, which must not be newer
    than it (EKS user guide, "Rollback cluster to previous Kubernetes version"; Kubernetes, "Version Skew Policy"; all
    read 2026-11-23): the order of an update is the other one.
    """
    now, then = minor_number(in_use), minor_number(wanted)
    if then < now:
        return ForbiddenStep(
            why="An update cannot take a cluster back: its nodes would have to go first. EKS's version rollback does "
            "it, by hand, within 7 days of the upgrade (docs/upgrades.md)",
            remedy=set_command(VERSION_PATH, in_use)
            if in_use in KUBERNETES_MINORS
            else f"Take a release of the platform that knows Kubernetes {in_use}.",
        )
    if then[1] - now[1] <= 1:
        return None
    between = f"{now[0]}.{now[1] + 1}"
    return ForbiddenStep(
        why="EKS upgrades a cluster by one minor version at a time",
        remedy=f"{set_command(VERSION_PATH, between)}\npulumi up\nThen go on to {wanted}."
        if between in KUBERNETES_MINORS
        else f"Bring it to {between} with the release of the platform that has it, then go on to {wanted}.",
    )


def step_problems(cluster: str, in_use: str, wanted: str) -> list[Problem]:
    """The refusal of a configuration that wants such a step of an existing cluster."""
    step = forbidden_step(in_use, wanted)
    if step is None:
        return []
    return [
        Problem(
            path=VERSION_PATH,
            value=wanted,
            rule=f"within reach of {in_use}, which {cluster} runs: {step.why}",
            remedy=step.remedy,
        )
    ]
