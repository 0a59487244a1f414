"""Every number of the configuration has a least and a most, and whatever number stands there is told."""

import math
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import BaseModel

from ray_platform.config.load import MODELS
from ray_platform.config.numbers import NODES_MAX, written
from ray_platform.config.pool_config import NodePoolConfig
from ray_platform.config.problems import ConfigError, Problem, shown
from ray_platform.config.translation import bare, fields_by_key
from tests.unit.config.given import only_problem, settings, with_pool

POOL = "nodePools.tested."

# Its validator knows the numbers that CloudWatch takes.
CHOSEN = "cluster.logRetentionDays"


def _numbers(model: type[BaseModel], prefix: str) -> Iterator[tuple[str, Any, list[Any]]]:
    for key, field in fields_by_key(model).items():
        kind = bare(field.annotation)
        if kind in (int, float):
            yield f"{prefix}{key}", kind, field.metadata
        elif isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from _numbers(kind, f"{prefix}{key}.")


NUMBERS = [
    *(each for section, model in MODELS.items() for each in _numbers(model, f"{section}.")),
    *_numbers(NodePoolConfig, POOL),
]


def _with(path: str, value: Any) -> Problem:
    """The one thing wrong with a configuration that has this value at this place and is fine otherwise."""
    section, *keys = path.split(".")
    inside: Any = value
    if section == "nodePools":
        section, keys = "nodePools", keys[1:]
    for key in reversed(keys):
        inside = {key: inside}
    if "limitUsd" in keys:
        inside["budget"]["emails"] = ["team@example.com"]
    return only_problem(**{section: with_pool(**inside) if path.startswith(POOL) else inside})


def test_there_are_numbers_in_the_model() -> None:
    assert {f"{POOL}ray.cpu", f"{POOL}onDemandFallback.maxSize", "ray.head.cpu", CHOSEN} < {each[0] for each in NUMBERS}


@pytest.mark.parametrize(("path", "kind", "metadata"), NUMBERS)
def test_every_number_has_a_least_and_a_most(path: str, kind: type, metadata: list[Any]) -> None:
    bounds = {name: getattr(each, name) for each in metadata for name in ("ge", "le") if hasattr(each, name)}

    assert path == CHOSEN or (math.isfinite(bounds["le"]) and bounds["ge"] < bounds["le"])


@pytest.mark.parametrize(
    "number",
    [math.inf, -math.inf, math.nan, 1e308, -1e308, 10**400, 10**5000, -(10**5000), True, "1e400", "٣", "²"],
    ids=shown,
)
@pytest.mark.parametrize("path", [each[0] for each in NUMBERS])
def test_a_number_beyond_them_is_told_with_one_that_is_within(path: str, number: Any) -> None:
    problem = _with(path, number)
    text = str(ConfigError([problem]))

    assert problem.path == path
    assert problem.remedy.startswith(f"pulumi config set --path 'ray-on-eks:{path}' ")
    assert math.isfinite(float(problem.remedy.split()[-1]))
    assert len(text) < 1000


def test_the_bounds_themselves_are_taken_and_the_next_number_is_not() -> None:
    ray = {"cpu": 8192, "memoryGib": 65536.0, "gpus": 32, "podsPerNode": 64, "maxReplicas": 6_400_000}
    pool = settings(nodePools=with_pool(maxSize=NODES_MAX, ray=ray)).node_pools["tested"]

    assert (pool.max_size, pool.ray.cpu, pool.ray.max_replicas) == (100_000, 8192, 6_400_000)
    assert _with(f"{POOL}maxSize", NODES_MAX + 1).rule == "a whole number from 1 to 100000"
    assert _with("ray.head.cpu", 8192.5).remedy == "pulumi config set --path 'ray-on-eks:ray.head.cpu' 8192"


@pytest.mark.parametrize(
    ("given", "meant"), [("4", "4"), ("0", "1"), ("200000", "100000"), ("9" * 5000, "1"), ("٤", "1")]
)
def test_the_remedy_for_digits_in_quotes_is_a_number_within_the_bounds(given: str, meant: str) -> None:
    assert _with(f"{POOL}onDemandFallback.maxSize", given).remedy.endswith(f"maxSize' {meant}")


@pytest.mark.parametrize(
    ("number", "text"), [(10**10, "10000000000"), (0.5, "0.5"), (2.0, "2"), (6_400_000.0, "6400000"), (0, "0")]
)
def test_numbers_are_written_with_all_of_their_digits(number: float, text: str) -> None:
    assert written(number) == text
