"""What EKS refuses of a managed node group before it starts an instance, and of its launch template.

The tests share one account, from which each takes away what it made.
"""

from __future__ import annotations

import base64
import gzip
from collections.abc import Iterator
from typing import Any

import pytest

from simulator import aws
from simulator.account import Account, network_fixture
from simulator.account.resource import Refusal
from tests.simulator.aws_by_hand import NODE_CONFIG, ByHand, Rejected, SoundCluster, encoded, trust


@pytest.fixture(scope="module")
def hand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ByHand]:
    with Account.open(tmp_path_factory.mktemp("account") / "account.json", aws.RESOURCE_TYPES) as account:
        yield ByHand(account)


@pytest.fixture(scope="module")
def ready(hand: ByHand) -> tuple[SoundCluster, int]:
    """The cluster with a template, and how many records they are."""
    sound = SoundCluster(hand)
    assert sound.template.outputs["latestVersion"] == 1
    return sound, len(hand.account.records())


@pytest.fixture
def sound(hand: ByHand, ready: tuple[SoundCluster, int]) -> Iterator[SoundCluster]:
    sound, count = ready
    yield sound
    for record in reversed(hand.account.records()[count:]):
        hand.delete(record.token.rpartition(":")[2], record.id)


def test_a_node_group_of_no_cluster_is_refused(sound: SoundCluster) -> None:
    with pytest.raises(Refusal, match="No cluster found for name: nowhere"):
        sound.node_group(clusterName="nowhere")


@pytest.mark.parametrize("sizes", [(-1, 0, 1), (0, -1, 1), (0, 0, 0)])
def test_sizes_below_their_least_are_rejected(sound: SoundCluster, sizes: tuple[int, int, int]) -> None:
    with pytest.raises(Rejected, match=r"expected (minSize|desiredSize|maxSize) to be at least"):
        sound.node_group(scalingConfig=dict(zip(("minSize", "desiredSize", "maxSize"), sizes, strict=True)))


@pytest.mark.parametrize(
    ("sizes", "reason"),
    [
        ((4, 3, 10), "Minimum capacity 4 can't be greater than desired size 3"),
        ((2, 11, 10), "desired capacity 11 can't be greater than max size 10"),
        ((5, 5, 4), "Minimum capacity 5 can't be greater than maximum capacity 4"),
    ],
)
def test_sizes_that_contradict_each_other_are_refused(
    sound: SoundCluster, sizes: tuple[int, int, int], reason: str
) -> None:
    with pytest.raises(Refusal, match=reason):
        sound.node_group(scalingConfig=dict(zip(("minSize", "desiredSize", "maxSize"), sizes, strict=True)))


@pytest.mark.parametrize(
    "changes",
    [
        {"nodeGroupName": "n" * 64},
        {"amiType": "AL2024_x86_64_STANDARD"},
        {"capacityType": "CHEAP"},
        {"taints": [{"key": "nvidia.com/gpu", "value": "true", "effect": "NoSchedule"}]},
        {"taints": [{"key": "gpu", "value": "x" * 64, "effect": "NO_SCHEDULE"}]},
        {"updateConfig": {"maxUnavailable": 0}},
        {"updateConfig": {"maxUnavailable": 1, "maxUnavailablePercentage": 10}},
    ],
)
def test_values_that_pulumi_aws_knows_to_be_wrong_are_rejected(sound: SoundCluster, changes: dict[str, Any]) -> None:
    with pytest.raises(Rejected, match=next(iter(changes))):
        sound.node_group(**changes)


@pytest.mark.parametrize("ami_type", ["AL2_x86_64", "AL2_x86_64_GPU", "AL2_ARM_64"])
def test_amazon_linux_2_is_refused_since_kubernetes_1_33(sound: SoundCluster, ami_type: str) -> None:
    with pytest.raises(Refusal, match=f"AMI Type {ami_type} is only supported for kubernetes versions 1.32 or earlier"):
        sound.node_group(amiType=ami_type)


