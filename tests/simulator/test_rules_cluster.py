"""What EKS refuses of a control plane.

No test here gets a cluster, so they share one account.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from simulator import aws
from simulator.account import Account, network_fixture
from simulator.account.resource import Refusal
from tests.simulator.aws_by_hand import (
    OTHER_SUBNET,
    OTHER_VPC,
    SUBNETS,
    ByHand,
    ClusterParts,
    Rejected,
    document,
    owner_statement,
    trust,
)


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClusterParts]:
    with Account.open(tmp_path_factory.mktemp("account") / "account.json", aws.RESOURCE_TYPES) as account:
        yield ClusterParts(ByHand(account))


@pytest.mark.parametrize("name", ["-ray", "ray.cluster", "x" * 101, ""])
def test_a_name_that_eks_does_not_take_is_rejected(parts: ClusterParts, name: str) -> None:
    with pytest.raises(Rejected, match="name"):
        parts.cluster(name=name)


@pytest.mark.parametrize("version", ["1.31", "1.99", "9.99"])
def test_a_version_that_eks_does_not_offer_is_refused(parts: ClusterParts, version: str) -> None:
    with pytest.raises(Refusal, match=f"unsupported Kubernetes version {version}"):
        parts.cluster(version=version)


def test_a_role_that_is_missing_is_refused(parts: ClusterParts) -> None:
    with pytest.raises(Refusal, match="could not be assumed because it does not exist"):
        parts.cluster(role_arn="arn:aws:iam::123456789012:role/none")


def test_a_role_that_does_not_trust_eks_is_refused(parts: ClusterParts) -> None:
    role = parts.hand.role("wrong", trust("ec2.amazonaws.com"), "AmazonEKSClusterPolicy")
    with pytest.raises(Refusal, match="the trusted entity is not correct"):
        parts.cluster(role_arn=role.outputs["arn"])


def test_a_role_whose_policy_is_not_attached_yet_is_refused(parts: ClusterParts) -> None:
    role = parts.hand.role("bare", trust("eks.amazonaws.com"))
    with pytest.raises(Refusal, match="following policy is attached: arn:aws:iam::aws:policy/AmazonEKSClusterPolicy"):
        parts.cluster(role_arn=role.outputs["arn"])


def test_subnets_in_one_zone_are_refused(parts: ClusterParts) -> None:
    with pytest.raises(Refusal, match="at least two different AZs"):
        parts.cluster(vpcConfig={"subnetIds": SUBNETS[:1]})


def test_subnets_of_two_vpcs_are_refused(parts: ClusterParts) -> None:
    network_fixture.ensure_network(parts.hand.account, OTHER_VPC, [OTHER_SUBNET])
    with pytest.raises(Refusal, match="must belong to the same VPC"):
        parts.cluster(vpcConfig={"subnetIds": [*SUBNETS, OTHER_SUBNET]})


def test_a_subnet_that_is_missing_is_refused(parts: ClusterParts) -> None:
    with pytest.raises(Refusal, match="subnet-0000000000000000f"):
        parts.cluster(vpcConfig={"subnetIds": ["subnet-0000000000000000f"]})


def test_a_security_group_of_another_vpc_is_refused(parts: ClusterParts) -> None:
    network_fixture.ensure_network(parts.hand.account, OTHER_VPC, [OTHER_SUBNET])
    stranger = parts.hand.make("SecurityGroup", name="other", description="other", vpcId=OTHER_VPC)
    with pytest.raises(Refusal, match="not in the same VPC as the subnets"):
        parts.cluster(security_group=stranger.id)
    with pytest.raises(Refusal, match="sg-0000000000000000f"):
        parts.cluster(security_group="sg-0000000000000000f")


def test_an_endpoint_that_is_neither_public_nor_private_is_refused(parts: ClusterParts) -> None:
    with pytest.raises(Refusal, match="Private and public endpoint access cannot be false"):
        parts.cluster(vpcConfig={"endpointPrivateAccess": False})


def test_private_ranges_for_public_access_are_refused(parts: ClusterParts) -> None:
    public = {"endpointPublicAccess": True, "publicAccessCidrs": ["10.0.0.0/8"]}
    with pytest.raises(Refusal, match=r"not allowed in publicAccessCidrs: \['10.0.0.0/8'\]"):
        parts.cluster(vpcConfig=public)


@pytest.mark.parametrize("cidr", ["100.64.0.0/16", "10.0.0.0/8", "10.100.0.0/25", "nonsense"])
def test_a_service_range_outside_the_rules_is_rejected(parts: ClusterParts, cidr: str) -> None:
    with pytest.raises(Rejected, match="serviceIpv4Cidr"):
        parts.cluster(kubernetesNetworkConfig={"serviceIpv4Cidr": cidr})


def test_a_key_that_is_missing_or_disabled_is_refused(parts: ClusterParts) -> None:
    disabled = parts.hand.make("Key", isEnabled=False, policy=document(owner_statement())).outputs["arn"]
    missing = disabled.rpartition("/")[0] + "/00000000-0000-0000-0000-000000000000"
    for arn in (disabled, missing):
        encryption = {"provider": {"keyArn": arn}, "resources": ["secrets"]}
        with pytest.raises(Refusal, match="keyArn in encryptionConfig provider is invalid"):
            parts.cluster(encryptionConfig=encryption)


def test_nothing_but_secrets_can_be_encrypted(parts: ClusterParts) -> None:
    encryption = {"provider": {"keyArn": parts.hand.make("Key").outputs["arn"]}, "resources": ["secrets", "configmaps"]}
    with pytest.raises(Refusal, match=r"Only \[secrets\] can be encrypted"):
        parts.cluster(encryptionConfig=encryption)


def test_an_unknown_log_type_or_authentication_mode_is_rejected(parts: ClusterParts) -> None:
    with pytest.raises(Rejected, match="enabledClusterLogTypes"):
        parts.cluster(enabledClusterLogTypes=["kubelet"])
    with pytest.raises(Rejected, match="authenticationMode"):
        parts.cluster(accessConfig={"authenticationMode": "OIDC"})
