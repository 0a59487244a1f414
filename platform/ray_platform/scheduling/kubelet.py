"""What the `nodeConfig` of a pool changes about the part of a node that the kubelet keeps back.

The kubelet merges it over what nodeadm wrote, key by key (Kubernetes documentation, "Set Kubelet Parameters Via A
Configuration File", kubelet configuration directory).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any, Final

from ray_platform.config.problems import Problem, yaml_path
from ray_platform.scheduling.resources import NOTHING, Resources

# Each says in the kubelet's own command line what its configuration says too, and wins over it.
_FLAGS: Final = ("--kube-reserved", "--system-reserved", "--eviction-hard", "--max-pods", "--reserved-cpus")

_MEMORY_UNITS: Final[Mapping[str, int]] = {
    "": 1,
    "k": 10**3,
    "M": 10**6,
    "G": 10**9,
    "T": 10**12,
    "Ki": 2**10,
    "Mi": 2**20,
    "Gi": 2**30,
    "Ti": 2**40,
}
_MIB: Final = 2**20


@dataclass(frozen=True, kw_only=True)
class KubeletSettings:
    """The reservations a pool sets itself; None leaves the one of nodeadm.

    `eviction_mib` and `eviction_percent` (of the memory) are two ways to say the same thing.
    """

    reserved_cpu_millis: int | None = None
    reserved_memory_mib: int | None = None
    system: Resources = NOTHING
    eviction_mib: int | None = None
    eviction_percent: float | None = None
    max_pods: int | None = None


NODEADM_SETTINGS: Final = KubeletSettings()


def kubelet_settings(pool: str, node_config: Mapping[str, Any]) -> tuple[KubeletSettings, list[Problem]]:
    """The settings, and what cannot be read as such: then nobody knows what the nodes leave to pods."""
    reader = _Reader(pool)
    kubelet = node_config.get("kubelet", {})
    reader.check_flags(kubelet.get("flags"))
    config = kubelet.get("config")
    if not isinstance(config, Mapping):
        return KubeletSettings(), reader.problems
    eviction = reader.text(config, "evictionHard", "memory.available")
    percent = re.fullmatch(r"(\d+(?:\.\d+)?)%", eviction or "")
    settings = KubeletSettings(
        reserved_cpu_millis=reader.cpu(config, "kubeReserved", "cpu"),
        reserved_memory_mib=reader.memory(config, "kubeReserved", "memory"),
        system=Resources(
            cpu_millis=reader.cpu(config, "systemReserved", "cpu") or 0,
            memory_mib=reader.memory(config, "systemReserved", "memory") or 0,
        ),
        eviction_mib=None if percent else reader.memory(config, "evictionHard", "memory.available"),
        eviction_percent=float(percent[1]) if percent else None,
        max_pods=reader.count(config, "maxPods"),
    )
    reader.refuse_key(config, "reservedSystemCPUs")
    return settings, reader.problems


class _Reader:
    """Reads amounts out of a kubelet's configuration and keeps what it could not read as problems."""

    def __init__(self, pool: str) -> None:
        self._at = ("nodePools", pool, "nodeConfig", "kubelet")
        self.problems: list[Problem] = []

    def text(self, config: Mapping[str, Any], *keys: str) -> str | None:
        """The text below these keys, which is also how the kubelet wants an amount."""
        value: Any = config
        for key in keys:
            if not isinstance(value, Mapping) or value.get(key) is None:
                return None
            value = value[key]
        if isinstance(value, str):
            return value
        self._refuse(("config", *keys), value, "an amount in quotes, as the kubelet reads it", "Put it in quotes.")
        return None

    def cpu(self, config: Mapping[str, Any], *keys: str) -> int | None:
        text = self.text(config, *keys)
        if text is None:
            return None
        amount = re.fullmatch(r"(\d+(?:\.\d+)?)(m?)", text)
        if amount is None:
            self._refuse(("config", *keys), text, "an amount of CPU, such as 500m or 1", "Correct it.")
            return None
        return ceil(float(amount[1]) * (1 if amount[2] else 1000))

    def memory(self, config: Mapping[str, Any], *keys: str) -> int | None:
        text = self.text(config, *keys)
        if text is None:
            return None
        amount = re.fullmatch(r"(\d+(?:\.\d+)?)([A-Za-z]*)", text)
        if amount is None or amount[2] not in _MEMORY_UNITS:
            self._refuse(("config", *keys), text, "an amount of memory, such as 500Mi", "Correct it.")
            return None
        return ceil(float(amount[1]) * _MEMORY_UNITS[amount[2]] / _MIB)

    def count(self, config: Mapping[str, Any], key: str) -> int | None:
        value = config.get(key)
        if value is None or (isinstance(value, int) and not isinstance(value, bool) and value > 0):
            return value
        self._refuse(("config", key), value, "a whole number, at least 1", "Correct or remove it.")
        return None

    def refuse_key(self, config: Mapping[str, Any], key: str) -> None:
        if key in config:
            self._refuse(
                ("config", key),
                config[key],
                "unset: what it leaves to pods is not known before the node is there",
                "Reserve CPU with kubeReserved and systemReserved.",
            )

    def check_flags(self, flags: Any) -> None:
        for index, flag in enumerate(flags if isinstance(flags, list) else []):
            name = re.split("[= ]", str(flag), maxsplit=1)[0]
            if name in _FLAGS:
                self._refuse(
                    ("flags", index),
                    flag,
                    f"no {name}: the sizes of Ray workers follow from kubelet.config, over which a flag wins",
                    "Say it in kubelet.config.",
                )

    def _refuse(self, keys: tuple[str | int, ...], value: Any, rule: str, remedy: str) -> None:
        self.problems.append(Problem(path=yaml_path((*self._at, *keys)), value=value, rule=rule, remedy=remedy))
