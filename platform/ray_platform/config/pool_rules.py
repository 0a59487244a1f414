"""The rules of `nodePools` as a whole: names, and a home for pods that are no Ray workers."""

import re
from collections.abc import Mapping
from typing import Any, Final

from ray_platform.config.hardware import PoolHardware
from ray_platform.config.node_pools import FALLBACK_SUFFIX
from ray_platform.config.pool_config import NodePoolConfig
from ray_platform.config.problems import PathPart, Problem, set_command, yaml_path
from ray_platform.config.translation import problems_of, valid_part

# What the module this platform succeeds creates.
DEFAULT_POOLS: Final[Mapping[str, Any]] = {"cpu": {}, "gpu": {"gpu": True}}

# A DNS-1035 label, because Ray's worker groups are named after the pools. With the suffix of the fallback it
# stays far below the 63 characters of a label's value.
POOL_NAME_MAX: Final = 40
# KubeRay's name for the group of the head (ray-operator 1.6.2, RayNodeHeadGroupLabelValue).
RAY_HEAD_GROUP: Final = "headgroup"
_POOL_NAME: Final = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")


def pools_of(raw: Any) -> Any:
    """The pools as configured, the default ones where there are none; an empty pool is a mapping too."""
    if raw is None:
        raw = DEFAULT_POOLS
    if not isinstance(raw, Mapping):
        return raw
    return {str(name): {} if pool is None else pool for name, pool in raw.items()}


def pool_problems(raw: Any) -> list[Problem]:
    """Everything wrong with `nodePools`, as far as the configuration alone can tell."""
    pools = pools_of(raw)
    if not isinstance(pools, Mapping):
        return [_not_a_mapping(pools)]
    problems: list[Problem] = []
    for name, pool in pools.items():
        problems += _name_problems(name, pool)
        problems += problems_of(NodePoolConfig, pool, ("nodePools", name))
    return problems + _home_problems(pools)


def pool_hardware(raw: Any) -> tuple[PoolHardware, ...]:
    """What each pool says of its hardware, if that part of it is valid."""
    pools = pools_of(raw)
    if not isinstance(pools, Mapping):
        return ()
    found = (_hardware(name, pool) for name, pool in pools.items())
    return tuple(hardware for hardware in found if hardware is not None)


def _hardware(name: str, raw: Any) -> PoolHardware | None:
    pool = valid_part(NodePoolConfig, raw, "gpu", "architecture", "instanceTypes")
    if pool is None:
        return None
    with_fallback = valid_part(NodePoolConfig, raw, "gpu", "capacityType", "onDemandFallback")
    own_types: tuple[str, ...] | None = None
    if with_fallback is not None and with_fallback.has_fallback:
        own_types = with_fallback.on_demand_fallback.instance_types
    return PoolHardware(
        name=name,
        gpu=pool.gpu,
        architecture=pool.architecture,
        instance_types=pool.instance_types,
        fallback_instance_types=own_types or (),
    )


def _not_a_mapping(pools: Any) -> Problem:
    return Problem(
        path="nodePools",
        value=pools,
        rule="a mapping of pool names to pools",
        remedy="Write each pool's name as a key, its settings indented below it.",
    )


def _name_problems(name: str, pool: Any) -> list[Problem]:
    at: tuple[PathPart, ...] = ("nodePools", name)
    path = yaml_path(at)
    broken = {
        f"as a name, at most {POOL_NAME_MAX} lower case letters, digits and hyphens, beginning with a letter and not "
        "ending with a hyphen": _POOL_NAME.fullmatch(name) is None or len(name) > POOL_NAME_MAX,
        "as a name, any but the one that KubeRay gives to the head's group": name == RAY_HEAD_GROUP,
        f"as a name, not ending in {FALLBACK_SUFFIX}, the name of another pool's fallback": name.endswith(
            FALLBACK_SUFFIX
        ),
    }
    problems = [
        Problem(path=path, value=name, rule=rule, remedy="Rename the pool.") for rule, found in broken.items() if found
    ]
    if "gpu" in name.split("-") and isinstance(pool, Mapping) and "gpu" not in pool:
        problems.append(
            Problem(
                path=yaml_path((*at, "gpu")),
                value=None,
                source="absent",
                rule="true or false, said explicitly for a pool called gpu: nodePools of a stack replace the "
                "default pools wholly, they do not extend them",
                remedy=set_command(yaml_path((*at, "gpu")), "true"),
            )
        )
    return problems


def _home_problems(pools: Mapping[str, Any]) -> list[Problem]:
    if any(may_be_home(pool) for pool in pools.values()):
        return []
    free_name = "system" if "cpu" in pools else "cpu"
    return [
        Problem(
            path="nodePools",
            value=list(pools),
            rule="at least one pool without gpu, with capacityType ON_DEMAND, minSize of 1 or more and no "
            "taints: the home of CoreDNS, the operators and the Ray head",
            remedy=f"Add one: {set_command(f'nodePools.{free_name}.minSize', 2)}",
        )
    ]


def may_be_home(raw: Any) -> bool:
    """Whether a pool is that home, or might be once its own problems are mended."""
    kind = valid_part(NodePoolConfig, raw, "gpu", "capacityType")
    if kind is not None and (kind.gpu or kind.capacity_type != "ON_DEMAND"):
        return False
    tainted = valid_part(NodePoolConfig, raw, "taints")
    if tainted is not None and tainted.taints:
        return False
    sized = valid_part(NodePoolConfig, raw, "gpu", "minSize", "desiredSize", "maxSize")
    return sized is None or sized.min_size >= 1
