"""What holds for every service of the platform, whatever it does."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ray_platform.manifests import cluster_autoscaler, device_plugin, operator, storage, termination_handler
from ray_platform.manifests.placement import PACKED_LABEL
from ray_platform.scheduling import overhead
from ray_platform.scheduling.resources import Resources

HOME = "cpu"


def operator_deployment(home: str | None = HOME) -> dict[str, Any]:
    return operator.deployment("ray", home=home)


def autoscaler_deployment(home: str | None = HOME) -> dict[str, Any]:
    return cluster_autoscaler.deployment(cluster="ray", kubernetes_version="1.35", region="eu-west-1", home=home)


def handler_deployment(home: str | None = HOME) -> dict[str, Any]:
    return termination_handler.deployment(cluster="ray", queue_url="https://sqs/q", region="eu-west-1", home=home)


DEPLOYMENTS: dict[str, Callable[..., dict[str, Any]]] = {
    "operator": operator_deployment,
    "autoscaler": autoscaler_deployment,
    "termination handler": handler_deployment,
}
WORKLOADS: dict[str, tuple[dict[str, Any], Resources]] = {
    "operator": (operator_deployment(), overhead.OPERATOR),
    "autoscaler": (autoscaler_deployment(), overhead.CLUSTER_AUTOSCALER),
    "termination handler": (handler_deployment(), overhead.TERMINATION_HANDLER),
    "device plugin": (device_plugin.daemon_set(), overhead.DEVICE_PLUGIN),
}
RIGHTS = {
    "operator, its own namespace": operator.rights_in_own_namespace(),
    "operator, Ray's namespace": operator.rights_in_ray_namespace("ray"),
    "operator, Ray's kinds": operator.rights_on_ray_objects(),
    "autoscaler, the cluster": cluster_autoscaler.rights_in_cluster(),
    "autoscaler, its own namespace": cluster_autoscaler.rights_in_own_namespace(),
    "termination handler": termination_handler.rights(),
}


def pod(manifest: dict[str, Any]) -> dict[str, Any]:
    spec: dict[str, Any] = manifest["spec"]["template"]["spec"]
    return spec


def container(manifest: dict[str, Any]) -> dict[str, Any]:
    (only,) = pod(manifest)["containers"]
    assert isinstance(only, dict)
    return only


def rules(rights: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    return [rule for manifest in rights.values() for rule in manifest.get("rules", [])]


def everything() -> Iterator[dict[str, Any]]:
    yield from (manifest for manifest, _ in WORKLOADS.values())
    for rights in RIGHTS.values():
        yield from rights.values()
    yield from (operator.namespace("ray"), operator.account(), operator.nobody_comes_in(), storage.gp3_class())
    yield from (cluster_autoscaler.account("arn"), cluster_autoscaler.priorities_map(""))
    yield from (cluster_autoscaler.disruption_budget(), termination_handler.account("arn"))


@pytest.mark.parametrize("name", WORKLOADS)
def test_an_image_has_an_exact_tag(name: str) -> None:
    image = container(WORKLOADS[name][0])["image"]

    assert re.fullmatch(r"[a-z0-9.-]+(/[a-z0-9-]+)+:v\d+\.\d+\.\d+", image), image


@pytest.mark.parametrize("name", WORKLOADS)
def test_a_pod_asks_for_what_the_fit_check_counts_and_gets_no_more_memory(name: str) -> None:
    manifest, counted = WORKLOADS[name]
    resources = container(manifest)["resources"]

    assert resources["requests"] == counted.quantities()
    assert resources["limits"] == {"memory": counted.quantities()["memory"]}


@pytest.mark.parametrize("name", WORKLOADS)
def test_no_process_gets_a_capability_or_more_rights(name: str) -> None:
    security = container(WORKLOADS[name][0])["securityContext"]

    assert security["allowPrivilegeEscalation"] is False
    assert security["capabilities"] == {"drop": ["ALL"]}
    assert "privileged" not in security
    assert pod(WORKLOADS[name][0])["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert not {"hostNetwork", "hostPID", "hostIPC"} & set(pod(WORKLOADS[name][0]))


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_a_service_runs_as_nobody_and_sees_nothing_of_its_node(name: str) -> None:
    spec = pod(DEPLOYMENTS[name]())

    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"]["runAsUser"] > 0
    assert container(DEPLOYMENTS[name]())["securityContext"]["readOnlyRootFilesystem"] is True
    assert "volumes" not in spec


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_a_service_runs_on_on_demand_nodes_without_gpus_only(name: str) -> None:
    affinity = pod(DEPLOYMENTS[name]())["affinity"]["nodeAffinity"]
    (term,) = affinity["requiredDuringSchedulingIgnoredDuringExecution"]["nodeSelectorTerms"]

    assert {each["key"]: each["values"] for each in term["matchExpressions"]} == {
        "ray.io/resource-type": ["cpu"],
        "ray.io/capacity": ["on-demand", "on-demand-fallback"],
    }
    assert "tolerations" not in pod(DEPLOYMENTS[name]())


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_a_service_prefers_the_heads_pool_if_there_is_a_head(name: str) -> None:
    def preferred(home: str | None) -> list[Any]:
        affinity = pod(DEPLOYMENTS[name](home=home))["affinity"]["nodeAffinity"]
        return [
            (each["key"], each["values"])
            for term in affinity["preferredDuringSchedulingIgnoredDuringExecution"]
            for each in term["preference"]["matchExpressions"]
        ]

    assert preferred("system") == [("ray.io/node-pool", ["system"])]
    assert preferred(None) == []


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_services_gather_on_one_node_as_long_as_it_has_room(name: str) -> None:
    manifest = DEPLOYMENTS[name]()
    affinity = pod(manifest)["affinity"]["podAffinity"]
    (term,) = affinity["preferredDuringSchedulingIgnoredDuringExecution"]

    assert affinity.keys() == {"preferredDuringSchedulingIgnoredDuringExecution"}
    assert term["podAffinityTerm"]["labelSelector"]["matchLabels"] == PACKED_LABEL
    assert term["podAffinityTerm"]["namespaceSelector"] == {}, "without it only pods of its own namespace count"
    assert manifest["spec"]["template"]["metadata"]["labels"].items() >= PACKED_LABEL.items()


@pytest.mark.parametrize("name", WORKLOADS)
def test_a_workload_selects_its_own_pods_and_nobody_elses(name: str) -> None:
    manifest = WORKLOADS[name][0]
    selector = manifest["spec"]["selector"]["matchLabels"]
    others = [other["spec"]["selector"]["matchLabels"] for key, (other, _) in WORKLOADS.items() if key != name]

    assert selector.items() <= manifest["spec"]["template"]["metadata"]["labels"].items()
    assert selector not in others


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_an_update_needs_no_room_for_a_second_pod(name: str) -> None:
    spec = DEPLOYMENTS[name]()["spec"]

    assert (spec["replicas"], spec["strategy"]) == (1, {"type": "Recreate"})


@pytest.mark.parametrize("name", RIGHTS)
def test_a_right_names_what_it_is_for(name: str) -> None:
    for rule in rules(RIGHTS[name]):
        assert "*" not in [*rule["apiGroups"], *rule["resources"], *rule["verbs"]], rule
        # By these one takes rights that one was not given.
        assert not {"escalate", "bind", "impersonate"} & set(rule["verbs"]), rule


@pytest.mark.parametrize("name", RIGHTS)
def test_a_binding_gives_the_role_beside_it_to_the_one_account(name: str) -> None:
    role, binding = RIGHTS[name].values()
    (subject,) = binding["subjects"]

    assert binding["kind"] == f"{role['kind']}Binding"
    assert (binding["roleRef"]["kind"], binding["roleRef"]["name"]) == (role["kind"], role["metadata"]["name"])
    assert binding["metadata"].get("namespace") == role["metadata"].get("namespace")
    owners = {
        (each["metadata"]["name"], each["metadata"]["namespace"])
        for each in (operator.account(), cluster_autoscaler.account(None), termination_handler.account(None))
    }
    assert (subject["name"], subject["namespace"]) in owners


def test_nothing_is_offered_to_the_outside() -> None:
    kinds = {manifest["kind"] for manifest in everything()}

    assert not kinds & {"Service", "Ingress", "Gateway", "HTTPRoute"}
    assert "LoadBalancer" not in str(list(everything()))


def test_only_service_accounts_of_aws_services_name_a_role() -> None:
    annotation = {"eks.amazonaws.com/role-arn": "arn:x"}

    assert cluster_autoscaler.account("arn:x")["metadata"]["annotations"] == annotation
    assert termination_handler.account("arn:x")["metadata"]["annotations"] == annotation
    assert "annotations" not in operator.account()["metadata"]


def test_volumes_are_encrypted_by_default() -> None:
    gp3 = storage.gp3_class()

    assert gp3["parameters"] == {"type": "gp3", "encrypted": "true"}
    assert gp3["metadata"]["annotations"] == {"storageclass.kubernetes.io/is-default-class": "true"}
