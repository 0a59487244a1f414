"""The rules of a node pool, each at its edges."""

from typing import Any

import pytest

from tests.unit.config.given import only_problem, pool_problem, problems, with_pool

REFUSED: list[tuple[dict[str, Any], str]] = [
    # keys of the pool, the path to blame below it
    ({"gpu": "true"}, "gpu"),
    ({"gpu": 1}, "gpu"),
    ({"architecture": "amd64"}, "architecture"),
    ({"architecture": ["arm64"]}, "architecture"),
    ({"amiType": "AL2_x86_64"}, "amiType"),
    ({"amiType": "AL2_ARM_64", "architecture": "arm64"}, "amiType"),
    ({"amiType": "BOTTLEROCKET_x86_64"}, "amiType"),
    ({"amiType": "AL2023_ARM_64_STANDARD"}, "amiType"),
    ({"amiType": "AL2023_x86_64_NVIDIA"}, "amiType"),
    ({"amiType": "AL2023_x86_64_STANDARD", "gpu": True}, "amiType"),
    ({"instanceTypes": []}, "instanceTypes"),
    ({"instanceTypes": "m5.xlarge"}, "instanceTypes"),
    ({"instanceTypes": ["m5.xlarge", "m5.xlarge"]}, "instanceTypes"),
    ({"instanceTypes": ["m5.xlarge", "m5"]}, "instanceTypes[1]"),
    ({"instanceTypes": [f"m{n}.large" for n in range(21)]}, "instanceTypes"),
    ({"capacityType": "spot"}, "capacityType"),
    ({"capacityType": "CAPACITY_BLOCK"}, "capacityType"),
    ({"minSize": -1}, "minSize"),
    ({"minSize": "3"}, "minSize"),
    ({"minSize": True}, "minSize"),
    ({"minSize": 2.0}, "minSize"),
    ({"minSize": 0, "desiredSize": 0, "maxSize": 0}, "maxSize"),
    ({"minSize": 4}, "desiredSize"),
    ({"minSize": 3, "desiredSize": 2}, "desiredSize"),
    ({"desiredSize": 11}, "maxSize"),
    ({"maxSize": 2}, "maxSize"),
    ({"gpu": True, "minSize": 1}, "desiredSize"),
    ({"diskGib": 19}, "diskGib"),
    ({"diskGib": 16385}, "diskGib"),
    ({"labels": {"team": 5}}, "labels.team"),
    ({"labels": {"team": True}}, "labels.team"),
    ({"labels": {"team": ""}}, "labels.team"),
    ({"labels": {"team": "a b"}}, "labels.team"),
    ({"labels": {"team": "-a"}}, "labels.team"),
    ({"labels": {"a b": "c"}}, 'labels["a b"]'),
    ({"labels": {"Example.com/team": "c"}}, 'labels["Example.com/team"]'),
    ({"labels": {"/team": "c"}}, 'labels["/team"]'),
    ({"labels": {"kubernetes.io/role": "c"}}, 'labels["kubernetes.io/role"]'),
    ({"labels": {"node-role.kubernetes.io/ray": "c"}}, 'labels["node-role.kubernetes.io/ray"]'),
    ({"labels": {"k8s.io/role": "c"}}, 'labels["k8s.io/role"]'),
    ({"labels": {"eks.amazonaws.com/nodegroup": "c"}}, 'labels["eks.amazonaws.com/nodegroup"]'),
    ({"labels": {"ray.io/node-type": "head"}}, 'labels["ray.io/node-type"]'),
    ({"labels": {"nvidia.com/gpu": "false"}}, 'labels["nvidia.com/gpu"]'),
    (
        {"labels": {"k8s.amazonaws.com/accelerator": "other"}},
        'labels["k8s.amazonaws.com/accelerator"]',
    ),
    ({"taints": {"key": "a", "effect": "NoSchedule"}}, "taints"),
    ({"taints": [{"key": "a"}]}, "taints[0].effect"),
    ({"taints": [{"key": "a", "effect": "NO_SCHEDULE"}]}, "taints[0].effect"),
    ({"taints": [{"key": "a", "effect": "NoSchedule", "value": "a b"}]}, "taints[0].value"),
    ({"taints": [{"key": "a b", "effect": "NoSchedule"}]}, "taints[0].key"),
    (
        {"taints": [{"key": "a", "effect": "NoSchedule"}, {"key": "a", "effect": "NoExecute"}]},
        "taints[1]",
    ),
    ({"gpu": True, "taints": [{"key": "nvidia.com/gpu", "effect": "NoSchedule"}]}, "taints[0]"),
    ({"maxUnavailable": 0}, "maxUnavailable"),
    ({"maxUnavailable": 101}, "maxUnavailable"),
    ({"nodeRepair": "on"}, "nodeRepair"),
    ({"nodeConfig": {"cluster": {"name": "x"}}}, "nodeConfig"),
    ({"nodeConfig": {"apiVersion": {}, "spec": {}}}, "nodeConfig"),
    ({"nodeConfig": {"kubelet": "maxPods"}}, "nodeConfig.kubelet"),
    ({"onDemandFallback": {"enabled": True}}, "onDemandFallback.enabled"),
    (
        {"gpu": True, "capacityType": "ON_DEMAND", "onDemandFallback": {"enabled": True}},
        "onDemandFallback.enabled",
    ),
    ({"gpu": True, "onDemandFallback": {"maxSize": 0}}, "onDemandFallback.maxSize"),
    ({"gpu": True, "onDemandFallback": {"minSize": 1}}, "onDemandFallback.desiredSize"),
    ({"gpu": True, "onDemandFallback": {"desiredSize": 2}}, "onDemandFallback.maxSize"),
    ({"gpu": True, "onDemandFallback": {"instanceTypes": []}}, "onDemandFallback.instanceTypes"),
    ({"gpu": True, "onDemandFallback": {"diskGib": 100}}, "onDemandFallback.diskGib"),
    ({"gpu": True, "onDemandFallback": True}, "onDemandFallback"),
    ({"max_size": 3}, "max_size"),
]

