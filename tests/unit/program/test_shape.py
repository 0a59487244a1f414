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
    }


def test_the_given_network_is_never_a_resource_of_the_stack(default: Graph) -> None:
    types = {node.type for node in default.nodes.values()}

    assert not types & {"aws:ec2/vpc:Vpc", "aws:ec2/subnet:Subnet", "aws:ec2/tag:Tag", "aws:ec2/routeTable:RouteTable"}


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
