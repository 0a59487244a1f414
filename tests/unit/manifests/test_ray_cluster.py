"""The RayCluster is what its layout says, shut by default, and bearable for Pod Security `restricted`."""

from dataclasses import replace
from typing import Any

import pytest

from ray_platform.config.ray_config import RayConfig
from ray_platform.manifests import ray_cluster
from ray_platform.manifests.placement import PACKED_LABEL
from ray_platform.manifests.ray_names import token_secret
from ray_platform.scheduling.layout import RayLayout, Toleration
from ray_platform.scheduling.overhead import RAY_AUTOSCALER
from simulator.kubernetes.pod_security import pod_specs, violations
from tests.unit.scheduling.layouts import CPU, GPU, LAYOUT


def manifest(layout: RayLayout = LAYOUT, **config: Any) -> dict[str, Any]:
    return ray_cluster.ray_cluster(layout, RayConfig.model_validate(config))


def head(made: dict[str, Any]) -> dict[str, Any]:
    group: dict[str, Any] = made["spec"]["headGroupSpec"]
    return group


def worker(made: dict[str, Any], name: str) -> dict[str, Any]:
    return next(group for group in made["spec"]["workerGroupSpecs"] if group["groupName"] == name)


def test_everyone_needs_a_token_and_nothing_is_exposed() -> None:
    made = manifest()

    assert made["spec"]["authOptions"] == {"mode": "token"}
    assert head(made)["serviceType"] == "ClusterIP"
    assert "enableIngress" not in head(made)


def test_no_pod_breaks_pod_security_restricted() -> None:
    made = manifest()

    assert {path: list(violations(pod)) for path, pod in pod_specs(made)} == {
        "spec.headGroupSpec": [],
        "spec.workerGroupSpecs[cpu]": [],
        "spec.workerGroupSpecs[gpu]": [],
    }
    # KubeRay adds this container to the head, with the context it finds here and no other.
    context = made["spec"]["autoscalerOptions"]["securityContext"]
    assert list(violations({"containers": [{"name": "autoscaler", "securityContext": context}]})) == []


def test_groups_are_those_of_the_layout_and_their_size_is_the_autoscalers() -> None:
    groups = manifest()["spec"]["workerGroupSpecs"]

    assert [(each["groupName"], each["minReplicas"], each["maxReplicas"]) for each in groups] == [
        ("cpu", 1, 3),
        ("gpu", 0, 2),
    ]
    assert not any("replicas" in each for each in groups)


def test_a_drained_group_stays_with_no_replicas() -> None:
    drained = replace(LAYOUT, worker_groups=(replace(CPU, min_replicas=0, max_replicas=0),))

    assert worker(manifest(drained), "cpu")["maxReplicas"] == 0


@pytest.mark.parametrize(
    ("name", "quantities"),
    [
        ("cpu", {"cpu": "3500m", "memory": "13312Mi"}),
        ("gpu", {"cpu": "3600m", "memory": "13824Mi", "nvidia.com/gpu": "1"}),
    ],
)
def test_a_worker_is_guaranteed_what_it_may_use(name: str, quantities: dict[str, str]) -> None:
    (container,) = worker(manifest(), name)["template"]["spec"]["containers"]

    assert container["resources"] == {"requests": quantities, "limits": quantities}


def test_the_autoscaler_asks_for_what_the_layout_subtracts() -> None:
    quantities = RAY_AUTOSCALER.quantities()

    assert manifest()["spec"]["autoscalerOptions"]["resources"] == {"requests": quantities, "limits": quantities}


def test_a_pod_goes_to_the_nodes_of_its_pool_and_tolerates_their_taints() -> None:
    made = manifest()
    gpu = worker(made, "gpu")["template"]["spec"]

    assert head(made)["template"]["spec"]["nodeSelector"] == LAYOUT.head.node_selector
    assert gpu["nodeSelector"] == GPU.node_selector
    assert gpu["tolerations"] == [
        {"key": "nvidia.com/gpu", "operator": "Equal", "value": "true", "effect": "NoSchedule"}
    ]
    assert worker(made, "cpu")["template"]["spec"]["tolerations"] == []


def test_a_toleration_of_everything_names_neither_key_nor_effect() -> None:
    layout = replace(LAYOUT, worker_groups=(replace(GPU, tolerations=(Toleration(key="", operator="Exists"),)),))

    assert worker(manifest(layout), "gpu")["template"]["spec"]["tolerations"] == [{"operator": "Exists"}]


