"""The rules between `ray` and `nodePools`, as far as the configuration alone can tell."""

from collections.abc import Mapping
from typing import Any

from ray_platform.config.pool_rules import may_be_home, pools_of
from ray_platform.config.problems import Problem, remove_command, set_command
from ray_platform.config.ray_config import RayHeadConfig
from ray_platform.config.translation import valid_part


def head_problems(raw_ray: Any, raw_pools: Any) -> list[Problem]:
    """The pool that `ray.head.nodePool` names has to exist and to be a home for the head."""
    raw_head = raw_ray.get("head") if isinstance(raw_ray, Mapping) else None
    head = valid_part(RayHeadConfig, raw_head, "nodePool") if isinstance(raw_head, Mapping) else None
    pools = pools_of(raw_pools)
    if head is None or head.node_pool is None or not isinstance(pools, Mapping):
        return []
    if head.node_pool in pools and may_be_home(pools[head.node_pool]):
        return []
    path = "ray.head.nodePool"
    homes = [name for name, pool in pools.items() if may_be_home(pool)]
    return [
        Problem(
            path=path,
            value=head.node_pool,
            rule="the name of a pool without gpu, with capacityType ON_DEMAND, minSize of 1 or more and no taints"
            + (f": {', '.join(homes)}" if homes else ""),
            remedy=set_command(path, homes[0]) if homes else f"Remove it: {remove_command(path)}",
        )
    ]
