"""Security groups, their rules, and what holds them."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.account.moto_cloud import ClientError
from simulator.account.resource import Refusal
from tests.simulator.aws_by_hand import CLUSTER, VPC, ByHand, Rejected, SoundCluster


def test_a_new_group_lets_nothing_out(hand: ByHand) -> None:
    group = hand.make("SecurityGroup", name="nodes", description="nodes", vpcId=VPC).id
    found = hand.account.client("ec2").describe_security_groups(GroupIds=[group])["SecurityGroups"][0]
    assert found["IpPermissionsEgress"] == []


@pytest.mark.parametrize("name", ["sg-nodes", "x" * 256, "nodes?"])
def test_a_name_that_ec2_does_not_take_is_rejected(hand: ByHand, name: str) -> None:
    with pytest.raises(Rejected, match="name"):
        hand.make("SecurityGroup", name=name, description="nodes", vpcId=VPC)


def test_a_second_group_of_a_name_in_a_vpc_is_refused(hand: ByHand) -> None:
    hand.security_group(name="nodes")
    with pytest.raises(ClientError, match=r"InvalidGroup.Duplicate"):
        hand.security_group(name="nodes")


def test_a_group_in_a_vpc_that_is_not_there_is_refused(hand: ByHand) -> None:
    with pytest.raises(ClientError, match=r"InvalidVpcID.NotFound"):
        hand.make("SecurityGroup", name="nodes", description="nodes", vpcId="vpc-0000000000000000f")


@pytest.mark.parametrize("description", ["Ray's head", "a" * 256])
def test_a_description_with_characters_ec2_refuses_is_rejected(hand: ByHand, description: str) -> None:
    group = hand.security_group()
    with pytest.raises(Rejected, match="description"):
        hand.make("SecurityGroup", name="other", description=description, vpcId=VPC)
    with pytest.raises(Rejected, match="description"):
        hand.make(
            "SecurityGroupEgressRule",
            securityGroupId=group,
            ipProtocol="-1",
            cidrIpv4="10.9.0.0/16",
            description=description,
        )


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, "exactly one of"),
        ({"cidrIpv4": "10.0.0.0/8", "prefixListId": "pl-1"}, "exactly one of"),
        ({"cidrIpv4": "10.0.0.1/8"}, "not a valid IPv4 CIDR"),
    ],
)
def test_a_rule_without_one_clear_source_is_rejected(hand: ByHand, changes: dict[str, Any], reason: str) -> None:
    group = hand.security_group()
    with pytest.raises(Rejected, match=reason):
        hand.make("SecurityGroupEgressRule", securityGroupId=group, ipProtocol="-1", **changes)


@pytest.mark.parametrize("ports", [{}, {"fromPort": 443}, {"fromPort": 444, "toPort": 443}])
def test_a_tcp_rule_without_a_range_of_ports_is_refused(hand: ByHand, ports: dict[str, int]) -> None:
    group = hand.security_group()
    with pytest.raises(Refusal, match="InvalidParameterValue"):
        hand.make(
            "SecurityGroupEgressRule", securityGroupId=group, ipProtocol="tcp", cidrIpv4="192.168.0.0/16", **ports
        )


def test_a_rule_of_a_group_that_is_not_there_is_refused(hand: ByHand) -> None:
    with pytest.raises(Refusal, match=r"InvalidGroup.NotFound"):
        hand.make(
            "SecurityGroupEgressRule", securityGroupId="sg-0000000000000000f", ipProtocol="-1", cidrIpv4="10.0.0.0/8"
        )


def test_the_same_rule_twice_is_refused(hand: ByHand) -> None:
    group = hand.security_group()
    with pytest.raises(ClientError, match=r"InvalidPermission.Duplicate"):
        hand.make("SecurityGroupEgressRule", securityGroupId=group, ipProtocol="-1", cidrIpv4="10.0.0.0/8")


def test_a_rule_can_change_its_range_in_place(hand: ByHand) -> None:
    group = hand.security_group()
    rule = hand.make("SecurityGroupEgressRule", securityGroupId=group, ipProtocol="-1", cidrIpv4="172.16.0.0/12")
    assert hand.update("SecurityGroupEgressRule", rule.id, cidrIpv4="192.168.0.0/16")["cidrIpv4"] == "192.168.0.0/16"


def test_the_group_of_a_control_plane_cannot_be_deleted(hand: ByHand) -> None:
    group = hand.security_group()
    hand.cluster(security_group=group)
    with pytest.raises(Refusal, match=f"DependencyViolation.*EKS cluster {CLUSTER}"):
        hand.delete("SecurityGroup", group)
    hand.delete("Cluster", CLUSTER)
    hand.delete("SecurityGroup", group)


def test_the_group_of_nodes_cannot_be_deleted(hand: ByHand) -> None:
    sound = SoundCluster(hand)
    group = hand.security_group(name="more")
    template = hand.launch_template(security_group=group, vpcSecurityGroupIds=[sound.security_group, group])
    node_group = sound.node_group(template=template)
    with pytest.raises(Refusal, match=f"DependencyViolation.*node group {CLUSTER}:cpu"):
        hand.delete("SecurityGroup", group)
    hand.delete("NodeGroup", node_group.id)
    hand.delete("SecurityGroup", group)


def test_a_group_that_another_groups_rule_names_cannot_be_deleted(hand: ByHand) -> None:
    used, using = hand.security_group(name="used"), hand.security_group(name="using")
    rule = hand.make("SecurityGroupIngressRule", securityGroupId=using, ipProtocol="-1", referencedSecurityGroupId=used)
    with pytest.raises(Refusal, match=f"DependencyViolation.*a rule of security group {using}"):
        hand.delete("SecurityGroup", used)
    hand.delete("SecurityGroupIngressRule", rule.id)
    hand.delete("SecurityGroup", used)


def test_node_groups_that_go_after_vpc_cni_leave_an_interface_that_holds_the_group(hand: ByHand) -> None:
    sound = SoundCluster(hand)
    node_group = sound.node_group()
    hand.delete("Addon", f"{CLUSTER}:vpc-cni")
    hand.delete("NodeGroup", node_group.id)
    hand.delete("Cluster", CLUSTER)
    with pytest.raises(Refusal, match=r"DependencyViolation.*network interface.*aws-K8S-cpu"):
        hand.delete("SecurityGroup", sound.security_group)


def test_node_groups_that_go_before_vpc_cni_leave_nothing(hand: ByHand) -> None:
    sound = SoundCluster(hand)
    node_group = sound.node_group()
    hand.delete("NodeGroup", node_group.id)
    hand.delete("Addon", f"{CLUSTER}:vpc-cni")
    hand.delete("Cluster", CLUSTER)
    hand.delete("SecurityGroup", sound.security_group)
    assert hand.account.records("aws:ec2/securityGroup:SecurityGroup") == []
