"""The whole program under mocks: what it registers, what it does not, who is whose child and who waits for whom."""

import json
from collections.abc import Mapping
from typing import Any

import pulumi_aws as aws
import pytest

from tests.support.graph import Graph, Node, run_program
from tests.support.mocked_aws import SUBNET_IDS, VPC_ID

NETWORK = {"vpcId": VPC_ID, "subnetIds": SUBNET_IDS}
GIVEN_KEY = "arn:aws:kms:us-east-1:123456789012:key/0a1b2c3d-0000-4000-8000-000000000000"


def program(**sections: Mapping[str, Any]) -> Graph:
    cluster = {"name": "ray-test"} | dict(sections.pop("cluster", {}))
    return run_program({"network": NETWORK, "cluster": cluster, **sections})


@pytest.fixture(scope="module")
def default() -> Graph:
    """The program with nothing configured but the network and a name."""
    return program()


def node_group(graph: Graph, pool: str) -> Node:
    return graph.one("NodeGroup", f"ray-test-{pool}")


def addon(graph: Graph, name: str) -> Node:
    return graph.one("Addon", f"ray-test-{name}")


# Node pools


def test_the_default_pools_are_those_of_the_seed_with_a_fallback_for_the_spot_gpu_pool(default: Graph) -> None:
    assert {group.name for group in default.of_type("NodeGroup")} == {
        "ray-test-cpu",
        "ray-test-gpu",
        "ray-test-gpu-on-demand",
    }


@pytest.mark.parametrize(
    ("pool", "sizes", "capacity", "types"),
    [
        ("cpu", (2, 3, 10), "ON_DEMAND", ["m5.xlarge", "m5.2xlarge"]),
        ("gpu", (0, 0, 5), "SPOT", ["g4dn.xlarge", "g4dn.2xlarge"]),
        ("gpu-on-demand", (0, 0, 1), "ON_DEMAND", ["g4dn.xlarge"]),
    ],
)
def test_scaling_bounds_capacity_and_types_reach_the_node_group(
    default: Graph, pool: str, sizes: tuple[int, int, int], capacity: str, types: list[str]
) -> None:
    inputs = node_group(default, pool).inputs

    assert inputs["scalingConfig"] == {"minSize": sizes[0], "desiredSize": sizes[1], "maxSize": sizes[2]}
    assert inputs["capacityType"] == capacity
    assert inputs["instanceTypes"] == types


@pytest.mark.parametrize("pool", ["gpu", "gpu-on-demand"])
def test_gpu_nodes_are_tainted_labelled_and_run_the_nvidia_image(default: Graph, pool: str) -> None:
    inputs = node_group(default, pool).inputs

    assert inputs["taints"] == [{"key": "nvidia.com/gpu", "value": "true", "effect": "NO_SCHEDULE"}]
    assert inputs["labels"]["nvidia.com/gpu"] == "true"
    assert inputs["labels"]["ray.io/resource-type"] == "gpu"
    assert inputs["labels"]["k8s.amazonaws.com/accelerator"] == "nvidia-t4"
    assert inputs["amiType"] == "AL2023_x86_64_NVIDIA"


def test_cpu_nodes_take_every_pod(default: Graph) -> None:
    inputs = node_group(default, "cpu").inputs

    assert inputs["taints"] == []
    assert inputs["amiType"] == "AL2023_x86_64_STANDARD"
    assert inputs["labels"]["ray.io/node-type"] == "worker"
    assert inputs["labels"]["ray.io/resource-type"] == "cpu"


def test_no_gpu_pool_means_nothing_of_it_at_all() -> None:
    graph = program(nodePools={"cpu": {}})

    assert [group.name for group in graph.of_type("NodeGroup")] == ["ray-test-cpu"]
    assert not graph.of_type("Queue")
    assert not graph.of_type("EventRule")
    assert "terminationHandlerRoleArn" not in graph.outputs


def test_an_on_demand_gpu_pool_has_no_fallback_and_no_termination_handler() -> None:
    graph = program(nodePools={"cpu": {}, "gpu": {"gpu": True, "capacityType": "ON_DEMAND"}})

    assert {group.name for group in graph.of_type("NodeGroup")} == {"ray-test-cpu", "ray-test-gpu"}
    assert not graph.of_type("Queue")


