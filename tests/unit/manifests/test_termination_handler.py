"""The termination handler reads its own queue and acts on the nodes of its own cluster."""

from typing import Any

import pytest

from ray_platform import naming
from ray_platform.manifests import termination_handler
from ray_platform.manifests.termination_handler import managed_tag


def environment(cluster: str = "ray") -> dict[str, Any]:
    manifest = termination_handler.deployment(
        cluster=cluster, queue_url="https://sqs.example/q", region="eu-west-1", home=None
    )
    (container,) = manifest["spec"]["template"]["spec"]["containers"]
    return {each["name"]: each.get("value", each.get("valueFrom")) for each in container["env"]}


def test_it_reads_its_queue_in_its_region() -> None:
    values = environment()

    assert values["ENABLE_SQS_TERMINATION_DRAINING"] == "true"
    assert values["QUEUE_URL"] == "https://sqs.example/q"
    assert values["AWS_REGION"] == "eu-west-1"


def test_it_leaves_the_instances_of_other_clusters_alone() -> None:
    values = environment("ray-dev")

    assert values["CHECK_TAG_BEFORE_DRAINING"] == "true"
    assert values["MANAGED_TAG"] == managed_tag("ray-dev")
    assert managed_tag("ray-dev") != managed_tag("ray-prod")


def test_the_tag_fits_for_every_cluster_name() -> None:
    assert len(managed_tag("c" * naming.CLUSTER_NAME_MAX)) <= naming.TAG_KEY_MAX


def test_it_is_told_the_name_of_its_node_without_which_it_does_not_start() -> None:
    assert environment()["NODE_NAME"] == {"fieldRef": {"fieldPath": "spec.nodeName"}}


def test_it_says_when_it_is_alive_where_the_kubelet_asks() -> None:
    manifest = termination_handler.deployment(cluster="ray", queue_url="q", region="r", home=None)
    (container,) = manifest["spec"]["template"]["spec"]["containers"]
    (port,) = container["ports"]

    assert environment()["ENABLE_PROBES_SERVER"] == "true"
    assert environment()["PROBES_SERVER_PORT"] == str(port["containerPort"])
    assert container["livenessProbe"]["httpGet"] == {"path": "/healthz", "port": port["name"]}


@pytest.mark.parametrize(
    "right",
    [
        ("nodes", "patch"),
        ("nodes", "update"),
        ("pods", "list"),
        ("pods/eviction", "create"),
        ("daemonsets", "get"),
    ],
)
def test_it_may_drain_a_node(right: tuple[str, str]) -> None:
    rules = termination_handler.rights()["cluster-role"]["rules"]

    assert any(right[0] in rule["resources"] and right[1] in rule["verbs"] for rule in rules)


def test_it_evicts_pods_and_never_deletes_one() -> None:
    for rule in termination_handler.rights()["cluster-role"]["rules"]:
        assert not {"delete", "deletecollection"} & set(rule["verbs"])
        assert "secrets" not in rule["resources"]
