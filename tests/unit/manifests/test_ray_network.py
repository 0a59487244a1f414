"""Nobody reaches Ray who is not named here, and Ray reaches nobody else."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from ray_platform.manifests.ray_network import network_policies

HERE = "ray"
RAY = {"ray.io/is-ray-node": "yes"}
JOB = {"batch.kubernetes.io/job-name": "some-job"}
DNS = {"k8s-app": "kube-dns"}
OTHER: dict[str, str] = {"app": "other"}

Labels = Mapping[str, str]


def selects(selector: Mapping[str, Any], labels: Labels) -> bool:
    for each in selector.get("matchExpressions", []):
        value = labels.get(each["key"])
        if value is None or (each["operator"] == "In" and value not in each["values"]):
            return False
    return all(labels.get(key) == value for key, value in selector.get("matchLabels", {}).items())


def admits(peer: Mapping[str, Any], labels: Labels, namespace: str) -> bool:
    """Whether a peer of a rule of the Ray namespace means this pod. The world is no pod: it has no namespace."""
    if "ipBlock" in peer:
        return True
    if "namespaceSelector" in peer:
        if not selects(peer["namespaceSelector"], {"kubernetes.io/metadata.name": namespace}):
            return False
    elif namespace != HERE:
        return False
    return selects(peer.get("podSelector", {}), labels)


def rules(policies: list[dict[str, Any]], labels: Labels, direction: str) -> Iterator[Mapping[str, Any]]:
    for policy in policies:
        if direction.capitalize() in policy["spec"]["policyTypes"] and selects(policy["spec"]["podSelector"], labels):
            yield from policy["spec"].get(direction, [])


def allowed(
    policies: list[dict[str, Any]], direction: str, own: Labels, other: Labels, namespace: str, port: int
) -> bool:
    peers = {"ingress": "from", "egress": "to"}[direction]
    return any(
        any(admits(peer, other, namespace) for peer in rule[peers])
        and ("ports" not in rule or any(each["port"] == port for each in rule["ports"]))
        for rule in rules(policies, own, direction)
    )


def reaches_ray(labels: Labels, namespace: str, port: int, *guests: str) -> bool:
    return allowed(network_policies(namespace=HERE, allowed_namespaces=guests), "ingress", RAY, labels, namespace, port)


def leaves(own: Labels, other: Labels, namespace: str, port: int) -> bool:
    return allowed(network_policies(namespace=HERE), "egress", own, other, namespace, port)


def test_every_pod_of_the_namespace_is_closed_in_both_directions() -> None:
    (closed,) = [each for each in network_policies(namespace=HERE) if each["metadata"]["name"] == "default-deny"]

    assert closed["spec"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    assert all(each["metadata"]["namespace"] == HERE for each in network_policies(namespace=HERE))


@pytest.mark.parametrize("port", [6379, 8265, 10001, 8000, 8080, 52365])
def test_strangers_reach_nothing(port: int) -> None:
    assert not reaches_ray(OTHER, HERE, port)
    assert not reaches_ray(OTHER, "default", port)
    assert not reaches_ray(RAY, "default", port)


@pytest.mark.parametrize("port", [6379, 8265, 10001, 30000])
def test_ray_pods_speak_to_each_other_on_every_port(port: int) -> None:
    assert reaches_ray(RAY, HERE, port)
    assert leaves(RAY, RAY, HERE, port)


@pytest.mark.parametrize(("port", "reached"), [(8265, True), (8000, True), (6379, False), (10001, False)])
def test_the_operator_reaches_what_it_asks(port: int, reached: bool) -> None:
    assert reaches_ray(OTHER, "kuberay-system", port) is reached


@pytest.mark.parametrize(
    ("port", "reached"), [(8265, True), (10001, True), (8000, True), (8080, True), (6379, False), (52365, False)]
)
def test_allowed_namespaces_reach_what_ray_offers_and_others_do_not(port: int, reached: bool) -> None:
    assert reaches_ray(OTHER, "monitoring", port, "monitoring") is reached
    assert not reaches_ray(OTHER, "monitoring", port)
    assert not reaches_ray(OTHER, "web", port, "monitoring")


def test_the_submitter_of_a_job_reaches_the_dashboard_and_no_more() -> None:
    assert reaches_ray(JOB, HERE, 8265)
    assert leaves(JOB, RAY, HERE, 8265)
    for port in (6379, 10001):
        assert not reaches_ray(JOB, HERE, port)
        assert not leaves(JOB, RAY, HERE, port)
    assert not reaches_ray(JOB, "default", 8265)
    assert not leaves(JOB, OTHER, "internet", 443)


@pytest.mark.parametrize("pod", [RAY, JOB])
def test_names_are_resolved_by_coredns_only(pod: Labels) -> None:
    assert leaves(pod, DNS, "kube-system", 53)
    assert not leaves(pod, OTHER, "kube-system", 53)
    assert not leaves(pod, DNS, HERE, 53)
    (dns,) = [each for each in network_policies(namespace=HERE) if each["metadata"]["name"] == "dns"]
    assert {each["protocol"] for each in dns["spec"]["egress"][0]["ports"]} == {"UDP", "TCP"}


def test_ray_reaches_the_world_by_https_and_not_the_instance_metadata() -> None:
    assert leaves(RAY, OTHER, "internet", 443)
    assert not leaves(RAY, OTHER, "internet", 80)


def test_without_guests_there_is_no_policy_for_them() -> None:
    assert "guests-to-ray" not in {each["metadata"]["name"] for each in network_policies(namespace=HERE)}
