"""The tree of components, the one provider, the outputs."""

from tests.support.graph import Graph


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
        "DevicePlugin",
        "KubeRayOperator",
        "RayCluster",
        "Budget",
    }


def test_the_given_network_is_never_a_resource_of_the_stack(default: Graph) -> None:
    types = {node.type for node in default.nodes.values()}

    assert not types & {"aws:ec2/vpc:Vpc", "aws:ec2/subnet:Subnet", "aws:ec2/tag:Tag", "aws:ec2/routeTable:RouteTable"}


def test_the_outputs_are_those_of_the_module_we_succeed_and_ways_to_ray_and_only_the_kubeconfig_is_secret(
    default: Graph,
) -> None:
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
        "ray",
        "rayDashboardCommand",
        "raySubmitCommand",
        "rayTokenCommand",
        "region",
        "resourceTags",
        "terminationHandlerQueueUrl",
        "terminationHandlerRoleArn",
    }
    assert default.secret_outputs == {"kubeconfig"}
    assert default.outputs["nodeGroups"]["cpu"]["status"] == "ACTIVE"
    assert default.outputs["nodeGroups"]["gpu"]["autoScalingGroup"] == "eks-ray-test-gpu"


def test_objects_in_the_cluster_use_its_provider_and_none_is_exposed(default: Graph) -> None:
    provider = default.one("pulumi:providers:kubernetes", "ray-test-kubernetes")
    objects = [node for node in default.nodes.values() if node.type.startswith("kubernetes:") and node.custom]

    assert len(objects) > 30
    assert all(node.provider.startswith(provider.urn) for node in objects)
    assert not {node.type.split(":")[-1] for node in objects} & {"Service", "Ingress", "Secret"}
