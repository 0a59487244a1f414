"""The services on the cluster: which there are, in what order, and what they get from the rest of the program."""

import pulumi
import pytest
import yaml

from tests.support.graph import Graph, Node
from tests.unit.program.running import MIRRORS, addon, node_group, program

CRDS = "kubernetes:yaml/v2:ConfigGroup"


def named(graph: Graph, kind: str, name: str) -> Node:
    """The Kubernetes object of a kind and a name in the cluster."""
    found = [node for node in graph.of_type(kind) if node.inputs["metadata"]["name"] == name]
    assert len(found) == 1, f"{len(found)} of {kind} {name}"
    return found[0]


def names(graph: Graph, kind: str) -> set[str]:
    return {node.inputs["metadata"]["name"] for node in graph.of_type(kind)}


def of_component(graph: Graph, component: str) -> list[Node]:
    (top,) = graph.of_type(component)
    return [node for node in graph.nodes.values() if top in graph.ancestors(node)]


def environment(graph: Graph, deployment: str) -> dict[str, str]:
    (container,) = named(graph, "Deployment", deployment).inputs["spec"]["template"]["spec"]["containers"]
    return {each["name"]: each["value"] for each in container["env"] if "value" in each}


def test_by_default_every_service_is_there(default: Graph) -> None:
    assert names(default, "Deployment") == {"kuberay-operator", "cluster-autoscaler", "aws-node-termination-handler"}
    assert names(default, "DaemonSet") == {"nvidia-device-plugin"}
    assert len(default.of_type(CRDS)) == 1


@pytest.mark.parametrize(
    ("sections", "component"),
    [
        ({"ray": {"enabled": False}}, "KubeRayOperator"),
        ({"addons": {"clusterAutoscaler": {"enabled": False}}}, "ClusterAutoscaler"),
        ({"addons": {"nodeTerminationHandler": {"enabled": False}}}, "TerminationHandler"),
        ({"addons": {"devicePlugin": {"enabled": False}}}, "DevicePlugin"),
        ({"nodePools": {"cpu": {}}}, "TerminationHandler"),
        ({"nodePools": {"cpu": {}}}, "DevicePlugin"),
    ],
    ids=["ray off", "autoscaler off", "handler off", "plugin off", "no spot pool", "no GPU pool"],
)
def test_a_service_that_is_off_or_without_purpose_leaves_nothing(
    sections: dict[str, dict[str, object]], component: str
) -> None:
    graph = program(**sections)

    assert [node.urn for node in of_component(graph, component)] == []


def test_every_object_goes_to_the_clusters_own_provider(default: Graph) -> None:
    provider = default.one("pulumi:providers:kubernetes", "ray-test-kubernetes")
    objects = [node for node in default.nodes.values() if node.custom and node.type.startswith("kubernetes:")]

    assert len(objects) > 20
    for node in objects:
        assert node.provider.startswith(provider.urn), node.urn


@pytest.mark.parametrize("name", ["kuberay-operator", "cluster-autoscaler", "aws-node-termination-handler"])
def test_a_deployment_waits_for_its_nodes_and_its_rights_and_goes_before_them(default: Graph, name: str) -> None:
    deployment = named(default, "Deployment", name)

    assert default.before(node_group(default, "cpu"), deployment)
    for kind in ("ServiceAccount", "ClusterRole", "ClusterRoleBinding"):
        assert default.before(named(default, kind, name), deployment), kind


@pytest.mark.parametrize(
    ("name", "waits"),
    [("kuberay-operator", False), ("cluster-autoscaler", True), ("aws-node-termination-handler", True)],
)
def test_only_who_calls_aws_by_name_waits_for_names(default: Graph, name: str, waits: bool) -> None:
    assert default.before(addon(default, "coredns"), named(default, "Deployment", name)) is waits


@pytest.mark.parametrize("name", ["kuberay-operator", "aws-node-termination-handler"])
def test_a_gpu_pool_that_does_not_come_keeps_no_service_waiting(default: Graph, name: str) -> None:
    assert not default.before(node_group(default, "gpu"), named(default, "Deployment", name))


@pytest.mark.parametrize(
    ("name", "role"),
    [("cluster-autoscaler", "cluster-autoscaler"), ("aws-node-termination-handler", "termination-handler")],
)
def test_a_service_of_aws_has_the_role_of_its_account_and_waits_for_its_policy(
    default: Graph, name: str, role: str
) -> None:
    annotations = named(default, "ServiceAccount", name).inputs["metadata"]["annotations"]
    (policy,) = [each for each in default.of_type("RolePolicy") if each.inputs["role"] == f"ray-test-{role}"]

    assert annotations == {"eks.amazonaws.com/role-arn": f"arn:aws:iam::123456789012:role/ray-test-{role}"}
    assert default.before(policy, named(default, "Deployment", name))


def test_services_of_aws_are_told_the_stacks_region() -> None:
    graph = program(aws={"region": "eu-central-1"})

    for name in ("cluster-autoscaler", "aws-node-termination-handler"):
        assert environment(graph, name)["AWS_REGION"] == "eu-central-1"


