"""What a stack costs per month, from a dated table of unit prices.

The prices are on-demand prices of us-east-1 in USD as AWS published them on ``PRICES_FROM``. Spot capacity is counted
at the on-demand price: spot is cheaper, but its price is never a promise. Traffic, NAT gateways and log ingestion
belong to the use and to the given network, and are left out.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from ray_platform.config.node_pools import ResolvedPool

PRICES_FROM = date(2026, 7, 20)
PRICES_REGION = "us-east-1"
HOURS_PER_MONTH = 730

INSTANCE_USD_PER_HOUR = {
    "m5.xlarge": 0.192,
    "m5.2xlarge": 0.384,
    "m6g.xlarge": 0.154,
    "m7g.xlarge": 0.1632,
    "g4dn.xlarge": 0.526,
    "g4dn.2xlarge": 0.752,
    "g5.xlarge": 1.006,
    "g6.xlarge": 0.8048,
}
CONTROL_PLANE_USD_PER_HOUR = 0.10
GP3_USD_PER_GIB_MONTH = 0.08
KMS_KEY_USD_PER_MONTH = 1.0


@dataclass(frozen=True, kw_only=True)
class MonthlyCost:
    """USD per month with every pool at its minimum, at its configured and at its maximum size.

    A pool of several instance types is counted at its first type. ``unpriced`` names the instance types that the
    table does not know: their nodes are not in the sums.
    """

    minimum: float
    configured: float
    maximum: float
    unpriced: tuple[str, ...]

    def as_output(self) -> dict[str, Any]:
        return asdict(self) | {
            "unpriced": list(self.unpriced),
            "currency": "USD",
            "assumes": f"on-demand prices of {PRICES_REGION} of {PRICES_FROM}, spot counted as on-demand, no traffic",
        }


def monthly_cost(pools: Sequence[ResolvedPool], *, key_is_ours: bool) -> MonthlyCost:
    """The cost of control plane, key, nodes and their volumes."""
    fixed = CONTROL_PLANE_USD_PER_HOUR * HOURS_PER_MONTH + (KMS_KEY_USD_PER_MONTH if key_is_ours else 0.0)
    node = {pool.name: _node_month(pool) for pool in pools}
    return MonthlyCost(
        minimum=round(fixed + sum(pool.min_size * node[pool.name] for pool in pools), 2),
        configured=round(fixed + sum(pool.desired_size * node[pool.name] for pool in pools), 2),
        maximum=round(fixed + sum(pool.max_size * node[pool.name] for pool in pools), 2),
        unpriced=tuple(sorted({pool.instance_types[0] for pool in pools} - INSTANCE_USD_PER_HOUR.keys())),
    )


def _node_month(pool: ResolvedPool) -> float:
    instance = INSTANCE_USD_PER_HOUR.get(pool.instance_types[0], 0.0) * HOURS_PER_MONTH
    return instance + pool.disk_gib * GP3_USD_PER_GIB_MONTH
