"""The place of the Ray head."""

from typing import Any

import pytest

from ray_platform.scheduling.fit import PodShape, beside, node_shape, pods_on
from ray_platform.scheduling.overhead import RAY_AUTOSCALER, daemon_pods, system_pods
from tests.unit.scheduling.ec2 import facts
from tests.unit.scheduling.given import layout, only_problem, problems, resolved, scheduling

BIG = {"instanceTypes": ["m5.2xlarge"]}
SMALL = {"instanceTypes": ["m5.large"]}


def test_the_head_lives_in_the_first_pool_that_is_always_there_and_has_room() -> None:
    pools = {"gpu": {"gpu": True}, "spot": {"capacityType": "SPOT"}, "small": SMALL, "big": BIG, "bigger": BIG}

    assert layout(nodePools=pools).head.pool == "big"


def test_it_lives_where_the_configuration_says() -> None:
    assert layout(nodePools={"a": {}, "b": {}}, ray={"head": {"nodePool": "b"}}).head.pool == "b"


def test_every_instance_type_of_its_pool_has_to_hold_it() -> None:
    pools = {"mixed": {"instanceTypes": ["m5.2xlarge", "m5.large"]}, "cpu": {}}

    assert layout(nodePools=pools).head.pool == "cpu"


def test_its_selector_names_pool_kind_capacity_and_architecture() -> None:
    head = layout(nodePools={"arm": {"architecture": "arm64"}}).head

    assert head.node_selector == {
        "ray.io/node-pool": "arm",
        "ray.io/resource-type": "cpu",
        "ray.io/capacity": "on-demand",
        "kubernetes.io/arch": "arm64",
    }


def test_the_default_head_fits_a_node_with_everything_of_the_system() -> None:
    head, addons = layout().head, scheduling().addons
    cpu = resolved()[0]
    pod = PodShape(resources=head.resources + RAY_AUTOSCALER, node_selector=head.node_selector)
    node = beside(node_shape(cpu, facts("m5.xlarge"), daemon_pods(addons, gpu=False)), system_pods(addons, spot=True))

    assert pods_on(pod, node) == 1


@pytest.mark.parametrize(
    ("key", "fits", "too_much", "rule"),
    [
        (
            "cpu",
            2.83,
            2.84,
            "at most 2.83 cores: the DaemonSets leave 3.74 cores of m5.xlarge in pool cpu, and the pods beside the "
            "head (its autoscaler, CoreDNS, the operators) take 0.91",
        ),
        (
            "memoryGib",
            11.78,
            11.79,
            "at most 11.78 GiB: the DaemonSets leave 13.71 GiB of m5.xlarge in pool cpu, and the pods beside the head "
            "(its autoscaler, CoreDNS, the operators) take 1.92",
        ),
    ],
)
def test_a_head_too_big_for_every_pool_is_refused_with_the_most_that_fits(
    key: str, fits: float, too_much: float, rule: str
) -> None:
    problem = only_problem(ray={"head": {key: too_much}})

    assert layout(ray={"head": {key: fits}})
    assert (problem.path, problem.value, problem.source, problem.rule) == (
        f"ray.head.{key}",
        too_much,
        "config",
        rule,
    )
    assert problem.remedy == (
        f"pulumi config set --path 'ray-on-eks:ray.head.{key}' {fits}; or choose a larger type in place of "
        "nodePools.cpu.instanceTypes[0]"
    )


def test_the_numbers_are_those_of_the_roomiest_pool_that_might_carry_it() -> None:
    found = problems(nodePools={"small": SMALL, "big": BIG, "gpu": {"gpu": True}}, ray={"head": {"cpu": 8}})

    assert len(found) == 1
    assert "of m5.2xlarge in pool big" in found[0].rule


def test_a_pool_that_was_chosen_is_not_left_for_another() -> None:
    found = problems(nodePools={"small": SMALL, "big": BIG}, ray={"head": {"nodePool": "small"}})

    assert [(each.path, each.source) for each in found] == [
        ("ray.head.cpu", "default"),
        ("ray.head.memoryGib", "default"),
    ]


def test_where_not_even_the_smallest_head_fits_only_a_larger_node_helps() -> None:
    found = problems(nodePools={"tiny": {"instanceTypes": ["t3.medium"]}}, ray={"head": {"cpu": 0.5, "memoryGib": 2}})

    assert [each.path for each in found] == ["ray.head.memoryGib"]
    assert found[0].remedy == "Choose a larger type in place of nodePools.tiny.instanceTypes[0]."


def test_a_node_that_takes_too_few_pods_is_refused_as_a_place_for_the_head() -> None:
    problem = only_problem(nodePools={"cpu": {"nodeConfig": {"kubelet": {"config": {"maxPods": 7}}}}})

    assert (problem.path, problem.value) == ("nodePools.cpu.instanceTypes[0]", "m5.xlarge")
    assert "no further pod has a place" in problem.rule


@pytest.mark.parametrize(
    ("sections", "cpu"),
    [
        ({}, 2.83),
        ({"nodePools": {"cpu": {}}}, 2.88),
        ({"addons": {"nodeTerminationHandler": {"enabled": False}}}, 2.88),
        ({"addons": {"clusterAutoscaler": {"enabled": False}}}, 2.93),
        ({"addons": {"ebsCsiDriver": {"enabled": False}}}, 2.92),
    ],
)
def test_what_does_not_run_leaves_its_room_to_the_head(sections: dict[str, Any], cpu: float) -> None:
    assert layout(**sections, ray={"head": {"cpu": cpu}})
    assert only_problem(**sections, ray={"head": {"cpu": cpu + 0.01}}).path == "ray.head.cpu"
