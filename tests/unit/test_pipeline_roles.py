"""What a pipeline's roles may do: all that the program asks of AWS, from whom alone, and nothing without a name."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from click.testing import CliRunner

from ray_platform import pipeline_roles
from ray_platform.pipeline_roles import PROVIDER_READS, SURVEY_READS, Pipeline, documents
from tests.support.graph import run_program
from tests.support.mocked_aws import SUBNET_IDS, VPC_ID

ROOT = Path(__file__).parents[2]
PRODUCT = ROOT / "platform" / "ray_platform"
EXAMPLE = ROOT / "examples" / "pipelines"
# What the component of pulumi-eks makes, which registers nothing under mocks.
OF_THE_CLUSTER = {
    "aws:eks/cluster:Cluster",
    "aws:eks/accessEntry:AccessEntry",
    "aws:eks/accessPolicyAssociation:AccessPolicyAssociation",
}
# Made only where a budget is configured.
BUDGET = "aws:budgets/budget:Budget"
# IAM user guide, "IAM and AWS STS quotas": all policies in a role together, without white space.
INLINE_POLICIES_MAX = 10_240
# What nothing narrower than `*` can be named for: descriptions, and the creation of what has no name before.
ANYTHING = {"Describe", "NewKey", "InstancesOfATemplate"}
NEVER = re.compile(r"^(\*|\w+:\*)$|:(Get(Object|SecretValue|LogEvents)|ReceiveMessage|FilterLogEvents)$")


def statements(name: str, pipeline: Pipeline | None = None) -> dict[str, dict[str, Any]]:
    document = json.loads(documents(pipeline or Pipeline())[f"{name}.json"])
    return {statement["Sid"]: statement for statement in document["Statement"]}


def subjects(name: str, pipeline: Pipeline | None = None) -> list[str]:
    (statement,) = statements(name, pipeline).values()
    condition = statement["Condition"]
    assert condition.keys() == {"StringEquals"}, "no pattern: one could match a stranger's repository"
    assert condition["StringEquals"][f"{pipeline_roles.ISSUER}:aud"] == "sts.amazonaws.com"
    return list(condition["StringEquals"][f"{pipeline_roles.ISSUER}:sub"])


def strings(file: Path) -> set[str]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def calls() -> Iterator[str]:
    """The IAM action of every boto3 call whose name stands in the survey or the price list."""
    files = [*(PRODUCT / "survey").glob("*.py"), PRODUCT / "costs" / "price_api.py"]
    texts = {text for file in files for text in strings(file)}
    session = botocore.session.get_session()
    for service in (texts | {"pricing"}) & set(session.get_available_services()):
        model = session.get_service_model(service)
        for operation in model.operation_names:
            if botocore.xform_name(operation) in texts:
                yield f"{model.signing_name}:{operation}"


def functions() -> Iterator[str]:
    """Every function of the AWS provider that the program calls."""
    for file in PRODUCT.rglob("*.py"):
        for name in re.findall(r"\baws\.(?:\w+\.)?get_\w+(?=\()", file.read_text(encoding="utf-8")):
            yield name.removesuffix("_output")


def test_every_call_of_the_check_is_allowed_and_no_other_is_listed() -> None:
    assert sorted(set(calls())) == sorted(SURVEY_READS)


def test_every_resource_and_function_of_the_program_can_be_read() -> None:
    nodes = run_program({"network": {"vpcId": VPC_ID, "subnetIds": SUBNET_IDS}}).nodes.values()
    made = {node.type for node in nodes if node.type.startswith("aws:")}

    assert {each for each in PROVIDER_READS if ":" in each} == {*made, *OF_THE_CLUSTER, BUDGET}
    assert {each for each in PROVIDER_READS if ":" not in each} == set(functions())


def test_the_reading_role_can_change_nothing() -> None:
    verbs = {action.partition(":")[2] for each in statements("read-policy").values() for action in each["Action"]}

    assert {verb for verb in verbs if not re.match(r"Describe|Get|List|View", verb)} == {"Decrypt"}


@pytest.mark.parametrize("name", ["read-policy", "apply-policy"])
def test_no_right_is_a_pattern_and_only_the_state_is_read(name: str) -> None:
    found = {
        (sid, action) for sid, each in statements(name).items() for action in each["Action"] if NEVER.search(action)
    }

    assert found == ({("ReadState", "s3:GetObject")} if name == "read-policy" else set())


@pytest.mark.parametrize("name", ["read-policy", "apply-policy"])
def test_only_what_has_no_name_yet_is_allowed_for_anything(name: str) -> None:
    wide = {sid for sid, each in statements(name).items() if each["Resource"] == "*"}

    assert wide <= ANYTHING
    assert all("Condition" in statements(name)[sid] for sid in wide - {"Describe"})


def test_rights_of_another_cluster_differ_in_every_resource_with_a_name() -> None:
    ours = statements("apply-policy", Pipeline(cluster="ray-one"))

    named = [sid for sid, each in ours.items() if "ray-one" in json.dumps(each["Resource"])]
    assert set(named) >= {"Cluster", "Roles", "OnlyToEks", "AliasOfTheKey", "Logs", "Queue", "Rules", "Budget"}
    assert "ray-dev" not in json.dumps(ours)


def test_roles_get_only_the_policies_that_the_platform_attaches() -> None:
    config = {"network": {"vpcId": VPC_ID, "subnetIds": SUBNET_IDS}, "security": {"sessionManager": True}}
    attached = {str(each.inputs["policyArn"]) for each in run_program(config).of_type("RolePolicyAttachment")}
    (allowed,) = statements("apply-policy")["OnlyThesePolicies"]["Condition"]["ArnEquals"].values()

    assert set(allowed) == attached


def test_a_pull_request_and_main_read_and_only_the_environment_applies() -> None:
    pipeline = Pipeline(repository="acme@7/ray@8", environment="prod")

    assert subjects("read-trust", pipeline) == [
        "repo:acme@7/ray@8:pull_request",
        "repo:acme@7/ray@8:ref:refs/heads/main",
    ]
    assert subjects("apply-trust", pipeline) == ["repo:acme@7/ray@8:environment:prod"]


def test_both_policies_fit_into_the_applying_role() -> None:
    longest = documents(Pipeline(cluster="r" * 40))
    size = sum(len(re.sub(r"\s", "", longest[f"{name}-policy.json"])) for name in ("read", "apply"))

    assert size <= INLINE_POLICIES_MAX


def test_the_partition_is_in_every_arn() -> None:
    texts = "".join(documents(Pipeline(partition="aws-us-gov", region="us-gov-west-1")).values())

    assert set(re.findall(r"arn:([\w-]+):", texts)) == {"aws-us-gov"}


def test_the_example_is_what_the_command_writes_without_options(tmp_path: Path) -> None:
    done = CliRunner().invoke(pipeline_roles.main, [str(tmp_path)])

    assert done.exit_code == 0, done.output
    written = {file.name: file.read_text(encoding="utf-8") for file in tmp_path.iterdir()}
    assert written == {file.name: file.read_text(encoding="utf-8") for file in EXAMPLE.glob("*.json")}, (
        "run: python -m ray_platform.pipeline_roles examples/pipelines"
    )
