"""What the checks say of the instance types: where they are offered, how they are sold, and whether they match."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from ray_platform.checks import instances
from ray_platform.checks.facts import Case
from ray_platform.checks.finding import Finding
from tests.unit.checks.cases import FACTS, INSTANCE_TYPES, NETWORK, SUBNET_IDS, SUBNETS, ZONES, case

GPU_POOL = {"gpu": True}


def _found(spoiled: Case) -> list[Finding]:
    return list(instances.findings(spoiled))


def _only(spoiled: Case) -> Finding:
    (finding,) = _found(spoiled)
    return finding


def _offered(**zones: tuple[str, ...]) -> Mapping[str, frozenset[str]]:
    """Everywhere, but for these types (with _ for the dot)."""
    changed = {name.replace("_", "."): frozenset(each) for name, each in zones.items()}
    return {**(FACTS.offerings or {}), **changed}


def _tested(*types: str) -> dict[str, Any]:
    """A pool of these types beside one that carries the system."""
    return {"nodePools": {"system": {}, "tested": {"instanceTypes": list(types)}}}


def _gpu(*types: str, **keys: Any) -> dict[str, Any]:
    return {"nodePools": {"cpu": {}, "gpu": {**GPU_POOL, "instanceTypes": list(types), **keys}}}


def _sold_as(name: str, *usage: str) -> dict[str, Any]:
    return {**INSTANCE_TYPES, name: replace(INSTANCE_TYPES[name], usage_classes=usage)}


def test_the_pools_of_prod_have_no_finding() -> None:
    assert _found(case()) == []


def test_the_default_pools_of_arm_have_no_finding() -> None:
    gpu = {**GPU_POOL, "architecture": "arm64", "ray": {"enabled": False}}
    pools = {"cpu": {"architecture": "arm64"}, "gpu": gpu}

    assert _found(case({"nodePools": pools})) == []


def test_where_offerings_could_not_be_read_nothing_is_said() -> None:
    assert _found(case(offerings=None)) == []
    assert _found(case(offerings={})) == []


def test_a_zone_without_any_type_of_a_pool_that_begins_with_nodes_would_fail() -> None:
    offerings = _offered(m5_xlarge=ZONES[:2], m5_2xlarge=ZONES[:1])

    finding = _only(case(offerings=offerings))

    assert (finding.code, finding.severity) == ("instance-type-not-offered", "error")
    assert finding.where == "nodePools.cpu.instanceTypes"
    assert "cpu can have no node in us-east-1c" in finding.what
    assert "m5.xlarge, m5.2xlarge: offered in us-east-1a, us-east-1b" in finding.evidence
    assert SUBNET_IDS[2] in finding.evidence
    assert "aws ec2 describe-instance-type-offerings --location-type availability-zone" in finding.remedy
    assert "Name=location,Values=us-east-1c 'Name=instance-type,Values=m5.*'" in finding.remedy
    assert f"Or leave {SUBNET_IDS[2]} out of network.subnetIds." in finding.remedy


def test_no_subnet_is_to_be_left_out_where_two_zones_would_not_remain() -> None:
    offerings = _offered(m5_xlarge=ZONES[:1], m5_2xlarge=ZONES[:1])

    finding = _only(case(offerings=offerings))

    assert "us-east-1b, us-east-1c" in finding.what
    assert "leave" not in finding.remedy


def test_one_type_in_each_zone_is_enough() -> None:
    assert _found(case(offerings=_offered(m5_xlarge=ZONES[:1], m5_2xlarge=ZONES[1:]))) == []


def test_a_pool_that_begins_empty_fails_later_where_a_zone_offers_nothing() -> None:
    """The fallback has the first type of its pool and is not told of a second time."""
    finding = _only(case(offerings=_offered(g4dn_xlarge=ZONES[:2], g4dn_2xlarge=ZONES[:2])))

    assert (finding.severity, finding.where) == ("warning", "nodePools.gpu.instanceTypes")


def test_a_pool_that_no_zone_has_a_type_for_would_fail_even_if_it_begins_empty() -> None:
    finding = _only(case(offerings=_offered(g4dn_xlarge=(), g4dn_2xlarge=("us-east-1f",))))

    assert (finding.severity, finding.where) == ("error", "nodePools.gpu.instanceTypes")
    assert "offered in us-east-1f" in finding.evidence


def test_a_fallback_without_a_type_where_its_pool_has_one_is_told() -> None:
    finding = _only(case(offerings=_offered(g4dn_xlarge=ZONES[:2])))

    assert (finding.severity, finding.where) == ("warning", "nodePools.gpu.onDemandFallback.instanceTypes")
    assert "gpu-on-demand can have no node in us-east-1c" in finding.what


def test_zones_without_a_given_subnet_do_not_matter() -> None:
    two = replace(NETWORK, subnets=SUBNETS[:2])

    assert _found(case(offerings=_offered(m5_xlarge=ZONES[:2], m5_2xlarge=ZONES[:2]), network=two)) == []


def test_a_type_that_is_not_sold_on_spot_is_of_no_use_to_a_spot_pool() -> None:
    finding = _only(case(instance_types=_sold_as("g4dn.2xlarge", "on-demand")))

    assert (finding.code, finding.severity) == ("instance-type-not-sold-so", "error")
    assert finding.where == "nodePools.gpu.instanceTypes[1]"
    assert finding.what == "g4dn.2xlarge is not sold on spot, as gpu buys it"
    assert "pulumi config set --path 'ray-on-eks:nodePools.gpu.capacityType' ON_DEMAND" in finding.remedy


def test_a_type_that_is_sold_on_spot_only_is_of_no_use_on_demand() -> None:
    finding = _only(case(instance_types=_sold_as("m5.xlarge", "spot", "capacity-block")))

    assert (finding.severity, finding.where) == ("error", "nodePools.cpu.instanceTypes[0]")
    assert "not sold on demand, as cpu buys it" in finding.what
    assert "EC2 sells m5.xlarge as spot, capacity-block" in finding.evidence
    assert finding.remedy.endswith("nodePools.cpu.capacityType' SPOT")


def test_a_fallback_whose_type_is_not_sold_on_demand_needs_another() -> None:
    finding = _only(case(instance_types=_sold_as("g4dn.xlarge", "spot")))

    assert finding.where == "nodePools.gpu.onDemandFallback.instanceTypes[0]"
    assert finding.remedy == "Name another type in nodePools.gpu.onDemandFallback.instanceTypes."


@pytest.mark.parametrize(
    ("types", "cpu", "memory"),
    [
        (("m5.xlarge", "m5.4xlarge"), 75, 75),
        (("m5.xlarge", "r5.xlarge"), 0, 50),
        (("c5.xlarge", "m5.xlarge"), 0, 50),
        (("m5.2xlarge", "m5.xlarge", "m5.4xlarge"), 75, 75),
    ],
)
def test_types_of_different_shapes_are_a_warning_with_what_lies_idle(
    types: tuple[str, ...], cpu: int, memory: int
) -> None:
    finding = _only(case(_tested(*types)))

    assert (finding.code, finding.severity) == ("instance-types-unequal", "warning")
    assert finding.where == f"nodePools.tested.instanceTypes[{len(types) - 1}]"
    assert f"leaves {cpu} % of the CPU and {memory} % of the memory of {types[-1]} idle" in finding.evidence
    assert "make a pool for each shape" in finding.remedy


@pytest.mark.parametrize(
    "types", [("m5.xlarge", "m6i.xlarge"), ("m5.2xlarge", "m5.xlarge"), ("m5.2xlarge", "m5.4xlarge")]
)
def test_types_of_one_shape_and_up_to_twice_the_size_are_fine(types: tuple[str, ...]) -> None:
    assert _found(case(_tested(*types))) == []


def test_a_little_more_memory_for_each_vcpu_is_no_other_shape() -> None:
    types = {**INSTANCE_TYPES, "m6i.xlarge": replace(INSTANCE_TYPES["m6i.xlarge"], memory_mib=20 * 1024)}
    config = _tested("m5.xlarge", "m6i.xlarge")

    assert _found(case(config, instance_types=types)) == []
    types["m6i.xlarge"] = replace(types["m6i.xlarge"], memory_mib=20 * 1024 + 1)
    assert _only(case(config, instance_types=types)).code == "instance-types-unequal"


@pytest.mark.parametrize(("vcpus", "gib", "told"), [(8, 34, True), (9, 32, True), (8, 32, False)])
def test_more_than_twice_the_vcpus_or_the_memory_is_another_shape(vcpus: int, gib: int, told: bool) -> None:
    larger = replace(INSTANCE_TYPES["m5.2xlarge"], vcpus=vcpus, memory_mib=gib * 1024)
    types = {**INSTANCE_TYPES, "m5.2xlarge": larger}

    assert bool(_found(case(_tested("m5.xlarge", "m5.2xlarge"), instance_types=types))) is told


def test_a_fallback_counts_to_the_shapes_of_its_pool() -> None:
    fallback = {"instanceTypes": ["g4dn.4xlarge"]}

    finding = _only(case(_gpu("g4dn.xlarge", onDemandFallback=fallback)))

    assert finding.where == "nodePools.gpu.onDemandFallback.instanceTypes"
    assert "g4dn.4xlarge has 16 vCPUs and 64 GiB" in finding.evidence


def test_pools_may_differ_from_each_other() -> None:
    pools = {"cpu": {}, "big": {"instanceTypes": ["m5.4xlarge"]}, "lean": {"instanceTypes": ["c5.xlarge"]}}

    assert _found(case({"nodePools": pools})) == []


def test_gpus_of_two_models_in_a_pool_are_a_warning() -> None:
    finding = _only(case(_gpu("g4dn.xlarge", "g5.xlarge")))

    assert (finding.code, finding.severity) == ("instance-gpus-differ", "warning")
    assert finding.where == "nodePools.gpu.instanceTypes[1]"
    assert finding.evidence == "g4dn.xlarge has T4, g5.xlarge has A10G"
    assert "make a pool for each" in finding.remedy


def test_a_fallback_with_another_gpu_is_a_warning() -> None:
    finding = _only(case(_gpu("g4dn.xlarge", onDemandFallback={"instanceTypes": ["g6.xlarge"]})))

    assert (finding.code, finding.where) == ("instance-gpus-differ", "nodePools.gpu.onDemandFallback.instanceTypes")