def test_an_arm_pool_gets_the_arm_image() -> None:
    graph = program(nodePools={"cpu": {}, "arm": {"architecture": "arm64"}})

    assert node_group(graph, "arm").inputs["amiType"] == "AL2023_ARM_64_STANDARD"


def test_every_node_group_is_auto_named_and_replaced_create_first(default: Graph) -> None:
    for group in default.of_type("NodeGroup"):
        assert "nodeGroupName" not in group.inputs
        assert not group.delete_before_replace


def test_the_desired_size_belongs_to_the_autoscaler(default: Graph) -> None:
    assert all(group.ignore_changes == ("scalingConfig.desiredSize",) for group in default.of_type("NodeGroup"))


def test_node_groups_follow_the_version_of_the_control_plane(default: Graph) -> None:
    assert {group.inputs["version"] for group in default.of_type("NodeGroup")} == {"1.35"}


def test_node_groups_are_updated_one_node_at_a_time_and_repaired(default: Graph) -> None:
    for group in default.of_type("NodeGroup"):
        assert group.inputs["updateConfig"] == {"maxUnavailable": 1}
        assert group.inputs["nodeRepairConfig"] == {"enabled": True}
        assert group.timeouts["create"] == "30m"


def test_launch_templates_require_imdsv2_with_one_hop(default: Graph) -> None:
    templates = default.of_type("LaunchTemplate")

    assert len(templates) == 3
    for template in templates:
        assert template.inputs["metadataOptions"] == {
            "httpEndpoint": "enabled",
            "httpTokens": "required",
            "httpPutResponseHopLimit": 1,
        }


@pytest.mark.parametrize(("pool", "gib"), [("cpu", 100), ("gpu", 200), ("gpu-on-demand", 200)])
def test_volumes_are_encrypted_gp3_of_the_configured_size(default: Graph, pool: str, gib: int) -> None:
    (device,) = default.one("LaunchTemplate", f"ray-test-{pool}").inputs["blockDeviceMappings"]

    assert device["deviceName"] == "/dev/xvda"
    assert device["ebs"] == {
        "volumeType": "gp3",
        "volumeSize": gib,
        "iops": 3000,
        "throughput": 125,
        "encrypted": "true",
        "deleteOnTermination": "true",
    }


def test_volumes_use_our_key_only_when_asked_and_then_the_key_admits_ec2(default: Graph) -> None:
    graph = program(security={"encryptVolumesWithKey": True})
    (device,) = graph.one("LaunchTemplate", "ray-test-cpu").inputs["blockDeviceMappings"]

    assert device["ebs"]["kmsKeyId"] == graph.outputs["kmsKeyArn"]
    assert "Ec2EncryptsVolumes" in graph.one("Key").inputs["policy"]
    assert "Ec2EncryptsVolumes" not in default.one("Key").inputs["policy"]


def test_nodes_carry_our_security_group_and_no_other(default: Graph) -> None:
    group = default.one("SecurityGroup")

    for template in default.of_type("LaunchTemplate"):
        assert template.inputs["vpcSecurityGroupIds"] == [f"{group.name}-id"]
        assert "networkInterfaces" not in template.inputs


def test_tags_reach_instances_volumes_and_interfaces() -> None:
    graph = program(aws={"tags": {"CostCenter": "ml"}}, nodePools={"cpu": {}})
    specifications = graph.one("LaunchTemplate").inputs["tagSpecifications"]

    assert {each["resourceType"] for each in specifications} == {"instance", "volume", "network-interface"}
    assert all(each["tags"]["CostCenter"] == "ml" for each in specifications)
    assert json.loads(graph.one("pulumi:providers:aws").inputs["defaultTags"])["tags"] == graph.outputs["resourceTags"]
    assert graph.outputs["resourceTags"]["CostCenter"] == "ml"


def test_there_is_no_user_data_unless_the_user_adds_some(default: Graph) -> None:
    graph = program(nodePools={"cpu": {"nodeConfig": {"kubelet": {"config": {"maxPods": 58}}}}})

    assert all("userData" not in template.inputs for template in default.of_type("LaunchTemplate"))
    assert "userData" in graph.one("LaunchTemplate").inputs


