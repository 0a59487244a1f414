"""How node groups, their templates and their Auto Scaling groups are made, changed and named."""

from __future__ import annotations

import pytest

from simulator.account.moto_cloud import ClientError
from simulator.account.resource import Refusal
from simulator.aws.eks_nodes import set_desired_size
from tests.simulator.aws_by_hand import CLUSTER, NODE_CONFIG, ByHand, Rejected, SoundCluster, encoded


def test_a_sound_node_group_is_made_with_an_auto_scaling_group_the_autoscaler_finds(
    hand: ByHand, sound: SoundCluster
) -> None:
    outputs = sound.node_group(nodeRepairConfig={"enabled": True}, updateConfig={"maxUnavailable": 2}).outputs
    assert outputs["status"] == "ACTIVE"
    assert outputs["nodeRepairConfig"] == {"enabled": True}
    assert outputs["updateConfig"] == {"maxUnavailable": 2}
    name = outputs["resources"][0]["autoscalingGroups"][0]["name"]
    groups = hand.account.client("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"]
    tags = {
        tag["Key"]: tag["Value"] for group in groups if group["AutoScalingGroupName"] == name for tag in group["Tags"]
    }
    assert tags["k8s.io/cluster-autoscaler/enabled"] == "true"
    assert tags[f"k8s.io/cluster-autoscaler/{CLUSTER}"] == "owned"


def test_a_second_node_group_of_a_name_is_refused(sound: SoundCluster) -> None:
    sound.node_group()
    with pytest.raises(ClientError, match="NodeGroup already exists with name cpu and cluster name ray"):
        sound.node_group(template=sound.hand.launch_template(security_group=sound.security_group, name="second"))


@pytest.mark.parametrize("version", ["1.34", "1.33"])
def test_nodes_may_be_older_than_the_control_plane(hand: ByHand, version: str) -> None:
    assert SoundCluster(hand, version="1.34").node_group(version=version).outputs["version"] == version


@pytest.mark.parametrize(
    ("version", "reason"), [("1.35", "does not go with cluster version 1.34"), ("1.36", "not supp")]
)
def test_nodes_newer_than_the_control_plane_are_refused(hand: ByHand, version: str, reason: str) -> None:
    sound = SoundCluster(hand, version="1.34")
    with pytest.raises(Refusal, match=rf"Requested Nodegroup Kubernetes version {version} .*{reason}"):
        sound.node_group(version=version)


def test_a_second_launch_template_of_a_name_is_refused(hand: ByHand) -> None:
    group = hand.security_group()
    hand.launch_template(security_group=group)
    with pytest.raises(ClientError, match="AlreadyExists"):
        hand.launch_template(security_group=group)


def test_a_changed_template_gets_a_new_version_that_the_group_can_move_to(hand: ByHand, sound: SoundCluster) -> None:
    template = hand.launch_template(security_group=sound.security_group)
    group = sound.node_group(template=template)
    outputs = hand.update("LaunchTemplate", template.id, userData=encoded(NODE_CONFIG))
    assert (outputs["latestVersion"], outputs["defaultVersion"]) == (2, 2)
    moved = hand.update("NodeGroup", group.id, launchTemplate={"id": template.id, "version": "2"})
    assert moved["launchTemplate"] == {"id": template.id, "name": "cpu-template", "version": "2"}
    assert moved["arn"] == group.outputs["arn"]


def test_tags_of_a_template_change_without_a_new_version(hand: ByHand) -> None:
    template = hand.launch_template(security_group=hand.security_group())
    outputs = hand.update("LaunchTemplate", template.id, tags={"a": "b"}, tagsAll={"a": "b"})
    assert (outputs["latestVersion"], outputs["tagsAll"]) == (1, {"a": "b"})


