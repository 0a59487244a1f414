"""How a control plane and its access entries are made, changed and deleted."""

from __future__ import annotations

from typing import Any

import pytest

from simulator import aws
from simulator.account import network_fixture
from simulator.account.moto_cloud import ClientError
from simulator.account.resource import Refusal
from simulator.aws.by_hand import use_up_addresses
from tests.simulator.aws_by_hand import (
    CLUSTER,
    OTHER_SUBNET,
    OTHER_VPC,
    SUBNETS,
    VPC,
    ByHand,
    SoundCluster,
)

ADMIN = "arn:aws:iam::123456789012:role/Admin"
ADMIN_POLICY = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"


def test_a_sound_cluster_is_made_with_all_that_the_platform_reads(hand: ByHand) -> None:
    group = hand.security_group()
    outputs = hand.cluster(security_group=group).outputs
    assert outputs["status"] == "ACTIVE"
    assert outputs["identities"][0]["oidcs"][0]["issuer"].startswith("https://oidc.eks.us-east-1.amazonaws.com/id/")
    assert outputs["endpoint"].startswith("https://")
    assert outputs["certificateAuthority"]["data"]
    assert outputs["vpcConfig"]["vpcId"] == VPC
    assert outputs["vpcConfig"]["clusterSecurityGroupId"] not in ("", group)
    assert outputs["kubernetesNetworkConfig"]["serviceIpv4Cidr"] == "172.20.0.0/16"


def test_a_second_cluster_of_a_name_is_refused(hand: ByHand) -> None:
    group = hand.security_group()
    cluster = hand.cluster(security_group=group)
    with pytest.raises(ClientError, match=r"ResourceInUseException.*Cluster already exists with name: ray"):
        hand.cluster(security_group=group, role_arn=cluster.outputs["roleArn"])


def test_a_subnet_with_fewer_than_six_free_addresses_is_refused(hand: ByHand) -> None:
    use_up_addresses(hand.account, SUBNETS[0])
    with pytest.raises(Refusal, match=f"not have enough free IP addresses.*{SUBNETS[0]}"):
        hand.cluster(security_group=hand.security_group())


def test_a_subnet_in_a_zone_without_eks_is_refused(hand: ByHand) -> None:
    subnet = next(each for each in hand.account.network["vpcs"][0]["subnets"] if each["id"] == SUBNETS[1])
    subnet["availabilityZone"] = "us-east-1e"
    hand.account.save()
    hand.account.rebuild()
    with pytest.raises(Refusal, match=r"UnsupportedAvailabilityZoneException.*us-east-1e \(use1-az3\)"):
        hand.cluster(security_group=hand.security_group())


def test_a_cluster_cannot_move_to_another_vpc(hand: ByHand) -> None:
    elsewhere = ["subnet-0b1b2c3d4e5f60008", OTHER_SUBNET]
    network_fixture.ensure_network(hand.account, OTHER_VPC, elsewhere)
    cluster = hand.cluster(security_group=hand.security_group())
    moved = {**cluster.outputs["vpcConfig"], "subnetIds": elsewhere, "securityGroupIds": []}
    with pytest.raises(Refusal, match="Subnets specified must belong to the VPC of the cluster"):
        hand.update("Cluster", CLUSTER, vpcConfig=moved)


def test_services_inside_the_vpc_are_refused(hand: ByHand) -> None:
    group, role = hand.security_group(), hand.cluster_role().outputs["arn"]
    with pytest.raises(Refusal, match=r"Service CIDR 10.0.128.0/20 overlaps"):
        hand.cluster(security_group=group, role_arn=role, kubernetesNetworkConfig={"serviceIpv4Cidr": "10.0.128.0/20"})
    hand.cluster(security_group=group, role_arn=role, kubernetesNetworkConfig={"serviceIpv4Cidr": "10.100.0.0/16"})


def test_a_cluster_goes_up_one_minor_version_at_a_time_and_never_down(hand: ByHand) -> None:
    hand.cluster(security_group=hand.security_group(), version="1.33")
    with pytest.raises(Refusal, match=r"Unsupported Kubernetes minor version update from 1.33 to 1.35"):
        hand.update("Cluster", CLUSTER, version="1.35")
    assert hand.update("Cluster", CLUSTER, version="1.34")["version"] == "1.34"
    with pytest.raises(Refusal, match=r"Unsupported Kubernetes minor version update from 1.34 to 1.33"):
        hand.update("Cluster", CLUSTER, version="1.33")


def test_a_cluster_goes_no_further_than_its_nodes_have_come(hand: ByHand) -> None:
    group = SoundCluster(hand, version="1.34").node_group(version="1.33")
    with pytest.raises(Refusal, match=r"Nodegroups \['cpu'\] must be updated to match cluster version 1.34"):
        hand.update("Cluster", CLUSTER, version="1.35")
    hand.update("NodeGroup", group.id, version="1.34")
    assert hand.update("Cluster", CLUSTER, version="1.35")["version"] == "1.35"


def test_the_version_of_a_cluster_can_be_looked_up(hand: ByHand) -> None:
    look_up = aws.INVOKES["aws:eks/getCluster:getCluster"]
    with pytest.raises(Refusal, match="No cluster found for name: ray"):
        look_up(hand.account, {"name": CLUSTER})
    hand.cluster(security_group=hand.security_group(), version="1.34")
    hand.update("Cluster", CLUSTER, version="1.35")

    assert look_up(hand.account, {"name": CLUSTER})["version"] == "1.35"


def test_the_authentication_mode_only_moves_towards_the_api(hand: ByHand) -> None:
    hand.cluster(security_group=hand.security_group())
    with pytest.raises(Refusal, match="Unsupported authentication mode update from API to CONFIG_MAP"):
        hand.update("Cluster", CLUSTER, accessConfig={"authenticationMode": "CONFIG_MAP"})


