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
LINK = re.compile(r"\]\((?!https?:)([^)\s]+)\)")
MAKE = re.compile(r"(?:`|^\$ )make +([a-z][a-z-]*)", re.MULTILINE)
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
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
EVERY_DOCUMENT = [
    "README.md",
    *sorted(str(each.relative_to(ROOT)) for folder in ("docs", "examples") for each in (ROOT / folder).rglob("*.md")),
]
of_every_document = pytest.mark.parametrize("document", EVERY_DOCUMENT)


def text(document: str) -> str:
    return (ROOT / document).read_text(encoding="utf-8")


def is_documented(key: str) -> bool:
    """A key of the table, or one that keys of the table stand below."""
    keys = {POOL.sub("nodePools.NAME", each) for each in KEY.findall(text("docs/configuration.md"))}
    key = POOL.sub("nodePools.NAME", key)
    return any(each == key or each.startswith(f"{key}.") for each in keys)


def leads_somewhere(document: str, link: str) -> bool:
    """Whether the file is there, and in a document the heading, whose anchor is made as GitHub makes it."""
    path, _, section = link.partition("#")
    file = (ROOT / document).parent / path if path else ROOT / document
    if not section:
        return file.exists()
    headings = HEADING.findall(file.read_text(encoding="utf-8")) if file.is_file() else []
    return section in {re.sub(r"[^\w -]", "", each.lower()).replace(" ", "-") for each in headings}


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


def test_there_are_as_many_examples_of_bad_input_as_the_document_says() -> None:
    modules = (ROOT / "tests/unit/properties").glob("test_*.py")
    properties = "".join(each.read_text(encoding="utf-8") for each in modules)
    # Those that run the program are not shrunk: hundreds of runs take minutes.
    counts = re.findall(r"^@examples\((\d+)(, shrink=False)?\)", properties, re.MULTILINE)
    (said, said_of_program) = re.findall(r"[Mm]ore than ([\d,]+)", text("docs/reliability.md"))

    assert sum(int(count) for count, _ in counts) > int(said.replace(",", ""))
    assert sum(int(count) for count, program in counts if program) > int(said_of_program)


def test_every_event_of_the_command_line_is_documented() -> None:
    verbs = "".join(each.read_text(encoding="utf-8") for each in (ROOT / "platform/ray_platform/cli").glob("*.py"))
    told = {"event"} | set(re.findall(r"\.event\(\s*\"([\w-]+)\"", verbs))
    rows = text("docs/pipelines.md").partition("## Events")[2]

    assert told == set(re.findall(r"^\| `([\w-]+)` \|", rows, re.MULTILINE))


@of_every_document
def test_every_file_and_section_that_a_document_links_to_exists(document: str) -> None:
    assert [link for link in LINK.findall(text(document)) if not leads_somewhere(document, link)] == []


def test_links_are_found_with_their_sections_and_without_those_of_the_web() -> None:
    assert LINK.findall("[a](b.md#c) [d](#e)\n[f\ng](../h) [i](https://example.com/j) [k](l)") == [
        "b.md#c",
        "#e",
        "../h",
        "l",
    ]
    assert leads_somewhere("docs/recovery.md", "reliability.md#time-to-ready")
    assert not leads_somewhere("docs/recovery.md", "reliability.md#time-to-think")
    assert not leads_somewhere("docs/recovery.md", "#time-to-ready")
    assert not leads_somewhere("docs/recovery.md", "docs/reliability.md")


@of_every_document
def test_every_target_of_make_that_a_document_names_exists(document: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):.*## ", text("Makefile"), re.MULTILINE))

    assert [named for named in MAKE.findall(text(document)) if named not in targets] == []


def test_targets_of_make_are_found_in_code_and_in_what_is_to_be_typed() -> None:
    assert MAKE.findall("make haste, `make a` or\n$ make b-c STACK=prod\n$ make  d && x; (`make e-f X=y`)") == [
        "a",
        "b-c",
        "d",
        "e-f",
    ]