def test_the_priorities_are_of_the_groups_that_eks_made(default: Graph) -> None:
    config = named(default, "ConfigMap", "cluster-autoscaler-priority-expander")

    assert yaml.safe_load(config.inputs["data"]["priorities"]) == {
        30: [r"^eks\-ray\-test\-gpu$"],
        20: [r"^eks\-ray\-test\-cpu$"],
        10: [r"^eks\-ray\-test\-gpu\-on\-demand$"],
    }
    assert default.before(config, named(default, "Deployment", "cluster-autoscaler"))


def test_the_autoscaler_is_of_the_clusters_minor_and_finds_its_groups() -> None:
    graph = program(cluster={"name": "ray-dev", "kubernetesVersion": "1.34"})
    (container,) = named(graph, "Deployment", "cluster-autoscaler").inputs["spec"]["template"]["spec"]["containers"]

    assert container["image"].endswith(":v1.34.4")
    assert any(each.endswith(",k8s.io/cluster-autoscaler/ray-dev") for each in container["args"])


def test_the_termination_handler_reads_the_stacks_queue(default: Graph) -> None:
    values = environment(default, "aws-node-termination-handler")

    assert values["QUEUE_URL"] == f"https://sqs.example/{default.one('Queue').name}"


def test_the_device_plugin_is_there_before_any_gpu_node(default: Graph) -> None:
    plugin = named(default, "DaemonSet", "nvidia-device-plugin")

    assert not [each.name for each in default.of_type("NodeGroup") if default.before(each, plugin)]


def test_the_storage_class_comes_after_its_driver(default: Graph) -> None:
    assert default.before(addon(default, "aws-ebs-csi-driver"), named(default, "StorageClass", "gp3"))


def test_the_operator_comes_after_its_crds(default: Graph) -> None:
    crds = default.one(CRDS)

    assert [each.rsplit("/", 1)[1] for each in crds.inputs["files"]] == [
        "ray.io_rayclusters.yaml",
        "ray.io_rayjobs.yaml",
        "ray.io_rayservices.yaml",
    ]
    assert default.before(crds, named(default, "Deployment", "kuberay-operator"))


def test_rays_namespace_goes_while_the_operator_still_takes_finalizers_off(default: Graph) -> None:
    operator, namespace = named(default, "Deployment", "kuberay-operator"), named(default, "Namespace", "ray")
    rights = [
        node
        for kind in ("Role", "RoleBinding")
        for node in default.of_type(f"kubernetes:rbac.authorization.k8s.io/v1:{kind}")
        if node.inputs["metadata"] == {"name": "kuberay-operator", "namespace": "ray"}
    ]

    assert default.before(operator, namespace)
    assert len(rights) == 2
    assert all(default.before(namespace, each) for each in rights)


def test_the_operator_works_in_the_namespace_of_the_config() -> None:
    graph = program(ray={"namespace": "ml"})
    (container,) = named(graph, "Deployment", "kuberay-operator").inputs["spec"]["template"]["spec"]["containers"]

    assert "--watch-namespace=ml" in container["args"]
    assert "ml" in names(graph, "Namespace")
    assert "ray" not in names(graph, "Namespace")


def test_services_prefer_the_pool_of_the_head() -> None:
    graph = program(
        nodePools={"large": {"instanceTypes": ["m5.2xlarge"]}, "system": {}}, ray={"head": {"nodePool": "system"}}
    )
    affinity = named(graph, "Deployment", "cluster-autoscaler").inputs["spec"]["template"]["spec"]["affinity"]
    (preferred,) = affinity["nodeAffinity"]["preferredDuringSchedulingIgnoredDuringExecution"]

    assert preferred["preference"]["matchExpressions"] == [
        {"key": "ray.io/node-pool", "operator": "In", "values": ["system"]}
    ]


def test_there_is_no_service_that_the_world_could_reach(default: Graph) -> None:
    assert [node.urn for node in default.of_type("Service")] == []
    assert [node.urn for node in default.of_type("Ingress")] == []


def test_fields_reach_the_api_as_kubernetes_spells_them(default: Graph) -> None:
    binding = named(default, "ClusterRoleBinding", "cluster-autoscaler").inputs
    role = named(default, "ClusterRole", "cluster-autoscaler").inputs
    pod = named(default, "DaemonSet", "nvidia-device-plugin").inputs["spec"]["template"]["spec"]

    assert binding["roleRef"]["apiGroup"] == "rbac.authorization.k8s.io"
    assert role["rules"][0]["apiGroups"] == [""]
    assert pod["automountServiceAccountToken"] is False
    assert pod["volumes"][0]["hostPath"]["type"] == "Directory"


def test_every_image_comes_from_its_mirror() -> None:
    graph = program(addons={"imageMirrors": MIRRORS}, security={"egress": "private"})

    assert {image.partition("/")[0] for image in images(graph)} == {"registry.example"}
    assert len(images(graph)) == len(images(program()))


def images(graph: Graph) -> set[str]:
    specs = [node.inputs.get("spec", {}) for node in graph.nodes.values() if node.type.startswith("kubernetes:")]
    groups = [
        group for spec in specs for group in (spec, spec.get("headGroupSpec", {}), *spec.get("workerGroupSpecs", []))
    ]
    pods = [group["template"]["spec"] for group in groups if "template" in group]
    return {container["image"] for pod in pods for container in pod["containers"]}


def test_private_egress_without_mirrors_is_refused_before_anything_is_made() -> None:
    with pytest.raises(pulumi.RunError, match=r"imageMirrors\[\"quay.io\"\]"):
        program(security={"egress": "private"})
