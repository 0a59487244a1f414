"""What the `nodeConfig` of a pool changes about the part of a node that the kubelet keeps back.

The kubelet merges it over what nodeadm wrote, key by key (Kubernetes documentation, "Set Kubelet Parameters Via A
Configuration File", kubelet configuration directory).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any, Final

from ray_platform.config.numbers import CORES_MAX, MEMORY_GIB_MAX, PODS_MAX
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

# Kubernetes holds an amount in 64 bits, with three decimals: more digits than these say nothing.
_DIGITS: Final = r"[0-9]{1,19}(?:\.[0-9]{1,9})?"
_CPU: Final = re.compile(rf"({_DIGITS})(m?)")
_MEMORY: Final = re.compile(rf"({_DIGITS})([A-Za-z]*)")
_PERCENT: Final = re.compile(rf"({_DIGITS})%")


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


def kubelet_settings(
    pool: str, node_config: Mapping[str, Any], *, daemons: int = 0
) -> tuple[KubeletSettings, list[Problem]]:
    """The settings, and what cannot be read as such: then nobody knows what the nodes leave to pods.

    `daemons` is the number of pods that run on each node in any case, and leave a place for one more.
    """
    reader = _Reader(pool)
    kubelet = node_config.get("kubelet", {})
    reader.check_flags(kubelet.get("flags"))
    config = reader.mapping(kubelet, "config")
    reserved, system, eviction = (
        reader.mapping(config, "config", key) for key in ("kubeReserved", "systemReserved", "evictionHard")
    )
    eviction_mib, eviction_percent = reader.eviction(eviction, "evictionHard", "memory.available")
    settings = KubeletSettings(
        reserved_cpu_millis=reader.cpu(reserved, "kubeReserved", "cpu"),
        reserved_memory_mib=reader.memory(reserved, "kubeReserved", "memory"),
        system=Resources(
            cpu_millis=reader.cpu(system, "systemReserved", "cpu") or 0,
            memory_mib=reader.memory(system, "systemReserved", "memory") or 0,
        ),
        eviction_mib=eviction_mib,
        eviction_percent=eviction_percent,
        max_pods=reader.max_pods(config, daemons),
    )
    reader.refuse_key(config, "reservedSystemCPUs")
    return settings, reader.problems


def cpu_millis(text: str) -> int | None:
    """A quantity of CPU; None for a text that is none, or beyond what a machine can have."""
    amount = _CPU.fullmatch(text)
    millis = ceil(float(amount[1]) * (1 if amount[2] else 1000)) if amount else None
    return millis if millis is not None and millis <= CORES_MAX * 1000 else None


def memory_mib(text: str) -> int | None:
    """A quantity of memory; None for a text that is none, or beyond what a machine can have."""
    amount = _MEMORY.fullmatch(text)
    if amount is None or amount[2] not in _MEMORY_UNITS:
        return None
    mib = ceil(float(amount[1]) * _MEMORY_UNITS[amount[2]] / _MIB)
    return mib if mib <= MEMORY_GIB_MAX * 1024 else None


class _Reader:
    """Reads amounts out of a kubelet's configuration and keeps what it could not read as problems."""

    def __init__(self, pool: str) -> None:
        self._at = ("nodePools", pool, "nodeConfig", "kubelet")
        self.problems: list[Problem] = []

    def mapping(self, owner: Mapping[str, Any], *keys: str) -> Mapping[str, Any]:
        """What `owner` has under the last of the keys; an empty mapping where it has nothing."""
        value = owner.get(keys[-1])
        if value is None:
            return {}
        if isinstance(value, Mapping):
            return value
        self._refuse(keys, value, "a mapping of keys to values", "Write its keys indented below it, or remove it.")
        return {}

    def text(self, owner: Mapping[str, Any], *keys: str) -> str | None:
        """The text under the last of the keys, which is also how the kubelet wants an amount."""
        value = owner.get(keys[-1])
        if value is None or isinstance(value, str):
            return value
        self._refuse(("config", *keys), value, "an amount in quotes, as the kubelet reads it", "Put it in quotes.")
        return None

    def cpu(self, owner: Mapping[str, Any], *keys: str) -> int | None:
        text = self.text(owner, *keys)
        if text is None:
            return None
        millis = cpu_millis(text)
        if millis is None:
            self._refuse(
                ("config", *keys), text, f"an amount of CPU up to {CORES_MAX}, such as 500m or 1", "Correct it."
            )
        return millis

    def memory(self, owner: Mapping[str, Any], *keys: str) -> int | None:
        text = self.text(owner, *keys)
        if text is None:
            return None
        mib = memory_mib(text)
        if mib is None:
            self._refuse(
                ("config", *keys), text, f"an amount of memory up to {MEMORY_GIB_MAX}Gi, such as 500Mi", "Correct it."
            )
        return mib

    def eviction(self, owner: Mapping[str, Any], *keys: str) -> tuple[int | None, float | None]:
        """An amount of memory, or the percentage of it: the other one is None."""
        text = self.text(owner, *keys)
        percent = _PERCENT.fullmatch(text or "")
        if text is None or percent is None:
            return (None if text is None else self.memory(owner, *keys)), None
        if float(percent[1]) > 100:
            self._refuse(("config", *keys), text, "at most 100%, or an amount of memory", "Correct it.")
        return None, float(percent[1])

    def max_pods(self, config: Mapping[str, Any], daemons: int) -> int | None:
        value, least = config.get("maxPods"), daemons + 1
        number = isinstance(value, int) and not isinstance(value, bool)
        if value is None or (number and least <= value <= PODS_MAX):
            return value
        self._refuse(
            ("config", "maxPods"),
            value,
            f"a whole number from {least} to {PODS_MAX}: {daemons} pods run on each node already, and each pod has an "
            "address of the node's subnet",
            "Correct or remove it.",
        )
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
        if not isinstance(flags, list | None):
            self._refuse(("flags",), flags, "a list", "Write each flag on its own line, indented and after a hyphen.")
            return
        for index, flag in enumerate(flags or []):
            if not isinstance(flag, str) or not flag.isascii() or not flag.isprintable():
                self._refuse(("flags", index), flag, "a text of printable ASCII", "Correct it, in quotes.")
                continue
            name = re.split("[= ]", flag, maxsplit=1)[0]
            if name in _FLAGS:
                self._refuse(
                    ("flags", index),
                    flag,
                    f"no {name}: the sizes of Ray workers follow from kubelet.config, over which a flag wins",
                    "Say it in kubelet.config.",
                )

    def _refuse(self, keys: tuple[str | int, ...], value: Any, rule: str, remedy: str) -> None:
        self.problems.append(Problem(path=yaml_path((*self._at, *keys)), value=value, rule=rule, remedy=remedy))