@pytest.mark.parametrize(
    ("ami_type", "instance_types", "wrong"),
    [
        ("AL2023_x86_64_STANDARD", ["m5.xlarge", "m7g.xlarge"], "m7g.xlarge"),
        ("AL2023_ARM_64_STANDARD", ["m5.xlarge"], "m5.xlarge"),
        ("AL2023_ARM_64_NVIDIA", ["g4dn.xlarge"], "g4dn.xlarge"),
    ],
)
def test_an_image_of_another_architecture_than_the_instances_is_refused(
    sound: SoundCluster, ami_type: str, instance_types: list[str], wrong: str
) -> None:
    with pytest.raises(Refusal, match=rf"\[{wrong}\] is not a valid instance type for requested amiType {ami_type}"):
        sound.node_group(amiType=ami_type, instanceTypes=instance_types)


@pytest.mark.parametrize(
    ("ami_type", "instance_type"),
    [
        ("AL2023_ARM_64_STANDARD", "m7g.xlarge"),
        ("AL2023_x86_64_NVIDIA", "g4dn.xlarge"),
        ("AL2023_x86_64_NVIDIA", "m5.xlarge"),
        ("AL2023_ARM_64_NVIDIA", "g5g.xlarge"),
    ],
)
def test_images_that_fit_their_instances_are_accepted(sound: SoundCluster, ami_type: str, instance_type: str) -> None:
    assert sound.node_group(amiType=ami_type, instanceTypes=[instance_type]).outputs["status"] == "ACTIVE"


def test_instance_types_that_do_not_exist_are_refused(sound: SoundCluster) -> None:
    with pytest.raises(Refusal, match=r"m5\.enormous"):
        sound.node_group(instanceTypes=["m5.enormous"])


@pytest.mark.parametrize(
    "changes",
    [
        {"labels": {"kubernetes.io/role": "worker"}},
        {"labels": {"node.k8s.io/role": "worker"}},
        {"labels": {"role": "x" * 64}},
        {"labels": {"not a key": "x"}},
        {"taints": [{"key": "-gpu", "value": "true", "effect": "NO_SCHEDULE"}]},
        {"taints": [{"key": "gpu", "value": value, "effect": "NO_SCHEDULE"} for value in "ab"]},
    ],
)
def test_labels_and_taints_that_kubernetes_or_eks_refuses_are_refused(
    sound: SoundCluster, changes: dict[str, Any]
) -> None:
    with pytest.raises(Refusal, match=r"(?i)label|taint"):
        sound.node_group(**changes)


def test_the_labels_of_the_platform_are_accepted(sound: SoundCluster) -> None:
    labels = {"ray.io/node-type": "worker", "nvidia.com/gpu": "true", "k8s.amazonaws.com/accelerator": "nvidia-t4"}
    assert sound.node_group(labels=labels).outputs["labels"] == labels


def test_a_node_role_that_is_missing_or_does_not_trust_ec2_is_refused(hand: ByHand, sound: SoundCluster) -> None:
    template = sound.template
    with pytest.raises(Refusal, match="The role with name none cannot be found"):
        hand.node_group(role_arn="arn:aws:iam::123456789012:role/none", template=template)
    wrong = hand.role("wrong", trust("eks.amazonaws.com"))
    with pytest.raises(Refusal, match=r"required service principals \[ec2.amazonaws.com\] were not found"):
        hand.node_group(role_arn=wrong.outputs["arn"], template=template)


def test_subnets_of_another_vpc_are_refused(hand: ByHand, sound: SoundCluster) -> None:
    network_fixture.ensure_network(hand.account, "vpc-0b1b2c3d4e5f60002", ["subnet-0b1b2c3d4e5f60009"])
    with pytest.raises(Refusal, match="are not in the VPC"):
        sound.node_group(subnetIds=["subnet-0b1b2c3d4e5f60009"])


