"""The Ray cluster in the whole program: what it stands on, when it comes and goes, and what people are told."""

import json
from collections.abc import Mapping
from typing import Any

import grpc
import pulumi
import pytest

from ray_platform.config.problems import set_command
from tests.support import mocked_aws
from tests.support.graph import Graph, Node
from tests.unit.program.running import addon, program

READ_OUTPUTS = "pulumi:pulumi:readStackOutputs"
POOLS: dict[str, Any] = {"cpu": {}, "gpu": {"gpu": True}}
BUCKETS = {"s3Buckets": ["datasets", "models"]}


class BackendAway(grpc.RpcError):  # type: ignore[misc]  # grpc has no types
    """What the engine's answer becomes when it cannot read a stack."""

    def code(self) -> Any:
        return grpc.StatusCode.UNKNOWN

    def details(self) -> str:
        return "the backend is away"


def ray_cluster(graph: Graph) -> Node:
    return graph.one("kubernetes:ray.io/v1:RayCluster")


def in_namespace(graph: Graph, namespace: str) -> list[Node]:
    return [
        node
        for node in graph.nodes.values()
        if node.type.startswith("kubernetes:") and (node.inputs.get("metadata") or {}).get("namespace") == namespace
    ]


def remembered(monkeypatch: pytest.MonkeyPatch, outputs: Mapping[str, Any]) -> None:
    """Let the stack have these outputs from its last update."""
    monkeypatch.setitem(mocked_aws.FUNCTIONS, READ_OUTPUTS, lambda args: args | {"outputs": dict(outputs)})