ACCEPTED: list[dict[str, Any]] = [
    {"instanceTypes": ["u-6tb1.56xlarge", "m5.metal", "c7gd.16xlarge"]},
    {"instanceTypes": [f"m{n}.large" for n in range(20)]},
    {"minSize": 0, "desiredSize": 0, "maxSize": 1},
    {"minSize": 10, "desiredSize": 10, "maxSize": 10},
    {"minSize": 3},
    {"desiredSize": 10},
    {"maxSize": 3},
    {"diskGib": 20},
    {"diskGib": 16384},
    {"labels": {"example.com/team": "a.b_c-d", "tier": "1"}},
    {"labels": {"l" * 63: "v" * 63}},
    {"taints": [{"key": "t" * 63, "value": "", "effect": "PreferNoSchedule"}]},
    {"taints": [{"key": "a", "value": "v" * 63, "effect": "NoExecute"}]},
    {"maxUnavailable": 100},
    {"nodeConfig": {"kubelet": {"config": {"maxPods": 50}}, "featureGates": {"InstanceIdNodeName": True}}},
    {"capacityType": "SPOT", "onDemandFallback": {"enabled": True, "minSize": 1, "desiredSize": 1}},
]


@pytest.mark.parametrize(("keys", "blamed"), REFUSED)
def test_a_pool_that_breaks_a_rule_is_refused_where_it_breaks_it(keys: dict[str, Any], blamed: str) -> None:
    problem = pool_problem(**keys)

    assert problem.path == f"nodePools.tested.{blamed}"
    assert problem.rule
    assert problem.remedy


@pytest.mark.parametrize("keys", ACCEPTED)
def test_a_pool_at_the_edge_of_its_rules_is_accepted(keys: dict[str, Any]) -> None:
    assert problems(nodePools=with_pool(**keys)) == []


def test_a_size_below_a_default_names_both_and_says_which_one_is_the_default() -> None:
    problem = pool_problem(minSize=5)

    assert problem.path == "nodePools.tested.desiredSize"
    assert (problem.value, problem.source) == (3, "default")
    assert "minSize is 5" in problem.rule
    assert problem.remedy.startswith("pulumi config set --path 'ray-on-eks:nodePools.tested.desiredSize' 5;")


def test_min_above_desired_above_max_is_told_for_both_pairs() -> None:
    found = problems(nodePools=with_pool(minSize=6, desiredSize=5, maxSize=4))

    assert [problem.path for problem in found] == [
        "nodePools.tested.desiredSize",
        "nodePools.tested.maxSize",
    ]


