"""Whether the instance types of the node pools are what the pools say of themselves."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ray_platform.config.node_pools import InstanceFacts
from ray_platform.config.pool_defaults import Architecture
from ray_platform.config.problems import Problem, yaml_path

NVIDIA = "NVIDIA"


@dataclass(frozen=True, kw_only=True)
class PoolHardware:
    """What a pool says of its hardware. `fallback_instance_types` are empty where they are the pool's own."""

    name: str
    gpu: bool
    architecture: Architecture
    instance_types: tuple[str, ...]
    fallback_instance_types: tuple[str, ...]

    def paths(self) -> Iterator[tuple[str, str]]:
        """Each path in the configuration that names an instance type, and the type."""
        for index, name in enumerate(self.instance_types):
            yield yaml_path(("nodePools", self.name, "instanceTypes", index)), name
        for index, name in enumerate(self.fallback_instance_types):
            yield yaml_path(("nodePools", self.name, "onDemandFallback", "instanceTypes", index)), name


def hardware_problems(pools: Iterable[PoolHardware], facts: Mapping[str, InstanceFacts]) -> list[Problem]:
    """What is wrong with the instance types.

    Of a type without `facts` nothing is said: its lookup failed, and the caller has told that already.
    """
    return [problem for pool in pools for problem in _problems_of_pool(pool, facts)]


def _problems_of_pool(pool: PoolHardware, facts: Mapping[str, InstanceFacts]) -> Iterator[Problem]:
    known = [(path, facts[name]) for path, name in pool.paths() if name in facts]
    for path, each in known:
        yield from _architecture_problems(pool, path, each)
        yield from _gpu_problems(pool, path, each)
    if pool.gpu:
        yield from _gpu_count_problems([(path, each) for path, each in known if each.gpus])


def _architecture_problems(pool: PoolHardware, path: str, facts: InstanceFacts) -> Iterator[Problem]:
    if pool.architecture not in facts.architectures:
        actual = " or ".join(facts.architectures)
        yield Problem(
            path=path,
            value=facts.name,
            rule=f"a type of architecture {pool.architecture}, like the AMI and the images; it is {actual}",
            remedy=f"Choose another type, or move it to a pool with architecture: {actual}.",
        )


def _gpu_problems(pool: PoolHardware, path: str, facts: InstanceFacts) -> Iterator[Problem]:
    if pool.gpu and facts.gpus == 0:
        yield Problem(
            path=path,
            value=facts.name,
            rule="a type with NVIDIA GPUs in a pool with gpu: true; it has none",
            remedy="Choose a type with a GPU, such as g4dn.xlarge, or set gpu to false.",
        )
    elif pool.gpu and facts.gpu_manufacturer != NVIDIA:
        yield Problem(
            path=path,
            value=facts.name,
            rule=f"a type with NVIDIA GPUs, like the driver of the AMI; its GPU is {facts.gpu_manufacturer}",
            remedy="Choose a type with an NVIDIA GPU, such as g4dn.xlarge.",
        )
    elif not pool.gpu and facts.gpus:
        yield Problem(
            path=path,
            value=facts.name,
            rule="a type without GPU in a pool without gpu: true; pods could not use what costs most of it",
            remedy="Choose a type without GPU, or set gpu to true.",
        )


def _gpu_count_problems(types: Sequence[tuple[str, InstanceFacts]]) -> Iterator[Problem]:
    for path, other in types[1:]:
        first = types[0][1]
        if other.gpus != first.gpus:
            yield Problem(
                path=path,
                value=other.name,
                rule=f"as many GPUs as {first.name}, which has {first.gpus}; it has {other.gpus}, and "
                "scaling plans with one number for the whole pool and its fallback",
                remedy="Choose types with the same number of GPUs, or make a pool for each number.",
            )
