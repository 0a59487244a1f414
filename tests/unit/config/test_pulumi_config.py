"""Reading the configuration through Pulumi's SDK."""

import json
from collections.abc import Iterator

import pytest
from pulumi.runtime import reset_options, set_all_config

from ray_platform.config.load import from_pulumi_config, parse
from ray_platform.config.problems import PROJECT
from tests.unit.config.given import NETWORK


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


@pytest.mark.parametrize("text", ["us-east-1", "{region: us-east-1}", '{"region": ', ""])
def test_a_section_that_is_no_json_is_a_problem_and_no_traceback(project: str, text: str) -> None:
    set_all_config({f"{project}network": json.dumps(NETWORK), f"{project}aws": text})

    _, problems = parse(from_pulumi_config())

    assert [(problem.path, problem.value) for problem in problems] == [("aws", text)]
