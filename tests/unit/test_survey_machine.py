"""What is read of this machine: its tools, its addresses, whether an endpoint answers, and the stack's state."""

import json
import socket
from ipaddress import IPv4Address
from pathlib import Path

import pytest

from ray_platform.survey import machine
from ray_platform.survey.aws import AwsEnvironment
from ray_platform.survey.machine import own_addresses, reaches, read_holdings, read_machine


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder on PATH, and empty."""
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def tool(folder: Path, name: str, says: str, *, aside: str = "", code: int = 0) -> None:
    """A program that prints this, and this on its standard error."""
    (folder / f"{name}.out").write_text(says)
    (folder / f"{name}.err").write_text(aside)
    path = folder / name
    path.write_text(
        "#!/bin/sh\n"
        f'echo "$PULUMI_SKIP_UPDATE_CHECK $PWD $*" > {folder}/{name}.asked\n'
        f"while IFS= read -r line; do printf '%s\\n' \"$line\"; done < {folder}/{name}.out\n"
        f"while IFS= read -r line; do printf '%s\\n' \"$line\" >&2; done < {folder}/{name}.err\n"
        f"exit {code}\n"
    )
    path.chmod(0o755)


def test_the_tools_tell_their_versions(tools: Path) -> None:
    tool(tools, "pulumi", "v3.259.0\n")
    tool(tools, "aws", "aws-cli/2.31.5 Python/3.13.7 Linux/6.8 exe/x86_64\n")
    tool(tools, "kubectl", json.dumps({"clientVersion": {"gitVersion": "v1.35.1"}}) + "\n")

    found = read_machine(None)

    assert (found.pulumi, found.aws_cli, found.kubectl) == ("3.259.0", "2.31.5", "1.35.1")
    assert found.reaches_endpoint is None


def test_the_first_aws_cli_told_its_version_on_its_standard_error(tools: Path) -> None:
    tool(tools, "aws", "", aside="aws-cli/1.16.0 Python/2.7.16\n")

    assert read_machine(None).aws_cli == "1.16.0"


def test_a_tool_that_is_not_on_path_has_no_version(tools: Path) -> None:
    found = read_machine(None)

    assert (found.pulumi, found.aws_cli, found.kubectl) == (None, None, None)


def test_an_endpoint_is_tried_by_a_connection() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert reaches(f"https://127.0.0.1:{port}")
    assert not reaches(f"https://127.0.0.1:{port}")


def test_own_addresses_are_those_that_the_system_would_send_from(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "_FAR_ADDRESSES", ("127.0.0.1", "127.0.0.2"))

    assert [IPv4Address(each).is_loopback for each in own_addresses()] == [True]


def test_a_stack_holds_the_ids_in_its_exported_state(tools: Path, tmp_path: Path) -> None:
    resources = [{"urn": "a", "id": "/aws/eks/ray/cluster"}, {"urn": "a component, which has none"}]
    tool(tools, "pulumi", json.dumps({"version": 3, "deployment": {"resources": resources}}) + "\n")

    assert read_holdings(tmp_path, "dev") == frozenset({"/aws/eks/ray/cluster"})
    asked = (tools / "pulumi.asked").read_text()
    assert asked == f"true {tmp_path} stack export --stack dev --non-interactive\n"


def test_a_stack_without_resources_holds_nothing(tools: Path, tmp_path: Path) -> None:
    tool(tools, "pulumi", json.dumps({"version": 3, "deployment": {"manifest": {}}}) + "\n")

    assert read_holdings(tmp_path, "dev") == frozenset()


def test_a_stack_that_was_not_made_yet_holds_nothing(tools: Path, tmp_path: Path) -> None:
    tool(tools, "pulumi", "", aside="error: no stack named 'dev' found\n", code=255)

    assert read_holdings(tmp_path, "dev") == frozenset()


def test_without_a_login_it_is_unknown_what_a_stack_holds(tools: Path, tmp_path: Path) -> None:
    tool(tools, "pulumi", "", aside="error: PULUMI_ACCESS_TOKEN must be set\n", code=1)

    assert read_holdings(tmp_path, "dev") is None


def test_without_pulumi_it_is_unknown_what_a_stack_holds(tools: Path, tmp_path: Path) -> None:
    assert read_holdings(tmp_path, "dev") is None


def test_clients_are_made_once_and_in_the_stacks_region_but_for_prices(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "none")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "none")
    environment = AwsEnvironment.of(tmp_path, "dev", {"aws": {"region": "eu-west-1"}})

    assert environment.client("sts") is environment.client("sts")
    assert environment.client("sts").meta.region_name == environment.region == "eu-west-1"
    assert environment.client("pricing").meta.region_name == "us-east-1"