def test_a_group_cannot_move_to_another_template_or_to_a_bad_version(hand: ByHand, sound: SoundCluster) -> None:
    template = hand.launch_template(security_group=sound.security_group)
    group = sound.node_group(template=template)
    other = hand.launch_template(security_group=sound.security_group, name="other")
    with pytest.raises(Refusal, match="You must specify the same launch template"):
        hand.update("NodeGroup", group.id, launchTemplate={"id": other.id, "version": "1"})
    hand.update("LaunchTemplate", template.id, userData=encoded("#!/bin/bash\n"))
    with pytest.raises(Refusal, match="MIME multipart"):
        hand.update("NodeGroup", group.id, launchTemplate={"id": template.id, "version": "2"})


def test_labels_taints_sizes_and_update_settings_change_in_place(hand: ByHand, sound: SoundCluster) -> None:
    group = sound.node_group(labels={"a": "1"})
    taint = {"key": "dedicated", "value": "ray", "effect": "NO_SCHEDULE"}
    outputs = hand.update(
        "NodeGroup",
        group.id,
        labels={"b": "2"},
        taints=[taint],
        scalingConfig={"minSize": 1, "desiredSize": 3, "maxSize": 4},
        updateConfig={"maxUnavailablePercentage": 50},
        tagsAll={"c": "3"},
    )
    assert outputs["labels"] == {"b": "2"}
    assert outputs["taints"] == [taint]
    assert outputs["scalingConfig"]["maxSize"] == 4
    assert outputs["updateConfig"] == {"maxUnavailablePercentage": 50}
    assert outputs["tagsAll"] == {"c": "3"}
    with pytest.raises(Refusal, match="Minimum capacity"):
        hand.update("NodeGroup", group.id, scalingConfig={"minSize": 5, "desiredSize": 3, "maxSize": 9})


def test_the_autoscaler_moves_the_desired_size_within_the_bounds(hand: ByHand, sound: SoundCluster) -> None:
    group = sound.node_group()
    set_desired_size(hand.account, group.id, 7)
    found = hand.read("NodeGroup", group.id)
    assert found is not None
    assert found[0]["scalingConfig"] == {"minSize": 2, "desiredSize": 7, "maxSize": 10}
    with pytest.raises(ValueError, match="11 is not within 2 and 10"):
        set_desired_size(hand.account, group.id, 11)


def test_sizes_are_sent_with_each_other_and_only_when_one_of_them_changes(hand: ByHand, sound: SoundCluster) -> None:
    group = sound.node_group()
    made = hand.inputs("NodeGroup", group.id)
    set_desired_size(hand.account, group.id, 7)

    labelled = hand.account.update(hand.type("NodeGroup"), group.id, made | {"labels": {"a": "1"}}, made)
    assert labelled["scalingConfig"] == {"minSize": 2, "desiredSize": 7, "maxSize": 10}

    # Who does not know the size of today sends that of yesterday: why the project refreshes before it updates.
    larger = made["scalingConfig"] | {"maxSize": 12}
    widened = hand.account.update(hand.type("NodeGroup"), group.id, made | {"scalingConfig": larger}, made)
    assert widened["scalingConfig"] == {"minSize": 2, "desiredSize": 3, "maxSize": 12}


def test_an_auto_scaling_tag_needs_its_group(hand: ByHand, sound: SoundCluster) -> None:
    name = sound.node_group().outputs["resources"][0]["autoscalingGroups"][0]["name"]
    tag = {"key": "k8s.io/cluster-autoscaler/node-template/label/a", "value": "b", "propagateAtLaunch": False}
    made = hand.make("Tag", autoscalingGroupName=name, tag=tag)
    assert hand.update("Tag", made.id, tag={**tag, "value": "c"})["tag"]["value"] == "c"
    with pytest.raises(Refusal, match="Reserved tag key: aws:name"):
        hand.make("Tag", autoscalingGroupName=name, tag={**tag, "key": "aws:name"})
    with pytest.raises(Refusal, match="Group eks-none not found"):
        hand.make("Tag", autoscalingGroupName="eks-none", tag=tag)
    with pytest.raises(Rejected, match="at most 128 characters"):
        hand.make("Tag", autoscalingGroupName=name, tag={**tag, "key": "k" * 129})