def test_scaling_from_zero_finds_labels_taint_and_gpus_on_the_autoscaling_group(default: Graph) -> None:
    prefix = "k8s.io/cluster-autoscaler/node-template"
    tags = {
        each.inputs["tag"]["key"]: each.inputs["tag"]["value"]
        for each in default.of_type("aws:autoscaling/tag:Tag")
        if each.inputs["autoscalingGroupName"] == "eks-ray-test-gpu"
    }
    labels = node_group(default, "gpu").inputs["labels"]

    assert tags == {f"{prefix}/label/{key}": value for key, value in labels.items()} | {
        f"{prefix}/taint/nvidia.com/gpu": "true:NoSchedule",
        f"{prefix}/resources/nvidia.com/gpu": "1",
        f"{prefix}/resources/ephemeral-storage": "200Gi",
    }
    assert not any(each.inputs["tag"]["propagateAtLaunch"] for each in default.of_type("aws:autoscaling/tag:Tag"))


# Security


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
    issuer = "oidc.eks.us-east-1.amazonaws.com/id/TEST"

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
    graph = program(security={"egress": "private"})
    s3 = graph.one("SecurityGroupEgressRule", "ray-test-to-s3").inputs

    assert egress(graph) == PRIVATE | {("10.0.0.0/16", "-1", None), (None, "tcp", 443)}
    assert s3["prefixListId"] == "pl-com.amazonaws.us-east-1.s3"


def test_ingress_is_from_itself_only_and_every_rule_is_described(default: Graph) -> None:
    (ingress,) = default.of_type("SecurityGroupIngressRule")

    assert ingress.inputs["referencedSecurityGroupId"] == ingress.inputs["securityGroupId"]
    assert "cidrIpv4" not in ingress.inputs
    assert all(rule.inputs["description"] for rule in [ingress, *default.of_type("SecurityGroupEgressRule")])
    assert not {"ingress", "egress"} & default.one("SecurityGroup").inputs.keys()


# The control plane


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


# Interruptions


def test_five_kinds_of_events_go_to_one_queue_that_only_our_rules_may_fill(default: Graph) -> None:
    queue = default.one("Queue")
    patterns = [json.loads(rule.inputs["eventPattern"]) for rule in default.of_type("EventRule")]
    policy = json.loads(default.one("QueuePolicy").inputs["policy"])

    assert {pattern["detail-type"][0] for pattern in patterns} == {
        "EC2 Spot Instance Interruption Warning",
        "EC2 Instance Rebalance Recommendation",
        "EC2 Instance State-change Notification",
        "AWS Health Event",
        "EC2 Instance-terminate Lifecycle Action",
    }
    assert {target.inputs["arn"] for target in default.of_type("EventTarget")} == {
        f"arn:aws:sqs:us-east-1:123456789012:{queue.name}"
    }
    assert len(policy["Statement"][0]["Condition"]["ArnEquals"]["aws:SourceArn"]) == 5
    assert queue.inputs["messageRetentionSeconds"] == 300
    assert queue.inputs["sqsManagedSseEnabled"] is True


# Protection


def test_nothing_is_protected_unless_the_config_says_so(default: Graph) -> None:
    assert not any(node.protect for node in default.nodes.values())


def test_protection_covers_what_cannot_be_rebuilt_and_lets_node_groups_be_replaced() -> None:
    graph = program(operations={"protect": True, "deletionProtection": True})

    assert {node.type.split(":")[-1] for node in graph.nodes.values() if node.protect} == {
        "Key",
        "LogGroup",
        "Cluster",
        "OpenIdConnectProvider",
    }
    assert graph.one("eks:index:Cluster").inputs["deletionProtection"] is True


# Order, which is also the order of destroy, read backwards


def test_what_the_control_plane_needs_is_there_before_it(default: Graph) -> None:
    control_plane = default.one("eks:index:Cluster")
    attachments = [
        each for each in default.of_type("RolePolicyAttachment") if each.inputs["role"] == "ray-test-cluster"
    ]

    for first in [default.one("LogGroup"), default.one("Key"), *attachments]:
        assert default.before(first, control_plane), first.name
    # Resources handed to a component are references, which wait by themselves; the engine tests see that they do.
    assert isinstance(control_plane.inputs["clusterSecurityGroup"], aws.ec2.SecurityGroup)
    assert isinstance(control_plane.inputs["serviceRole"], aws.iam.Role)


