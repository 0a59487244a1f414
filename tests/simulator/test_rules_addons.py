"""What EKS refuses of an addon, and when one never gets healthy."""

from __future__ import annotations

import json
from typing import Any

import pytest

from simulator import aws
from simulator.account.resource import Refusal
from tests.simulator.aws_by_hand import CLUSTER, ByHand, Rejected, SoundCluster, trust

UNHEALTHY = r"InsufficientNumberOfReplicas.*last state: 'DEGRADED', timeout: 20m0s"
GPU_TAINT = {"key": "nvidia.com/gpu", "value": "true", "effect": "NO_SCHEDULE"}


def driver_role(sound: SoundCluster, *policies: str, account: str = "kube-system:ebs-csi-controller-sa") -> str:
    admits = sound.hand.service_account_trust(sound.provider, account)
    return str(sound.hand.role("ebs-csi", admits, *policies).outputs["arn"])


def test_an_addon_without_a_version_gets_the_default_of_the_kubernetes_version(
    hand: ByHand, sound: SoundCluster
) -> None:
    sound.node_group()
    args = {"addonName": "coredns", "kubernetesVersion": "1.35"}
    default = aws.INVOKES["aws:eks/getAddonVersion:getAddonVersion"](hand.account, args)["version"]
    assert hand.addon("coredns").outputs["addonVersion"] == default


@pytest.mark.parametrize(
    ("name", "changes", "reason"),
    [
        ("gpu-operator", {}, "Addon gpu-operator specified is not supported"),
        ("eks-pod-identity-agent", {"addonVersion": "v9.9.9-eksbuild.1"}, "Addon version specified is not supported"),
        ("kube-proxy", {}, "Addon already exists"),
        ("eks-pod-identity-agent", {"clusterName": "nowhere"}, "No cluster found for name: nowhere"),
        ("eks-pod-identity-agent", {"configurationValues": "a: b"}, "not in valid JSON"),
        (
            "eks-pod-identity-agent",
            {"serviceAccountRoleArn": "arn:aws:iam::123456789012:role/none"},
            "role/none does not exist",
        ),
    ],
)
def test_an_addon_outside_the_rules_is_refused(
    sound: SoundCluster, name: str, changes: dict[str, Any], reason: str
) -> None:
    with pytest.raises(Refusal, match=reason):
        sound.hand.addon(name, **changes)


@pytest.mark.parametrize(
    ("values", "path"),
    [({"enableNetworkPolicy": True}, "enableNetworkPolicy"), ({"env": {"WARM_IP_TARGET": 1}}, "env.WARM_IP_TARGET")],
)
def test_values_of_vpc_cni_that_are_not_text_are_refused(hand: ByHand, values: dict[str, Any], path: str) -> None:
    hand.cluster(security_group=hand.security_group())
    with pytest.raises(Refusal, match=rf"Json schema validation failed.*{path}.*string expected"):
        hand.addon("vpc-cni", configurationValues=json.dumps(values))
    texts = {"enableNetworkPolicy": "true", "env": {"ENABLE_PREFIX_DELEGATION": "true"}}
    hand.addon("vpc-cni", configurationValues=json.dumps(texts))


def test_an_unknown_way_to_resolve_conflicts_is_rejected(sound: SoundCluster) -> None:
    with pytest.raises(Rejected, match="resolveConflictsOnCreate"):
        sound.hand.addon("eks-pod-identity-agent", resolveConflictsOnCreate="PRESERVE")


def test_coredns_before_any_node_never_gets_healthy(sound: SoundCluster) -> None:
    with pytest.raises(Refusal, match=UNHEALTHY):
        sound.hand.addon("coredns")
    sound.node_group()
    sound.hand.addon("coredns")


@pytest.mark.parametrize(
    "changes",
    [{"scalingConfig": {"minSize": 0, "desiredSize": 0, "maxSize": 5}}, {"taints": [GPU_TAINT]}],
    ids=["no node", "tainted nodes only"],
)
def test_coredns_needs_a_node_that_takes_it(sound: SoundCluster, changes: dict[str, Any]) -> None:
    sound.node_group(**changes)
    with pytest.raises(Refusal, match=UNHEALTHY):
        sound.hand.addon("coredns")


def test_the_ebs_driver_needs_nodes_a_role_and_its_policy(sound: SoundCluster) -> None:
    arn = driver_role(sound, "AmazonEBSCSIDriverPolicyV2")
    with pytest.raises(Refusal, match=UNHEALTHY):
        sound.hand.addon("aws-ebs-csi-driver", serviceAccountRoleArn=arn)
    sound.node_group()
    with pytest.raises(Refusal, match=r"it has no role, and the node role has no EBS CSI policy"):
        sound.hand.addon("aws-ebs-csi-driver")
    sound.hand.addon("aws-ebs-csi-driver", serviceAccountRoleArn=arn)


def test_the_ebs_driver_with_a_bare_role_never_gets_healthy(sound: SoundCluster) -> None:
    sound.node_group()
    with pytest.raises(Refusal, match=r"none of AmazonEBSCSIDriverPolicy, AmazonEBSCSIDriverPolicyV2 is attached"):
        sound.hand.addon("aws-ebs-csi-driver", serviceAccountRoleArn=driver_role(sound))


def test_the_ebs_driver_with_a_role_for_another_account_never_gets_healthy(sound: SoundCluster) -> None:
    sound.node_group()
    arn = driver_role(sound, "AmazonEBSCSIDriverPolicyV2", account="kube-system:ebs-csi-node-sa")
    with pytest.raises(Refusal, match=r"does not admit system:serviceaccount:kube-system:ebs-csi-controller-sa"):
        sound.hand.addon("aws-ebs-csi-driver", serviceAccountRoleArn=arn)
    service = sound.hand.role("service", trust("eks.amazonaws.com"), "AmazonEBSCSIDriverPolicyV2").outputs["arn"]
    with pytest.raises(Refusal, match=UNHEALTHY):
        sound.hand.addon("aws-ebs-csi-driver", serviceAccountRoleArn=service)


def test_version_and_values_of_an_addon_change_in_place(sound: SoundCluster) -> None:
    outputs = sound.hand.update("Addon", f"{CLUSTER}:kube-proxy", addonVersion="v1.35.3-eksbuild.5")
    assert outputs["addonVersion"] == "v1.35.3-eksbuild.5"
    with pytest.raises(Refusal, match="Addon version specified is not supported"):
        sound.hand.update("Addon", f"{CLUSTER}:kube-proxy", addonVersion="v1.34.1-eksbuild.2")


def test_the_addons_of_a_deleted_cluster_are_gone(sound: SoundCluster) -> None:
    sound.hand.delete("Cluster", CLUSTER)
    assert sound.hand.read("Addon", f"{CLUSTER}:vpc-cni") is None
