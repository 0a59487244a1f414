"""Amounts of what a node has and a pod asks for."""

from dataclasses import dataclass
from typing import Final

# The name under which the device plugin announces NVIDIA GPUs.
GPU_RESOURCE: Final = "nvidia.com/gpu"


@dataclass(frozen=True, kw_only=True)
class Resources:
    """CPU in thousandths of a core, memory in MiB, whole GPUs. A difference may be negative."""

    cpu_millis: int = 0
    memory_mib: int = 0
    gpus: int = 0

    def __add__(self, other: "Resources") -> "Resources":
        return Resources(
            cpu_millis=self.cpu_millis + other.cpu_millis,
            memory_mib=self.memory_mib + other.memory_mib,
            gpus=self.gpus + other.gpus,
        )

    def __sub__(self, other: "Resources") -> "Resources":
        return self + other * -1

    def __mul__(self, count: int) -> "Resources":
        return Resources(cpu_millis=self.cpu_millis * count, memory_mib=self.memory_mib * count, gpus=self.gpus * count)

    def __floordiv__(self, count: int) -> "Resources":
        return Resources(
            cpu_millis=self.cpu_millis // count, memory_mib=self.memory_mib // count, gpus=self.gpus // count
        )

    def fits_in(self, room: "Resources") -> bool:
        return self.cpu_millis <= room.cpu_millis and self.memory_mib <= room.memory_mib and self.gpus <= room.gpus

    def quantities(self) -> dict[str, str]:
        """As Kubernetes writes them in requests and limits; GPUs only where there are some."""
        amounts = {"cpu": f"{self.cpu_millis}m", "memory": f"{self.memory_mib}Mi"}
        return amounts | ({GPU_RESOURCE: str(self.gpus)} if self.gpus else {})


NOTHING: Final = Resources()
