"""This machine: the tools on it, its addresses, and what of Pulumi's state can be read from here."""

import json
import os
import re
import shutil
import socket
import subprocess
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from ray_platform.checks.facts import Machine
from ray_platform.config.network_source import StackOutputs, StackUnreadable
from ray_platform.survey.state import outputs_in

TOOL_SECONDS: Final = 20
STATE_SECONDS: Final = 60
CONNECT_SECONDS: Final = 2
HTTPS: Final = 443

_VERSION: Final = re.compile(r"\d+\.\d+\.\d+")
# Each tool with what makes it tell its version, which it does without the network.
_TOOLS: Final = {
    "pulumi": ("version",),
    "aws": ("--version",),
    "kubectl": ("version", "--client", "-o", "json"),
}
# One address of each private range and one of nobody's (RFC 5737): the route to each may leave by another interface.
_FAR_ADDRESSES: Final = ("10.0.0.1", "172.16.0.1", "192.168.0.1", "192.0.2.1")
# What Pulumi says of a stack that was not made yet.
_NO_STACK: Final = "no stack named"


def read_machine(endpoint: str | None) -> Machine:
    """``endpoint`` is the URL of an existing cluster's API: a connection to it is opened and closed again."""
    with ThreadPoolExecutor(len(_TOOLS)) as pool:
        pulumi, aws_cli, kubectl = pool.map(_version, _TOOLS)
    return Machine(
        pulumi=pulumi,
        aws_cli=aws_cli,
        kubectl=kubectl,
        addresses=own_addresses(),
        reaches_endpoint=None if endpoint is None else reaches(endpoint),
    )


def read_holdings(project: Path, stack: str) -> frozenset[str] | None:
    """The physical ids of the stack's resources; none for a stack that was not made yet, None where that is unknown.

    That is so without a login, among others.
    """
    exported = _export(project, stack)
    if exported is None:
        return None
    if exported.returncode:
        return frozenset() if _NO_STACK in exported.stderr else None
    resources = json.loads(exported.stdout)["deployment"].get("resources", ())
    return frozenset(each["id"] for each in resources if each.get("id"))


def read_stack_outputs(project: Path, stack: str) -> StackOutputs:
    """The outputs of any stack of the backend in use, given as ORG/PROJECT/STACK. Raises ``StackUnreadable``."""
    exported = _export(project, stack)
    if exported is None:
        raise StackUnreadable("the Pulumi CLI, which reads it, is not on PATH or does not end")
    if exported.returncode:
        raise StackUnreadable(exported.stderr.strip().removeprefix("error: "))
    return outputs_in(json.loads(exported.stdout)["deployment"])


def _export(project: Path, stack: str) -> subprocess.CompletedProcess[str] | None:
    """An export takes no passphrase."""
    return _run(("pulumi", "stack", "export", "--stack", stack, "--non-interactive"), STATE_SECONDS, project)


def own_addresses() -> tuple[str, ...]:
    """This machine's IPv4 addresses, one for each way out that it has.

    A UDP socket that is connected has sent nothing, but the system has chosen the address it would send from.
    """
    found = []
    for far in _FAR_ADDRESSES:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            try:
                probe.connect((far, HTTPS))
            except OSError:
                continue
            found.append(probe.getsockname()[0])
    return tuple(dict.fromkeys(found))


def reaches(endpoint: str) -> bool:
    """Whether the server of this URL takes a TCP connection from here."""
    address = urlsplit(endpoint)
    try:
        with socket.create_connection((address.hostname, address.port or HTTPS), timeout=CONNECT_SECONDS):
            return True
    except OSError:
        return False


def _version(tool: str) -> str | None:
    answer = _run((tool, *_TOOLS[tool]), TOOL_SECONDS)
    # The AWS CLI's first version told its own on standard error.
    told = _VERSION.search(answer.stdout + answer.stderr) if answer else None
    return told.group() if told else None


def _run(command: Sequence[str], seconds: float, folder: Path | None = None) -> subprocess.CompletedProcess[str] | None:
    """None where there is no such command, or where it does not end in time."""
    program = shutil.which(command[0])
    if program is None:
        return None
    try:
        return subprocess.run(
            [program, *command[1:]],
            cwd=folder,
            env=os.environ | {"PULUMI_SKIP_UPDATE_CHECK": "true"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
