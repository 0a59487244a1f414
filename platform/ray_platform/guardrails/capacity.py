"""Work goes on when the spot market has nothing, and at a price that was agreed to."""

from collections.abc import Iterator
from typing import Any, Final

from ray_platform.guardrails.cluster import NODE_GROUP
from ray_platform.guardrails.values import UNKNOWN, Unknown, each, look
from ray_platform.guardrails.verdict import Answer, Fault, Guardrail, Resource, Stack, Unclear

_GPU_TAINT: Final = "nvidia.com/gpu"
_POOL_LABEL: Final = "ray.io/node-pool"
COST_OUTPUT: Final = "estimatedMonthlyCost"

Answered = bool | Unknown


def _fallback(stack: Stack) -> Iterator[Answer]:
    groups = list(stack.of_type(NODE_GROUP))
    for group in groups:
        needs_one = _all_of(_has_gpus(group), _is(look(group.inputs, "capacityType"), "SPOT"))
        has_one = [_stands_in(other, group) for other in groups if other is not group]
        if needs_one is False or True in has_one:
            continue
        if needs_one is UNKNOWN or UNKNOWN in has_one:
            yield Unclear(resource=group, path="capacityType")
        else:
            what = "It buys GPUs on the spot market, and no on-demand group of its pool stands in for it."
            yield Fault(resource=group, path="capacityType", what=what)


def _has_gpus(group: Resource) -> Answered:
    ami = look(group.inputs, "amiType")
    taints = [look(taint, "key") for _, taint in each(group.inputs, "taints")]
    if _GPU_TAINT in taints or (isinstance(ami, str) and "NVIDIA" in ami):
        return True
    return UNKNOWN if UNKNOWN in (ami, *taints) else False


def _stands_in(other: Resource, group: Resource) -> Answered:
    """Whether a group can take the pods of another one when that gets no node."""
    pool = look(group.inputs, "labels", _POOL_LABEL)
    most = look(other.inputs, "scalingConfig", "maxSize")
    return _all_of(
        _has_gpus(other),
        UNKNOWN if pool is UNKNOWN else _is(look(other.inputs, "labels", _POOL_LABEL), pool),
        # On demand is what EKS takes for a group that does not say.
        _is(look(other.inputs, "capacityType"), "ON_DEMAND", None),
        UNKNOWN if most is UNKNOWN else bool(most),
    )


def _is(value: Any, *wanted: Any) -> Answered:
    return UNKNOWN if value is UNKNOWN else value in wanted


def _all_of(*answers: Answered) -> Answered:
    if False in answers:
        return False
    return UNKNOWN if UNKNOWN in answers else True


def _cost(stack: Stack) -> Iterator[Answer]:
    limit = stack.limits.cost_usd
    if limit is None:
        return
    most = look(stack.outputs, COST_OUTPUT, "maximum")
    path = f"outputs.{COST_OUTPUT}.maximum"
    if most is None or most is UNKNOWN:
        yield Unclear(resource=None, path=path)
    elif most > limit:
        what = f"With every pool at its maximum a month costs {most:,.2f} USD; the limit is {limit:,.2f}."
        yield Fault(resource=None, path=path, what=what)
    elif look(stack.outputs, COST_OUTPUT, "unpriced"):
        # The sum lacks these nodes: below the limit it proves nothing.
        yield Unclear(resource=None, path=f"outputs.{COST_OUTPUT}.unpriced")


GUARDRAILS: Final = (
    Guardrail(
        code="spot-fallback",
        promise="A GPU pool on the spot market has an on-demand group that stands in for it.",
        remedy="Remove onDemandFallback.enabled of the pool, or set it to true.",
        check=_fallback,
        whole=True,
    ),
    Guardrail(
        code="cost-limit",
        promise="With every pool at its maximum the stack costs no more a month than `operations.costLimitUsd`, where "
        "that is set.",
        remedy="Lower maxSize of a pool, take smaller instance types, or raise operations.costLimitUsd.",
        check=_cost,
        whole=True,
    ),
)
