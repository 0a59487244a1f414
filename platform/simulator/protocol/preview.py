"""What is known of a resource's outputs before a create or an update happens."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from simulator.account.resource import UNKNOWN


def outputs_after_update(
    outputs: Mapping[str, Any], old: Mapping[str, Any], new: Mapping[str, Any], changing: Iterable[str]
) -> dict[str, Any]:
    """The old outputs with what differs between the old and the new inputs; `changing` ones are unknown."""
    merged = _merged(outputs, old, new)
    return {**merged, **dict.fromkeys(changing, UNKNOWN)}


def _merged(outputs: Mapping[str, Any], old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    result = {key: value for key, value in outputs.items() if key in new or key not in old}
    for key, value in new.items():
        before, current = old.get(key), outputs.get(key)
        if isinstance(value, Mapping) and isinstance(before, Mapping) and isinstance(current, Mapping):
            result[key] = _merged(current, before, value)
        elif key not in outputs or value != before:
            result[key] = value
    return result