def test_encryption_can_be_added_but_neither_changed_nor_taken_away(hand: ByHand) -> None:
    hand.cluster(security_group=hand.security_group())
    first, second = (hand.make("Key").outputs["arn"] for _ in range(2))
    encryption = {"provider": {"keyArn": first}, "resources": ["secrets"]}
    assert hand.update("Cluster", CLUSTER, encryptionConfig=encryption)["encryptionConfig"] == encryption
    other = {"provider": {"keyArn": second}, "resources": ["secrets"]}
    assert hand.update("Cluster", CLUSTER, encryptionConfig=other)["encryptionConfig"] == encryption
    with pytest.raises(Refusal, match="cannot be turned off"):
        hand.update("Cluster", CLUSTER, encryptionConfig=None)


def test_logs_tags_and_endpoints_change_in_place(hand: ByHand) -> None:
    cluster = hand.cluster(security_group=hand.security_group(), enabledClusterLogTypes=["api"], tagsAll={"a": "1"})
    vpc_config = {**cluster.outputs["vpcConfig"], "endpointPublicAccess": True, "publicAccessCidrs": ["1.1.1.0/24"]}
    outputs = hand.update(
        "Cluster", CLUSTER, enabledClusterLogTypes=["audit", "api"], tagsAll={"b": "2"}, vpcConfig=vpc_config
    )
    assert outputs["enabledClusterLogTypes"] == ["audit", "api"]
    assert outputs["tagsAll"] == {"b": "2"}
    assert outputs["vpcConfig"]["publicAccessCidrs"] == ["1.1.1.0/24"]


def test_a_cluster_with_node_groups_cannot_be_deleted(hand: ByHand) -> None:
    node_group = SoundCluster(hand).node_group()
    with pytest.raises(ClientError, match=r"ResourceInUseException.*Cluster has nodegroups attached"):
        hand.delete("Cluster", CLUSTER)
    hand.delete("NodeGroup", node_group.id)
    hand.delete("Cluster", CLUSTER)


def test_a_protected_cluster_cannot_be_deleted(hand: ByHand) -> None:
    hand.cluster(security_group=hand.security_group(), deletionProtection=True)
    with pytest.raises(Refusal, match=r"InvalidRequestException.*deletion protection"):
        hand.delete("Cluster", CLUSTER)
    hand.update("Cluster", CLUSTER, deletionProtection=False)
    hand.delete("Cluster", CLUSTER)


def test_an_access_entry_needs_a_cluster_that_asks_the_api(hand: ByHand) -> None:
    hand.cluster(security_group=hand.security_group(), accessConfig={"authenticationMode": "CONFIG_MAP"})
    with pytest.raises(Refusal, match=r"InvalidRequestException.*authentication mode must be set to one of"):
        hand.make("AccessEntry", clusterName=CLUSTER, principalArn=ADMIN)


def test_a_second_access_entry_for_a_principal_is_refused(hand: ByHand) -> None:
    sound = SoundCluster(hand)
    sound.node_group()
    hand.make("AccessEntry", clusterName=CLUSTER, principalArn=ADMIN)
    for principal in (ADMIN, sound.node_role_arn):
        with pytest.raises(Refusal, match="access entry resource is already in use"):
            hand.make("AccessEntry", clusterName=CLUSTER, principalArn=principal)


def test_eks_makes_the_entry_of_the_clusters_creator_only_when_asked(hand: ByHand) -> None:
    bootstrap = {"authenticationMode": "API", "bootstrapClusterCreatorAdminPermissions": True}
    hand.cluster(security_group=hand.security_group(), accessConfig=bootstrap)
    with pytest.raises(Refusal, match="already in use"):
        hand.make("AccessEntry", clusterName=CLUSTER, principalArn="arn:aws:iam::123456789012:user/moto")


@pytest.mark.parametrize(
    "changes",
    [
        {"principalArn": "arn:aws:sts::123456789012:assumed-role/Admin/me"},
        {"principalArn": "Admin"},
        {"principalArn": ADMIN, "kubernetesGroups": ["system:masters"]},
    ],
)
def test_an_access_entry_outside_the_rules_is_refused(hand: ByHand, changes: dict[str, Any]) -> None:
    hand.cluster(security_group=hand.security_group())
    with pytest.raises(Refusal, match="InvalidParameterException"):
        hand.make("AccessEntry", clusterName=CLUSTER, **changes)


def test_an_access_policy_needs_its_entry_a_known_policy_and_a_clear_scope(hand: ByHand) -> None:
    hand.cluster(security_group=hand.security_group())
    whole = {"clusterName": CLUSTER, "principalArn": ADMIN, "accessScope": {"type": "cluster"}}
    with pytest.raises(Refusal, match="principalArn could not be found"):
        hand.make("AccessPolicyAssociation", **whole, policyArn=ADMIN_POLICY)
    hand.make("AccessEntry", clusterName=CLUSTER, principalArn=ADMIN)
    for policy in ("arn:aws:iam::aws:policy/AdministratorAccess", f"{ADMIN_POLICY}2"):
        with pytest.raises(Refusal, match="policyArn parameter format is not valid"):
            hand.make("AccessPolicyAssociation", **whole, policyArn=policy)
    for scope in ({"type": "namespace"}, {"type": "cluster", "namespaces": ["ray"]}, {"type": "pod"}):
        with pytest.raises(Refusal, match=r"access ?[sS]cope"):
            hand.make("AccessPolicyAssociation", **{**whole, "accessScope": scope}, policyArn=ADMIN_POLICY)
    hand.make("AccessPolicyAssociation", **whole, policyArn=ADMIN_POLICY)
