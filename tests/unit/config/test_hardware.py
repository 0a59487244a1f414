"""Instance types against what the pools say of themselves."""

from ray_platform.config.hardware import PoolHardware, hardware_problems
from ray_platform.config.node_pools import InstanceFacts
from ray_platform.config.pool_defaults import Architecture
from ray_platform.config.problems import Problem


def _type(
    name: str, *, gpus: int = 0, by: str = "NVIDIA", architectures: tuple[str, ...] = ("x86_64",)
) -> InstanceFacts:
    return InstanceFacts(
        name=name,
        architectures=architectures,
        vcpus=4,
        memory_mib=16384,
        gpus=gpus,
        gpu_name="T4" if gpus else None,
        gpu_manufacturer=by if gpus else None,
        network_interfaces=4,
        addresses_per_interface=15,
        usage_classes=("on-demand", "spot"),
    )


FACTS = {
    each.name: each
    for each in (
        _type("m5.xlarge"),
        _type("m5.2xlarge"),
        _type("t2.micro", architectures=("i386", "x86_64")),
        _type("m7g.xlarge", architectures=("arm64",)),
        _type("g4dn.xlarge", gpus=1),
        _type("g4dn.2xlarge", gpus=1),
        _type("g4dn.12xlarge", gpus=4),
        _type("g4ad.xlarge", gpus=1, by="AMD"),
        _type("g5g.xlarge", gpus=1, architectures=("arm64",)),
    )
}


def _problems(
    *types: str, gpu: bool = False, architecture: Architecture = "x86_64", fallback: tuple[str, ...] = ()
) -> list[Problem]:
    pool = PoolHardware(
        name="pool", gpu=gpu, architecture=architecture, instance_types=types, fallback_instance_types=fallback
    )
    return hardware_problems([pool], FACTS)


def test_the_default_pools_have_no_problem() -> None:
    assert not _problems("m5.xlarge", "m5.2xlarge")
    assert not _problems("g4dn.xlarge", "g4dn.2xlarge", gpu=True)


def test_a_type_of_several_architectures_fits_each_of_them() -> None:
    assert not _problems("t2.micro")


def test_a_gpu_pool_on_types_without_gpu_is_refused_for_each_type() -> None:
    found = _problems("m5.xlarge", "m5.2xlarge", gpu=True)

    assert [(problem.path, problem.value) for problem in found] == [
        ("nodePools.pool.instanceTypes[0]", "m5.xlarge"),
        ("nodePools.pool.instanceTypes[1]", "m5.2xlarge"),
    ]
    assert all("it has none" in problem.rule for problem in found)


def test_a_gpu_pool_on_gpus_of_another_maker_is_refused() -> None:
    (problem,) = _problems("g4ad.xlarge", gpu=True)

    assert "its GPU is AMD" in problem.rule


def test_a_pool_without_gpu_on_gpu_types_is_refused() -> None:
    (problem,) = _problems("m5.xlarge", "g4dn.xlarge")

    assert problem.path == "nodePools.pool.instanceTypes[1]"
    assert "set gpu to true" in problem.remedy


def test_a_type_of_another_architecture_than_the_pool_is_refused() -> None:
    (problem,) = _problems("m7g.xlarge")

    assert "architecture x86_64" in problem.rule and "it is arm64" in problem.rule


def test_mixed_architectures_are_refused_at_the_one_that_does_not_fit() -> None:
    (problem,) = _problems("m7g.xlarge", "m5.xlarge", architecture="arm64")

    assert (problem.path, problem.value) == ("nodePools.pool.instanceTypes[1]", "m5.xlarge")


def test_mixed_gpu_counts_are_refused_because_scaling_plans_with_one() -> None:
    (problem,) = _problems("g4dn.xlarge", "g4dn.12xlarge", gpu=True)

    assert problem.path == "nodePools.pool.instanceTypes[1]"
    assert "as many GPUs as g4dn.xlarge" in problem.rule


def test_a_fallback_type_has_to_keep_every_rule_too() -> None:
    found = _problems("g4dn.xlarge", gpu=True, fallback=("m5.xlarge", "g5g.xlarge", "g4ad.xlarge", "g4dn.12xlarge"))

    assert [problem.path.removeprefix("nodePools.pool.onDemandFallback.") for problem in found] == [
        "instanceTypes[0]",
        "instanceTypes[1]",
        "instanceTypes[2]",
        "instanceTypes[3]",
    ]


def test_two_faults_of_one_type_are_both_told() -> None:
    assert len(_problems("m7g.xlarge", gpu=True)) == 2


def test_nothing_is_said_of_a_type_whose_lookup_failed() -> None:
    assert not _problems("x9.unheard", "g4dn.xlarge", gpu=True)
