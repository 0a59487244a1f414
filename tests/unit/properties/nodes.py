"""What nodes offer and what runs on them, reckoned anew from measured figures: the product's own sums are not asked."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any, Final

# CPU in thousandths of a core, memory in MiB, GPUs.
Amount = tuple[int, int, int]

# As Karpenter's instance type tables measured them, and the most pods of such a node (m7g.2xlarge: by the same rule
# as the others; read 2026-11-23).
MEASURED: Final[Mapping[str, tuple[Amount, int]]] = {
    "m5.xlarge": ((3920, 14162, 0), 58),
    "m5.2xlarge": ((7910, 29317, 0), 58),
    "m7g.xlarge": ((3920, 14103, 0), 58),
    "m7g.2xlarge": ((7910, 29258, 0), 58),
    "g4dn.xlarge": ((3920, 14481, 1), 29),
    "g4dn.2xlarge": ((7910, 29636, 1), 29),
}

# What the addons of EKS ask for by default, read 2026-11-23 in their charts and in manifests of running clusters.
AWS_NODE: Final = (50, 0, 0)
KUBE_PROXY: Final = (100, 0, 0)
EBS_CSI_NODE: Final = (30, 120, 0)
COREDNS: Final = (100, 70, 0)
EBS_CSI_CONTROLLER: Final = (60, 240, 0)
# The platform's own.
DEVICE_PLUGIN: Final = (10, 64, 0)
OPERATOR: Final = (100, 512, 0)
CLUSTER_AUTOSCALER: Final = (100, 512, 0)
TERMINATION_HANDLER: Final = (50, 128, 0)
RAY_AUTOSCALER: Final = (500, 512, 0)

_AMOUNTS: Final = {"60m": 60, "0.1": 100, "50m": 50, "512Mi": 512, "1Gi": 1024, "64Mi": 64, "50Mi": 50}


@dataclass(frozen=True, kw_only=True)
class Left:
    """What a node has left for pods, and for how many."""

    amount: Amount
    pods: int

    def holds(self, pods: Iterable[Amount]) -> bool:
        """Whether these all fit."""
        all_of_them = list(pods)
        wanted = summed(all_of_them)
        return len(all_of_them) <= self.pods and all(
            each <= most for each, most in zip(wanted, self.amount, strict=True)
        )


def summed(amounts: Iterable[Amount]) -> Amount:
    columns = list(zip((0, 0, 0), *amounts, strict=True))
    return sum(columns[0]), sum(columns[1]), sum(columns[2])


def empty_node(instance_type: str, node_config: Mapping[str, Any]) -> Left:
    """A node whose kubelet keeps what its pool's nodeConfig says, and else what nodeadm lets it keep."""
    (cpu, memory, gpus), pods = MEASURED[instance_type]
    default_cpu, default_memory = (80 if cpu == 3920 else 90), 255 + 11 * pods
    seen = memory + default_memory + 100
    config = node_config.get("kubelet", {}).get("config", {})
    kept, system = config.get("kubeReserved", {}), config.get("systemReserved", {})
    eviction = config.get("evictionHard", {}).get("memory.available", "")
    threshold = ceil(seen / 100) if eviction == "1%" else _AMOUNTS.get(eviction, 100)
    return Left(
        amount=(
            cpu + default_cpu - _AMOUNTS.get(kept.get("cpu"), default_cpu) - _AMOUNTS.get(system.get("cpu"), 0),
            seen - threshold - _AMOUNTS.get(kept.get("memory"), default_memory) - _AMOUNTS.get(system.get("memory"), 0),
            gpus,
        ),
        pods=config.get("maxPods", pods),
    )


def daemons(addons: Mapping[str, Any], *, gpu: bool) -> list[Amount]:
    """What runs on each node."""
    pods = [AWS_NODE, KUBE_PROXY]
    if _enabled(addons, "ebsCsiDriver"):
        pods.append(EBS_CSI_NODE)
    if gpu and _enabled(addons, "devicePlugin"):
        pods.append(DEVICE_PLUGIN)
    return pods


def beside_the_head(addons: Mapping[str, Any], *, spot: bool) -> list[Amount]:
    """What shares the head's node with it, in its pod or in others."""
    pods = [RAY_AUTOSCALER, OPERATOR, COREDNS]
    if _enabled(addons, "ebsCsiDriver"):
        pods.append(EBS_CSI_CONTROLLER)
    if _enabled(addons, "clusterAutoscaler"):
        pods.append(CLUSTER_AUTOSCALER)
    if spot and _enabled(addons, "nodeTerminationHandler"):
        pods.append(TERMINATION_HANDLER)
    return pods


def _enabled(addons: Mapping[str, Any], addon: str) -> bool:
    return bool(addons.get(addon, {}).get("enabled", True))
