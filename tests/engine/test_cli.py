"""`ray-platform` as people and pipelines meet it: every verb and every exit code, on the real engine."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from ray_platform.cli.main import main
from simulator.account import Account
from simulator.account.site import Site
from simulator.aws import RESOURCE_TYPES
from simulator.aws.logs import LogGroup
from simulator.protocol.serve import engine_environment, served
from tests.support.cli import pulumi_root
from tests.support.deployment import ROOT

pytestmark = pytest.mark.engine

DEADLINE = 120


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A copy of the files a stack is made of, in which the tests of this module bring `dev` up and down."""
    folder = tmp_path_factory.mktemp("project")
    for name in ("Pulumi.yaml", "Pulumi.dev.yaml", "Pulumi.prod.yaml", "__main__.py"):
        shutil.copyfile(ROOT / name, folder / name)
    (folder / ".venv").mkdir()
    (folder / ".venv" / "pulumi-cli").write_text(f"{pulumi_root()}/bin/pulumi\n")
    before = Path.cwd()
    os.chdir(folder)
    yield folder
    os.chdir(before)


def run(*arguments: str, answer: str | None = None) -> Result:
    verb, *rest = arguments
    return CliRunner().invoke(main, [verb, "--stack", "dev", "--simulate", *rest], input=answer)


def events(result: Result) -> list[dict[str, Any]]:
    """The lines of `--json`; every one is an event of the schema."""
    found = [json.loads(line) for line in result.stdout.splitlines()]
    assert all(each["schema"] == 1 and each["event"] and each["time"] for each in found)
    return found


def last(result: Result) -> dict[str, Any]:
    event = events(result)[-1]
    assert event["event"] == "finished"
    assert event["exit_code"] == result.exit_code
    return event


