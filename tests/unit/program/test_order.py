"""Who waits for whom: the order of creation, and read backwards that of destroy."""

import itertools

import pulumi_aws as aws

from tests.support.graph import Graph
from tests.unit.program.running import addon, node_group


def test_what_the_control_plane_needs_is_there_before_it(default: Graph) -> None:
    control_plane = default.one("eks:index:Cluster")
    attachments = [
        each for each in default.of_type("RolePolicyAttachment") if each.inputs["role"] == "ray-test-cluster"
    ]

    for first in [default.one("LogGroup"), default.one("Key"), *attachments]:
        assert default.before(first, control_plane), first.name
    # Resources handed to a component are references, which wait by themselves; the engine tests see that they do.
    assert isinstance(control_plane.inputs["clusterSecurityGroup"], aws.ec2.SecurityGroup)
    assert isinstance(control_plane.inputs["serviceRole"], aws.iam.Role)


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
        addon(default, "coredns"),
        operator,
        namespace,
        default.one("kubernetes:ray.io/v1:RayCluster"),
    ]

    for first, then in itertools.pairwise(line):
        assert default.before(first, then), f"{first.name} before {then.name}"
        assert not default.before(then, first), f"{then.name} not before {first.name}"
    assert default.before(default.one("ConfigGroup"), operator)
