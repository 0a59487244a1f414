"""The operator may do its work, and nothing beyond the namespace it does it in."""

from typing import Any

import pytest

from ray_platform.manifests import operator
from ray_platform.versions import KUBERAY_VERSION

# The Role that the operator makes for Ray's autoscaler (ray-operator 1.6.2, controllers/ray/common/rbac.go).
AUTOSCALER_OF_RAY = [
    ("", "pods", "get"),
    ("", "pods", "list"),
    ("", "pods", "watch"),
    ("", "pods", "patch"),
    ("", "pods/resize", "patch"),
    ("ray.io", "rayclusters", "get"),
    ("ray.io", "rayclusters", "patch"),
]
# What its controllers read through informers (the Owns, Get and List calls of 1.6.2): one that may not be listed keeps
# the whole manager from starting.
INFORMERS = [
    ("", "pods"),
    ("", "secrets"),
    ("", "serviceaccounts"),
    ("", "services"),
    ("batch", "jobs"),
    ("discovery.k8s.io", "endpointslices"),
    ("ray.io", "rayclusters"),
    ("ray.io", "rayjobs"),
    ("ray.io", "rayservices"),
    ("rbac.authorization.k8s.io", "rolebindings"),
    ("rbac.authorization.k8s.io", "roles"),
]

Right = tuple[str, str, str]


def rights(manifests: dict[str, dict[str, Any]]) -> set[Right]:
    """Group, resource and verb of every rule that is not restricted to single objects."""
    return {
        (group, resource, verb)
        for manifest in manifests.values()
        for rule in manifest.get("rules", [])
        if "resourceNames" not in rule
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    }


IN_RAY_NAMESPACE = rights(operator.rights_in_ray_namespace("ray")) | rights(operator.rights_on_ray_objects())


@pytest.mark.parametrize("right", AUTOSCALER_OF_RAY)
def test_it_holds_what_it_hands_on_to_rays_autoscaler(right: Right) -> None:
    assert right in IN_RAY_NAMESPACE


@pytest.mark.parametrize("kind", INFORMERS)
@pytest.mark.parametrize("verb", ["get", "list", "watch"])
def test_it_may_watch_what_it_reads(kind: tuple[str, str], verb: str) -> None:
    assert (*kind, verb) in IN_RAY_NAMESPACE


def test_anywhere_else_it_has_rights_on_rays_own_kinds_only() -> None:
    assert {group for group, _, _ in rights(operator.rights_on_ray_objects())} == {"ray.io"}
    assert operator.rights_in_ray_namespace("ml")["role"]["metadata"]["namespace"] == "ml"
    assert operator.rights_in_ray_namespace("ml")["role"]["kind"] == "Role"


def test_without_rays_namespace_it_can_still_take_finalizers_off() -> None:
    anywhere = rights(operator.rights_on_ray_objects())

    assert {("ray.io", kind, verb) for kind in ("rayjobs", "rayservices") for verb in ("get", "update")} <= anywhere
    assert ("ray.io", "rayclusters", "delete") in anywhere, "a RayService goes when its clusters are gone"


def test_it_makes_secrets_and_accounts_but_changes_none() -> None:
    changing = {"update", "patch", "delete", "deletecollection"}
    for resource in ("secrets", "serviceaccounts", "roles", "rolebindings"):
        assert not {verb for _, each, verb in IN_RAY_NAMESPACE if each == resource} & changing, resource


def test_in_its_own_namespace_it_only_holds_its_lock() -> None:
    role = operator.rights_in_own_namespace()["role"]

    assert role["metadata"]["namespace"] == "kuberay-system"
    assert rights({"role": role}) == {
        ("coordination.k8s.io", "leases", "create"),
        ("", "events", "create"),
        ("", "events", "patch"),
    }
    (lock,) = [rule for rule in role["rules"] if "resourceNames" in rule]
    assert (lock["resourceNames"], lock["verbs"]) == (["ray-operator-leader"], ["get", "update"])


def test_it_watches_one_namespace_and_keeps_its_lock_in_its_own() -> None:
    (container,) = operator.deployment("ml", home=None)["spec"]["template"]["spec"]["containers"]

    assert container["command"] == ["/manager"]
    assert set(container["args"]) >= {
        "--watch-namespace=ml",
        "--enable-leader-election=true",
        "--leader-election-namespace=kuberay-system",
    }
    assert container["image"].endswith(f":v{KUBERAY_VERSION}")


def test_the_kubelet_asks_where_the_operator_answers() -> None:
    (container,) = operator.deployment("ray", home=None)["spec"]["template"]["spec"]["containers"]
    (port,) = container["ports"]

    assert f"--health-probe-bind-address=:{port['containerPort']}" in container["args"]
    assert container["livenessProbe"]["httpGet"] == {"path": "/healthz", "port": port["name"]}
    assert container["readinessProbe"]["httpGet"] == {"path": "/readyz", "port": port["name"]}


def test_its_namespaces_refuse_pods_that_are_not_restricted() -> None:
    labels = operator.namespace("ml")["metadata"]["labels"]

    assert labels == {f"pod-security.kubernetes.io/{mode}": "restricted" for mode in ("enforce", "audit", "warn")}


def test_nobody_speaks_to_the_operator_and_it_may_speak_to_everyone() -> None:
    policy = operator.nobody_comes_in()

    assert policy["metadata"]["namespace"] == "kuberay-system"
    assert policy["spec"] == {"podSelector": {}, "policyTypes": ["Ingress"]}
