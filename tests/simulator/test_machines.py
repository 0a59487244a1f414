"""The machines of node groups: which types, where, and what their kubelets say."""

from __future__ import annotations

from typing import Any

import pytest

from ray_platform.node_config import user_data
from simulator.account.resource import Refusal
from simulator.aws.eks_nodes import set_desired_size
from simulator.cluster.machines import NODE_GROUP_LABEL, Machine, instance_facts, machines_of
from tests.simulator.aws_by_hand import SoundCluster

SIZES = {"minSize": 0, "desiredSize": 3, "maxSize": 5}
GPU_TAINT = {"key": "nvidia.com/gpu", "value": "true", "effect": "NO_SCHEDULE"}


def machines(sound: SoundCluster, **changes: Any) -> list[Machine]:
    sound.node_group(**{"scalingConfig": SIZES, **changes})
    return list(machines_of(sound.hand.account))


def test_there_are_as_many_as_the_group_desires(sound: SoundCluster) -> None:
    assert [each.name for each in machines(sound)] == ["cpu-0", "cpu-1", "cpu-2"]
    (group,) = sound.hand.account.records("aws:eks/nodeGroup:NodeGroup")
    set_desired_size(sound.hand.account, group.id, 1)
    assert [each.name for each in machines_of(sound.hand.account)] == ["cpu-0"]


@pytest.mark.parametrize(
    ("capacity", "types"),
    [("ON_DEMAND", ["m5.2xlarge"] * 3), ("SPOT", ["m5.2xlarge", "m5.xlarge", "m5.2xlarge"])],
)
def test_on_demand_is_the_first_type_and_spot_is_all_of_them(
    sound: SoundCluster, capacity: str, types: list[str]
) -> None:
    made = machines(sound, capacityType=capacity, instanceTypes=["m5.2xlarge", "m5.xlarge"])
    assert [each.facts.name for each in made] == types


def test_they_stand_in_the_zones_of_the_group_in_turn(sound: SoundCluster) -> None:
    zones = [each.zone for each in machines(sound)]
    assert zones[0] != zones[1] and zones[0] == zones[2]


def test_a_name_is_one_that_a_node_may_have(sound: SoundCluster) -> None:
    assert machines(sound, nodeGroupName="My_Pool")[0].name == "my-pool-0"


def test_labels_and_taints_are_the_groups_and_those_of_eks(sound: SoundCluster) -> None:
    node = machines(sound, labels={"team": "ml"}, taints=[GPU_TAINT], capacityType="SPOT")[0].node()
    assert {
        "team": "ml",
        NODE_GROUP_LABEL: "cpu",
        "eks.amazonaws.com/capacityType": "SPOT",
        "kubernetes.io/arch": "amd64",
        "kubernetes.io/os": "linux",
        "node.kubernetes.io/instance-type": "m5.xlarge",
        "topology.kubernetes.io/region": "us-east-1",
    }.items() <= node["metadata"]["labels"].items()
    assert node["spec"]["taints"] == [{"key": "nvidia.com/gpu", "value": "true", "effect": "NoSchedule"}]


def test_an_arm_machine_says_so(sound: SoundCluster) -> None:
    node = machines(sound, amiType="AL2023_ARM_64_STANDARD", instanceTypes=["m7g.xlarge"])[0].node()
    assert node["metadata"]["labels"]["kubernetes.io/arch"] == "arm64"
    assert node["status"]["allocatable"] == {"cpu": "3920m", "memory": "14103Mi", "pods": "58"}


def test_gpus_are_not_there_before_a_device_plugin(sound: SoundCluster) -> None:
    made = machines(sound, amiType="AL2023_x86_64_NVIDIA", instanceTypes=["g4dn.xlarge"])[0]
    assert made.facts.gpus == 1
    assert made.node()["status"]["allocatable"] == {"cpu": "3920m", "memory": "14481Mi", "pods": "29"}


def test_the_kubelet_keeps_back_what_the_user_data_says(sound: SoundCluster) -> None:
    spec = {"kubelet": {"config": {"kubeReserved": {"cpu": "500m"}, "maxPods": 20}}}
    template = sound.hand.launch_template(
        security_group=sound.security_group, name="reserving", userData=user_data(spec)
    )
    allocatable = machines(sound, template=template)[0].node()["status"]["allocatable"]
    assert (allocatable["cpu"], allocatable["pods"]) == ("3500m", "20")


def test_a_type_that_does_not_exist_is_refused(sound: SoundCluster) -> None:
    with pytest.raises(Refusal, match=r"do not exist: \[m5\.tiny\]"):
        instance_facts(sound.hand.account, "m5.tiny")


def test_a_machine_with_many_network_cards_counts_its_pods_by_one(sound: SoundCluster) -> None:
    """As nodeadm does, and the fit check: else it would offer less memory than its Ray worker asks for."""
    facts = instance_facts(sound.hand.account, "p4d.24xlarge")
    node = Machine(name="p4d", facts=facts, labels={}).node()
    assert node["status"]["allocatable"]["pods"] == "737"