def started_up(project: Path) -> subprocess.Popen[str]:
    """`up` in a process of its own, at the moment at which its first resource is being made."""
    command = [sys.executable, "-m", "ray_platform.cli.main", "up", "-s", "dev", "--simulate", "--yes", "--json"]
    process = subprocess.Popen(command, cwd=project, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    for line in process.stdout:
        if json.loads(line).get("status") == "started":
            break
    return process


def test_a_stack_that_is_not_up_has_no_outputs_and_is_named(project: Path) -> None:
    result = run("outputs")

    assert result.exit_code == 1
    assert "There is no stack dev" in result.output


def test_a_config_that_is_not_valid_ends_with_2_before_the_engine_starts(project: Path) -> None:
    result = run("up", "--yes", "--config", "cluster.name=sg-ray", "--json")

    assert result.exit_code == 2
    (reason,) = last(result)["reasons"]
    assert "cluster.name" in reason and "nothing was created or changed" in reason
    assert not (project / ".demo" / "dev" / "state").exists()


def test_a_config_that_the_program_refuses_ends_with_2_too(project: Path) -> None:
    result = run("preview", "--config", "nodePools.cpu.instanceTypes[0]=m5.enormous")

    assert result.exit_code == 2, result.output
    assert "nodePools.cpu.instanceTypes[0]" in result.output
    assert "m5.enormous" in result.output


def test_up_fails_with_1_in_the_engines_words_where_aws_refuses_and_goes_on_from_there(project: Path) -> None:
    account = project / ".demo" / "dev" / "account.json"
    with Account.open(account, RESOURCE_TYPES, region="us-east-1") as opened:
        Site.of_stack_file(project / "Pulumi.dev.yaml").build(opened)
        made = opened.create(LogGroup(), {"name": "/aws/eks/ray-dev/cluster", "retentionInDays": 1})
    failed = run("up", "--yes", "--json")
    with Account.open(account, RESOURCE_TYPES) as opened:
        opened.delete(LogGroup(), made.id)

    assert failed.exit_code == 1
    assert any("ResourceAlreadyExistsException" in reason for reason in last(failed)["reasons"])
    statuses = {(each.get("status"), each.get("name")) for each in events(failed)}
    assert ("failed", "ray-dev-logs") in statuses
    assert ("done", "ray-dev-key") in statuses


def test_an_interrupted_up_ends_with_130_and_a_second_process_is_told_who_holds_the_account(project: Path) -> None:
    process = started_up(project)
    try:
        assert process.stdout
        second = run("up", "--yes")
        process.send_signal(signal.SIGINT)
        rest = process.stdout.read()
        assert process.wait(DEADLINE) == 130
    finally:
        if process.poll() is None:
            process.kill()

    assert "Interrupted" in json.loads(rest.splitlines()[-1])["reasons"][-1]
    assert second.exit_code == 1
    assert "is in use by another simulator" in second.output


def test_a_machine_that_goes_away_during_up_leaves_what_is_put_right_by_the_next(project: Path) -> None:
    process = started_up(project)
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    for each in [*map(int, children), process.pid]:
        os.kill(each, signal.SIGKILL)
    process.wait(DEADLINE)
    lose_a_role(project)
    asked = run("up")

    assert children
    assert "was killed while it worked on" in asked.output
    assert "add --yes" in asked.output, "what was pending is settled before anything is asked"
    assert "lost" not in run("up").output


def lose_a_role(project: Path) -> None:
    """Write into the state that the engine had begun to create a role; whether it had is a matter of luck."""
    (file,) = (project / ".demo" / "dev" / "state").rglob("stacks/*/dev.json")
    state = json.loads(file.read_text())
    latest = state["checkpoint"]["latest"]
    role = next(each for each in latest["resources"] if each["type"] == "aws:iam/role:Role")
    begun = {key: value for key, value in role.items() if key not in ("id", "outputs", "created", "modified")}
    begun |= {"urn": f"{role['urn']}-lost", "inputs": role["inputs"] | {"name": "ray-dev-lost-0123456"}}
    latest["pending_operations"] = [*latest.get("pending_operations", []), {"resource": begun, "type": "creating"}]
    file.write_text(json.dumps(state))


def test_up_goes_on_from_there_and_tells_its_progress_and_outputs(project: Path) -> None:
    result = run("up", "--yes", "--json", "--config", "operations.protect=true")

    assert result.exit_code == 0, result.output
    told = events(result)
    assert [each["event"] for each in told][:1] == ["started"]
    (guardrails,) = [each for each in told if each["event"] == "guardrails"]
    assert (guardrails["violations"], guardrails["undecided"]) == ([], 0)
    (preview,) = [each for each in told if each["event"] == "preview"]
    assert preview["changes"]["create"] > 50
    components = {each["component"] for each in told if each["event"] == "resource" and each["status"] == "done"}
    assert {"Cluster", "Node pool cpu", "KubeRay operator", "Ray cluster"} <= components
    end = last(result)
    assert end["outputs"]["clusterName"] == "ray-dev"
    assert end["outputs"]["kubeconfig"] == "[secret]"
    assert "apiVersion" not in result.output


def test_a_protected_stack_is_not_destroyed_and_nothing_of_it_goes(project: Path) -> None:
    before = (project / ".demo" / "dev" / "account.json").read_text()
    without_logs = run("up", "--yes", "--config", "operations.protect=true", "--config", "cluster.logTypes=[]")
    result = run("destroy", "--yes")

    assert without_logs.exit_code == 4, without_logs.output
    assert "ray-dev-logs" in without_logs.output
    assert result.exit_code == 4, result.output
    assert "operations.protect" in result.output
    assert (project / ".demo" / "dev" / "account.json").read_text() == before
    assert run("up", "--yes").exit_code == 0


def test_every_stack_is_previewed_side_by_side_and_the_worst_end_counts(project: Path) -> None:
    """`dev` is up and `prod` is not; one stack file is broken."""
    (project / "Pulumi.broken.yaml").write_text("config:\n  ray-on-eks:cluster: {name: sg-x}\n")
    result = CliRunner().invoke(main, ["preview", "--all", "--simulate", "--json", "--parallel", "2"])
    (project / "Pulumi.broken.yaml").unlink()

    assert result.exit_code == 2, result.output
    ends = {each["stack"]: each for each in map(json.loads, result.stdout.splitlines()) if each["event"] == "finished"}
    assert {stack: end["exit_code"] for stack, end in ends.items()} == {"dev": 0, "prod": 0, "broken": 2}
    assert ends["dev"]["changes"] == {}
    assert ends["prod"]["changes"]["create"] > 100
    assert "sg-x" in ends["broken"]["reasons"][0]


def test_a_stack_that_is_up_has_no_changes(project: Path) -> None:
    result = run("preview", "--expect-no-changes")

    assert result.exit_code == 0, result.output
    assert "No changes." in result.output


def test_a_preview_tells_its_changes_as_markdown_and_ends_with_3_where_none_are_expected(project: Path) -> None:
    result = run("preview", "--config", "nodePools.cpu.maxSize=6", "--expect-no-changes", "--markdown", "preview.md")

    assert result.exit_code == 3, result.output
    text = (project / "preview.md").read_text()
    assert text.startswith("### Preview of `dev`")
    assert "  - update NodeGroup ray-dev-cpu (scalingConfig.maxSize)" in text
    assert "maxSize: 4" in (project / "Pulumi.dev.yaml").read_text(), "the stack's file stays as it is"


def test_up_asks_first_and_changes_nothing_where_nobody_answers(project: Path) -> None:
    result = run("up", "--config", "nodePools.cpu.maxSize=6")

    assert result.exit_code == 1
    assert "add --yes" in result.output


def test_up_refuses_what_no_guardrail_lets_pass_and_tells_what_is_excepted(project: Path) -> None:
    without_audit = ("--config", 'cluster.logTypes=["api"]', "--json")
    exception = ("--config", "operations.guardrailExceptions.log-types=a trial of an hour")
    refused, excepted = run("up", "--yes", *without_audit), run("up", *without_audit, *exception)

    assert refused.exit_code == 4, refused.output
    assert any(reason.startswith("log-types: ") for reason in last(refused)["reasons"])
    (guardrails,) = [each for each in events(excepted) if each["event"] == "guardrails"]
    assert guardrails["violations"] == []
    assert guardrails["excepted"][0]["reason"] == "a trial of an hour"


def test_up_refuses_to_replace_the_control_plane_and_names_it(project: Path) -> None:
    result = run("up", "--yes", "--config", "cluster.serviceIpv4Cidr=192.168.64.0/20", "--json")

    assert result.exit_code == 4, result.output
    reasons = "\n".join(last(result)["reasons"])
    assert "ray-dev-eksCluster would be replaced: it is the control plane." in reasons
    assert "--allow-replace 'urn:pulumi:dev::" in reasons
    assert not any(each["event"] == "resource" and each["status"] == "started" for each in events(result))


def test_refresh_and_outputs_tell_what_is_there(project: Path) -> None:
    refreshed, shown = run("refresh", "--json"), run("outputs", "--json")

    assert refreshed.exit_code == shown.exit_code == 0
    assert last(refreshed)["taken"] == 0
    values = json.loads(shown.stdout)
    assert values["clusterName"] == "ray-dev"
    assert values["kubeconfig"] == "[secret]"
    assert "apiVersion" in json.loads(run("outputs", "--json", "--show-secrets").stdout)["kubeconfig"]


def test_drift_ends_with_3_and_tells_what_a_hand_changed(project: Path) -> None:
    file = project / ".demo" / "dev" / "account.json"
    sound = file.read_text()
    account = json.loads(sound)
    (logs,) = [each for each in account["resources"] if each["type"] == "aws:cloudwatch/logGroup:LogGroup"]
    logs["inputs"]["retentionInDays"] = logs["outputs"]["retentionInDays"] = 1
    file.write_text(json.dumps(account))
    changed = run("drift", "--json", "--markdown", "drift.md")
    file.write_text(sound)
    restored = run("drift")

    assert changed.exit_code == 3, changed.output
    (item,) = last(changed)["drift"]["items"]
    assert item["name"] == "ray-dev-logs"
    assert "retentionInDays" in (project / "drift.md").read_text()
    assert restored.exit_code == 0, restored.output
    assert "Nothing was changed by hand." in restored.output


def test_destroy_asks_for_the_name_and_then_ends_ray_first(project: Path) -> None:
    asked = run("destroy")
    result = run("destroy", "--yes", "--json")

    assert asked.exit_code == 1
    assert "add --yes" in asked.output
    assert result.exit_code == 0, result.output
    gone = [each["type"] for each in events(result) if each.get("status") == "done" and each.get("op") == "delete"]
    assert gone[0] == "kubernetes:ray.io/v1:RayCluster"
    with Account.open(project / ".demo" / "dev" / "account.json", RESOURCE_TYPES) as account:
        assert account.records() == []


def test_of_two_ups_on_one_stack_one_wins_and_the_other_is_told_who_holds_it(project: Path, tmp_path: Path) -> None:
    """Without --simulate: two processes on one backend, whose providers somebody else serves."""
    with Account.open(tmp_path / "account.json", RESOURCE_TYPES, region="us-east-1") as account:
        Site.of_stack_file(project / "Pulumi.dev.yaml").build(account)
        with served(account) as providers:
            (tmp_path / "state").mkdir()
            environment = {
                **os.environ,
                **engine_environment(providers),
                "PULUMI_BACKEND_URL": f"file://{tmp_path / 'state'}",
                "PULUMI_CONFIG_PASSPHRASE": "two",
                "PULUMI_HOME": str(tmp_path / "home"),
                "PATH": f"{pulumi_root()}/bin{os.pathsep}{os.environ['PATH']}",
            }
            command = [sys.executable, "-m", "ray_platform.cli.main", "up", "-s", "dev", "--yes", "--json"]
            first = subprocess.Popen(command, cwd=project, env=environment, stdout=subprocess.PIPE, text=True)
            try:
                assert first.stdout
                for line in first.stdout:
                    if json.loads(line).get("status") == "started":
                        break
                second = subprocess.run(
                    command, cwd=project, env=environment, capture_output=True, text=True, timeout=DEADLINE
                )
                first.stdout.read()
                assert first.wait(DEADLINE) == 0
            finally:
                if first.poll() is None:
                    first.kill()

    assert second.returncode == 1, second.stderr
    assert not second.stderr, second.stderr
    (reason,) = json.loads(second.stdout.splitlines()[-1])["reasons"]
    assert reason.startswith("Somebody else is changing dev: ")
    assert "pulumi cancel --stack dev" in reason
