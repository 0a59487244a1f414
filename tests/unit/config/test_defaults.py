"""Only the network has to be given; everything else is as in the module the platform succeeds."""

import pytest

from ray_platform.config.load import parse
from tests.unit.config.given import pool, settings


def test_a_stack_that_gives_only_its_network_is_complete() -> None:
    given = settings()

    assert given.aws.region == "us-east-1"
    assert given.aws.tags == {}
    assert given.network.vpc_id == "vpc-0123456789abcdef0"
    assert given.network.subnet_ids == ("subnet-0123456789abcdef0", "subnet-0123456789abcdef1")


def test_without_a_network_both_of_its_keys_are_told_as_missing() -> None:
    _, problems = parse({})

    assert [(problem.path, problem.source) for problem in problems] == [
        ("network.vpcId", "absent"),
        ("network.subnetIds", "absent"),
    ]
    assert "pulumi config set --path 'ray-on-eks:network.subnetIds[0]'" in problems[1].remedy


def test_security_defaults_create_a_key_and_leave_the_shell_closed() -> None:
    security = settings().security

    assert security.kms_key_arn is None
    assert security.kms_deletion_window_days == 7
    assert security.encrypt_volumes_with_key is False
    assert security.egress == "internet-https"
    assert security.session_manager is False


def test_cluster_defaults_keep_the_endpoint_private_and_all_logs_for_a_week() -> None:
    cluster = settings().cluster

    assert cluster.name == "ray-ml-cluster"
    assert cluster.kubernetes_version == "1.35"
    assert cluster.support_type == "STANDARD"
    assert cluster.endpoint_public_access is False
    assert cluster.public_access_cidrs == ()
    assert cluster.access_entries == {}
    assert cluster.log_types == ("api", "audit", "authenticator", "controllerManager", "scheduler")
    assert cluster.log_retention_days == 7
    assert cluster.service_ipv4_cidr is None


def test_addon_and_operation_defaults_install_everything_and_protect_nothing() -> None:
    given = settings()
    addons = given.addons

    assert [each.version for each in (addons.vpc_cni, addons.kube_proxy, addons.coredns)] == [None] * 3
    assert addons.ebs_csi_driver.version is None
    assert addons.vpc_cni.prefix_delegation and addons.vpc_cni.network_policy
    assert addons.ebs_csi_driver.enabled
    assert addons.cluster_autoscaler.enabled
    assert addons.node_termination_handler.enabled
    assert not given.operations.protect
    assert not given.operations.deletion_protection


def test_the_default_pools_are_those_of_the_seed() -> None:
    pools = settings().node_pools
    cpu, gpu = pools["cpu"], pools["gpu"]

    assert list(pools) == ["cpu", "gpu"]
    assert (cpu.gpu, cpu.instance_types) == (False, ("m5.xlarge", "m5.2xlarge"))
    assert (cpu.capacity_type, cpu.disk_gib) == ("ON_DEMAND", 100)
    assert (cpu.min_size, cpu.desired_size, cpu.max_size) == (2, 3, 10)
    assert (gpu.gpu, gpu.instance_types) == (True, ("g4dn.xlarge", "g4dn.2xlarge"))
    assert (gpu.capacity_type, gpu.disk_gib) == ("SPOT", 200)
    assert (gpu.min_size, gpu.desired_size, gpu.max_size) == (0, 0, 5)
    assert {cpu.architecture, gpu.architecture} == {"x86_64"}
    assert {cpu.max_unavailable, gpu.max_unavailable} == {1}
    assert cpu.node_repair and gpu.node_repair


@pytest.mark.parametrize(
    ("gpu", "architecture", "ami_type", "instance_types"),
    [
        (False, "x86_64", "AL2023_x86_64_STANDARD", ("m5.xlarge", "m5.2xlarge")),
        (False, "arm64", "AL2023_ARM_64_STANDARD", ("m7g.xlarge", "m7g.2xlarge")),
        (True, "x86_64", "AL2023_x86_64_NVIDIA", ("g4dn.xlarge", "g4dn.2xlarge")),
        (True, "arm64", "AL2023_ARM_64_NVIDIA", ("g5g.xlarge", "g5g.2xlarge")),
    ],
)
def test_ami_and_instance_types_follow_from_gpu_and_architecture(
    gpu: bool, architecture: str, ami_type: str, instance_types: tuple[str, ...]
) -> None:
    found = pool(gpu=gpu, architecture=architecture)

    assert found.ami_type == ami_type
    assert found.instance_types == instance_types


def test_an_ami_type_of_null_is_the_derived_one() -> None:
    assert pool(gpu=True, amiType=None).ami_type == "AL2023_x86_64_NVIDIA"


@pytest.mark.parametrize("empty", [None, {}])
def test_an_empty_section_has_all_its_defaults(empty: object) -> None:
    assert settings(aws=empty, cluster=empty, addons=empty).cluster.name == "ray-ml-cluster"


def test_an_empty_pool_has_all_its_defaults() -> None:
    assert settings(nodePools={"cpu": None}).node_pools["cpu"].max_size == 10


def test_pools_of_a_stack_replace_the_default_pools() -> None:
    assert list(settings(nodePools={"system": {}}).node_pools) == ["system"]


@pytest.mark.parametrize(
    ("keys", "exists"),
    [
        ({"gpu": True}, True),
        ({"gpu": True, "capacityType": "ON_DEMAND"}, False),
        ({"capacityType": "SPOT"}, False),
        ({"capacityType": "SPOT", "onDemandFallback": {"enabled": True}}, True),
        ({"gpu": True, "onDemandFallback": {"enabled": False}}, False),
        ({"gpu": True, "onDemandFallback": {"enabled": None}}, True),
    ],
)
def test_a_fallback_exists_by_default_for_gpu_pools_on_spot_only(keys: dict[str, object], exists: bool) -> None:
    assert pool(**keys).has_fallback is exists


def test_a_fallback_is_one_node_at_most_of_the_first_instance_type() -> None:
    found = pool(gpu=True, instanceTypes=["g5.xlarge", "g4dn.xlarge"])
    fallback = found.on_demand_fallback

    assert (fallback.min_size, fallback.desired_size, fallback.max_size) == (0, 0, 1)
    assert found.fallback_instance_types == ("g5.xlarge",)
