"""What the state of a stack tells of its outputs, as Pulumi exports it and as a backend of files keeps it."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from pulumi.runtime import rpc

from ray_platform.config.network_source import StackOutputs

_STACK: Final = "pulumi:pulumi:Stack"
# How a state marks a mapping that stands for a value which is encrypted.
_KIND, _SECRET = rpc._special_sig_key, rpc._special_secret_sig


def outputs_in(deployment: Mapping[str, Any]) -> StackOutputs:
    """The outputs of the stack whose deployment this is; none for one that was never up."""
    resources: Iterable[Mapping[str, Any]] = deployment.get("resources") or ()
    root = next((each for each in resources if each["type"] == _STACK), None)
    values: Mapping[str, Any] = (root and root.get("outputs")) or {}
    return StackOutputs(values=values, secret=frozenset(name for name, value in values.items() if _holds_secret(value)))


def _holds_secret(value: Any) -> bool:
    if isinstance(value, Mapping):
        return value.get(_KIND) == _SECRET or any(_holds_secret(each) for each in value.values())
    return isinstance(value, list) and any(_holds_secret(each) for each in value)
