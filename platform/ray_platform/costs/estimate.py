"""What a stack costs a month: with its pools at their minimum, as configured, and at their maximum."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from ray_platform.config.node_pools import ResolvedPool
from ray_platform.config.sections import Settings
from ray_platform.costs.prices import NAT_GATEWAY_GB, NAT_GATEWAY_HOUR, TABLE_REGION, Prices, Source
from ray_platform.versions import KUBERNETES_MINORS

HOURS_PER_MONTH: Final = 730
DAYS_PER_MONTH: Final = 365 / 12

# What a small cluster with all five log types writes; people report 5 to 10 GB for one that is quiet, and hundreds for
# one whose API server is busy.
LOG_GB_PER_MONTH: Final = 5
# Logs that are kept for ever grow for ever; they are counted as they are after a year.
KEPT_FOR_EVER_DAYS: Final = 365

# What a VPC without a way to the internet needs (EKS user guide, "Deploy private clusters", and what the platform's own
# services call). S3 has a gateway, which costs nothing.
INTERFACE_ENDPOINTS: Final = (
    *("ec2", "ecr.api", "ecr.dkr", "sts", "logs"),
    *("eks", "autoscaling", "sqs", "elasticloadbalancing"),
)


@dataclass(frozen=True, kw_only=True)
class Amounts:
    """USD per month at the minimum sizes of the pools, at the configured ones and at the maximum ones."""

    floor: float
    configured: float
    ceiling: float


@dataclass(frozen=True, kw_only=True)
class Line(Amounts):
    """One thing that is paid for. ``pool`` is the node group it belongs to, None for what all share."""

    what: str
    pool: str | None
    quantity: str


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """The cost of a stack, line by line, and what it rests on.

    ``unpriced`` names the instance types without a price: their nodes are in the lines, and not in the sums.
    """

    lines: tuple[Line, ...]
    source: Source
    as_of: date
    region: str
    assumptions: tuple[str, ...]
    unpriced: tuple[str, ...]
    currency: str = "USD"

    @property
    def floor(self) -> float:
        return self.total().floor

    @property
    def configured(self) -> float:
        return self.total().configured

    @property
    def ceiling(self) -> float:
        return self.total().ceiling

    def total(self) -> Amounts:
        return _sum(self.lines)

    def by_pool(self) -> dict[str | None, Amounts]:
        """The sums for each pool in the order of the lines; None stands for what all share, and comes first."""
        names = dict.fromkeys(line.pool for line in self.lines)
        return {name: _sum([line for line in self.lines if line.pool == name]) for name in names}

    def as_dict(self) -> dict[str, Any]:
        """For JSON; keys as in the configuration."""
        return {
            "currency": self.currency,
            **_amounts(self.total()),
            "prices": {"source": self.source, "asOf": self.as_of.isoformat(), "region": self.region},
            "lines": [
                {"what": line.what, "pool": line.pool, "quantity": line.quantity, **_amounts(line)}
                for line in self.lines
            ],
            "assumptions": list(self.assumptions),
            "unpriced": list(self.unpriced),
        }

    def as_output(self) -> dict[str, Any]:
        """For the outputs of the stack, whose names are those of the module this succeeds."""
        return {
            "minimum": self.floor,
            "configured": self.configured,
            "maximum": self.ceiling,
            "unpriced": list(self.unpriced),
            "currency": self.currency,
            "assumes": " ".join(self.assumptions),
            "byPool": {name or "shared": _amounts(amounts) for name, amounts in self.by_pool().items()},
        }


def estimate(
    settings: Settings, pools: Sequence[ResolvedPool], prices: Prices, *, on: date, spot_share: float = 1.0
) -> Estimate:
    """The cost on a day, which decides whether Kubernetes is in extended support.

    ``spot_share`` is what spot is assumed to cost as a share of the on-demand price, above 0 and at most 1. Raises
    ``ValueError`` for another.
    """
    if not 0 < spot_share <= 1:
        raise ValueError(f"the price of spot is a share of the on-demand price, above 0 and at most 1: {spot_share}")
    lines = [*_shared_lines(settings, prices, on)]
    for pool in pools:
        lines += _pool_lines(pool, prices, spot_share)
    return Estimate(
        lines=tuple(lines),
        source=prices.source,
        as_of=prices.as_of,
        region=prices.region,
        assumptions=tuple(_assumptions(settings, pools, prices, on, spot_share)),
        unpriced=tuple(sorted({_type_of(pool) for pool in pools} - prices.instance_hour.keys())),
    )


def _sum(amounts: Sequence[Amounts]) -> Amounts:
    return Amounts(
        floor=round(sum(each.floor for each in amounts), 2),
        configured=round(sum(each.configured for each in amounts), 2),
        ceiling=round(sum(each.ceiling for each in amounts), 2),
    )


def _amounts(amounts: Amounts) -> dict[str, float]:
    return {"floor": amounts.floor, "configured": amounts.configured, "ceiling": amounts.ceiling}


def _constant(what: str, quantity: str, usd: float) -> Line:
    """A line that no size changes. Amounts are in whole cents, so that a reader's sum is ours."""
    cents = round(usd, 2)
    return Line(what=what, pool=None, quantity=quantity, floor=cents, configured=cents, ceiling=cents)


