"""The kinds of amount a pod asks for, as the configuration and its messages write them."""

from dataclasses import dataclass
from math import floor
from typing import Final

from ray_platform.config.fields import Section
from ray_platform.scheduling.resources import Resources


@dataclass(frozen=True, kw_only=True)
class Amount:
    """One field of `Resources` and the key that sets it; `scale` of the field's units make one of the key's.

    `setting` is the key as Python names it.
    """

    field: str
    key: str
    setting: str
    unit: str
    scale: int

    def set_by(self, section: Section) -> float | None:
        """What a section of the configuration asks for."""
        value: float | None = getattr(section, self.setting)
        return value

    def of(self, resources: Resources) -> int:
        return int(getattr(resources, self.field))

    def read(self, configured: float) -> int:
        return floor(configured * self.scale + 1e-6)

    def text(self, value: int) -> str:
        """Rounded to hundredths, towards less: what is said to fit does fit."""
        return f"{floor(value * 100 / self.scale) / 100:.2f}".rstrip("0").rstrip(".")

    def with_unit(self, value: int) -> str:
        text = self.text(value)
        return f"{text} {self.unit.removesuffix('s') if text == '1' else self.unit}"


CPU: Final = Amount(field="cpu_millis", key="cpu", setting="cpu", unit="cores", scale=1000)
MEMORY: Final = Amount(field="memory_mib", key="memoryGib", setting="memory_gib", unit="GiB", scale=1024)
GPUS: Final = Amount(field="gpus", key="gpus", setting="gpus", unit="GPUs", scale=1)
AMOUNTS: Final = (CPU, MEMORY, GPUS)
