"""The committed project and stack files."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from ray_platform.config.load import parse
from ray_platform.config.problems import PROJECT, SECTIONS
from ray_platform.config.sections import Settings

ROOT = Path(__file__).parents[3]


def _file(name: str) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))
    return content


def _settings(stack: str) -> Settings:
    config = _file(f"Pulumi.{stack}.yaml")["config"]
    found, problems = parse({key.removeprefix(f"{PROJECT}:"): value for key, value in config.items()})
    assert found is not None, [str(problem) for problem in problems]
    return found


def test_the_project_runs_python_with_pip_in_a_virtual_environment() -> None:
    project = _file("Pulumi.yaml")

    assert project["name"] == PROJECT
    assert project["main"] == "."
    assert project["runtime"] == {"name": "python", "options": {"toolchain": "pip", "virtualenv": ".venv"}}


def test_the_project_declares_every_section_and_only_the_network_is_required() -> None:
    declared = _file("Pulumi.yaml")["config"]

    assert list(declared) == list(SECTIONS)
    assert {each["type"] for each in declared.values()} == {"object"}
    assert all(each["description"] for each in declared.values())
    assert [name for name, each in declared.items() if "default" not in each] == ["network"]


def test_the_declared_defaults_are_the_defaults_of_the_model() -> None:
    declared = {name: each.get("default") for name, each in _file("Pulumi.yaml")["config"].items()}
    network = _file("Pulumi.dev.yaml")["config"][f"{PROJECT}:network"]

    assert parse({**declared, "network": network}) == parse({"network": network})


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_a_stack_file_says_that_its_ids_are_examples_and_how_to_set_ones_own(stack: str) -> None:
    text = (ROOT / f"Pulumi.{stack}.yaml").read_text(encoding="utf-8")

    assert "ids below are examples" in text
    assert "pulumi config set --path 'ray-on-eks:network.vpcId'" in text
    assert "encryptionsalt" not in text


def test_dev_is_small_and_keeps_logs_for_a_week() -> None:
    dev = _settings("dev")
    cpu, gpu = dev.node_pools["cpu"], dev.node_pools["gpu"]

    assert dev.cluster.name == "ray-dev"
    assert len(dev.network.subnet_ids) == 2
    assert (cpu.min_size, cpu.desired_size, cpu.max_size) == (1, 2, 4)
    assert (gpu.min_size, gpu.desired_size, gpu.max_size) == (0, 0, 2)
    assert dev.cluster.log_retention_days == 7
    assert not dev.operations.protect


def test_prod_has_three_subnets_the_sizes_of_the_seed_and_every_guard() -> None:
    prod = _settings("prod")
    cpu, gpu = prod.node_pools["cpu"], prod.node_pools["gpu"]

    assert prod.cluster.name == "ray-prod"
    assert len(prod.network.subnet_ids) == 3
    assert (cpu.min_size, cpu.desired_size, cpu.max_size) == (2, 3, 10)
    assert (gpu.min_size, gpu.desired_size, gpu.max_size) == (0, 0, 5)
    assert prod.cluster.log_retention_days == 365
    assert prod.security.kms_deletion_window_days == 30
    assert prod.operations.protect
    assert prod.operations.deletion_protection
    assert prod.aws.tags["environment"] == "prod"


def test_dev_and_prod_keep_the_endpoint_private() -> None:
    assert not any(_settings(stack).cluster.endpoint_public_access for stack in ("dev", "prod"))
