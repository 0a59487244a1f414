"""Reading the configuration through Pulumi's SDK."""

import json
from collections.abc import Iterator

import pytest
from pulumi.runtime import reset_options, set_all_config

from ray_platform.config.hiding import REMEDY, RULE
from ray_platform.config.load import from_pulumi_config, parse
from ray_platform.config.problems import PROJECT, ConfigError
from tests.unit.config.given import KEY_ARN, NETWORK


@pytest.fixture
def project() -> Iterator[str]:
    """Prefix of the project's keys; leaves neither project nor configuration behind."""
    reset_options(project=PROJECT, stack="test")
    yield f"{PROJECT}:"
    set_all_config({})
    reset_options()


def test_objects_arrive_decoded_and_other_namespaces_are_left_alone(project: str) -> None:
    set_all_config({f"{project}network": json.dumps(NETWORK), "aws:region": "eu-west-1"})

    assert from_pulumi_config() == {"network": NETWORK}


def test_the_language_hosts_environment_is_read_as_well(project: str, monkeypatch: pytest.MonkeyPatch) -> None:
    set_all_config({})
    monkeypatch.setenv(
        "PULUMI_CONFIG", json.dumps({f"{project}network": json.dumps(NETWORK), f"{project}clustr": "{}"})
    )

    assert from_pulumi_config() == {"network": NETWORK, "clustr": {}}


def test_a_key_of_the_project_that_nobody_knows_is_a_problem(project: str) -> None:
    set_all_config({f"{project}network": json.dumps(NETWORK), f"{project}clustr": "{}"})

    _, problems = parse(from_pulumi_config())

    assert [problem.path for problem in problems] == ["clustr"]


def test_no_value_of_a_section_with_a_secret_in_it_is_told(project: str) -> None:
    """Pulumi's engine hides a secret in a message where it finds it whole; a long value is told in part."""
    token = "hunter2" * 100
    sections = {
        "aws": {"token": token, "region": token},
        "nodePools": {"cpu": {"instanceTypes": [token]}},
        "ray": token,
        "cluster.name": {"token": token},
        "security": {"egress": "shown"},
    }
    secret = [f"{project}{name}" for name in sections if name != "security"]
    set_all_config({f"{project}{name}": json.dumps(value) for name, value in sections.items()}, secret)

    _, problems = parse(from_pulumi_config())
    text = str(ConfigError(problems))

    assert "hunter2" not in text
    assert {problem.path: problem.value for problem in problems if problem.source == "config"} == {
        "aws.token": "[secret]",
        "aws.region": "[secret]",
        "nodePools.cpu.instanceTypes[0]": "[secret]",
        "ray": "[secret]",
        '["cluster.name"]': "[secret]",
        "security.egress": "shown",
    }


@pytest.mark.parametrize(
    ("section", "value", "secret"),
    [
        ("aws", {"expectedAccountId": 123456789}, "123456789"),
        ("aws", {"region": 123456789}, "123456789"),
        ("ray", {"head": {"cpu": "77"}}, "77"),
        ("operations", {"protect": "hunter2"}, "hunter2"),
        ("ray.head.cpu", {"a": 77}, "77"),
        ("security", {"kmsKeyArn": KEY_ARN.replace("us-east-1", "ap-south-2")}, "ap-south-2"),
    ],
)
def test_rule_and_remedy_do_not_tell_it_either(project: str, section: str, value: object, secret: str) -> None:
    set_all_config(
        {f"{project}{section}": json.dumps(value), f"{project}network": json.dumps(NETWORK)}, [f"{project}{section}"]
    )

    _, problems = parse(from_pulumi_config())

    assert problems
    assert secret not in str(ConfigError(problems))


def test_a_problem_elsewhere_does_not_repeat_it_and_others_keep_their_words(project: str) -> None:
    sections = {
        "aws": {"region": "ap-south-2", "tags": {"CostCenter": "hunter2"}},
        "security": {"kmsKeyArn": KEY_ARN},
        "operations": {"protect": "yes"},
        "network": {},
    }
    set_all_config({f"{project}{name}": json.dumps(value) for name, value in sections.items()}, [f"{project}aws"])

    _, problems = parse(from_pulumi_config())
    told = {problem.path: problem for problem in problems}

    assert "ap-south-2" not in str(ConfigError(problems))
    assert told["security.kmsKeyArn"].value == KEY_ARN
    assert (told["security.kmsKeyArn"].rule, told["security.kmsKeyArn"].remedy) == (RULE, REMEDY)
    assert told["operations.protect"].rule == "true or false, without quotes"
    assert "YOUR_VALUE" in told["network.vpcId"].remedy


def test_a_rule_that_shares_nothing_with_the_secret_is_told(project: str) -> None:
    sections = {"network": NETWORK, "cluster": {"logRetentionDays": "hunter2"}}
    set_all_config({f"{project}{name}": json.dumps(value) for name, value in sections.items()}, [f"{project}cluster"])

    _, (problem,) = parse(from_pulumi_config())

    assert problem.rule not in ("", RULE)
    assert problem.remedy == REMEDY


def test_a_secret_that_is_fine_changes_nothing(project: str) -> None:
    name = {"name": "ray-two"}
    set_all_config(
        {f"{project}cluster": json.dumps(name), f"{project}network": json.dumps(NETWORK)}, [f"{project}cluster"]
    )

    found, _ = parse(from_pulumi_config())

    assert found is not None and found.cluster.name == "ray-two"


@pytest.mark.parametrize("text", ['{"a": ' * 5000, '{"tags": {"a": ' + "9" * 5000 + "}}"])
def test_json_that_python_does_not_read_by_itself_is_a_problem_and_no_traceback(project: str, text: str) -> None:
    set_all_config({f"{project}network": json.dumps(NETWORK), f"{project}aws": text})

    _, (problem,) = parse(from_pulumi_config())

    assert problem.path in ("aws", "aws.tags.a")
    assert len(str(problem)) < 1000


@pytest.mark.parametrize("text", ["us-east-1", "{region: us-east-1}", '{"region": ', ""])
def test_a_section_that_is_no_json_is_a_problem_and_no_traceback(project: str, text: str) -> None:
    set_all_config({f"{project}network": json.dumps(NETWORK), f"{project}aws": text})

    _, problems = parse(from_pulumi_config())

    assert [(problem.path, problem.value) for problem in problems] == [("aws", text)]
