"""What of a live object is the program's: the fields it gave, as the cluster has them now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simulator.kubernetes.quantities import quantity


def projected(given: Any, live: Any) -> Any:
    """`live` with no more fields than `given` has, and in its words where both mean the same.

    The API server drops what is empty and writes quantities its own way ("1000m" is "1").
    """
    if isinstance(given, Mapping) and isinstance(live, Mapping):
        return {
            key: projected(value, live.get(key))
            for key, value in given.items()
            if key in live or not value  # a field that is gone was taken away by somebody
        }
    if isinstance(given, list) and isinstance(live, list) and len(given) == len(live):
        return [projected(was, now) for was, now in zip(given, live, strict=True)]
    if live is None and not given:
        return given
    return given if quantity(given) == quantity(live) is not None else live
