"""The providers as the real engine uses them."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest
from pulumi import automation

from tests.simulator.engine import Engine
from tests.simulator.process import running

pytestmark = pytest.mark.engine

TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": "eks.amazonaws.com"}, "Action": "sts:AssumeRole"}],
    }
)


def _small_program() -> None:
    group = aws.cloudwatch.LogGroup("logs", retention_in_days=7)
    aws.iam.Role("role", assume_role_policy=TRUST, description=group.name)


def _changes(result: automation.UpResult | automation.RefreshResult) -> dict[str, int]:
    return {str(operation): count for operation, count in (result.summary.resource_changes or {}).items()}


def _edit(path: Path, token: str, **inputs: Any) -> None:
    document = json.loads(path.read_text())
    (record,) = (each for each in document["resources"] if each["type"] == token)
    record["inputs"].update(inputs)
    path.write_text(json.dumps(document))


def test_what_goes_up_stays_the_same_and_destroy_leaves_the_account_as_it_was(tmp_path: Path) -> None:
    engine = Engine(tmp_path)
    with engine.serving() as stack:
        before = engine.account_path.read_text()
        assert _changes(stack(_small_program).up()) == {"create": 3}
        assert _changes(stack(_small_program).up()) == {"same": 3}
        assert _changes(stack(_small_program).refresh()) == {"same": 3}
        assert engine.account_path.read_text() != before
    with engine.serving() as stack:
        assert _changes(stack(_small_program).refresh()) == {"same": 3}
        stack(_small_program).destroy()
        assert engine.account_path.read_text() == before


def test_a_preview_makes_nothing(tmp_path: Path) -> None:
    engine = Engine(tmp_path)
    with engine.serving() as stack:
        before = engine.account_path.read_text()
        assert stack(_small_program).preview().change_summary == {"create": 3}
        assert engine.account_path.read_text() == before


def test_an_edit_of_the_account_file_is_drift_that_the_next_up_repairs(tmp_path: Path) -> None:
    engine = Engine(tmp_path)
    with engine.serving() as stack:
        stack(_small_program).up()
        _edit(engine.account_path, "aws:cloudwatch/logGroup:LogGroup", retentionInDays=30)
        assert _changes(stack(_small_program).refresh()) == {"same": 2, "update": 1}
        assert _changes(stack(_small_program).up()) == {"same": 2, "update": 1}
        assert json.loads(engine.account_path.read_text())["resources"][0]["inputs"]["retentionInDays"] == 7


def test_a_resource_that_a_hand_removed_is_made_again(tmp_path: Path) -> None:
    engine = Engine(tmp_path)
    with engine.serving() as stack:
        stack(_small_program).up()
    document = json.loads(engine.account_path.read_text())
    document["resources"] = [each for each in document["resources"] if "Role" not in each["type"]]
    engine.account_path.write_text(json.dumps(document))
    with engine.serving() as stack:
        assert _changes(stack(_small_program).refresh()) == {"same": 2, "delete": 1}
        assert _changes(stack(_small_program).up()) == {"same": 2, "create": 1}


def test_the_tags_of_one_provider_do_not_reach_the_resources_of_another(tmp_path: Path) -> None:
    def program() -> None:
        for team in ("ray", "web"):
            provider = aws.Provider(team, region="us-east-1", default_tags={"tags": {"team": team}})
            queue = aws.sqs.Queue(f"{team}-queue", tags={"own": "1"}, opts=pulumi.ResourceOptions(provider=provider))
            pulumi.export(team, queue.tags_all)

    with Engine(tmp_path).serving() as stack:
        outputs = stack(program).up().outputs
        assert outputs["ray"].value == {"own": "1", "team": "ray"}
        assert outputs["web"].value == {"own": "1", "team": "web"}


def test_an_ignored_change_is_none(tmp_path: Path) -> None:
    def program(seconds: int) -> None:
        options = pulumi.ResourceOptions(ignore_changes=["visibilityTimeoutSeconds"])
        aws.sqs.Queue("queue", visibility_timeout_seconds=seconds, opts=options)

    with Engine(tmp_path).serving() as stack:
        stack(lambda: program(30)).up()
        assert _changes(stack(lambda: program(60)).up()) == {"same": 2}


def test_the_user_sees_what_aws_says_and_no_traceback(tmp_path: Path) -> None:
    def program() -> None:
        aws.cloudwatch.LogGroup("one", name="same")
        aws.cloudwatch.LogGroup("two", name="same")

    with Engine(tmp_path).serving() as stack, pytest.raises(automation.CommandError) as failure:
        stack(program).up()
    assert "ResourceAlreadyExistsException" in str(failure.value)
    assert "Traceback" not in str(failure.value)


def test_a_property_that_pulumi_aws_does_not_have_fails_the_preview(tmp_path: Path) -> None:
    def program() -> None:
        pulumi.CustomResource("aws:sqs/queue:Queue", "queue", {"messageRetentionSecond": 300})

    with Engine(tmp_path).serving() as stack, pytest.raises(automation.CommandError) as failure:
        stack(program).preview()
    assert "did you mean `messageRetentionSeconds`?" in str(failure.value)


def test_a_provider_for_another_region_is_refused(tmp_path: Path) -> None:
    def program() -> None:
        aws.Provider("elsewhere", region="eu-west-1")

    with Engine(tmp_path).serving() as stack, pytest.raises(automation.CommandError) as failure:
        stack(program).preview()
    assert "the simulated account is in us-east-1, not in eu-west-1" in str(failure.value)


def test_a_server_process_ends_with_its_context(tmp_path: Path) -> None:
    with running(tmp_path / "account.json", "--packages", "kubernetes") as providers:
        port = int(providers.removeprefix("kubernetes:"))
        socket.create_connection(("127.0.0.1", port)).close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))


def test_a_server_that_cannot_start_says_why(tmp_path: Path) -> None:
    (tmp_path / "account.json").write_text("{}")
    with (
        pytest.raises(RuntimeError, match='"format" is not 1'),
        running(tmp_path / "account.json", log=tmp_path / "log"),
    ):
        pass
