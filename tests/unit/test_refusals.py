"""What is refused is refused before anything is registered, and all of it at once."""

import shutil
from collections.abc import Mapping
from typing import Any

import pulumi
import pytest

from tests.support import mocked_aws
from tests.support.graph import Graph, run_program
from tests.support.mocked_aws import FUNCTIONS, SUBNET_IDS, VPC_ID

HEALTHY: dict[str, Any] = {"network": {"vpcId": VPC_ID, "subnetIds": SUBNET_IDS}}


def refused(config: Mapping[str, Any]) -> tuple[str, Graph]:
    """The message of the refusal, and what was registered all the same."""
    graph = Graph()
    with pytest.raises(pulumi.RunError) as refusal:
        run_program(config, into=graph)
    return str(refusal.value), graph


def test_faults_of_the_config_of_the_network_and_of_the_hardware_come_in_one_message() -> None:
    message, graph = refused(
        {
            "network": {"vpcId": VPC_ID, "subnetIds": [SUBNET_IDS[0], "subnet-0fffffffffffffff0"]},
            "cluster": {"kubernetesVersion": "1.28", "logRetentionDays": 8},
            "nodePools": {"cpu": {}, "gpu": {"gpu": True, "instanceTypes": ["m5.xlarge"]}, "arm": {"maxSize": 0}},
            "colour": "blue",
        }
    )

    for path in (
        "network.subnetIds[1]",
        "cluster.kubernetesVersion",
        "cluster.logRetentionDays",
        "nodePools.gpu.instanceTypes[0]",
        "nodePools.arm.maxSize",
        "colour",
    ):
        assert f". {path} = " in message
    assert {node.type for node in graph.nodes.values()} == {"pulumi:providers:aws"}


def test_ray_pods_that_fit_no_node_come_in_the_same_message_as_faults_elsewhere() -> None:
    message, graph = refused(
        {
            "network": {"vpcId": VPC_ID, "subnetIds": [SUBNET_IDS[0], "subnet-0fffffffffffffff0"]},
            "cluster": {"logRetentionDays": 8},
            "nodePools": {"cpu": {}, "gpu": {"gpu": True, "ray": {"cpu": 4, "memoryGib": 16}}},
            "ray": {"head": {"cpu": 64}},
        }
    )

    assert "5 problems" in message
    for problem in (
        "network.subnetIds[1] = ",
        "cluster.logRetentionDays = 8",
        "nodePools.gpu.ray.cpu = 4.0\n    rule:   at most 3.73 cores, because g4dn.xlarge has 3.92 cores for pods",
        "nodePools.gpu.ray.memoryGib = 16.0\n    rule:   at most 13.96 GiB",
        "ray.head.cpu = 64.0\n    rule:   at most 2.83 cores",
    ):
        assert f". {problem}" in message
    assert {node.type for node in graph.nodes.values()} == {"pulumi:providers:aws"}


@pytest.mark.parametrize(
    "types", [["m5.xlarge"], ["x9.unheard"]], ids=["of the wrong hardware", "that EC2 does not know"]
)
def test_on_instance_types_that_have_to_change_nothing_is_said_of_ray(types: list[str]) -> None:
    gpu = {"gpu": True, "instanceTypes": types, "ray": {"cpu": 64}}
    message, _ = refused(HEALTHY | {"nodePools": {"cpu": {}, "gpu": gpu}, "ray": {"head": {"cpu": 64}}})

    assert message.startswith("1 problem in the stack configuration")
    assert "nodePools.gpu.instanceTypes[0]" in message


def test_without_ray_its_pods_need_not_fit() -> None:
    graph = run_program(HEALTHY | {"ray": {"enabled": False, "head": {"cpu": 64}}})

    assert graph.of_type("NodeGroup")
    assert not graph.of_type("ray.io/v1:RayCluster")


def test_without_a_usable_region_nothing_is_asked_and_nothing_registered() -> None:
    message, graph = refused(HEALTHY | {"aws": {"region": "Frankfurt"}, "cluster": {"name": ""}})

    assert "aws.region" in message
    assert "cluster.name" in message
    assert not graph.nodes


def test_credentials_that_do_not_work_are_one_problem_and_not_one_per_lookup(monkeypatch: pytest.MonkeyPatch) -> None:
    def expired(_: dict[str, Any]) -> dict[str, Any]:
        raise ValueError("ExpiredToken: The security token included in the request is expired")

    monkeypatch.setitem(FUNCTIONS, "aws:index/getCallerIdentity:getCallerIdentity", expired)
    message, _ = refused(HEALTHY | {"cluster": {"logRetentionDays": 8}})

    assert "2 problems" in message
    assert "ExpiredToken" in message
    assert "cluster.logRetentionDays" in message


@pytest.mark.parametrize(
    ("function", "facts", "told"),
    [
        ("aws:ec2/getVpc:getVpc", {"enableDnsHostnames": False}, "DNS hostnames"),
        ("aws:ec2/getVpc:getVpc", {"enableDnsSupport": False}, "DNS support"),
        ("aws:ec2/getSubnet:getSubnet", {"vpcId": "vpc-0000000000000000f"}, "belongs to vpc-0000000000000000f"),
        ("aws:ec2/getSubnet:getSubnet", {"availableIpAddressCount": 5}, "it has 5"),
        ("aws:ec2/getSubnet:getSubnet", {"availabilityZone": "us-east-1a"}, "2 availability zones"),
        ("aws:ec2/getSubnet:getSubnet", {"availabilityZoneId": "use1-az3"}, "use1-az3"),
    ],
)
def test_a_network_that_eks_cannot_use_is_refused_at_preview(
    monkeypatch: pytest.MonkeyPatch, function: str, facts: dict[str, Any], told: str
) -> None:
    healthy = FUNCTIONS[function]
    monkeypatch.setitem(FUNCTIONS, function, lambda args: healthy(args) | facts)
    message, graph = refused(HEALTHY)

    assert told in message
    assert {node.type for node in graph.nodes.values()} == {"pulumi:providers:aws"}


def test_every_answer_of_aws_is_asked_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, str]] = []
    answer = mocked_aws.MockedAws.call

    def counting(self: mocked_aws.MockedAws, args: Any) -> Any:
        asked.append((args.token, str(sorted(args.args.items()))))
        return answer(self, args)

    monkeypatch.setattr(mocked_aws.MockedAws, "call", counting)
    run_program(HEALTHY)

    assert len(asked) == len(set(asked))
    assert sum(token.endswith(":getInstanceType") for token, _ in asked) == 4


@pytest.mark.parametrize(("found", "warnings"), [(None, 1), ("/usr/bin/aws", 0)])
def test_a_missing_aws_cli_is_warned_about_at_once(
    monkeypatch: pytest.MonkeyPatch, found: str | None, warnings: int
) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: found)

    assert sum("AWS CLI is not on PATH" in told for told in run_program(HEALTHY).warnings) == warnings


def test_tags_of_the_user_replace_ours_whatever_the_case_of_the_key() -> None:
    graph = run_program(HEALTHY | {"aws": {"tags": {"environment": "qa"}}})

    assert graph.outputs["resourceTags"] == {"Project": "ray-on-eks", "ManagedBy": "pulumi", "environment": "qa"}
