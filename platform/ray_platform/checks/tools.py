"""Whether this machine has the programs that an update runs, and those that use its cluster."""

import re
from collections.abc import Iterator
from importlib.metadata import version
from typing import Final

from ray_platform.checks.facts import Case
from ray_platform.checks.finding import Check, Finding, found

PULUMI = Check(code="tool-pulumi", group="Tools and access", asks="Is the Pulumi CLI here, as new as the packages?")
AWS_CLI = Check(code="tool-aws-cli", group="Tools and access", asks="Is version 2 of the AWS CLI here?")
KUBECTL = Check(code="tool-kubectl", group="Tools and access", asks="Is a kubectl here that suits the cluster?")
CHECKS = (PULUMI, AWS_CLI, KUBECTL)

# pulumi-eks 4 refuses what is older, by major version (its dependencies.ts, read 2026-11-23): these write a kubeconfig
# that today's Kubernetes takes.
_AWS_CLI_MIN: Final = {1: (1, 24, 0), 2: (2, 7, 0)}

_INSTALL_PULUMI: Final = "Install it: https://www.pulumi.com/docs/install/"
_INSTALL_AWS_CLI: Final = (
    "Install version 2: https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html"
)
_INSTALL_KUBECTL: Final = "https://kubernetes.io/docs/tasks/tools/"


def findings(case: Case) -> Iterator[Finding]:
    """A version that cannot be understood is passed over: the program is there, and a guess would be wrong."""
    machine = case.facts.machine
    yield from _pulumi(machine.pulumi)
    yield from _aws_cli(machine.aws_cli)
    yield from _kubectl(machine.kubectl, case.settings.cluster.kubernetes_version)


def _pulumi(installed: str | None) -> Iterator[Finding]:
    packages = version("pulumi")
    if installed is None:
        yield found(
            PULUMI,
            "error",
            where="pulumi",
            what="The Pulumi CLI is not on PATH, and it is what previews and builds the stack",
            evidence="No program of the name pulumi was found",
            remedy=_INSTALL_PULUMI,
        )
    elif _is_older(_numbers(installed)[:2], _numbers(packages)[:2]):
        yield found(
            PULUMI,
            "warning",
            where="pulumi",
            what="The Pulumi CLI is older than the packages of the program, a pair that nobody tests",
            evidence=f"The CLI is {installed}, the package pulumi is {packages}",
            remedy=_INSTALL_PULUMI,
        )


def _aws_cli(installed: str | None) -> Iterator[Finding]:
    if installed is None:
        yield found(
            AWS_CLI,
            "error",
            where="aws",
            what="The AWS CLI is not on PATH: pulumi-eks runs it, and so does the kubeconfig, to get a token",
            evidence="No program of the name aws was found",
            remedy=_INSTALL_AWS_CLI,
        )
        return
    numbers = _numbers(installed)
    if _is_older(numbers, _AWS_CLI_MIN[1 if numbers[:1] == (1,) else 2]):
        yield found(
            AWS_CLI,
            "error",
            where="aws",
            what="The AWS CLI is too old: pulumi-eks refuses it",
            evidence=f"The AWS CLI is {installed}",
            remedy=_INSTALL_AWS_CLI,
        )
    elif numbers[:1] == (1,):
        yield found(
            AWS_CLI,
            "warning",
            where="aws",
            # AWS Developer Tools Blog, "CLI v1 Maintenance Mode Announcement", read 2026-11-23.
            what="Version 1 of the AWS CLI still works here, but AWS ends its support on 2027-07-15",
            evidence=f"The AWS CLI is {installed}",
            remedy=_INSTALL_AWS_CLI,
        )


def _kubectl(installed: str | None, kubernetes: str) -> Iterator[Finding]:
    """Kubernetes, "Version Skew Policy": kubectl works with clusters of one minor version more or less."""
    if installed is None:
        yield found(
            KUBECTL,
            "note",
            where="kubectl",
            what="kubectl is not on PATH; the stack is built without it, but `pulumi stack output` names commands "
            "that need it",
            evidence="No program of the name kubectl was found",
            remedy=f"Install version {kubernetes}: {_INSTALL_KUBECTL}",
        )
        return
    numbers, wanted = _numbers(installed)[:2], _numbers(kubernetes)
    if len(numbers) == 2 and (numbers[0] != wanted[0] or abs(numbers[1] - wanted[1]) > 1):
        yield found(
            KUBECTL,
            "warning",
            where="kubectl",
            what="kubectl is more than one minor version away from the cluster, which Kubernetes does not support",
            evidence=f"kubectl is {installed}, the cluster {kubernetes}",
            remedy=f"Install version {kubernetes}: {_INSTALL_KUBECTL}",
        )


def _numbers(text: str) -> tuple[int, ...]:
    """``v3.259.0-alpha`` as (3, 259, 0); empty where a version does not begin with a number."""
    leading = re.match(r"v?(\d+(?:\.\d+)*)", text)
    return tuple(int(number) for number in leading[1].split(".")) if leading else ()


def _is_older(numbers: tuple[int, ...], least: tuple[int, ...]) -> bool:
    return bool(numbers) and numbers < least