def test_a_wrong_type_in_one_key_does_not_hide_the_rule_between_two_others() -> None:
    found = problems(nodePools=with_pool(gpu="yes", minSize=6, desiredSize=5, onDemandFallback={"maxSize": 0}))

    assert [problem.path for problem in found] == [
        "nodePools.tested.gpu",
        "nodePools.tested.desiredSize",
        "nodePools.tested.onDemandFallback.maxSize",
    ]


def test_a_rule_that_needs_an_undetermined_default_stays_silent() -> None:
    # 4 is too small a maximum only if the pool is a CPU pool.
    assert [problem.path for problem in problems(nodePools=with_pool(gpu="yes", minSize=4))] == ["nodePools.tested.gpu"]


def test_amazon_linux_2_is_refused_with_the_reason() -> None:
    assert "no Amazon Linux 2 AMIs since 2025-11-26" in pool_problem(amiType="AL2_x86_64_GPU", gpu=True).rule


def test_an_ami_of_the_wrong_architecture_is_answered_with_the_right_one() -> None:
    assert "AL2023_ARM_64_STANDARD" in pool_problem(architecture="arm64", amiType="AL2023_x86_64_STANDARD").rule


@pytest.mark.parametrize("keys", [{"labels": {"l" * 64: "v"}}, {"taints": [{"key": "t" * 64, "effect": "NoSchedule"}]}])
def test_a_key_too_long_for_eks_and_the_auto_scaling_tag_is_refused_with_both_reasons(
    keys: dict[str, Any],
) -> None:
    rule = pool_problem(**keys).rule

    assert "at most 63 characters" in rule
    assert "tag of the Auto Scaling group" in rule


@pytest.mark.parametrize(
    ("name", "accepted"),
    [
        ("a", True),
        ("p" * 40, True),
        ("big-memory2", True),
        ("p" * 41, False),
        ("2big", False),
        ("Big", False),
        ("big_memory", False),
        ("big-", False),
        ("spot-on-demand", False),
        ("headgroup", False),
    ],
)
def test_a_pool_name_is_a_short_dns_label_that_neither_a_fallback_nor_the_ray_head_has(
    name: str, accepted: bool
) -> None:
    found = problems(nodePools={"system": {}, name: {}})

    assert [problem.path for problem in found] == ([] if accepted else [f"nodePools.{name}"])


def test_a_pool_called_gpu_must_say_whether_it_is_one() -> None:
    # `pulumi config set --path nodePools.gpu.maxSize 8` alone would otherwise give a CPU pool called gpu.
    problem = only_problem(nodePools={"gpu": {"maxSize": 8}})

    assert (problem.path, problem.source) == ("nodePools.gpu.gpu", "absent")
    assert problem.remedy == "pulumi config set --path 'ray-on-eks:nodePools.gpu.gpu' true"


@pytest.mark.parametrize("name", ["gpu", "big-gpu", "gpus"])
def test_a_pool_called_gpu_that_says_so_is_accepted(name: str) -> None:
    assert not problems(nodePools={"system": {}, name: {"gpu": name != "gpus"}})


@pytest.mark.parametrize(
    "pools",
    [
        {},
        {"work": {"gpu": True}},
        {"work": {"capacityType": "SPOT"}},
        {"work": {"minSize": 0}},
        {"work": {"taints": [{"key": "a", "effect": "NoSchedule"}]}},
        {"work": {"capacityType": "SPOT"}, "idle": {"minSize": 0}},
    ],
)
def test_without_a_home_for_system_pods_the_pools_are_refused(pools: dict[str, Any]) -> None:
    problem = only_problem(nodePools=pools)

    assert problem.path == "nodePools"
    assert "the home of CoreDNS" in problem.rule


def test_a_broken_pool_that_cannot_become_the_home_does_not_hide_its_absence() -> None:
    found = problems(nodePools={"work": {"gpu": True, "diskGib": 1}})

    assert [problem.path for problem in found] == ["nodePools.work.diskGib", "nodePools"]


def test_a_broken_pool_that_may_become_the_home_is_given_the_benefit_of_the_doubt() -> None:
    found = problems(nodePools={"work": {"minSize": "1"}})

    assert [problem.path for problem in found] == ["nodePools.work.minSize"]


def test_node_pools_that_are_a_list_are_refused() -> None:
    assert only_problem(nodePools=["cpu", "gpu"]).path == "nodePools"


def test_a_pool_that_is_no_mapping_is_refused() -> None:
    assert only_problem(nodePools={"system": {}, "tested": "m5.xlarge"}).path == "nodePools.tested"
