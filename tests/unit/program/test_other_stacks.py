"""What other stacks, and the one of the last update, exported decides before anything is registered."""

import asyncio
from collections.abc import Mapping
from typing import Any

import grpc
import pulumi
import pytest

from ray_platform import preparation
from ray_platform.account import AwsAccount
from ray_platform.lookups import Lookups
from tests.support import mocked_aws
from tests.support.graph import Graph, run_program
from tests.support.mocked_aws import SUBNET_IDS, VPC_ID
from tests.unit.program.running import NETWORK, program

READ_OUTPUTS = "pulumi:pulumi:readStackOutputs"
GET_CLUSTER = "aws:eks/getCluster:getCluster"
VPC_STACK = "organization/ray-vpc/dev"
FROM_STACK = {"fromStack": {"stack": VPC_STACK}}
UP = {"clusterName": "ray-test", "clusterVersion": "1.35"}


class UnknownStack(grpc.RpcError):  # type: ignore[misc]  # grpc has no types
    """What the engine says of a stack that its backend does not have."""

    def code(self) -> Any:
        return grpc.StatusCode.UNKNOWN

    def details(self) -> str:
        return f'unknown stack "{self.args[0]}"'


def exported(monkeypatch: pytest.MonkeyPatch, stacks: Mapping[str, Mapping[str, Any]], secret: str = "") -> None:
    """Let these stacks have these outputs; a stack is found by the end of its name."""

    def read(args: dict[str, Any]) -> dict[str, Any]:
        found = [outputs for name, outputs in stacks.items() if args["name"].endswith(name)]
        if not found:
            raise UnknownStack(args["name"])
        return args | {"outputs": dict(found[0]), "secretOutputNames": [secret] if secret else []}

    monkeypatch.setitem(mocked_aws.FUNCTIONS, READ_OUTPUTS, read)


def runs(monkeypatch: pytest.MonkeyPatch, version: str | None) -> None:
    """Let the cluster run this version, or AWS not tell."""

    def get(args: dict[str, Any]) -> dict[str, Any]:
        if version is None:
            raise ValueError("AccessDeniedException")
        return args | {"id": args["name"], "version": version}

    monkeypatch.setitem(mocked_aws.FUNCTIONS, GET_CLUSTER, get)


def refused(**config: Any) -> str:
    graph = Graph()
    with pytest.raises(pulumi.RunError) as refusal:
        run_program({"network": NETWORK, "cluster": {"name": "ray-test"}, **config}, into=graph)
    assert {node.type for node in graph.nodes.values()} <= {"pulumi:providers:aws"}
    return str(refusal.value)


def test_the_network_of_another_stack_carries_the_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    exported(monkeypatch, {"ray-vpc/dev": {"vpcId": VPC_ID, "subnetIds": SUBNET_IDS}, "ray-on-eks/test": {}})
    graph = program(network=FROM_STACK)

    assert graph.one("eks:index:Cluster").inputs["vpcId"] == VPC_ID
    assert graph.one("eks:index:Cluster").inputs["subnetIds"] == SUBNET_IDS


@pytest.mark.parametrize(
    ("stacks", "secret", "told"),
    [
        ({"ray-on-eks/test": {}}, "", ["network.fromStack.stack = ", f'unknown stack "{VPC_STACK}"']),
        ({"ray-vpc/dev": {"vpcId": VPC_ID}}, "", ["network.fromStack.subnetIdsOutput = ", "which has vpcId"]),
        ({"dev": {"vpcId": VPC_ID, "subnetIds": SUBNET_IDS}}, "vpcId", ["network.fromStack.vpcIdOutput = ", "secret"]),
    ],
    ids=["no such stack", "no such output", "a secret"],
)
def test_what_cannot_be_had_of_it_comes_in_one_message_with_the_other_faults(
    monkeypatch: pytest.MonkeyPatch, stacks: dict[str, Any], secret: str, told: list[str]
) -> None:
    exported(monkeypatch, {**stacks, "ray-on-eks/test": {}}, secret)
    message = refused(network=FROM_STACK, cluster={"logRetentionDays": 8})

    assert message.startswith("2 problems in the stack configuration")
    assert "cluster.logRetentionDays = 8" in message
    for part in told:
        assert part in message


@pytest.mark.parametrize("live", ["1.33", None], ids=["by what AWS says", "by the last outputs"])
def test_a_skipped_minor_version_is_refused_with_the_one_in_use_and_the_next(
    monkeypatch: pytest.MonkeyPatch, live: str | None
) -> None:
    exported(monkeypatch, {"test": UP | {"clusterVersion": "1.33"}})
    runs(monkeypatch, live)
    message = refused(cluster={"name": "ray-test", "kubernetesVersion": "1.35", "logRetentionDays": 8})

    assert message.startswith("2 problems")
    assert '. cluster.kubernetesVersion = "1.35"' in message and "1.33, which ray-test runs" in message
    assert "'ray-on-eks:cluster.kubernetesVersion' 1.34" in message


def test_a_version_below_the_one_that_eks_has_moved_to_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    exported(monkeypatch, {"test": UP | {"clusterVersion": "1.34"}})
    runs(monkeypatch, "1.35")
    message = refused(cluster={"name": "ray-test", "kubernetesVersion": "1.34"})

    assert "cannot take a cluster back" in message


@pytest.mark.parametrize(
    ("name", "live"), [("ray-test", "1.34"), ("ray-test", "1.35"), ("another", "1.33")], ids=["next", "same", "renamed"]
)
def test_a_version_within_reach_and_one_of_another_cluster_are_fine(
    monkeypatch: pytest.MonkeyPatch, name: str, live: str
) -> None:
    exported(monkeypatch, {"test": UP | {"clusterName": name, "clusterVersion": live}})
    runs(monkeypatch, live)

    assert program(cluster={"kubernetesVersion": "1.35"}).one("eks:index:Cluster").inputs["version"] == "1.35"


def test_what_was_exported_is_read_beside_the_questions_to_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, account = asyncio.Event(), Lookups.account

    async def ask(self: Lookups) -> AwsAccount:
        asked.set()
        return await account(self)

    async def read() -> Mapping[str, Any]:
        # One after the other this would wait for ever.
        await asyncio.wait_for(asked.wait(), timeout=20)
        return {}

    monkeypatch.setattr(Lookups, "account", ask)
    monkeypatch.setattr(preparation, "previous_outputs", read)

    assert program().one("eks:index:Cluster")