def test_no_task_runs_on_the_head_and_nobody_evicts_it() -> None:
    made = manifest()
    budget = ray_cluster.head_budget(RayConfig())["spec"]

    assert head(made)["rayStartParams"]["num-cpus"] == "0"
    assert head(made)["template"]["metadata"]["annotations"] == {
        "cluster-autoscaler.kubernetes.io/safe-to-evict": "false"
    }
    assert budget["minAvailable"] == 1
    assert budget["selector"]["matchLabels"] == {"ray.io/cluster": "ray", "ray.io/node-type": "head"}


def test_the_head_gathers_with_the_small_services() -> None:
    template = head(manifest())["template"]
    (preferred,) = template["spec"]["affinity"]["podAffinity"]["preferredDuringSchedulingIgnoredDuringExecution"]

    assert template["metadata"]["labels"] == PACKED_LABEL
    assert preferred["podAffinityTerm"]["labelSelector"]["matchLabels"] == PACKED_LABEL


@pytest.mark.parametrize(("name", "seconds"), [("cpu", 60), ("gpu", 110)])
def test_a_worker_stops_ray_before_it_ends_and_on_spot_uses_the_warning(name: str, seconds: int) -> None:
    pod = worker(manifest(), name)["template"]["spec"]

    assert pod["terminationGracePeriodSeconds"] == seconds
    assert pod["containers"][0]["lifecycle"]["preStop"]["exec"]["command"][-1] == "ray stop"


def test_the_second_autoscaler_decides_and_its_pods_never_restart() -> None:
    made = manifest(idleTimeoutSeconds=120)
    pods = [pod for _, pod in pod_specs(made)]

    assert made["spec"]["enableInTreeAutoscaling"] is True
    assert made["spec"]["autoscalerOptions"]["version"] == "v2"
    assert made["spec"]["autoscalerOptions"]["idleTimeoutSeconds"] == 120
    assert {pod["restartPolicy"] for pod in pods} == {"Never"}
    assert worker(made, "gpu")["idleTimeoutSeconds"] == 300
    assert "idleTimeoutSeconds" not in worker(made, "cpu")


def test_only_the_autoscaler_gets_a_token_for_the_api_server() -> None:
    made = manifest()
    volume = head(made)["template"]["spec"]["volumes"][0]
    (mount,) = made["spec"]["autoscalerOptions"]["volumeMounts"]

    assert mount["name"] == volume["name"]
    assert mount["mountPath"] == "/var/run/secrets/kubernetes.io/serviceaccount"
    for _, pod in pod_specs(made):
        assert pod["automountServiceAccountToken"] is False
        assert not any("volumeMounts" in container for container in pod["containers"])


def test_ports_have_the_names_by_which_kuberay_finds_them() -> None:
    made = manifest()
    (head_container,) = head(made)["template"]["spec"]["containers"]
    (worker_container,) = worker(made, "cpu")["template"]["spec"]["containers"]

    assert {port["name"]: port["containerPort"] for port in head_container["ports"]} == {
        "gcs-server": 6379,
        "dashboard": 8265,
        "client": 10001,
        "serve": 8000,
        "metrics": 8080,
    }
    assert {"name": "metrics", "containerPort": 8080} in worker_container["ports"]


def test_version_name_and_strategy_are_the_configured_ones() -> None:
    made = manifest(name="research", namespace="ml", version="2.55.0", upgradeStrategy="Recreate")

    assert (made["metadata"]["name"], made["metadata"]["namespace"]) == ("research", "ml")
    assert made["spec"]["rayVersion"] == "2.55.0"
    assert made["spec"]["upgradeStrategy"] == {"type": "Recreate"}


def test_an_update_waits_until_ray_is_ready_and_takes_the_groups_back_from_the_autoscaler() -> None:
    assert manifest()["metadata"]["annotations"] == {
        "pulumi.com/waitFor": "jsonpath={.status.state}=ready",
        "pulumi.com/patchForce": "true",
    }


def test_a_service_account_has_a_role_only_where_there_is_one() -> None:
    with_role = ray_cluster.ray_account("ray-worker", "ray", role_arn="arn:aws:iam::123456789012:role/r")

    assert with_role["metadata"]["annotations"] == {"eks.amazonaws.com/role-arn": "arn:aws:iam::123456789012:role/r"}
    assert "annotations" not in ray_cluster.ray_account("ray-head", "ray")["metadata"]
    assert with_role["automountServiceAccountToken"] is False


@pytest.mark.parametrize(
    ("cluster", "secret"),
    [("ray", "ray"), ("a" * 50, "a" * 50), (f"abc{'d' * 50}", "d" * 50), (f"ab1{'d' * 49}", f"r{'d' * 49}")],
)
def test_the_tokens_secret_is_named_as_kuberay_shortens_names(cluster: str, secret: str) -> None:
    assert token_secret(cluster) == secret
