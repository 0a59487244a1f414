"""What the control plane did can be read afterwards."""

from collections.abc import Iterator
from typing import Any, Final

from ray_platform import naming
from ray_platform.guardrails.cluster import LOG_GROUP, control_planes
from ray_platform.guardrails.values import UNKNOWN, look
from ray_platform.guardrails.verdict import Answer, Fault, Guardrail, Resource, Stack, Unclear, expect

# Who asked for what, who was let in, and what the API made of it.
REQUIRED_TYPES: Final = frozenset({"api", "audit", "authenticator"})


def _types(stack: Stack) -> Iterator[Answer]:
    for cluster in control_planes(stack):
        types = look(cluster.inputs, "enabledClusterLogTypes")
        if isinstance(types, list) and UNKNOWN in types:
            types = UNKNOWN
        wish = f"must have {', '.join(sorted(REQUIRED_TYPES))}"
        yield from expect(
            cluster, "enabledClusterLogTypes", types, lambda value: set(value or ()) >= REQUIRED_TYPES, wish
        )


def _retention(stack: Stack) -> Iterator[Answer]:
    groups = list(stack.of_type(LOG_GROUP))
    for group in groups:
        days = look(group.inputs, "retentionInDays")
        yield from expect(group, "retentionInDays", days, lambda value: _as_configured(value, stack), _wish(stack))
    for cluster in control_planes(stack):
        if look(cluster.inputs, "enabledClusterLogTypes"):
            yield from _has_group(cluster, groups)


def _as_configured(days: Any, stack: Stack) -> bool:
    configured = stack.limits.log_retention_days
    return days is not None and (days >= 1 if configured is None else days == configured)


def _wish(stack: Stack) -> str:
    configured = stack.limits.log_retention_days
    return "must be 1 or more" if configured is None else f"must be {configured}, as cluster.logRetentionDays is"


def _has_group(cluster: Resource, groups: list[Resource]) -> Iterator[Answer]:
    """EKS makes the group where there is none: without a key, and kept for ever."""
    names = {look(group.inputs, "name") for group in groups}
    name = look(cluster.inputs, "name")
    if name is not UNKNOWN and naming.log_group(str(name)) in names:
        return
    path = "enabledClusterLogTypes"
    if name is UNKNOWN or UNKNOWN in names:
        yield Unclear(resource=cluster, path=path)
    else:
        what = f"The stack has no log group {naming.log_group(str(name))}, so EKS makes one that is kept for ever."
        yield Fault(resource=cluster, path=path, what=what)


GUARDRAILS: Final = (
    Guardrail(
        code="log-types",
        promise="The control plane logs at least api, audit and authenticator.",
        remedy="Add them to cluster.logTypes.",
        check=_types,
    ),
    Guardrail(
        code="log-retention",
        promise="The stack itself makes the log group of the control plane, and logs are kept as long as "
        "`cluster.logRetentionDays` says.",
        remedy="Make the log group with retentionInDays as configured.",
        check=_retention,
        whole=True,
    ),
)
