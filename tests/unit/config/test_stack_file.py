"""The stack's file, read without Pulumi; and changes as `--config` gives them."""

import json
from pathlib import Path
from typing import Any

import pytest

from ray_platform.config.stack_file import (
    StackFileError,
    find_project,
    project_name,
    read_sections,
    stacks,
    with_changes,
)

ROOT = Path(__file__).parents[3]


def project(folder: Path, stack: str = "config: {}") -> Path:
    (folder / "Pulumi.yaml").write_text("name: ray-on-eks\n")
    (folder / "Pulumi.dev.yaml").write_text(stack)
    return folder


def test_the_sections_are_those_of_the_project_and_no_others(tmp_path: Path) -> None:
    folder = project(
        tmp_path,
        "encryptionsalt: v1:x\nconfig:\n  ray-on-eks:aws: {region: eu-west-1}\n  aws:region: us-east-1\n"
        "  ray-on-eks:cluster:\n    kubernetesVersion: '1.35'\n",
    )

    assert read_sections(folder, "dev") == {"aws": {"region": "eu-west-1"}, "cluster": {"kubernetesVersion": "1.35"}}


def test_the_committed_stacks_are_read_as_pulumi_reads_them() -> None:
    assert {"dev", "prod"} <= set(stacks(ROOT))
    assert project_name(ROOT) == "ray-on-eks"
    assert read_sections(ROOT, "prod")["operations"] == {"protect": True, "deletionProtection": True}


def test_the_project_is_found_from_a_folder_inside_it(tmp_path: Path) -> None:
    inside = project(tmp_path) / "docs" / "adr"
    inside.mkdir(parents=True)

    assert find_project(inside) == tmp_path


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("config: [", "Pulumi.dev.yaml is not valid YAML"),
        ("- a", "Pulumi.dev.yaml must be a mapping"),
        ("config: text", "config must be a mapping"),
        ("config: {a: 1, a: 2}", "the key a stands twice"),
        ("config: &a [*a]", "more than 64 levels"),
        ("config: " + "[" * 1000, "Pulumi.dev.yaml is not valid YAML"),
    ],
)
def test_a_stack_file_that_is_none_is_refused_in_a_sentence(tmp_path: Path, content: str, said: str) -> None:
    with pytest.raises(StackFileError, match=said):
        read_sections(project(tmp_path, content), "dev")


def test_a_stack_file_in_another_encoding_is_refused_in_a_sentence(tmp_path: Path) -> None:
    folder = project(tmp_path)
    (folder / "Pulumi.dev.yaml").write_bytes("config: {ray-on-eks:aws: {tags: {a: é}}}".encode("latin-1"))

    with pytest.raises(StackFileError, match=r"Pulumi\.dev\.yaml is not valid YAML"):
        read_sections(folder, "dev")


@pytest.mark.parametrize("content", ["runtime: python\n", "name: [a]\n"])
def test_a_project_without_a_name_is_refused_in_a_sentence(tmp_path: Path, content: str) -> None:
    folder = project(tmp_path)
    (folder / "Pulumi.yaml").write_text(content)

    with pytest.raises(StackFileError, match=r"Pulumi.yaml must have a name\."):
        read_sections(folder, "dev")


def test_what_yaml_says_more_than_pulumi_is_read_as_pulumi_reads_it(tmp_path: Path) -> None:
    folder = project(tmp_path, "config:\n  ray-on-eks:operations: {protect: yes, on: 2026-01-01}\n  1: {}\n")

    assert read_sections(folder, "dev") == {"operations": {"protect": "yes", "on": "2026-01-01 00:00:00 +0000 UTC"}}


