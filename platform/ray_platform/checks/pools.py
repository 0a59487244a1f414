"""Where the configuration speaks of a pool, and the size at which it would fit."""

from collections.abc import Callable
from typing import Final, Literal

from ray_platform.config.node_pools import ResolvedPool
from ray_platform.config.problems import PathPart, set_command, yaml_path

Bound = Literal["desired", "max"]
"""A pool as it begins, or as large as it may get."""

_KEYS: Final[dict[Bound, str]] = {"desired": "desiredSize", "max": "maxSize"}


def pool_path(pool: ResolvedPool, *parts: PathPart) -> str:
    """The path of a key of a pool; a fallback's keys are below those of the pool it stands in for."""
    at = (pool.name,) if pool.fallback_for is None else (pool.fallback_for, "onDemandFallback")
    return yaml_path(("nodePools", *at, *parts))


def size(pool: ResolvedPool, bound: Bound) -> int:
    return pool.desired_size if bound == "desired" else pool.max_size


def smaller_pool(pool: ResolvedPool, bound: Bound, fits: Callable[[int], bool]) -> str | None:
    """The command that gives a pool the largest size that fits, None where not even the smallest one does."""
    smallest = pool.min_size if bound == "desired" else max(pool.desired_size, 1)
    fitting = (each for each in range(size(pool, bound) - 1, smallest - 1, -1) if fits(each))
    best = next(fitting, None)
    return None if best is None else set_command(pool_path(pool, _KEYS[bound]), best)


def sizes_text(pools: dict[str, int]) -> str:
    """Pools with their sizes, in words."""
    return ", ".join(f"{count} of {name}" for name, count in pools.items() if count)
