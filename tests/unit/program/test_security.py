"""The key, the roles, the security group."""

import json

import pytest

from tests.support.graph import Graph
from tests.unit.program.running import MIRRORS, program

GIVEN_KEY = "arn:aws:kms:us-east-1:123456789012:key/0a1b2c3d-0000-4000-8000-000000000000"


def test_the_key_rotates_and_waits_before_it_is_deleted(default: Graph) -> None:
    key = default.one("Key").inputs

    assert key["enableKeyRotation"] is True
    assert key["deletionWindowInDays"] == 7
    assert default.one("Alias").inputs["name"] == "alias/eks/ray-test"


def test_a_given_key_is_used_and_nothing_is_made_or_changed_of_it() -> None:
    graph = program(security={"kmsKeyArn": GIVEN_KEY})

    assert not graph.of_type("Key")
    assert not graph.of_type("Alias")
    assert graph.one("eks:index:Cluster").inputs["encryptionConfigKeyArn"] == GIVEN_KEY
    assert graph.one("LogGroup").inputs["kmsKeyId"] == GIVEN_KEY


def attached(graph: Graph, role: str) -> set[str]:
    return {
        each.inputs["policyArn"].rpartition("/")[2]
        for each in graph.of_type("RolePolicyAttachment")
        if each.inputs["role"] == role
    }


def test_roles_have_the_managed_policies_they_need_and_no_more(default: Graph) -> None:
    assert {role.name: attached(default, role.name) for role in default.of_type("aws:iam/role:Role")} == {
        "ray-test-cluster": {"AmazonEKSClusterPolicy", "AmazonEKSVPCResourceController"},
        "ray-test-node": {"AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly"},
        "ray-test-vpc-cni": {"AmazonEKS_CNI_Policy"},
        "ray-test-ebs-csi": {"AmazonEBSCSIDriverPolicyV2"},
        "ray-test-cluster-autoscaler": set(),
        "ray-test-termination-handler": set(),
    }
    assert {each.name for each in default.of_type("aws:iam/rolePolicy:RolePolicy")} == {
        "ray-test-cluster-autoscaler-scale",
        "ray-test-termination-handler-interruption",
    }


def test_session_manager_is_there_on_request_only() -> None:
    graph = program(security={"sessionManager": True})

    assert "AmazonSSMManagedInstanceCore" in attached(graph, "ray-test-node")


@pytest.mark.parametrize(
    ("role", "account"),
    [
        ("vpc-cni", "aws-node"),
        ("ebs-csi", "ebs-csi-controller-sa"),
        ("cluster-autoscaler", "cluster-autoscaler"),
        ("termination-handler", "aws-node-termination-handler"),
    ],
)
def test_each_service_account_role_trusts_its_one_service_account(default: Graph, role: str, account: str) -> None:
    trust = json.loads(default.one("aws:iam/role:Role", f"ray-test-{role}").inputs["assumeRolePolicy"])
    issuer = "oidc.eks.us-east-1.amazonaws.com/id/PLANNED"

    assert trust["Statement"][0]["Condition"]["StringEquals"] == {
        f"{issuer}:sub": f"system:serviceaccount:kube-system:{account}",
        f"{issuer}:aud": "sts.amazonaws.com",
    }


def egress(graph: Graph) -> set[tuple[str | None, str, int | None]]:
    return {
        (rule.inputs.get("cidrIpv4"), rule.inputs["ipProtocol"], rule.inputs.get("toPort"))
        for rule in graph.of_type("SecurityGroupEgressRule")
    }


PRIVATE = {("10.0.0.0/8", "-1", None), ("172.16.0.0/12", "-1", None), ("192.168.0.0/16", "-1", None)}


def test_egress_is_private_ranges_the_vpc_and_https(default: Graph) -> None:
    assert egress(default) == PRIVATE | {("10.0.0.0/16", "-1", None), ("0.0.0.0/0", "tcp", 443)}


def test_private_egress_opens_nothing_but_s3_which_a_gateway_endpoint_leaves_at_its_public_addresses() -> None:
    graph = program(security={"egress": "private"}, addons={"imageMirrors": MIRRORS})
    s3 = graph.one("SecurityGroupEgressRule", "ray-test-to-s3").inputs

    assert egress(graph) == PRIVATE | {("10.0.0.0/16", "-1", None), (None, "tcp", 443)}
    assert s3["prefixListId"] == "pl-com.amazonaws.us-east-1.s3"


def test_ingress_is_from_itself_only_and_every_rule_is_described(default: Graph) -> None:
    (ingress,) = default.of_type("SecurityGroupIngressRule")

    assert ingress.inputs["referencedSecurityGroupId"] == ingress.inputs["securityGroupId"]
    assert "cidrIpv4" not in ingress.inputs
    assert all(rule.inputs["description"] for rule in [ingress, *default.of_type("SecurityGroupEgressRule")])
    assert not {"ingress", "egress"} & default.one("SecurityGroup").inputs.keys()