@pytest.mark.parametrize(
    ("sections", "path"),
    [
        ("ray-on-eks:ray: {image: {secure: v1:abc}}", "ray.image"),
        ("ray-on-eks:aws: {secure: v1:abc}", "aws"),
        ("ray-on-eks:network: {subnetIds: [subnet-a, {secure: v1:abc}]}", "network.subnetIds[1]"),
    ],
)
def test_an_encrypted_value_is_told_where_it_stands_and_what_to_do(tmp_path: Path, sections: str, path: str) -> None:
    with pytest.raises(StackFileError, match="only Pulumi can decrypt it") as refusal:
        read_sections(project(tmp_path, f"config: {{{sections}}}"), "dev")

    assert str(refusal.value).startswith(f"Pulumi.dev.yaml: {path} is encrypted")
    assert str(refusal.value).endswith(f"pulumi config set --path 'ray-on-eks:{path}' VALUE")
    assert "v1:abc" not in str(refusal.value)


@pytest.mark.parametrize(
    "sections",
    [
        "ray-on-eks:addons: {vpcCni: {values: {env: {secure: v1:abc}}}}",
        "ray-on-eks:nodePools: {cpu: {nodeConfig: {kubelet: {secure: v1:abc}}}}",
        "ray-on-eks:aws: {tags: {secure: a, other: b}}",
        "other:aws: {secure: v1:abc}",
    ],
)
def test_encrypted_data_of_others_is_pulumis_to_decrypt(tmp_path: Path, sections: str) -> None:
    assert read_sections(project(tmp_path, f"config: {{{sections}}}"), "dev") is not None


def test_a_missing_stack_names_those_that_are_there(tmp_path: Path) -> None:
    with pytest.raises(StackFileError, match=r"no Pulumi.test.yaml. Stacks that have a file: dev\."):
        read_sections(project(tmp_path), "test")


def test_outside_a_project_there_is_nothing_to_read(tmp_path: Path) -> None:
    with pytest.raises(StackFileError, match=r"no Pulumi.yaml in .* or above it"):
        find_project(tmp_path)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("cluster.name=ray-two", {"cluster": {"name": "ray-two", "logTypes": ["api"]}}),
        ("ray-on-eks:cluster.name=ray-two", {"cluster": {"name": "ray-two", "logTypes": ["api"]}}),
        ("cluster.logRetentionDays=30", {"cluster": {"logTypes": ["api"], "logRetentionDays": 30}}),
        ("cluster.kubernetesVersion=1.34", {"cluster": {"logTypes": ["api"], "kubernetesVersion": "1.34"}}),
        ("cluster.logTypes[0]=audit", {"cluster": {"logTypes": ["audit"]}}),
        ("cluster.logTypes[1]=audit", {"cluster": {"logTypes": ["api", "audit"]}}),
        ("operations.protect=false", {"cluster": {"logTypes": ["api"]}, "operations": {"protect": False}}),
        ('aws.tags["a.b"]=x=y', {"cluster": {"logTypes": ["api"]}, "aws": {"tags": {"a.b": "x=y"}}}),
        ('nodePools={"cpu": {}}', {"cluster": {"logTypes": ["api"]}, "nodePools": {"cpu": {}}}),
        ("cluster.name=[", {"cluster": {"logTypes": ["api"], "name": "["}}),
        ("cluster.name=" + "[" * 5000, {"cluster": {"logTypes": ["api"], "name": "[" * 5000}}),
        ("cluster.name=" + "9" * 5000, {"cluster": {"logTypes": ["api"], "name": "9" * 5000}}),
        ("network.subnetIds[0]=subnet-a", {"cluster": {"logTypes": ["api"]}, "network": {"subnetIds": ["subnet-a"]}}),
    ],
)
def test_a_change_sets_what_pulumi_config_set_would(change: str, expected: dict[str, Any]) -> None:
    given = {"cluster": {"logTypes": ["api"]}}
    before = json.dumps(given)

    assert with_changes(given, [change]) == expected
    assert json.dumps(given) == before


@pytest.mark.parametrize(
    "change",
    [
        *("cluster.name", "=x", "cluster.logTypes[5]=x", "cluster.logTypes.a=x", "a[b=1"),
        *(r'a["\q"]=1', "a[99999]=x", f"a[{'9' * 5000}]=x", "cluster.logTypes[٣]=x"),
    ],
)
def test_a_change_that_is_none_is_refused(change: str) -> None:
    with pytest.raises(StackFileError, match=r"change|leads through"):
        with_changes({"cluster": {"logTypes": ["api"]}}, [change])
