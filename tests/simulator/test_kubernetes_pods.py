"""Pod Security in memory: what would never get a pod is refused."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from simulator.account import Account
from simulator.account.resource import Refusal
from simulator.kubernetes.definitions import definition_at
from simulator.kubernetes.package import KubernetesPackage
from simulator.kubernetes.pod_security import violations
from tests.simulator.kubernetes_by_hand import Cluster, config, kubernetes_object

RAY = config("ray")
DEPLOYMENT = "kubernetes:apps/v1:Deployment"
RAY_CLUSTER = "kubernetes:ray.io/v1:RayCluster"
RESTRICTED: dict[str, Any] = {
    "containers": [
        {
            "name": "main",
            "securityContext": {
                "allowPrivilegeEscalation": False,
                "capabilities": {"drop": ["ALL"]},
                "runAsNonRoot": True,
                "seccompProfile": {"type": "RuntimeDefault"},
            },
        }
    ],
}


@pytest.fixture
def package(tmp_path: Path) -> Iterator[KubernetesPackage]:
    """Two namespaces, one of them restricted, and the kind RayCluster."""
    with Account.open(tmp_path / "account.json", [Cluster()]) as account:
        account.create(Cluster(), {"name": "ray"})
        package = KubernetesPackage(account)
        restricted = kubernetes_object("Namespace", "ray")
        restricted["metadata"]["labels"] = {"pod-security.kubernetes.io/enforce": "restricted"}
        for namespace in (restricted, kubernetes_object("Namespace", "open")):
            package.create(RAY, "kubernetes:core/v1:Namespace", namespace, "")
        definition = definition_at("https://example.test/ray.io_rayclusters.yaml")
        package.create(RAY, "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition", definition, "")
        yield package


def deployment(namespace: str, pod: dict[str, Any]) -> dict[str, Any]:
    made = kubernetes_object("Deployment", "it", "apps/v1", spec={"template": {"spec": pod}})
    made["metadata"]["namespace"] = namespace
    return made


def ray_cluster(*, head: dict[str, Any], worker: dict[str, Any]) -> dict[str, Any]:
    group = {"groupName": "cpu", "minReplicas": 2, "maxReplicas": 5, "template": {"spec": worker}}
    spec = {"headGroupSpec": {"template": {"spec": head}}, "workerGroupSpecs": [group]}
    made = kubernetes_object("RayCluster", "it", "ray.io/v1", spec=spec)
    made["metadata"]["namespace"] = "ray"
    return made


def changed(**container: Any) -> dict[str, Any]:
    """The restricted pod, its container's security context changed; None takes a key away."""
    pod = copy.deepcopy(RESTRICTED)
    context = pod["containers"][0]["securityContext"] | container
    pod["containers"][0]["securityContext"] = {key: value for key, value in context.items() if value is not None}
    return pod


def test_a_pod_that_keeps_every_rule_breaks_none() -> None:
    assert list(violations(RESTRICTED)) == []
    shared = changed(runAsNonRoot=None, seccompProfile=None)
    shared["securityContext"] = {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
    assert list(violations(shared)) == []


@pytest.mark.parametrize(
    ("pod", "rule"),
    [
        (changed(privileged=True), "privileged"),
        (changed(allowPrivilegeEscalation=None), "allowPrivilegeEscalation"),
        (changed(capabilities={"drop": ["ALL"], "add": ["SYS_ADMIN"]}), "capabilities"),
        (changed(capabilities=None), "capabilities"),
        (changed(runAsNonRoot=None), "runAsNonRoot"),
        (changed(runAsUser=0), "runAsUser"),
        (changed(seccompProfile=None), "seccompProfile"),
        (changed(seccompProfile={"type": "Unconfined"}), "seccompProfile"),
        ({**RESTRICTED, "hostNetwork": True}, "hostNetwork"),
        ({**RESTRICTED, "volumes": [{"name": "host", "hostPath": {"path": "/"}}]}, "volume"),
        ({**RESTRICTED, "initContainers": [{"name": "first"}]}, r'container "first"'),
    ],
)
def test_each_rule_is_kept(pod: dict[str, Any], rule: str) -> None:
    assert rule in "; ".join(violations(pod))


def test_a_workload_is_refused_in_the_restricted_namespace_only(package: KubernetesPackage) -> None:
    with pytest.raises(Refusal, match=r'violates PodSecurity "restricted.*privileged'):
        package.create(RAY, DEPLOYMENT, deployment("ray", changed(privileged=True)), "")
    assert package.create(RAY, DEPLOYMENT, deployment("open", changed(privileged=True)), "").id == "open/it"


def test_a_ray_cluster_is_judged_by_its_head_and_each_group(package: KubernetesPackage) -> None:
    with pytest.raises(Refusal, match=r"spec\.workerGroupSpecs\[cpu\]: runAsUser=0"):
        package.create(RAY, RAY_CLUSTER, ray_cluster(head=RESTRICTED, worker=changed(runAsUser=0)), "")
    with pytest.raises(Refusal, match=r"spec\.headGroupSpec: privileged"):
        package.create(RAY, RAY_CLUSTER, ray_cluster(head=changed(privileged=True), worker=RESTRICTED), "")


def test_an_update_is_judged_too(package: KubernetesPackage) -> None:
    sound = deployment("ray", RESTRICTED)
    made = package.create(RAY, DEPLOYMENT, sound, "")
    with pytest.raises(Refusal, match="PodSecurity"):
        package.update(RAY, DEPLOYMENT, made.id, deployment("ray", changed(privileged=True)), sound)


def test_what_controllers_write_is_there_at_once(package: KubernetesPackage) -> None:
    cluster = package.create(RAY, RAY_CLUSTER, ray_cluster(head=RESTRICTED, worker=RESTRICTED), "").outputs
    assert cluster["status"]["state"] == "ready"
    assert (cluster["status"]["desiredWorkerReplicas"], cluster["status"]["maxWorkerReplicas"]) == (2, 5)
    made = package.create(RAY, DEPLOYMENT, deployment("open", RESTRICTED), "").outputs
    assert made["status"]["availableReplicas"] == 1
