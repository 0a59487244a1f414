"""What the documents name is there."""

import re
from pathlib import Path

import pytest

from ray_platform.checks import reference
from ray_platform.config.problems import SECTIONS
from ray_platform.plan.picture import picture
from ray_platform.plan.timeline import timeline
from ray_platform.report import mermaid
from tests.support.graph import recorded, run_program
from tests.support.mocked_aws import SUBNET_IDS, VPC_ID
from tools import readme_picture

ROOT = Path(__file__).parents[2]
KEY = re.compile(rf"`(?:ray-on-eks:)?((?:{'|'.join(SECTIONS)})\.[\w.]*\w)`")
POOL = re.compile(r"^nodePools\.\w+")
INPUTS = [
    "region",
    "environment",
    "cluster_name",
    "repo_name",
    "commit_sha",
    "vpc_id",
    "subnet_ids",
    "kubernetes_version",
    "kms_key_arn",
    "enable_oidc_thumbprint_management",
    "cluster_endpoint_public_access",
    "eks_addons",
    "cpu_node_instance_types",
    "cpu_node_min_size",
    "cpu_capacity_type",
    "enable_gpu_nodes",
    "gpu_node_instance_types",
    "gpu_node_min_size",
    "gpu_capacity_type",
    "enable_gpu_ondemand_fallback",
    "enable_ebs_csi_driver",
    "enable_cluster_autoscaler",
    "enable_cloudwatch_logs",
    "log_retention_days",
    "tags",
]
DOCUMENTS = [
    "README.md",
    "docs/migration.md",
    "docs/upgrades.md",
    *sorted(str(each.relative_to(ROOT)) for each in ROOT.glob("docs/adr/*.md")),
]


def text(document: str) -> str:
    return (ROOT / document).read_text(encoding="utf-8")


def is_documented(key: str) -> bool:
    """A key of the table, or one that keys of the table stand below."""
    keys = {POOL.sub("nodePools.NAME", each) for each in KEY.findall(text("docs/configuration.md"))}
    key = POOL.sub("nodePools.NAME", key)
    return any(each == key or each.startswith(f"{key}.") for each in keys)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_configuration_key_that_a_document_names_exists(document: str) -> None:
    assert [key for key in KEY.findall(text(document)) if not is_documented(key)] == []


def test_the_migration_table_has_every_input_of_the_module_we_succeed() -> None:
    inputs = text("docs/migration.md").partition("## Inputs")[2].partition("## Outputs")[0]

    for name in INPUTS:
        assert f"`{name}`" in inputs


def test_every_output_is_in_the_migration_table_and_every_name_there_is_an_output() -> None:
    outputs = set(run_program({"network": {"vpcId": VPC_ID, "subnetIds": SUBNET_IDS}}).outputs)
    table = text("docs/migration.md").partition("## Outputs")[2].partition("## Defects")[0]
    named = {name.partition(".")[0] for name in re.findall(r"`(\w[\w.]*)`", table)}

    assert outputs - {"kmsKeyArn"} <= named
    assert named <= outputs


def test_the_picture_in_the_readme_is_that_of_the_stack_dev() -> None:
    resources = recorded("dev").resources()
    drawn = mermaid.render(picture(resources, timeline(resources)))

    part = readme_picture.PART

    assert part.put(text("README.md"), readme_picture.fenced(drawn)) == text("README.md"), "run `make docs`"


def test_the_table_of_the_checks_is_that_of_today() -> None:
    document = text(str(reference.PART.document))

    assert reference.PART.put(document, reference.markdown()) == document, "run `make docs`"


def test_every_event_of_the_command_line_is_documented() -> None:
    verbs = "".join(each.read_text(encoding="utf-8") for each in (ROOT / "platform/ray_platform/cli").glob("*.py"))
    told = {"event"} | set(re.findall(r"\.event\(\s*\"(\w+)\"", verbs))

    assert told == set(re.findall(r"^\| `(\w+)` \|", text("docs/pipelines.md").partition("## Events")[2], re.MULTILINE))


def test_every_file_that_the_readme_links_to_exists() -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", text("README.md"))

    assert len(links) > 5
    assert [each for each in links if not (ROOT / each).exists()] == []
