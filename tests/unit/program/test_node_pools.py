"""Node pools and their launch templates, labels, taints and tags."""

import json

import pulumi
import pytest

from ray_platform.components.node_pools import working
from tests.support.graph import Graph
from tests.unit.program.running import node_group, program


def test_the_default_pools_are_those_of_the_seed_with_a_fallback_for_the_spot_gpu_pool(default: Graph) -> None:
    assert {group.name for group in default.of_type("NodeGroup")} == {
        "ray-test-cpu",
        "ray-test-gpu",
        "ray-test-gpu-on-demand",
    }


@pytest.mark.parametrize(
    ("pool", "sizes", "capacity", "types"),
    [
        ("cpu", (2, 3, 10), "ON_DEMAND", ["m5.xlarge", "m5.2xlarge"]),
        ("gpu", (0, 0, 5), "SPOT", ["g4dn.xlarge", "g4dn.2xlarge"]),
        ("gpu-on-demand", (0, 0, 1), "ON_DEMAND", ["g4dn.xlarge"]),
    ],
)
def test_scaling_bounds_capacity_and_types_reach_the_node_group(
    default: Graph, pool: str, sizes: tuple[int, int, int], capacity: str, types: list[str]
) -> None:
    inputs = node_group(default, pool).inputs

    assert inputs["scalingConfig"] == {"minSize": sizes[0], "desiredSize": sizes[1], "maxSize": sizes[2]}
    assert inputs["capacityType"] == capacity
    assert inputs["instanceTypes"] == types


@pytest.mark.parametrize("pool", ["gpu", "gpu-on-demand"])
def test_gpu_nodes_are_tainted_labelled_and_run_the_nvidia_image(default: Graph, pool: str) -> None:
    inputs = node_group(default, pool).inputs

    assert inputs["taints"] == [{"key": "nvidia.com/gpu", "value": "true", "effect": "NO_SCHEDULE"}]
    assert inputs["labels"]["nvidia.com/gpu"] == "true"
    assert inputs["labels"]["ray.io/resource-type"] == "gpu"
    assert inputs["labels"]["k8s.amazonaws.com/accelerator"] == "nvidia-t4"
    assert inputs["amiType"] == "AL2023_x86_64_NVIDIA"


def test_cpu_nodes_take_every_pod(default: Graph) -> None:
    inputs = node_group(default, "cpu").inputs

    assert inputs["taints"] == []
    assert inputs["amiType"] == "AL2023_x86_64_STANDARD"
    assert inputs["labels"]["ray.io/node-type"] == "worker"
    assert inputs["labels"]["ray.io/resource-type"] == "cpu"


def test_no_gpu_pool_means_nothing_of_it_at_all() -> None:
    graph = program(nodePools={"cpu": {}})

    assert [group.name for group in graph.of_type("NodeGroup")] == ["ray-test-cpu"]
    assert not graph.of_type("Queue")
    assert not graph.of_type("EventRule")
    assert "terminationHandlerRoleArn" not in graph.outputs


def test_an_on_demand_gpu_pool_has_no_fallback_and_no_termination_handler() -> None:
    graph = program(nodePools={"cpu": {}, "gpu": {"gpu": True, "capacityType": "ON_DEMAND"}})

    assert {group.name for group in graph.of_type("NodeGroup")} == {"ray-test-cpu", "ray-test-gpu"}
    assert not graph.of_type("Queue")


def test_an_arm_pool_gets_the_arm_image() -> None:
    graph = program(nodePools={"cpu": {}, "arm": {"architecture": "arm64"}})

    assert node_group(graph, "arm").inputs["amiType"] == "AL2023_ARM_64_STANDARD"


def test_every_node_group_is_auto_named_and_replaced_create_first(default: Graph) -> None:
    for group in default.of_type("NodeGroup"):
        assert "nodeGroupName" not in group.inputs
        assert not group.delete_before_replace


def test_the_desired_size_belongs_to_the_autoscaler(default: Graph) -> None:
    assert all(group.ignore_changes == ("scalingConfig.desiredSize",) for group in default.of_type("NodeGroup"))


def test_node_groups_follow_the_version_of_the_control_plane(default: Graph) -> None:
    assert {group.inputs["version"] for group in default.of_type("NodeGroup")} == {"1.35"}


def test_node_groups_are_updated_one_node_at_a_time_and_repaired(default: Graph) -> None:
    for group in default.of_type("NodeGroup"):
        assert group.inputs["updateConfig"] == {"maxUnavailable": 1}
        assert group.inputs["nodeRepairConfig"] == {"enabled": True}
        assert group.timeouts["create"] == "30m"


