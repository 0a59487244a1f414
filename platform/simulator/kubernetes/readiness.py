"""When an object counts as ready: what pulumi-kubernetes waits for before it calls a resource created."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from simulator.account.resource import Refusal

WAIT_FOR = "pulumi.com/waitFor"
SKIP_AWAIT = "pulumi.com/skipAwait"

JSONPATH = re.compile(r"jsonpath='?\{(?P<path>(?:\.[A-Za-z0-9_-]+)+)\}'?(?:=(?P<value>.+))?")
CONDITION = re.compile(r"condition=(?P<type>[A-Za-z0-9_./-]+)")

Object = Mapping[str, Any]


def missing(live: Object) -> str | None:
    """What the object lacks to be ready, in words; None when it is.

    The annotations of pulumi-kubernetes that say what to wait for are honoured. Raises Refusal for a condition in
    them that the simulator cannot read.
    """
    annotations = live["metadata"].get("annotations") or {}
    if annotations.get(SKIP_AWAIT) == "true":
        return None
    if WAIT_FOR in annotations:
        unmet = [each for each in _wanted(annotations[WAIT_FOR]) if not _holds(each, live)]
        return f"it waits for {', '.join(unmet)}" if unmet else None
    lacks = _LACKS.get(live["kind"])
    return lacks(live) if lacks else None


def _wanted(annotation: str) -> list[str]:
    """One condition, or a JSON list of them."""
    return [str(each) for each in json.loads(annotation)] if annotation.startswith("[") else [annotation]


def _holds(wanted: str, live: Object) -> bool:
    if condition := CONDITION.fullmatch(wanted):
        return _condition(live, condition["type"])
    if path := JSONPATH.fullmatch(wanted):
        found = _at(live, path["path"])
        return found is not None if path["value"] is None else str(found) == path["value"]
    raise Refusal("NotSimulated", f"the simulator cannot read the condition {wanted!r} of {WAIT_FOR}")


def _at(live: Any, path: str) -> Any:
    for key in path.split(".")[1:]:
        live = live.get(key) if isinstance(live, Mapping) else None
    return live


def _condition(live: Object, type_: str) -> bool:
    conditions = live.get("status", {}).get("conditions") or []
    return any(each["type"] == type_ and each["status"] == "True" for each in conditions)


def _deployment(live: Object) -> str | None:
    status, wanted = live.get("status", {}), live["spec"].get("replicas", 1)
    if status.get("observedGeneration", 0) < live["metadata"]["generation"]:
        return "its controller has not seen it yet"
    for count in ("updatedReplicas", "availableReplicas"):
        if status.get(count, 0) < wanted:
            return f"{status.get(count, 0)} of {wanted} {count}"
    return None


def _daemon_set(live: Object) -> str | None:
    status = live.get("status", {})
    if status.get("observedGeneration", 0) < live["metadata"]["generation"]:
        return "its controller has not seen it yet"
    ready, wanted = status.get("numberReady", 0), status["desiredNumberScheduled"]
    return None if ready >= wanted else f"ready on {ready} of {wanted} nodes"


def _definition(live: Object) -> str | None:
    return None if _condition(live, "Established") else "its kind is not established yet"


_LACKS: Mapping[str, Callable[[Object], str | None]] = {
    "CustomResourceDefinition": _definition,
    "DaemonSet": _daemon_set,
    "Deployment": _deployment,
}
