"""Which of EC2's vCPU quotas an instance type counts against.

Codes and classes: AWS General Reference, "Amazon EC2 endpoints and quotas", the tables of On-Demand and of Spot
Instances, read 2026-11-23. Each counts vCPUs in one region, and each can be raised.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from ray_platform.config.pool_defaults import CapacityType


@dataclass(frozen=True, kw_only=True)
class QuotaCode:
    """A quota of the service ``ec2``, with the name that AWS gives it."""

    code: str
    name: str


def _quota(code: str, name: str) -> QuotaCode:
    return QuotaCode(code=code, name=name)


# How a class of instance types is sold -> its quota. Where a way is missing, AWS has no quota for it or none we know.
QUOTAS: Final[Mapping[tuple[str, CapacityType], QuotaCode]] = MappingProxyType(
    {
        ("Standard", "ON_DEMAND"): _quota(
            "L-1216C47A", "Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances"
        ),
        ("Standard", "SPOT"): _quota("L-34B43A08", "All Standard (A, C, D, H, I, M, R, T, Z) Spot Instance Requests"),
        ("G", "ON_DEMAND"): _quota("L-DB2E81BA", "Running On-Demand G and VT instances"),
        ("G", "SPOT"): _quota("L-3819A6DF", "All G and VT Spot Instance Requests"),
        ("P", "ON_DEMAND"): _quota("L-417A185B", "Running On-Demand P instances"),
        ("P2-P4", "SPOT"): _quota("L-7212CCBC", "All P4, P3 and P2 Spot Instance Requests"),
        ("P5", "SPOT"): _quota("L-C4BD4855", "All P5 Spot Instance Requests"),
        ("Inf", "ON_DEMAND"): _quota("L-1945791B", "Running On-Demand Inf instances"),
        ("Inf", "SPOT"): _quota("L-B5D1601B", "All Inf Spot Instance Requests"),
        ("Trn", "ON_DEMAND"): _quota("L-2C3B7624", "Running On-Demand Trn instances"),
        ("Trn", "SPOT"): _quota("L-6B0D517C", "All Trn Spot Instance Requests"),
        ("X", "ON_DEMAND"): _quota("L-7295265B", "Running On-Demand X instances"),
        ("X", "SPOT"): _quota("L-E3A00192", "All X Spot Instance Requests"),
        ("F", "ON_DEMAND"): _quota("L-74FC7D96", "Running On-Demand F instances"),
        ("F", "SPOT"): _quota("L-88CF9481", "All F Spot Instance Requests"),
        ("DL", "ON_DEMAND"): _quota("L-6E869C2A", "Running On-Demand DL instances"),
        ("DL", "SPOT"): _quota("L-85EED4F7", "All DL Spot Instance Requests"),
        ("HPC", "ON_DEMAND"): _quota("L-F7808C92", "Running On-Demand HPC instances"),
        ("High Memory", "ON_DEMAND"): _quota("L-43DA4232", "Running On-Demand High Memory instances"),
    }
)

# The letters that a type begins with -> its class, sold either way.
_CLASSES: Final[Mapping[str, str]] = MappingProxyType(
    {
        **dict.fromkeys(("a", "c", "d", "h", "i", "im", "is", "m", "r", "t", "z"), "Standard"),
        **dict.fromkeys(("g", "gr", "vt"), "G"),
        **{"inf": "Inf", "trn": "Trn", "x": "X", "f": "F", "dl": "DL", "hpc": "HPC", "u": "High Memory"},
    }
)
# The generations of P, which have a common quota on demand and two on spot.
_P_SPOT_CLASSES: Final[Mapping[str, str]] = MappingProxyType({**dict.fromkeys(("2", "3", "4"), "P2-P4"), "5": "P5"})


def quota_of(instance_type: str, capacity_type: CapacityType) -> QuotaCode | None:
    """The quota that a running instance of this type counts against; None for a type of no known class."""
    parts = re.match(r"([a-z]+)-?(\d*)", instance_type)
    if parts is None:
        return None
    letters, generation = parts.groups()
    if letters == "p":
        kind = "P" if capacity_type == "ON_DEMAND" else _P_SPOT_CLASSES.get(generation, "")
    else:
        kind = _CLASSES.get(letters, "")
    return QUOTAS.get((kind, capacity_type))
