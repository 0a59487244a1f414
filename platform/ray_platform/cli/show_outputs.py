"""The outputs of a stack, without what is secret."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ray_platform.marks import SECRET

if TYPE_CHECKING:
    from pulumi import automation as auto


def plain(outputs: Mapping[str, auto.OutputValue], *, show_secrets: bool = False) -> dict[str, Any]:
    """Name -> value; what is secret stays so unless it is asked for."""
    return {
        name: SECRET if output.secret and not show_secrets else output.value for name, output in sorted(outputs.items())
    }
