"""What another stack exported, read without an engine: by the CLI, and from the backend of a simulated stack."""

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ray_platform import check
from ray_platform.config.network_source import StackOutputs, StackUnreadable
from ray_platform.config.problems import ConfigError
from ray_platform.survey.aws import AwsEnvironment
from ray_platform.survey.machine import read_stack_outputs
from ray_platform.survey.state import outputs_in
from simulator.account import Account
from simulator.aws import RESOURCE_TYPES
from simulator.reads.environment import SimulatedEnvironment
from tests.unit.config.given import NETWORK

STACK = "organization/ray-vpc/dev"
SECTIONS = {"network": {"fromStack": {"stack": STACK}}, "cluster": {"name": "ray-test"}}
SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "v1:abc"}
TODAY = date(2026, 11, 23)


class AskedAws(Exception):
    """The check has gone on to AWS."""


def deployment(outputs: Mapping[str, Any]) -> dict[str, Any]:
    """A state with these outputs of the stack, and another resource before it."""
    resources = [
        {"type": "aws:ec2/vpc:Vpc", "outputs": {"id": "x"}},
        {"type": "pulumi:pulumi:Stack", "outputs": outputs},
    ]
    return {"resources": resources}


def cli(folder: Path, monkeypatch: pytest.MonkeyPatch, *, says: str = "", aside: str = "", code: int = 0) -> None:
    """Let the only program on PATH be a Pulumi CLI that answers so, to an export of the stack alone."""
    (folder / "says").write_text(f"{says}\n")
    program = folder / "pulumi"
    program.write_text(
        "#!/bin/sh\n"
        f'[ "$*" = "stack export --stack {STACK} --non-interactive" ] || exit 99\n'
        f"while IFS= read -r line; do printf '%s\\n' \"$line\"; done < {folder}/says\n"
        f'echo "{aside}" >&2\n'
        f"exit {code}\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))


def test_the_outputs_of_a_state_are_those_of_its_stack_and_encrypted_ones_are_known_as_secret() -> None:
    found = outputs_in(deployment({"vpcId": "vpc-1", "token": SECRET, "subnetIds": ["subnet-1", SECRET]}))

    assert found.values.keys() == {"vpcId", "token", "subnetIds"}
    assert found.secret == {"token", "subnetIds"}


@pytest.mark.parametrize("state", [{}, {"resources": None}, {"resources": [{"type": "pulumi:pulumi:Stack"}]}])
def test_a_stack_that_was_never_up_has_no_outputs(state: dict[str, Any]) -> None:
    assert outputs_in(state) == StackOutputs(values={})


def test_the_cli_is_asked_for_the_state_of_the_stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cli(tmp_path, monkeypatch, says=json.dumps({"version": 3, "deployment": deployment(NETWORK)}))
    environment = AwsEnvironment(project=tmp_path, stack="dev", region="us-east-1", session=None)

    assert environment.stack_outputs(STACK).values == NETWORK


def test_what_the_cli_says_of_a_stack_that_it_cannot_read_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cli(tmp_path, monkeypatch, aside=f"error: no stack named '{STACK}' found", code=255)

    with pytest.raises(StackUnreadable, match=f"^no stack named '{STACK}' found$"):
        read_stack_outputs(tmp_path, STACK)


def test_without_a_cli_nothing_can_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(StackUnreadable, match="not on PATH"):
        read_stack_outputs(tmp_path, STACK)


@pytest.fixture
def backend(tmp_path: Path) -> Path:
    """A backend of files with the stack of the network in it."""
    file = tmp_path / ".pulumi" / "stacks" / "ray-vpc" / "dev.json"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps({"version": 3, "checkpoint": {"stack": "dev", "latest": deployment(NETWORK)}}))
    return tmp_path


def simulated(folder: Path, backend: Path | None, monkeypatch: pytest.MonkeyPatch) -> tuple[dict[str, Any], list[str]]:
    """Check the stack in a simulated account: the sections that AWS is asked about, and the problems told before."""
    asked: dict[str, Any] = {}

    def survey(_: object, raw: Mapping[str, Any], *, today: date) -> None:
        asked.update(raw)
        raise AskedAws

    monkeypatch.setattr(check, "survey", survey)
    subject = check.Subject(project=folder, stack="dev", sections=SECTIONS)
    with Account.open(folder / "account.json", RESOURCE_TYPES) as account:
        environment = SimulatedEnvironment(account=account, vpc_id=None, backend=backend)
        try:
            check.check(subject, environment, today=TODAY)
        except AskedAws:
            return asked, []
        except ConfigError as error:
            return asked, [problem.path for problem in error.problems]
    raise AssertionError("the check ended without a survey")


def test_a_check_looks_at_the_network_that_the_other_stack_exported(
    tmp_path: Path, backend: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert simulated(tmp_path, backend, monkeypatch) == ({**SECTIONS, "network": NETWORK}, [])


@pytest.mark.parametrize("given", [True, False], ids=["not in the backend", "without a backend"])
def test_a_check_asks_aws_nothing_while_the_network_is_not_known(
    tmp_path: Path, given: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert simulated(tmp_path, tmp_path if given else None, monkeypatch) == ({}, ["network.fromStack.stack"])