def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The warnings of the program, as they come."""
    warnings: list[str] = []
    monkeypatch.setattr(pulumi.log, "warn", warnings.append)
    return warnings


def test_groups_are_the_pools_and_fit_their_nodes(default: Graph) -> None:
    spec = ray_cluster(default).inputs["spec"]
    groups = {group["groupName"]: group for group in spec["workerGroupSpecs"]}

    assert set(groups) == {"cpu", "gpu"}
    assert (groups["cpu"]["minReplicas"], groups["cpu"]["maxReplicas"]) == (1, 9)
    assert (groups["gpu"]["minReplicas"], groups["gpu"]["maxReplicas"]) == (0, 5)
    (container,) = groups["gpu"]["template"]["spec"]["containers"]
    assert container["resources"]["limits"]["nvidia.com/gpu"] == "1"
    assert spec["headGroupSpec"]["template"]["spec"]["nodeSelector"]["ray.io/capacity"] == "on-demand"


def test_all_it_stands_on_is_there_before_and_goes_after(default: Graph) -> None:
    cluster = ray_cluster(default)
    own = [node for node in in_namespace(default, "ray") if node is not cluster]

    assert {node.type.split(":")[-1] for node in own} == {
        "NetworkPolicy",
        "PodDisruptionBudget",
        "Role",
        "RoleBinding",
        "ServiceAccount",
    }
    for first in own:
        assert default.before(first, cluster), first.name
    for first in (default.one("ConfigGroup"), addon(default, "coredns"), addon(default, "vpc-cni")):
        assert default.before(first, cluster), first.name


def test_the_nodes_of_the_head_outlive_it_and_no_pool_of_workers_keeps_ray_waiting() -> None:
    graph = program(nodePools={"cpu": {}, "batch": {"minSize": 0, "desiredSize": 0}, "gpu": {"gpu": True}})

    assert [each.name for each in graph.of_type("NodeGroup") if graph.before(each, ray_cluster(graph))] == [
        "ray-test-cpu"
    ]


def test_nothing_waits_for_the_ray_cluster(default: Graph) -> None:
    assert not [node.name for node in default.nodes.values() if default.before(ray_cluster(default), node)]


def test_everything_of_ray_is_in_its_namespace_and_made_after_it(default: Graph) -> None:
    graph = program(nodePools=POOLS, ray={"name": "research", "namespace": "ml"})
    (namespace,) = [node for node in graph.of_type("Namespace") if node.inputs["metadata"]["name"] == "ml"]

    assert not in_namespace(graph, "ray")
    assert {node.type.split(":")[-1] for node in in_namespace(graph, "ml")} == {
        node.type.split(":")[-1] for node in in_namespace(default, "ray")
    }
    assert all(graph.before(namespace, node) for node in in_namespace(graph, "ml"))
    assert ray_cluster(graph).inputs["metadata"]["name"] == "research"


def test_its_pods_have_time_to_come_and_to_go(default: Graph) -> None:
    assert ray_cluster(default).timeouts == {"create": "30m", "update": "30m", "delete": "15m"}


def test_no_network_policy_lets_a_namespace_in_unless_configured(default: Graph) -> None:
    graph = program(nodePools=POOLS, ray={"allowedNamespaces": ["monitoring"]})

    assert {node.name for node in graph.of_type("NetworkPolicy")} - {
        node.name for node in default.of_type("NetworkPolicy")
    } == {"ray-test-ray-network-guests-to-ray"}


def test_without_buckets_ray_has_no_role_in_the_account(default: Graph) -> None:
    accounts = [node for node in in_namespace(default, "ray") if node.type.endswith(":ServiceAccount")]

    assert {node.inputs["metadata"]["name"] for node in accounts} == {"ray-head", "ray-worker"}
    assert not any("annotations" in node.inputs["metadata"] for node in accounts)
    assert not any("ray-head" in node.name for node in default.of_type("aws:iam/role:Role"))


@pytest.mark.parametrize("account", ["ray-head", "ray-worker"])
def test_with_buckets_head_and_workers_may_use_these_and_no_others(account: str) -> None:
    graph = program(nodePools=POOLS, ray=BUCKETS)
    role = graph.one("aws:iam/role:Role", f"ray-test-{account}")
    policy = graph.one("aws:iam/rolePolicy:RolePolicy", f"ray-test-{account}-s3")
    find, use = json.loads(policy.inputs["policy"])["Statement"]
    (trust,) = json.loads(role.inputs["assumeRolePolicy"])["Statement"]

    assert find["Resource"] == ["arn:aws:s3:::datasets", "arn:aws:s3:::models"]
    assert use["Resource"] == ["arn:aws:s3:::datasets/*", "arn:aws:s3:::models/*"]
    assert not any("*" in action for action in [*find["Action"], *use["Action"]])
    assert f"system:serviceaccount:ray:{account}" in trust["Condition"]["StringEquals"].values()
    metadata = graph.one("ServiceAccount", f"ray-test-{account}").inputs["metadata"]
    assert metadata["annotations"] == {"eks.amazonaws.com/role-arn": f"arn:aws:iam::123456789012:role/{role.name}"}
    assert graph.before(policy, ray_cluster(graph))


def test_ray_can_be_switched_off() -> None:
    graph = program(nodePools=POOLS, ray={"enabled": False})

    assert not graph.of_type("kubernetes:ray.io/v1:RayCluster")
    assert not in_namespace(graph, "ray")
    assert not graph.of_type("ConfigGroup")
    assert not [name for name, value in graph.outputs.items() if name.startswith("ray") and value is not None]


def test_people_are_told_how_to_reach_it_and_no_output_holds_the_token(default: Graph) -> None:
    outputs = default.outputs

    assert outputs["rayDashboardCommand"] == "kubectl -n ray port-forward service/ray-head-svc 8265:8265"
    assert outputs["rayTokenCommand"] == (
        'export RAY_AUTH_MODE=token RAY_AUTH_TOKEN="$(kubectl -n ray get secret ray '
        "-o jsonpath='{.data.auth_token}' | base64 --decode)\""
    )
    assert outputs["raySubmitCommand"].startswith("ray job submit --address http://127.0.0.1:8265 ")
    assert not default.of_type("Secret")


def test_the_output_tells_name_version_and_groups(default: Graph) -> None:
    ray = default.outputs["ray"]

    assert (ray["name"], ray["namespace"], ray["upgradeStrategy"]) == ("ray", "ray", "None")
    assert ray["head"]["pool"] == "cpu"
    assert ray["workerGroups"]["gpu"]["maxReplicas"] == 5


def test_the_same_configuration_again_is_neither_refused_nor_warned_about(
    default: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    remembered(monkeypatch, default.outputs)
    warnings = told(monkeypatch)

    assert ray_cluster(program()).inputs == ray_cluster(default).inputs
    assert [each for each in warnings if "AWS CLI" not in each] == []


def test_a_removed_pool_is_refused_before_anything_is_registered(
    default: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    remembered(monkeypatch, default.outputs)
    with pytest.raises(pulumi.RunError) as refused:
        program(nodePools={"cpu": {}})

    assert 'nodePools.gpu = {"minReplicas": 0, "maxReplicas": 5}' in str(refused.value)
    assert set_command("nodePools.gpu.ray.maxReplicas", 0) in str(refused.value)


def test_a_pool_is_removed_in_two_steps(default: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    remembered(monkeypatch, default.outputs)
    drained = program(nodePools={"cpu": {}, "gpu": {"gpu": True, "ray": {"maxReplicas": 0}}})
    remembered(monkeypatch, drained.outputs)
    removed = program(nodePools={"cpu": {}})

    assert drained.outputs["ray"]["workerGroups"]["gpu"]["maxReplicas"] == 0
    assert set(removed.outputs["ray"]["workerGroups"]) == {"cpu"}


def test_a_removed_pool_is_told_together_with_the_other_problems(
    default: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    remembered(monkeypatch, default.outputs)
    with pytest.raises(pulumi.RunError) as refused:
        program(nodePools={"cpu": {}}, cluster={"logRetentionDays": 8})

    assert str(refused.value).startswith("2 problems")


def test_an_image_that_running_pods_ignore_is_warned_about(default: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    remembered(monkeypatch, default.outputs)
    warnings = told(monkeypatch)
    program(ray={"version": "2.57.0"})

    (warning,) = [each for each in warnings if "KubeRay" in each]
    assert "the head (image), group cpu (image) and group gpu (image) changed" in warning


def test_outputs_that_cannot_be_read_do_not_stop_an_update(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreadable(args: dict[str, Any]) -> dict[str, Any]:
        raise BackendAway

    monkeypatch.setitem(mocked_aws.FUNCTIONS, READ_OUTPUTS, unreadable)
    warnings = told(monkeypatch)

    assert ray_cluster(program(nodePools=POOLS))
    assert any("could not be read" in each and "the backend is away" in each for each in warnings)


@pytest.mark.parametrize(
    ("enforced", "enabled", "warned"), [(True, True, False), (False, True, True), (False, False, False)]
)
def test_network_policies_that_nobody_enforces_are_warned_about(
    monkeypatch: pytest.MonkeyPatch, enforced: bool, enabled: bool, warned: bool
) -> None:
    warnings = told(monkeypatch)
    program(addons={"vpcCni": {"networkPolicy": enforced}}, ray={"enabled": enabled})

    assert any("addons.vpcCni.networkPolicy is false" in each for each in warnings) is warned


@pytest.mark.parametrize(("most", "warned"), [(1, True), (2, False)])
def test_a_ray_cluster_without_any_worker_is_warned_about(
    monkeypatch: pytest.MonkeyPatch, most: int, warned: bool
) -> None:
    warnings = told(monkeypatch)
    program(nodePools={"cpu": {"minSize": 1, "desiredSize": 1, "maxSize": most}})

    assert any("No pool can have Ray workers" in each for each in warnings) is warned
