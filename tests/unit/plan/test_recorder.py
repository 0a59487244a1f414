"""The program run in this process against facts: what is recorded, and that nothing of it stays behind."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pulumi
import pytest
from pulumi.runtime import mocks, settings
from pulumi.runtime.config import CONFIG

from ray_platform.checks.facts import Facts, NetworkFacts
from ray_platform.plan.answers import AwsAnswers, functions
from ray_platform.plan.recorder import record
from ray_platform.plan.recording import Recording
from tests.support.graph import recorded
from tests.support.mocked_aws import ACCOUNT, facts

PREFIX = "urn:pulumi:dev::ray-on-eks::ray-platform:components:"


@pytest.fixture
def program(tmp_path: Path) -> Callable[[str], Path]:
    """Writes a program of these lines."""

    def write(*lines: str) -> Path:
        file = tmp_path / "__main__.py"
        file.write_text("\n".join(["import pulumi", *lines]), encoding="utf-8")
        return file

    return write


def run(program: Path, known: Facts | None = None, **config: Any) -> Recording:
    return record(program, project="small", stack="dev", config=config, facts=known or facts())


def test_resources_have_the_names_that_the_engine_gives_them() -> None:
    nodes = recorded("dev").nodes
    template = f"{PREFIX}NodePools$ray-platform:components:NodePool$aws:ec2/launchTemplate:LaunchTemplate::ray-dev-cpu"

    assert nodes[template].parent == f"{PREFIX}NodePools$ray-platform:components:NodePool::ray-dev-cpu"
    assert f"{PREFIX}Network::ray-dev" in nodes


def test_the_components_of_packages_have_in_them_what_their_providers_make() -> None:
    nodes = recorded("dev").nodes
    component = f"{PREFIX}Cluster$eks:index:Cluster"
    control_plane = nodes[f"{component}$aws:eks/cluster:Cluster::ray-dev-eksCluster"]
    definitions = {node.name for node in nodes.values() if node.type.endswith(":CustomResourceDefinition")}

    assert control_plane.parent == f"{component}::ray-dev"
    assert control_plane.provider.startswith("urn:pulumi:dev::ray-on-eks::pulumi:providers:aws::aws::")
    assert nodes[f"{component}$pulumi:providers:kubernetes::ray-dev-eks-k8s"].dependencies == {control_plane.urn}
    assert definitions == {f"ray-dev-kuberay-crds-{kind}.ray.io" for kind in ("rayclusters", "rayjobs", "rayservices")}


def test_an_access_entry_comes_after_the_control_plane_and_its_policy_after_it(program: Callable[..., Path]) -> None:
    eks = 'eks.Cluster("c", name="c", access_entries={"ops": eks.AccessEntryArgs(principal_arn="arn", access_policies={'
    view = '"view": eks.AccessPolicyAssociationArgs(policy_arn="arn", access_scope={"type": "cluster"})})})'
    nodes = run(program("import pulumi_eks as eks", eks + view)).nodes
    control_plane, entry, policy = (
        next(node for node in nodes.values() if node.type.endswith(f":{kind}") and node.custom)
        for kind in ("Cluster", "AccessEntry", "AccessPolicyAssociation")
    )

    assert (entry.name, policy.name) == ("c-ops", "c-ops-view")
    assert entry.dependencies == {control_plane.urn}
    assert policy.parent == entry.urn and entry.urn in policy.dependencies


def test_dependencies_by_property_are_told_apart() -> None:
    nodes = recorded("dev").nodes
    (group,) = (node for node in nodes.values() if node.name == "ray-dev-cpu" and node.type.endswith(":NodeGroup"))
    by_property = {
        name: {nodes[urn].name for urn in urns} for name, urns in group.property_dependencies.items() if urns
    }

    assert by_property["launchTemplate"] == {"ray-dev-cpu"}
    assert by_property["nodeRoleArn"] == {"ray-dev-node"}
    assert "ray-dev-vpc-cni" in {nodes[urn].name for urn in group.dependencies}


def test_resources_are_as_an_exported_deployment_has_them() -> None:
    resources = recorded("dev").resources()
    (network,) = (each for each in resources if each["type"].endswith(":Network"))

    assert network["outputs"]["vpcId"] == "vpc-0a1b2c3d4e5f60718"
    assert not network["custom"] and network["inputs"] == {}
    assert all(isinstance(each["dependencies"], list) for each in resources)
    assert {urn for each in resources for urn in each["dependencies"]} <= {each["urn"] for each in resources}


def test_outputs_are_plain_and_secret_ones_are_named(program: Callable[..., Path]) -> None:
    recording = run(program('pulumi.export("a", 1)', 'pulumi.export("b", pulumi.Output.secret("hidden"))'))

    assert recording.outputs == {"a": 1, "b": "hidden"}
    assert recording.secret_outputs == {"b"}


def test_warnings_are_kept_and_nothing_is_printed(
    program: Callable[..., Path], capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    recording = run(program('pulumi.log.info("by the way")', 'pulumi.log.warn("50 % of it is wrong")'))

    assert recording.warnings == ["50 % of it is wrong"]
    assert (*capfd.readouterr(), caplog.text) == ("", "", "")


def test_the_program_gets_its_config_and_the_names_of_project_and_stack(program: Callable[..., Path]) -> None:
    told = 'pulumi.export("all", [pulumi.get_project(), pulumi.get_stack(), pulumi.Config().require_object("a")["b"]])'

    assert run(program(told), a={"b": 7}).outputs == {"all": ["small", "dev", 7]}


def test_what_the_program_raises_comes_out(program: Callable[..., Path]) -> None:
    with pytest.raises(pulumi.RunError, match="not like this"):
        run(program('raise pulumi.RunError("not like this")'))


@pytest.mark.parametrize("last", ["", "raise ValueError"], ids=["success", "failure"])
def test_nothing_stays_behind(program: Callable[..., Path], last: str) -> None:
    def state() -> tuple[object, ...]:
        of_sdk = (settings.get_project(), settings.get_stack(), settings.get_monitor(), settings.get_root_resource())
        return *of_sdk, dict(CONFIG.get()), threading.enumerate()

    before = state()
    try:
        run(program("pulumi.ComponentResource('a:b:C', 'c')", last), a="b")
    except ValueError:
        assert last
    assert state() == before


def test_it_runs_while_another_program_runs_in_the_same_process(program: Callable[..., Path]) -> None:
    file = program('pulumi.export("stack", pulumi.get_stack())')

    async def other() -> Recording:
        return run(file)

    assert asyncio.run(other()).outputs == {"stack": "dev"}


def test_without_an_account_nothing_can_be_recorded(program: Callable[..., Path]) -> None:
    with pytest.raises(ValueError, match="without an account"):
        run(program(), replace(facts(), account=None))


def test_a_function_without_an_answer_is_named() -> None:
    with pytest.raises(NotImplementedError, match="aws:ec2/getAmi:getAmi"):
        AwsAnswers(ACCOUNT, functions(facts())).call(mocks.MockCallArgs("aws:ec2/getAmi:getAmi", {}, ""))


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        ("aws:ec2/getVpc:getVpc", {"id": "vpc-1"}),
        ("aws:ec2/getSubnet:getSubnet", {"id": "subnet-1"}),
        ("aws:ec2/getInstanceType:getInstanceType", {"instanceType": "m5.huge"}),
        ("aws:ec2/getRouteTables:getRouteTables", {"vpcId": "vpc-1"}),
        ("aws:ec2/getInstanceTypeOfferings:getInstanceTypeOfferings", {}),
    ],
)
def test_what_the_facts_do_not_have_is_an_error_and_not_an_empty_answer(
    function: str, arguments: dict[str, Any]
) -> None:
    unread = replace(facts(), network=NetworkFacts(), instance_types={}, offerings=None)

    with pytest.raises(ValueError, match=r"^no |could not be read"):
        functions(unread)[function](arguments)
