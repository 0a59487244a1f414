"""The cluster autoscaler tries spot capacity first, knows what the scheduler knows, and finds its own groups only."""

import re
from typing import Any

import pytest
import yaml

from ray_platform.config.node_pools import resolve_pools
from ray_platform.manifests import cluster_autoscaler
from ray_platform.manifests.cluster_autoscaler import priorities, rank
from tests.unit.config.given import AnyType, settings

POOLS = {
    pool.name: pool
    for pool in resolve_pools(
        settings(
            nodePools={
                "system": {},
                "cheap": {"capacityType": "SPOT", "onDemandFallback": {"enabled": True}},
                "gpu": {"gpu": True, "capacityType": "ON_DEMAND"},
            }
        ).node_pools,
        AnyType(),
    )
}


def rights(manifests: dict[str, dict[str, Any]]) -> set[tuple[str, str, str]]:
    return {
        (group, resource, verb)
        for rule in manifests[next(iter(manifests))]["rules"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    }


@pytest.mark.parametrize(("pool", "expected"), [("system", 20), ("cheap", 30), ("cheap-on-demand", 10), ("gpu", 20)])
def test_spot_comes_before_on_demand_and_a_fallback_last(pool: str, expected: int) -> None:
    assert rank(POOLS[pool]) == expected


def test_the_priorities_are_the_expanders_yaml_of_rank_to_patterns() -> None:
    text = priorities({"eks-gpu": 30, "eks-gpu-on-demand": 10, "eks-cpu": 20, "eks-arm": 20})

    assert yaml.safe_load(text) == {
        30: [r"^eks\-gpu$"],
        20: [r"^eks\-arm$", r"^eks\-cpu$"],
        10: [r"^eks\-gpu\-on\-demand$"],
    }
    assert [int(line[:-1]) for line in text.splitlines() if line.endswith(":")] == [30, 20, 10]


@pytest.mark.parametrize("name", ["eks-gpu", "eks-gpu-on-demand", "eks.gpu", "a+b", "eks-gpu-2"])
def test_every_group_has_the_one_rank_of_exactly_its_name(name: str) -> None:
    names = ["eks-gpu", "eks-gpu-on-demand", "eks.gpu", "a+b", "eks-gpu-2", "my-eks-gpu"]
    ranked = yaml.safe_load(priorities({each: index + 1 for index, each in enumerate(names)}))

    # As the expander does: it searches.
    found = [value for value, patterns in ranked.items() if any(re.search(each, name) for each in patterns)]
    assert found == [names.index(name) + 1]


def test_the_priorities_are_where_the_expander_looks() -> None:
    manifest = cluster_autoscaler.priorities_map("10:\n")

    assert (manifest["metadata"]["namespace"], manifest["metadata"]["name"]) == (
        "kube-system",
        "cluster-autoscaler-priority-expander",
    )
    assert manifest["data"] == {"priorities": "10:\n"}


def test_it_finds_the_groups_of_its_own_cluster_and_waits_five_minutes_for_a_node() -> None:
    arguments = cluster_autoscaler.arguments("ray-ml")

    assert (
        "--node-group-auto-discovery=asg:tag=k8s.io/cluster-autoscaler/enabled,k8s.io/cluster-autoscaler/ray-ml"
        in arguments
    )
    assert "--expander=priority,least-waste" in arguments
    assert "--max-node-provision-time=5m" in arguments


@pytest.mark.parametrize("pods", ["system-pods", "local-storage"])
def test_no_pod_of_the_platform_keeps_an_idle_node(pods: str) -> None:
    assert f"--skip-nodes-with-{pods}=false" in cluster_autoscaler.arguments("ray")


def test_it_is_of_the_clusters_minor_and_is_told_its_region() -> None:
    manifest = cluster_autoscaler.deployment(cluster="ray", kubernetes_version="1.34", region="cn-north-1", home=None)
    (container,) = manifest["spec"]["template"]["spec"]["containers"]

    assert container["image"] == "registry.k8s.io/autoscaling/cluster-autoscaler:v1.34.4"
    assert container["env"] == [{"name": "AWS_REGION", "value": "cn-north-1"}]


def test_it_does_not_remove_the_node_it_runs_on() -> None:
    manifest = cluster_autoscaler.deployment(cluster="ray", kubernetes_version="1.35", region="r", home=None)

    annotations = manifest["spec"]["template"]["metadata"]["annotations"]
    assert annotations == {"cluster-autoscaler.kubernetes.io/safe-to-evict": "false"}


@pytest.mark.parametrize(
    "resource",
    [
        ("resource.k8s.io", "deviceclasses"),
        ("resource.k8s.io", "resourceclaims"),
        ("resource.k8s.io", "resourceslices"),
        ("storage.k8s.io", "volumeattachments"),
        ("storage.k8s.io", "csinodes"),
        ("", "nodes"),
        ("", "pods"),
        ("", "namespaces"),
        ("apps", "daemonsets"),
        ("policy", "poddisruptionbudgets"),
    ],
)
def test_it_may_list_what_1_35_lists(resource: tuple[str, str]) -> None:
    granted = rights(cluster_autoscaler.rights_in_cluster())

    assert {(*resource, verb) for verb in ("list", "watch")} <= granted


def test_it_changes_nothing_but_nodes_and_the_pods_on_them() -> None:
    changes = {
        right for right in rights(cluster_autoscaler.rights_in_cluster()) if right[2] not in ("get", "list", "watch")
    }

    assert changes == {
        ("", "nodes", "update"),
        ("", "pods/eviction", "create"),
        ("", "pods/status", "update"),
        ("", "events", "create"),
        ("", "events", "patch"),
    }


def test_of_all_config_maps_and_locks_it_changes_its_own() -> None:
    role = cluster_autoscaler.rights_in_own_namespace()["role"]
    named = {
        (rule["resources"][0], name): set(rule["verbs"])
        for rule in role["rules"]
        for name in rule.get("resourceNames", [])
    }

    assert role["metadata"]["namespace"] == "kube-system"
    assert named == {
        ("leases", "cluster-autoscaler"): {"get", "update"},
        ("configmaps", "cluster-autoscaler-status"): {"get", "update", "delete"},
        ("configmaps", "cluster-autoscaler-priority-expander"): {"get"},
    }
    for rule in role["rules"]:
        if "resourceNames" not in rule:
            assert set(rule["verbs"]) <= {"create", "list", "watch"}


def test_its_budget_lets_its_one_pod_move() -> None:
    budget = cluster_autoscaler.disruption_budget()
    manifest = cluster_autoscaler.deployment(cluster="ray", kubernetes_version="1.35", region="r", home=None)

    assert budget["spec"]["maxUnavailable"] == 1
    assert budget["spec"]["selector"] == manifest["spec"]["selector"]
