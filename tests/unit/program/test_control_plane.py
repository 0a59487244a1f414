"""The control plane, its log group, its addons, and what protects it."""

import json

from tests.support.graph import Graph
from tests.support.mocked_aws import SUBNET_IDS
from tests.unit.program.running import addon, program


def test_the_control_plane_is_private_logged_encrypted_and_without_parts_of_its_own(default: Graph) -> None:
    inputs = default.one("eks:index:Cluster").inputs
    expected = {
        "name": "ray-test",
        "version": "1.35",
        "authenticationMode": "API",
        "endpointPrivateAccess": True,
        "endpointPublicAccess": False,
        "enabledClusterLogTypes": ["api", "audit", "authenticator", "controllerManager", "scheduler"],
        "skipDefaultNodeGroup": True,
        "skipDefaultSecurityGroups": True,
        "bootstrapSelfManagedAddons": False,
        "useDefaultVpcCni": True,
        "createOidcProvider": False,
        "deletionProtection": False,
        "upgradePolicy": {"supportType": "STANDARD"},
        "subnetIds": SUBNET_IDS,
    }

    assert {key: inputs[key] for key in expected} == expected
    assert inputs["kubeProxyAddonOptions"]["enabled"] is False
    assert inputs["corednsAddonOptions"]["enabled"] is False
    assert "publicAccessCidrs" not in inputs


def test_public_access_is_for_the_named_cidrs() -> None:
    graph = program(cluster={"endpointPublicAccess": True, "publicAccessCidrs": ["203.0.113.0/24"]})
    inputs = graph.one("eks:index:Cluster").inputs

    assert (inputs["endpointPublicAccess"], inputs["publicAccessCidrs"]) == (True, ["203.0.113.0/24"])
    assert inputs["endpointPrivateAccess"] is True


def test_access_entries_carry_eks_own_policies_with_their_scope() -> None:
    principal = "arn:aws:iam::123456789012:role/ml-team"
    entries = {
        "ops": {"principalArn": principal.replace("ml-team", "ops")},
        "ml": {"principalArn": principal, "policy": "edit", "namespaces": ["ray"]},
    }
    given = program(cluster={"accessEntries": entries}).one("eks:index:Cluster").inputs["accessEntries"]

    assert given["ml"]["principalArn"] == principal
    assert given["ml"]["accessPolicies"]["edit"] == {
        "policyArn": "arn:aws:eks::aws:cluster-access-policy/AmazonEKSEditPolicy",
        "accessScope": {"type": "namespace", "namespaces": ["ray"]},
    }
    assert given["ops"]["accessPolicies"]["cluster-admin"]["accessScope"] == {"type": "cluster"}


def test_the_log_group_is_encrypted_and_kept_as_long_as_configured() -> None:
    graph = program(cluster={"logRetentionDays": 365})
    inputs = graph.one("LogGroup").inputs

    assert inputs["name"] == "/aws/eks/ray-test/cluster"
    assert inputs["retentionInDays"] == 365
    assert inputs["kmsKeyId"] == graph.outputs["kmsKeyArn"]


def test_no_log_types_means_no_log_group() -> None:
    graph = program(cluster={"logTypes": []})

    assert not graph.of_type("LogGroup")
    assert "logGroupName" not in graph.outputs


def test_addons_overwrite_conflicts_and_follow_the_kubernetes_version(default: Graph) -> None:
    addons = {each.inputs["addonName"]: each.inputs for each in default.of_type("Addon")}

    assert set(addons) == {"vpc-cni", "kube-proxy", "coredns", "aws-ebs-csi-driver"}
    for name, inputs in addons.items():
        assert inputs["resolveConflictsOnCreate"] == inputs["resolveConflictsOnUpdate"] == "OVERWRITE"
        assert inputs["addonVersion"] == f"v1.0.0-{name}"


def test_vpc_cni_has_prefix_delegation_network_policy_and_its_own_role(default: Graph) -> None:
    inputs = addon(default, "vpc-cni").inputs

    assert json.loads(inputs["configurationValues"]) == {
        "enableNetworkPolicy": "true",
        "env": {"ENABLE_PREFIX_DELEGATION": "true", "WARM_PREFIX_TARGET": "1"},
    }
    assert inputs["serviceAccountRoleArn"].endswith(":role/ray-test-vpc-cni")


def test_values_of_the_user_are_merged_over_ours() -> None:
    graph = program(addons={"vpcCni": {"prefixDelegation": False, "values": {"env": {"WARM_IP_TARGET": "2"}}}})

    assert json.loads(addon(graph, "vpc-cni").inputs["configurationValues"]) == {
        "enableNetworkPolicy": "true",
        "env": {"WARM_IP_TARGET": "2"},
    }


def test_switched_off_services_leave_nothing() -> None:
    graph = program(
        addons={
            "ebsCsiDriver": {"enabled": False},
            "clusterAutoscaler": {"enabled": False},
            "nodeTerminationHandler": {"enabled": False},
        }
    )

    assert "aws-ebs-csi-driver" not in {each.inputs["addonName"] for each in graph.of_type("Addon")}
    assert not graph.of_type("StorageClass")
    assert not graph.of_type("Queue")
    assert {role.name for role in graph.of_type("aws:iam/role:Role")} == {
        "ray-test-cluster",
        "ray-test-node",
        "ray-test-vpc-cni",
    }


def test_the_default_storage_class_is_encrypted_gp3(default: Graph) -> None:
    inputs = default.one("StorageClass").inputs

    assert inputs["parameters"] == {"type": "gp3", "encrypted": "true"}
    assert inputs["metadata"]["annotations"] == {"storageclass.kubernetes.io/is-default-class": "true"}


def test_the_oidc_provider_has_no_thumbprints(default: Graph) -> None:
    inputs = default.one("OpenIdConnectProvider").inputs

    assert inputs["clientIdLists"] == ["sts.amazonaws.com"]
    assert "thumbprintLists" not in inputs


def test_nothing_is_protected_unless_the_config_says_so(default: Graph) -> None:
    assert not any(node.protect for node in default.nodes.values())


def test_protection_covers_what_cannot_be_rebuilt_and_lets_node_groups_be_replaced() -> None:
    graph = program(operations={"protect": True, "deletionProtection": True})

    assert {node.type.split(":")[-1] for node in graph.nodes.values() if node.protect} == {
        "Key",
        "LogGroup",
        "Cluster",
        "OpenIdConnectProvider",
        # pulumi-eks makes one for itself in its component, whose protection is its children's.
        "kubernetes",
    }
    assert graph.one("eks:index:Cluster").inputs["deletionProtection"] is True
