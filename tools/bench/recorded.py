"""The program alone, without an engine: recorded again and again in a process of its own, for stacks of many sizes.

What it prints is JSON: for each stack the processor's seconds of each round. Not the wall's: other work on the machine
would be in them, and the recorder waits for nothing.
"""

from __future__ import annotations

import gc
import json
import pickle
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ray_platform.checks.facts import Facts
from ray_platform.plan.recorder import record


@dataclass(frozen=True, kw_only=True)
class Series:
    """The stacks to record, smallest first, and how often."""

    program: Path
    project: str
    stack: str
    facts: Facts
    configs: list[dict[str, Any]]
    rounds: int


def timed(series: Series) -> list[list[float]]:
    # Once for what is loaded on the way.
    _record(series, series.configs[0])
    rounds = [[_seconds(series, config) for config in series.configs] for _ in range(series.rounds)]
    return [list(of_one) for of_one in zip(*rounds, strict=True)]


def _seconds(series: Series, config: dict[str, Any]) -> float:
    # What an earlier round left is no part of this one.
    gc.collect()
    start = time.process_time()
    _record(series, config)
    return time.process_time() - start


def _record(series: Series, config: dict[str, Any]) -> None:
    record(series.program, project=series.project, stack=series.stack, config=config, facts=series.facts)


if __name__ == "__main__":
    # The bench itself wrote the file a moment ago.
    print(json.dumps(timed(pickle.loads(Path(sys.argv[1]).read_bytes()))))