def test_vpc_cni_and_kube_proxy_come_before_every_node_and_coredns_and_ebs_after_the_cpu_pool(
    default: Graph,
) -> None:
    for group in default.of_type("NodeGroup"):
        assert default.before(addon(default, "vpc-cni"), group)
        assert default.before(addon(default, "kube-proxy"), group)
    for name in ("coredns", "aws-ebs-csi-driver"):
        assert default.before(node_group(default, "cpu"), addon(default, name))
        assert not default.before(node_group(default, "gpu"), addon(default, name))


def test_nodes_wait_for_the_policies_of_their_role_and_the_rules_of_their_security_group(default: Graph) -> None:
    group = node_group(default, "cpu")
    needed = [each for each in default.of_type("RolePolicyAttachment") if each.inputs["role"] == "ray-test-node"]
    needed += default.of_type("SecurityGroupEgressRule") + default.of_type("SecurityGroupIngressRule")

    assert len(needed) == 8
    assert all(default.before(first, group) for first in needed)


def test_an_addon_with_a_role_waits_for_that_roles_policies(default: Graph) -> None:
    for name, role in (("vpc-cni", "vpc-cni"), ("aws-ebs-csi-driver", "ebs-csi")):
        (attachment,) = [
            each for each in default.of_type("RolePolicyAttachment") if each.inputs["role"] == f"ray-test-{role}"
        ]
        assert default.before(attachment, addon(default, name))


def test_pools_do_not_wait_for_each_other(default: Graph) -> None:
    groups = default.of_type("NodeGroup")

    assert not any(default.before(one, other) for one in groups for other in groups)


# Components


def test_every_resource_is_the_child_of_a_component_and_uses_the_one_aws_provider(default: Graph) -> None:
    provider = default.one("pulumi:providers:aws")
    for node in default.nodes.values():
        if node.type.startswith("pulumi:providers:"):
            continue
        if node.custom:
            assert any(each.type.startswith("ray-platform:") for each in default.ancestors(node)), node.urn
        if node.custom and node.type.startswith("aws:"):
            assert node.provider.startswith(provider.urn), node.urn


def test_the_diagram_is_the_tree(default: Graph) -> None:
    root = "::pulumi:pulumi:Stack::"

    assert {node.type.split(":")[-1] for node in default.nodes.values() if root in node.parent and not node.custom} == {
        "Network",
        "Security",
        "Cluster",
        "NodePools",
        "Addons",
        "ClusterAutoscaler",
        "TerminationHandler",
    }


def test_the_given_network_is_never_a_resource_of_the_stack(default: Graph) -> None:
    types = {node.type for node in default.nodes.values()}

    assert not types & {"aws:ec2/vpc:Vpc", "aws:ec2/subnet:Subnet", "aws:ec2/tag:Tag", "aws:ec2/routeTable:RouteTable"}


# Outputs


def test_the_outputs_are_all_that_the_module_we_succeed_had_and_a_secret_kubeconfig(default: Graph) -> None:
    assert set(default.outputs) == {
        "accessInstructions",
        "clusterArn",
        "clusterAutoscalerRoleArn",
        "clusterCertificateAuthority",
        "clusterEndpoint",
        "clusterId",
        "clusterName",
        "clusterRoleArn",
        "clusterSecurityGroupId",
        "clusterVersion",
        "estimatedMonthlyCost",
        "kmsKeyArn",
        "kubeconfig",
        "kubeconfigCommand",
        "logGroupName",
        "nodeGroups",
        "nodeRoleArn",
        "nodeSecurityGroupId",
        "oidcIssuer",
        "oidcProviderArn",
        "region",
        "resourceTags",
        "terminationHandlerQueueUrl",
        "terminationHandlerRoleArn",
    }
    assert default.secret_outputs == {"kubeconfig"}
    assert default.outputs["nodeGroups"]["cpu"]["status"] == "ACTIVE"
    assert default.outputs["nodeGroups"]["gpu"]["autoScalingGroup"] == "eks-ray-test-gpu"
