"""Who waits for whom: the order of creation, and read backwards that of destroy."""

import itertools

import pytest

from ray_platform.plan.timeline import NOTABLE_SECONDS, timeline
from tests.support.graph import Graph, recorded
from tests.unit.program.running import addon, node_group, program


def test_what_the_control_plane_needs_is_there_before_it(default: Graph) -> None:
    control_plane = default.one("eks:index:Cluster")
    attachments = [
        each for each in default.of_type("RolePolicyAttachment") if each.inputs["role"] == "ray-test-cluster"
    ]

    for first in [default.one("LogGroup"), default.one("Key"), *attachments]:
        assert default.before(first, control_plane), first.name
    # Resources handed to a component are references, which wait by themselves; the engine tests see that they do.
    assert control_plane.inputs["clusterSecurityGroup"] == default.one("SecurityGroup").urn
    assert control_plane.inputs["serviceRole"] == default.one("Role", "ray-test-cluster").urn


def test_vpc_cni_and_kube_proxy_come_before_every_node_and_coredns_and_ebs_after_the_cpu_pool(
    default: Graph,
) -> None:
    for group in default.of_type("NodeGroup"):
        assert default.before(addon(default, "vpc-cni"), group)
        assert default.before(addon(default, "kube-proxy"), group)
    for name in ("coredns", "aws-ebs-csi-driver"):
        assert default.before(node_group(default, "cpu"), addon(default, name))
        assert not default.before(node_group(default, "gpu"), addon(default, name))


def test_nodes_wait_for_the_policies_of_their_role_and_the_rules_of_their_security_group(default: Graph) -> None:
    group = node_group(default, "cpu")
    needed = [each for each in default.of_type("RolePolicyAttachment") if each.inputs["role"] == "ray-test-node"]
    needed += default.of_type("SecurityGroupEgressRule") + default.of_type("SecurityGroupIngressRule")

    assert len(needed) == 8
    assert all(default.before(first, group) for first in needed)


def test_an_addon_with_a_role_waits_for_that_roles_policies(default: Graph) -> None:
    for name, role in (("vpc-cni", "vpc-cni"), ("aws-ebs-csi-driver", "ebs-csi")):
        (attachment,) = [
            each for each in default.of_type("RolePolicyAttachment") if each.inputs["role"] == f"ray-test-{role}"
        ]
        assert default.before(attachment, addon(default, name))


def test_pools_do_not_wait_for_each_other(default: Graph) -> None:
    groups = default.of_type("NodeGroup")

    assert not any(default.before(one, other) for one in groups for other in groups)


def test_ray_comes_last_and_goes_first(default: Graph) -> None:
    operator = default.one("Deployment", "ray-test-kuberay-operator")
    (namespace,) = [each for each in default.of_type("Namespace") if each.inputs["metadata"]["name"] == "ray"]
    line = [
        node_group(default, "cpu"),
        operator,
        namespace,
        default.one("kubernetes:ray.io/v1:RayCluster"),
    ]

    for first, then in itertools.pairwise(line):
        assert default.before(first, then), f"{first.name} before {then.name}"
        assert not default.before(then, first), f"{then.name} not before {first.name}"
    assert default.before(default.one("ConfigGroup"), operator)


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_the_time_to_ready_is_that_of_five_things_one_after_the_other(stack: str) -> None:
    line = timeline(recorded(stack).resources())

    assert [step.name.removeprefix(f"ray-{stack}-") for step in line.notable_path] == [
        "eksCluster",
        "vpc-cni",
        "cpu",
        "kuberay-operator",
        "ray",
    ]
    # Besides them nothing but calls of a few seconds.
    assert line.time_to_ready - sum(step.seconds for step in line.notable_path) < 30


GPU_NODES = {"gpu": True, "minSize": 2, "desiredSize": 2, "ray": {"minReplicas": 1}}


@pytest.mark.parametrize(
    "pools",
    [
        {"cpu": {}, "gpu": {"gpu": True}},
        {"cpu": {}, "gpu": GPU_NODES},
        {"cpu": {}, "arm": {"architecture": "arm64", "capacityType": "SPOT"}, "gpu": GPU_NODES},
    ],
    ids=["defaults", "GPU nodes from the start", "workers on spot"],
)
def test_of_what_takes_long_ray_waits_for_what_it_needs_and_nothing_else(pools: dict[str, dict[str, object]]) -> None:
    graph = program(nodePools=pools)
    needed = graph.needs(graph.one("kubernetes:ray.io/v1:RayCluster"))
    long = [step for step in timeline(graph.resources()).steps if step.seconds >= NOTABLE_SECONDS]

    assert {step.name.removeprefix("ray-test-") for step in long if step.urn in needed} == {
        "eksCluster",
        "vpc-cni",
        "kube-proxy",
        "cpu",
        "coredns",
        "kuberay-operator",
    }


def test_of_the_roles_ray_waits_for_those_of_its_nodes_and_its_network(default: Graph) -> None:
    needed = default.needs(default.one("kubernetes:ray.io/v1:RayCluster"))

    roles = {each.name for each in default.of_type("aws:iam/role:Role") if each.urn in needed}

    assert roles == {"ray-test-cluster", "ray-test-node", "ray-test-vpc-cni"}


def test_only_the_autoscaler_waits_for_every_pool(default: Graph) -> None:
    groups = default.of_type("NodeGroup")
    waiting = [each for each in default.nodes.values() if all(default.before(group, each) for group in groups)]

    assert {each.name for each in waiting} == {
        "ray-test-autoscaler-priorities",
        "ray-test-autoscaler-deployment",
    }


def test_all_that_a_node_stands_on_outlives_every_node(default: Graph) -> None:
    stays = [addon(default, "vpc-cni"), default.one("SecurityGroup"), default.one("SecurityGroupIngressRule")]

    for group in default.of_type("NodeGroup"):
        assert all(default.before(each, group) for each in stays), group.name


def test_no_resource_names_one_that_it_waits_for_anyway(default: Graph) -> None:
    for node in default.nodes.values():
        by_property = frozenset[str]().union(*node.property_dependencies.values())
        provider = {node.provider.rpartition("::")[0]} - {""}
        # What is inside a component of a package is that package's business.
        named = set() if default.nodes.get(node.parent, node).type == "eks:index:Cluster" else node.dependencies
        for each in named - by_property:
            others = (node.dependencies | provider) - {each}
            implied = {urn for other in others for urn in default.needs(default.nodes[other])}
            assert each not in implied, f"{node.name} waits for {each} by another way already"
