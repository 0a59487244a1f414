"""What the state of a stack tells of its outputs, as Pulumi exports it and as a backend of files keeps it."""

from collections.abc import Iterable, Mapping
from typing import Any

from ray_platform.config.network_source import StackOutputs
from ray_platform.marks import SECRET_VALUE, SIGNATURE, STACK_TYPE


def outputs_in(deployment: Mapping[str, Any]) -> StackOutputs:
    """The outputs of the stack whose deployment this is; none for one that was never up."""
    resources: Iterable[Mapping[str, Any]] = deployment.get("resources") or ()
    root = next((each for each in resources if each["type"] == STACK_TYPE), None)
    values: Mapping[str, Any] = (root and root.get("outputs")) or {}
    return StackOutputs(values=values, secret=frozenset(name for name, value in values.items() if _holds_secret(value)))


def _holds_secret(value: Any) -> bool:
    if isinstance(value, Mapping):
        return value.get(SIGNATURE) == SECRET_VALUE or any(_holds_secret(each) for each in value.values())
    return isinstance(value, list) and any(_holds_secret(each) for each in value)
