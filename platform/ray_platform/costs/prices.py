"""Unit prices: what one hour of an instance, one GiB of a volume and the like cost, in USD."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Final, Literal

from ray_platform.versions import EXTENDED_SUPPORT_SURCHARGE

Source = Literal["AWS price API", "dated table"]

TABLE_FROM: Final = date(2026, 7, 20)
TABLE_REGION: Final = "us-east-1"

# AWS's price pages, on-demand Linux.
_INSTANCE_HOUR: Final[Mapping[str, float]] = {
    "m5.xlarge": 0.192,
    "m5.2xlarge": 0.384,
    "m6g.xlarge": 0.154,
    "m7g.xlarge": 0.1632,
    "g4dn.xlarge": 0.526,
    "g4dn.2xlarge": 0.752,
    "g5.xlarge": 1.006,
    "g6.xlarge": 0.8048,
}

# The same kind of price from an older list: the one that Karpenter's AWS provider is built with, made from AWS's price
# API on this day (pkg/providers/pricing/zz_generated.pricing_aws.go, read 2026-11-23). All eight prices above are in it
# with the same figures.
OLDER_FROM: Final = date(2026, 1, 19)
_OLDER_INSTANCE_HOUR: Final[Mapping[str, Mapping[str, float]]] = {
    "m5": {"large": 0.096, "4xlarge": 0.768, "8xlarge": 1.536},
    "m6i": {"large": 0.096, "xlarge": 0.192, "2xlarge": 0.384, "4xlarge": 0.768, "8xlarge": 1.536},
    "m7i": {"large": 0.1008, "xlarge": 0.2016, "2xlarge": 0.4032, "4xlarge": 0.8064, "8xlarge": 1.6128},
    "m6a": {"large": 0.0864, "xlarge": 0.1728, "2xlarge": 0.3456, "4xlarge": 0.6912, "8xlarge": 1.3824},
    "m7a": {"large": 0.11592, "xlarge": 0.23184, "2xlarge": 0.46368, "4xlarge": 0.92736, "8xlarge": 1.85472},
    "m6g": {"large": 0.077, "2xlarge": 0.308, "4xlarge": 0.616, "8xlarge": 1.232},
    "m7g": {"large": 0.0816, "2xlarge": 0.3264, "4xlarge": 0.6528, "8xlarge": 1.3056},
    "m8g": {"large": 0.08976, "xlarge": 0.17952, "2xlarge": 0.35904, "4xlarge": 0.71808, "8xlarge": 1.43616},
    "c5": {"xlarge": 0.17, "2xlarge": 0.34, "4xlarge": 0.68, "9xlarge": 1.53},
    "c6i": {"xlarge": 0.17, "2xlarge": 0.34, "4xlarge": 0.68, "8xlarge": 1.36},
    "c7i": {"xlarge": 0.1785, "2xlarge": 0.357, "4xlarge": 0.714, "8xlarge": 1.428},
    "c7g": {"xlarge": 0.145, "2xlarge": 0.29, "4xlarge": 0.58, "8xlarge": 1.16},
    "r5": {"xlarge": 0.252, "2xlarge": 0.504, "4xlarge": 1.008, "8xlarge": 2.016},
    "r6i": {"xlarge": 0.252, "2xlarge": 0.504, "4xlarge": 1.008, "8xlarge": 2.016},
    "r7i": {"xlarge": 0.2646, "2xlarge": 0.5292, "4xlarge": 1.0584, "8xlarge": 2.1168},
    "r7g": {"xlarge": 0.2142, "2xlarge": 0.4284, "4xlarge": 0.8568, "8xlarge": 1.7136},
    "g4dn": {"4xlarge": 1.204, "8xlarge": 2.176, "12xlarge": 3.912, "16xlarge": 4.352},
    "g5": {"2xlarge": 1.212, "4xlarge": 1.624, "8xlarge": 2.448, "12xlarge": 5.672, "48xlarge": 16.288},
    "g5g": {"xlarge": 0.42, "2xlarge": 0.556, "4xlarge": 0.828, "8xlarge": 1.372},
    "g6": {"2xlarge": 0.9776, "4xlarge": 1.3232, "8xlarge": 2.0144, "12xlarge": 4.6016, "48xlarge": 13.3504},
    "g6e": {"xlarge": 1.861, "2xlarge": 2.24208, "4xlarge": 3.00424, "8xlarge": 4.52856, "48xlarge": 30.13118},
    "p4d": {"24xlarge": 21.957642},
    "p5": {"4xlarge": 6.88, "48xlarge": 55.04},
}

# For information only: the gateways belong to the given network. Same page and day as the table.
NAT_GATEWAY_HOUR: Final = 0.045
NAT_GATEWAY_GB: Final = 0.045


@dataclass(frozen=True, kw_only=True)
class Prices:
    """Unit prices of one region in USD, on demand, as ``source`` told them on ``as_of``.

    ``extended_support_hour`` is what extended support adds to ``control_plane_hour``. ``endpoint_hour`` is for one
    interface endpoint in one zone, ``log_gb`` for a GB that is written and ``log_gb_month`` for one that is kept.
    ``older`` names the instance types whose price is older than the others, ``remarks`` whatever else a reader of the
    estimate should know of the prices.
    """

    region: str
    as_of: date
    source: Source
    instance_hour: Mapping[str, float]
    control_plane_hour: float
    extended_support_hour: float
    gp3_gib_month: float
    key_month: float
    endpoint_hour: float
    log_gb: float
    log_gb_month: float
    older: Mapping[str, date] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()


def table_prices() -> Prices:
    """The prices that are in this repository: those of us-east-1, dated."""
    older = {f"{family}.{size}": usd for family, sizes in _OLDER_INSTANCE_HOUR.items() for size, usd in sizes.items()}
    return Prices(
        region=TABLE_REGION,
        as_of=TABLE_FROM,
        source="dated table",
        instance_hour=MappingProxyType({**older, **_INSTANCE_HOUR}),
        control_plane_hour=0.10,
        extended_support_hour=EXTENDED_SUPPORT_SURCHARGE,
        gp3_gib_month=0.08,
        key_month=1.0,
        endpoint_hour=0.01,
        # CloudWatch pricing, logs that AWS services send (EKS among them), first 10 TB; and archived logs. Read
        # 2026-11-23.
        log_gb=0.50,
        log_gb_month=0.03,
        older=MappingProxyType(dict.fromkeys(older.keys() - _INSTANCE_HOUR.keys(), OLDER_FROM)),
    )
