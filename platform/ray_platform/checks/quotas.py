"""Whether the account's vCPU quotas suffice for the pools, as they begin and at their maximum.

A quota counts all instances of a class in the region. What runs outside this cluster is taken off first.
"""

from collections.abc import Iterator, Mapping
from math import ceil
from typing import Final

from ray_platform.checks.facts import Case, Quota
from ray_platform.checks.finding import Check, Finding, Severity, found
from ray_platform.checks.pools import Bound, size, sizes_text, smaller_pool
from ray_platform.checks.quota_codes import quota_of
from ray_platform.config.node_pools import ResolvedPool

VCPUS: Final = Check(
    code="quota-vcpus", group="Quotas", asks="May the account run as many vCPUs as the pools can grow to?"
)
CHECKS: Final = (VCPUS,)

# What is asked for is rounded up to a multiple of it.
_STEP: Final = 16


def findings(case: Case) -> Iterator[Finding]:
    for code in sorted(case.facts.quotas or ()):
        quota = (case.facts.quotas or {})[code]
        steps: tuple[tuple[Bound, Severity], ...] = (("desired", "error"), ("max", "warning"))
        for bound, severity in steps:
            # Who needs nothing is not hindered by what others use beyond the quota.
            if (need := _need(case, code, bound)) and need > _free(quota):
                yield _finding(case, quota, bound, severity)
                break


def _free(quota: Quota) -> float:
    return quota.limit - quota.in_use


def _need(case: Case, code: str, bound: Bound, changed: Mapping[str, int] | None = None) -> int:
    """The vCPUs of all pools that count against a quota, with sizes of the configuration but for the changed."""
    sizes = changed or {}
    return sum(_vcpus(case, pool, code, bound) * sizes.get(pool.name, size(pool, bound)) for pool in case.pools)


def _vcpus(case: Case, pool: ResolvedPool, code: str, bound: Bound) -> int:
    """What one node counts: surely, where the pool begins, and at most, at its maximum.

    AWS chooses among the types of a pool: sure is only the smallest, and no quota at all where they have several.
    """
    vcpus = [
        case.facts.instance_types[name].vcpus
        for name in pool.instance_types
        if (quota := quota_of(name, pool.capacity_type)) is not None and quota.code == code
    ]
    if bound == "max":
        return max(vcpus, default=0)
    return min(vcpus) if len(vcpus) == len(pool.instance_types) else 0


def _finding(case: Case, quota: Quota, bound: Bound, severity: Severity) -> Finding:
    most = _need(case, quota.code, "max")
    starting = bound == "desired"
    take = (
        f"take {_need(case, quota.code, bound)} or more, and up to {most} later" if starting else f"take up to {most}"
    )
    pools = [pool for pool in case.pools if _vcpus(case, pool, quota.code, bound)]
    counts = {pool.name: size(pool, bound) for pool in pools}
    wanted = _STEP * ceil((quota.in_use + most) / _STEP)
    return found(
        VCPUS,
        severity,
        where=quota.code,
        what=f"The account may not run the vCPUs that the pools {'begin with' if starting else 'may grow to'}",
        evidence=f"{quota.name}: {quota.limit:g} vCPUs, {quota.in_use} in use elsewhere; {sizes_text(counts)} {take}",
        remedy="\n".join(_remedies(case, quota, bound, pools, wanted)),
    )


def _remedies(case: Case, quota: Quota, bound: Bound, pools: list[ResolvedPool], wanted: int) -> Iterator[str]:
    yield (
        f"aws service-quotas request-service-quota-increase --service-code ec2 --quota-code {quota.code} "
        f"--desired-value {wanted} --region {case.settings.aws.region}"
    )
    hungriest = max(pools, key=lambda pool: _vcpus(case, pool, quota.code, bound) * size(pool, bound))
    smaller = smaller_pool(
        hungriest, bound, lambda count: _need(case, quota.code, bound, {hungriest.name: count}) <= _free(quota)
    )
    if smaller:
        yield f"Or let the pool be smaller: {smaller}"
