"""Layouts of stack configurations, on instance types as EC2 describes them."""

from typing import Any

from ray_platform.config.load import SchedulingConfig, declared
from ray_platform.config.node_pools import ResolvedPool, resolve_pools
from ray_platform.config.problems import Problem
from ray_platform.scheduling.layout import RayLayout, WorkerGroup
from ray_platform.scheduling.resolve import lay_out
from tests.unit.config.given import problems as config_problems
from tests.unit.config.given import stack
from tests.unit.scheduling.ec2 import EveryType


def scheduling(**sections: Any) -> SchedulingConfig:
    """The sections that decide where Ray runs, valid in themselves."""
    found = declared(stack(**sections)).scheduling
    assert found is not None, [str(problem) for problem in config_problems(**sections)]
    return found


def resolved(**sections: Any) -> tuple[ResolvedPool, ...]:
    return resolve_pools(scheduling(**sections).node_pools, EveryType())


def laid_out(**sections: Any) -> tuple[RayLayout | None, list[Problem]]:
    given = scheduling(**sections)
    return lay_out(
        node_pools=given.node_pools,
        addons=given.addons,
        ray=given.ray,
        pools=resolve_pools(given.node_pools, EveryType()),
        facts=EveryType(),
    )


def layout(**sections: Any) -> RayLayout:
    """The layout of a configuration that has one."""
    found, problems = laid_out(**sections)
    assert not problems, [str(problem) for problem in problems]
    assert found is not None
    return found


def problems(**sections: Any) -> list[Problem]:
    """What keeps Ray from running; there is no layout then."""
    found, problems = laid_out(**sections)
    assert found is None
    return problems


def only_problem(**sections: Any) -> Problem:
    found = problems(**sections)
    assert len(found) == 1, [str(problem) for problem in found]
    return found[0]


def group(name: str, **sections: Any) -> WorkerGroup:
    """One worker group of a configuration that has it."""
    return next(each for each in layout(**sections).worker_groups if each.name == name)


def worker(**keys: Any) -> WorkerGroup:
    """The group of a pool with these keys, beside a pool that carries the head."""
    return group("tested", nodePools={"system": {}, "tested": keys})


def worker_problem(**keys: Any) -> Problem:
    """The one thing wrong with such a pool."""
    return only_problem(nodePools={"system": {}, "tested": keys})
