"""Kubernetes' amounts: "1500m", "2Gi", 4."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from ray_platform.scheduling.resources import GPU_RESOURCE, Resources

QUANTITY = re.compile(r"(?P<number>[+-]?(?:\d+\.?\d*|\.\d+))(?P<unit>m|k|[MGTPE]i?|Ki)?")
UNITS: Mapping[str, Decimal] = {
    "m": Decimal("0.001"),
    "k": Decimal(1000),
    **{unit: Decimal(1000) ** power for power, unit in enumerate("MGTPE", start=2)},
    **{f"{unit}i": Decimal(1024) ** power for power, unit in enumerate("KMGTPE", start=1)},
}
MIB = 1024**2


def quantity(value: Any) -> Decimal | None:
    """The amount that a quantity stands for; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    if match := QUANTITY.fullmatch(str(value)):
        return Decimal(match["number"]) * UNITS.get(match["unit"] or "", Decimal(1))
    return None


def resources(amounts: Mapping[str, Any]) -> Resources:
    """What is asked for or offered, rounded up to what the scheduler counts in."""
    found = {key: quantity(amounts.get(key, 0)) or Decimal(0) for key in ("cpu", "memory", GPU_RESOURCE)}
    return Resources(
        cpu_millis=math.ceil(found["cpu"] * 1000),
        memory_mib=math.ceil(found["memory"] / MIB),
        gpus=int(found[GPU_RESOURCE]),
    )
