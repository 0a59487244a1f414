"""What stacks exported: this one after its last update, and another one that keeps the network."""

from collections.abc import Mapping
from typing import Any

import pulumi

from ray_platform.config.network_source import StackOutputs, StackUnreadable

# A function of the engine's own; stack references are made of it.
_READ_STACK_OUTPUTS = "pulumi:pulumi:readStackOutputs"


async def previous_outputs() -> Mapping[str, Any]:
    """What the last finished update exported; empty for a stack that has none yet.

    They may be older than the cluster, after an update that failed on its way. If they cannot be read, a warning says
    so and the update goes on without what is compared with them.
    """
    name = f"{pulumi.get_organization()}/{pulumi.get_project()}/{pulumi.get_stack()}"
    try:
        return (await outputs_of(name)).values
    except StackUnreadable as error:
        pulumi.log.warn(
            f"The last outputs of stack {name} could not be read ({error}), so nobody checks whether this update "
            "removes worker groups that still have pods, or changes what running pods will not follow."
        )
        return {}


async def outputs_of(stack: str) -> StackOutputs:
    """The outputs of a stack, given as ORG/PROJECT/STACK. Raises ``StackUnreadable``."""
    try:
        answer = await pulumi.runtime.invoke_async(_READ_STACK_OUTPUTS, {"name": stack})
    except Exception as error:
        raise StackUnreadable(str(error)) from error
    found = answer or {}
    return StackOutputs(values=found.get("outputs") or {}, secret=frozenset(found.get("secretOutputNames") or ()))
