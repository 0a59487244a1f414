"""The scheduler's answer, without a scheduler."""

from dataclasses import replace

import pytest

from ray_platform.config.node_pools import Taint
from ray_platform.scheduling.fit import NodeShape, PodShape, beside, node_shape, pods_on, refusals
from ray_platform.scheduling.layout import Toleration
from ray_platform.scheduling.resources import Resources
from tests.unit.scheduling.ec2 import facts
from tests.unit.scheduling.given import resolved

NODE = NodeShape(
    labels={"disk": "fast", "zone": "a"}, taints=(), free=Resources(cpu_millis=4000, memory_mib=8192, gpus=1), pods=10
)
POD = PodShape(resources=Resources(cpu_millis=1000, memory_mib=1024))
GPU = Taint(key="gpu", value="true", effect="NoSchedule")


def test_a_pod_within_what_is_free_fits() -> None:
    assert refusals(POD, NODE) == ()
    assert refusals(replace(POD, resources=NODE.free), NODE) == ()


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (Resources(cpu_millis=1), "CPU millicores: 4001 wanted, 4000 free"),
        (Resources(memory_mib=1), "MiB of memory: 8193 wanted, 8192 free"),
        (Resources(gpus=1), "GPUs: 2 wanted, 1 free"),
    ],
)
def test_one_unit_more_than_is_free_does_not_fit(more: Resources, told: str) -> None:
    assert refusals(replace(POD, resources=NODE.free + more), NODE) == (told,)


def test_what_a_pod_does_not_ask_for_may_be_overdrawn() -> None:
    overdrawn = replace(NODE, free=Resources(cpu_millis=-1, memory_mib=8192))

    assert refusals(PodShape(resources=Resources(memory_mib=1024)), overdrawn) == ()
    assert refusals(PodShape(resources=Resources(cpu_millis=1)), overdrawn)


def test_every_label_of_the_selector_has_to_be_there_with_its_value() -> None:
    assert refusals(replace(POD, node_selector={"disk": "fast", "zone": "a"}), NODE) == ()
    assert refusals(replace(POD, node_selector={"disk": "slow", "colour": "red"}), NODE) == (
        "label disk is fast, not slow",
        "label colour is absent, not red",
    )


@pytest.mark.parametrize(
    ("toleration", "tolerated"),
    [
        (Toleration(key="gpu", value="true", effect="NoSchedule"), True),
        (Toleration(key="gpu", value="true"), True),
        (Toleration(key="gpu", value="false", effect="NoSchedule"), False),
        (Toleration(key="gpu", value="true", effect="NoExecute"), False),
        (Toleration(key="other", value="true", effect="NoSchedule"), False),
        (Toleration(key="gpu", operator="Exists"), True),
        (Toleration(key="gpu", operator="Exists", effect="NoExecute"), False),
        (Toleration(key="other", operator="Exists"), False),
        (Toleration(key="", operator="Exists"), True),
        (Toleration(key="", operator="Exists", effect="NoSchedule"), True),
        (Toleration(key="", value="true"), False),
    ],
)
def test_a_toleration_covers_a_taint_as_kubernetes_says(toleration: Toleration, tolerated: bool) -> None:
    told = refusals(replace(POD, tolerations=(toleration,)), replace(NODE, taints=(GPU,)))

    assert told == (() if tolerated else ("taint gpu=true:NoSchedule is not tolerated",))


@pytest.mark.parametrize(
    ("effect", "refused"), [("NoSchedule", True), ("NoExecute", True), ("PreferNoSchedule", False)]
)
def test_a_soft_taint_turns_no_pod_away(effect: str, refused: bool) -> None:
    taint = Taint(key="team", value="", effect=effect)  # type: ignore[arg-type]

    assert bool(refusals(POD, replace(NODE, taints=(taint,)))) is refused


def test_every_taint_needs_a_toleration() -> None:
    node = replace(NODE, taints=(GPU, Taint(key="team", value="ml", effect="NoExecute")))

    assert refusals(replace(POD, tolerations=(Toleration(key="gpu", operator="Exists"),)), node) == (
        "taint team=ml:NoExecute is not tolerated",
    )


def test_a_node_that_has_all_its_pods_takes_no_more() -> None:
    assert refusals(POD, replace(NODE, pods=0)) == ("no further pod has a place",)


def test_all_reasons_are_told_at_once() -> None:
    node = replace(NODE, taints=(GPU,), pods=0, free=Resources())

    assert len(refusals(replace(POD, node_selector={"disk": "slow"}), node)) == 5


@pytest.mark.parametrize(
    ("resources", "count"),
    [
        (Resources(cpu_millis=1000, memory_mib=1024), 4),
        (Resources(cpu_millis=100, memory_mib=4096), 2),
        (Resources(cpu_millis=100, gpus=1), 1),
        (Resources(cpu_millis=1), 10),
        (Resources(), 10),
        (Resources(cpu_millis=4001), 0),
    ],
)
def test_the_scarcest_thing_decides_how_many_pods_a_node_takes(resources: Resources, count: int) -> None:
    assert pods_on(PodShape(resources=resources), NODE) == count


def test_no_pod_at_all_is_placed_past_a_taint() -> None:
    assert pods_on(POD, replace(NODE, taints=(GPU,))) == 0


def test_what_runs_on_a_node_already_takes_its_part_and_its_places() -> None:
    left = beside(NODE, [Resources(cpu_millis=50), Resources(cpu_millis=100, memory_mib=192)])

    assert (left.free, left.pods) == (Resources(cpu_millis=3850, memory_mib=8000, gpus=1), 8)


def test_a_node_of_a_pool_has_the_labels_and_taints_of_a_real_one() -> None:
    gpu = next(pool for pool in resolved() if pool.name == "gpu")
    node = node_shape(gpu, facts("g4dn.xlarge"), [Resources(cpu_millis=50)])

    assert node.labels["ray.io/node-pool"] == "gpu"
    assert node.labels["kubernetes.io/arch"] == "amd64"
    assert node.labels["kubernetes.io/os"] == "linux"
    assert node.labels["node.kubernetes.io/instance-type"] == "g4dn.xlarge"
    assert node.taints == gpu.taints
    assert (node.free, node.pods) == (Resources(cpu_millis=3870, memory_mib=14481, gpus=1), 28)


def test_an_arm_node_says_so() -> None:
    (arm,) = resolved(nodePools={"arm": {"architecture": "arm64"}})

    assert node_shape(arm, facts("m7g.xlarge")).labels["kubernetes.io/arch"] == "arm64"