@pytest.mark.parametrize(
    ("reference", "reason"),
    [
        ({"id": "lt-0000000000000000f", "version": "1"}, "The launch template lt-0000000000000000f does not exist"),
        ({"id": "THIS", "version": "7"}, "Could not find launch template version 7"),
        ({"id": "THIS", "name": "cpu-template", "version": "1"}, "Either provide launch template ID or"),
        ({"version": "1"}, "Either provide launch template ID or"),
    ],
)
def test_a_launch_template_must_exist_at_its_version(
    hand: ByHand, sound: SoundCluster, reference: dict[str, str], reason: str
) -> None:
    template = sound.template
    filled = {key: template.id if value == "THIS" else value for key, value in reference.items()}
    with pytest.raises(Refusal, match=reason):
        sound.node_group(template=template, launchTemplate=filled)


def test_a_disk_size_beside_a_launch_template_is_refused(sound: SoundCluster) -> None:
    with pytest.raises(Refusal, match="Disk size must be specified within the launch template"):
        sound.node_group(diskSize=100)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"iamInstanceProfile": {"name": "nodes"}}, "should not specify an instance profile"),
        ({"instanceType": "m5.xlarge"}, "not in both"),
        ({"imageId": "ami-0123456789abcdef0"}, "AMI Type other than CUSTOM"),
    ],
)
def test_a_template_that_sets_what_belongs_to_the_request_is_refused(
    hand: ByHand, sound: SoundCluster, changes: dict[str, Any], reason: str
) -> None:
    template = hand.launch_template(name="own", security_group=sound.security_group, **changes)
    with pytest.raises(Refusal, match=reason):
        sound.node_group(template=template)


def test_a_template_that_names_a_subnet_is_refused(hand: ByHand, sound: SoundCluster) -> None:
    interface = {"deviceIndex": 0, "securityGroups": [sound.security_group], "subnetId": "subnet-1"}
    template = hand.launch_template(name="own", security_group=None, networkInterfaces=[interface])
    with pytest.raises(Refusal, match="should not specify subnets"):
        sound.node_group(template=template)


@pytest.mark.parametrize(
    "user_data",
    [
        pytest.param(encoded("#!/bin/bash\n/etc/eks/bootstrap.sh ray\n"), id="plain bash: the seed's defect"),
        pytest.param(encoded("apiVersion: node.eks.aws/v1alpha1\nkind: NodeConfig\n"), id="a bare NodeConfig"),
        pytest.param(base64.b64encode(gzip.compress(NODE_CONFIG.encode())).decode(), id="gzip"),
    ],
)
def test_user_data_that_is_not_mime_multipart_is_refused(hand: ByHand, sound: SoundCluster, user_data: str) -> None:
    template = hand.launch_template(name="own", security_group=sound.security_group, userData=user_data)
    with pytest.raises(Refusal, match="User data was not in the MIME multipart format"):
        sound.node_group(template=template)


def test_a_node_config_in_mime_multipart_is_accepted(hand: ByHand, sound: SoundCluster) -> None:
    template = hand.launch_template(name="own", security_group=sound.security_group, userData=encoded(NODE_CONFIG))
    assert sound.node_group(template=template).outputs["status"] == "ACTIVE"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"userData": "not base64!"}, "Invalid BASE64 encoding"),
        ({"userData": encoded("x" * 16_385)}, "limited to 16384 bytes"),
        ({"metadataOptions": {"httpPutResponseHopLimit": 65}}, "HttpPutResponseHopLimit"),
        ({"vpcSecurityGroupIds": ["sg-0000000000000000f"]}, "InvalidGroup.NotFound"),
        ({"blockDeviceMappings": [{"deviceName": "/dev/xvda", "ebs": {"volumeType": "gp3", "iops": 100}}]}, "iops"),
        (
            {"blockDeviceMappings": [{"deviceName": "/dev/xvda", "ebs": {"volumeType": "gp3", "throughput": 5}}]},
            "throug",
        ),
        (
            {"blockDeviceMappings": [{"deviceName": "/dev/xvda", "ebs": {"kmsKeyId": "arn:aws:kms:x:1:key/2"}}]},
            "InvalidKmsKey",
        ),
    ],
)
def test_a_launch_template_that_ec2_does_not_take_is_refused(
    sound: SoundCluster, changes: dict[str, Any], reason: str
) -> None:
    with pytest.raises(Refusal, match=reason):
        sound.hand.launch_template(name="own", security_group=sound.security_group, **changes)