def test_launch_templates_require_imdsv2_with_one_hop(default: Graph) -> None:
    templates = default.of_type("LaunchTemplate")

    assert len(templates) == 3
    for template in templates:
        assert template.inputs["metadataOptions"] == {
            "httpEndpoint": "enabled",
            "httpTokens": "required",
            "httpPutResponseHopLimit": 1,
        }


@pytest.mark.parametrize(("pool", "gib"), [("cpu", 100), ("gpu", 200), ("gpu-on-demand", 200)])
def test_volumes_are_encrypted_gp3_of_the_configured_size(default: Graph, pool: str, gib: int) -> None:
    (device,) = default.one("LaunchTemplate", f"ray-test-{pool}").inputs["blockDeviceMappings"]

    assert device["deviceName"] == "/dev/xvda"
    assert device["ebs"] == {
        "volumeType": "gp3",
        "volumeSize": gib,
        "iops": 3000,
        "throughput": 125,
        "encrypted": "true",
        "deleteOnTermination": "true",
    }


def test_volumes_use_our_key_only_when_asked_and_then_the_key_admits_ec2(default: Graph) -> None:
    graph = program(security={"encryptVolumesWithKey": True})
    (device,) = graph.one("LaunchTemplate", "ray-test-cpu").inputs["blockDeviceMappings"]

    assert device["ebs"]["kmsKeyId"] == graph.outputs["kmsKeyArn"]
    assert "Ec2EncryptsVolumes" in graph.one("Key").inputs["policy"]
    assert "Ec2EncryptsVolumes" not in default.one("Key").inputs["policy"]


def test_nodes_carry_our_security_group_and_no_other(default: Graph) -> None:
    group = default.one("SecurityGroup")

    for template in default.of_type("LaunchTemplate"):
        assert template.inputs["vpcSecurityGroupIds"] == [f"{group.name}-id"]
        assert "networkInterfaces" not in template.inputs


def test_tags_reach_instances_volumes_and_interfaces() -> None:
    graph = program(aws={"tags": {"CostCenter": "ml"}}, nodePools={"cpu": {}})
    specifications = graph.one("LaunchTemplate").inputs["tagSpecifications"]

    assert {each["resourceType"] for each in specifications} == {"instance", "volume", "network-interface"}
    assert all(each["tags"]["CostCenter"] == "ml" for each in specifications)
    assert json.loads(graph.one("pulumi:providers:aws").inputs["defaultTags"])["tags"] == graph.outputs["resourceTags"]
    assert graph.outputs["resourceTags"]["CostCenter"] == "ml"


def test_there_is_no_user_data_unless_the_user_adds_some(default: Graph) -> None:
    graph = program(nodePools={"cpu": {"nodeConfig": {"kubelet": {"config": {"maxPods": 58}}}}})

    assert all("userData" not in template.inputs for template in default.of_type("LaunchTemplate"))
    assert "userData" in graph.one("LaunchTemplate").inputs


def test_scaling_from_zero_finds_labels_taint_and_gpus_on_the_autoscaling_group(default: Graph) -> None:
    prefix = "k8s.io/cluster-autoscaler/node-template"
    tags = {
        each.inputs["tag"]["key"]: each.inputs["tag"]["value"]
        for each in default.of_type("aws:autoscaling/tag:Tag")
        if each.inputs["autoscalingGroupName"] == "eks-ray-test-gpu"
    }
    labels = node_group(default, "gpu").inputs["labels"]

    assert tags == {f"{prefix}/label/{key}": value for key, value in labels.items()} | {
        f"{prefix}/taint/nvidia.com/gpu": "true:NoSchedule",
        f"{prefix}/resources/nvidia.com/gpu": "1",
        f"{prefix}/resources/ephemeral-storage": "200Gi",
    }
    assert not any(each.inputs["tag"]["propagateAtLaunch"] for each in default.of_type("aws:autoscaling/tag:Tag"))


@pytest.mark.parametrize("status", ["ACTIVE", "DEGRADED", None])
def test_a_node_group_that_works_or_comes_right_is_taken_as_it_is(status: str | None) -> None:
    assert working("ray-dev-cpu-1", status, "urn:cpu") == "ray-dev-cpu-1"


@pytest.mark.parametrize("status", ["CREATE_FAILED", "DELETE_FAILED"])
def test_a_node_group_that_eks_could_not_make_or_delete_is_not_passed_over(status: str) -> None:
    with pytest.raises(pulumi.RunError, match=f"keeps it as {status}.*`pulumi up --replace 'urn:cpu'`"):
        working("ray-dev-cpu-1", status, "urn:cpu")