def _shared_lines(settings: Settings, prices: Prices, on: date) -> Iterator[Line]:
    extended = _in_extended_support(settings, on)
    tier = "extended" if extended else "standard"
    hour = prices.control_plane_hour + (prices.extended_support_hour if extended else 0)
    version = settings.cluster.kubernetes_version
    yield _constant(
        "Control plane",
        f"Kubernetes {version} in {tier} support, {HOURS_PER_MONTH} hours",
        hour * HOURS_PER_MONTH,
    )
    if settings.security.kms_key_arn is None:
        yield _constant("Encryption key", "1 KMS key", prices.key_month)
    if settings.cluster.log_types:
        kept = _log_months(settings) * LOG_GB_PER_MONTH
        yield _constant(
            "Control plane logs",
            f"{LOG_GB_PER_MONTH} GB written, {kept:.1f} GB kept",
            LOG_GB_PER_MONTH * prices.log_gb + kept * prices.log_gb_month,
        )
    if settings.security.egress == "private":
        count, zones = len(INTERFACE_ENDPOINTS), len(settings.network.subnet_ids)
        yield _constant(
            "Interface endpoints of the given network",
            f"{count} AWS services in {zones} zones",
            count * zones * prices.endpoint_hour * HOURS_PER_MONTH,
        )


def _pool_lines(pool: ResolvedPool, prices: Prices, spot_share: float) -> Iterator[Line]:
    sizes = f"{pool.min_size} / {pool.desired_size} / {pool.max_size}"
    name, share = _type_of(pool), _share(pool, spot_share)
    hour = prices.instance_hour.get(name)
    bought = "spot" if pool.capacity_type == "SPOT" else "on demand"
    yield _per_node(
        pool,
        "Nodes",
        f"{sizes} x {name} {bought}" + (", price not known" if hour is None else ""),
        (hour or 0.0) * share * HOURS_PER_MONTH,
    )
    yield _per_node(pool, "Volumes", f"{sizes} x {pool.disk_gib} GiB gp3", pool.disk_gib * prices.gp3_gib_month)


def _per_node(pool: ResolvedPool, what: str, quantity: str, usd: float) -> Line:
    return Line(
        what=what,
        pool=pool.name,
        quantity=quantity,
        floor=round(pool.min_size * usd, 2),
        configured=round(pool.desired_size * usd, 2),
        ceiling=round(pool.max_size * usd, 2),
    )


def _type_of(pool: ResolvedPool) -> str:
    """The type a pool is counted at. EKS buys on demand in the order of the list (its user guide, "Managed node group
    capacity types": the allocation strategy is prioritized), and the autoscaler plans with the first.
    """
    return pool.instance_types[0]


def _share(pool: ResolvedPool, spot_share: float) -> float:
    return spot_share if pool.capacity_type == "SPOT" else 1.0


def _log_months(settings: Settings) -> float:
    """For how many months of logs the log group has room."""
    return (settings.cluster.log_retention_days or KEPT_FOR_EVER_DAYS) / DAYS_PER_MONTH


def _in_extended_support(settings: Settings, on: date) -> bool:
    """Without the support type EXTENDED, EKS upgrades the cluster instead of charging more."""
    return settings.cluster.support_type == "EXTENDED" and on > _standard_until(settings)


def _standard_until(settings: Settings) -> date:
    return KUBERNETES_MINORS[settings.cluster.kubernetes_version].standard_support_until


def _assumptions(
    settings: Settings, pools: Sequence[ResolvedPool], prices: Prices, on: date, spot_share: float
) -> Iterator[str]:
    yield f"On-demand prices of {prices.region} of {prices.as_of} ({prices.source}), {HOURS_PER_MONTH} hours a month."
    if settings.aws.region != prices.region:
        yield f"The stack is in {settings.aws.region}, where prices are others, mostly higher."
    yield from prices.remarks
    types = {_type_of(pool) for pool in pools}
    for name in sorted(types & prices.older.keys()):
        yield f"The price of {name} is older: of {prices.older[name]}."
    if settings.cluster.support_type == "EXTENDED" and not _in_extended_support(settings, on):
        more = prices.extended_support_hour * HOURS_PER_MONTH
        yield f"After {_standard_until(settings)} extended support costs {more:,.0f} a month more."
    yield from _pool_assumptions(pools, prices, spot_share)
    if settings.cluster.log_types:
        yield f"Control plane logs of {LOG_GB_PER_MONTH} GB a month; a busy cluster writes many times as much."
    if settings.security.egress == "internet-https":
        yield (
            f"Not counted: NAT gateways of the given network ({NAT_GATEWAY_HOUR} an hour each and {NAT_GATEWAY_GB} "
            f"per GB in {TABLE_REGION})."
        )
    yield "Not counted: traffic, volumes that workloads claim, S3, a support plan, taxes and discounts."


def _pool_assumptions(pools: Sequence[ResolvedPool], prices: Prices, spot_share: float) -> Iterator[str]:
    if any(pool.capacity_type == "SPOT" for pool in pools):
        yield (
            "Spot at the on-demand price: it is cheaper, but nobody promises by how much."
            if spot_share == 1
            else f"Spot at {spot_share:.0%} of the on-demand price, which is assumed and not promised."
        )
    if any(len(pool.instance_types) > 1 for pool in pools):
        yield "Every node is of its pool's first instance type."
    for pool in pools:
        hours = {name: prices.instance_hour[name] for name in pool.instance_types if name in prices.instance_hour}
        if _type_of(pool) in hours:
            dearest = max(hours, key=lambda name: hours[name])
            difference = (hours[dearest] - hours[_type_of(pool)]) * _share(pool, spot_share)
            if difference > 0:
                more = difference * HOURS_PER_MONTH * pool.max_size
                yield f"With {dearest} alone the ceiling of {pool.name} would be {more:,.0f} higher."
