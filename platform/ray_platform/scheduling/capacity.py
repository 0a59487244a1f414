"""What the kubelet of an EKS node reports as allocatable to pods, from what EC2 tells of its instance type.

The figures are those of nodeadm, which configures the kubelet of AL2023 (`internal/kubelet/config.go` in
awslabs/amazon-eks-ami), and agree with what was measured on real nodes (Karpenter's instance type tables).
"""

from math import ceil
from typing import Final

from ray_platform.config.node_pools import InstanceFacts
from ray_platform.scheduling.kubelet import NODEADM_SETTINGS, KubeletSettings
from ray_platform.scheduling.resources import Resources

# Up to this many millicores, so many ten-thousandths of them are reserved; beyond the last, `_CPU_BEYOND`.
_CPU_STEPS: Final = ((1000, 600), (2000, 100), (4000, 50))
_CPU_BEYOND: Final = 25

_RESERVED_MIB: Final = 255
_RESERVED_MIB_PER_POD: Final = 11
_EVICTION_THRESHOLD_MIB: Final = 100

# Karpenter's default for `vmMemoryOverheadPercent`: what hypervisor and kernel keep of the advertised memory.
_SEEN_PER_MILLE: Final = 925
# The kernel of the arm64 AMI sets this much aside as contiguous memory.
_ARM64_CONTIGUOUS_MIB: Final = 64


def allocatable(facts: InstanceFacts, kubelet: KubeletSettings = NODEADM_SETTINGS) -> Resources:
    """What an empty node of this type offers to pods, DaemonSets included."""
    advertised = facts.memory_mib - (_ARM64_CONTIGUOUS_MIB if "arm64" in facts.architectures else 0)
    seen_mib = advertised * _SEEN_PER_MILLE // 1000
    cpu_millis = facts.vcpus * 1000
    reserved = Resources(
        cpu_millis=_or(kubelet.reserved_cpu_millis, _reserved_cpu_millis(cpu_millis)),
        memory_mib=_or(kubelet.reserved_memory_mib, _RESERVED_MIB + _RESERVED_MIB_PER_POD * _addresses(facts))
        + _eviction_threshold_mib(kubelet, seen_mib),
    )
    return Resources(cpu_millis=cpu_millis, memory_mib=seen_mib, gpus=facts.gpus) - reserved - kubelet.system


def max_pods(facts: InstanceFacts, kubelet: KubeletSettings = NODEADM_SETTINGS) -> int:
    """How many pods a node of this type takes. With prefix delegation EKS may allow more: this many it always takes."""
    return _or(kubelet.max_pods, _addresses(facts))


def _addresses(facts: InstanceFacts) -> int:
    """An address for each pod, and two pods that use the node's own.

    nodeadm reserves memory by this number, whatever `maxPods` is set to.
    """
    return facts.network_interfaces * (facts.addresses_per_interface - 1) + 2


def _eviction_threshold_mib(kubelet: KubeletSettings, seen_mib: int) -> int:
    if kubelet.eviction_percent is not None:
        return ceil(seen_mib * kubelet.eviction_percent / 100)
    return _or(kubelet.eviction_mib, _EVICTION_THRESHOLD_MIB)


def _or(given: int | None, default: int) -> int:
    return default if given is None else given


def _reserved_cpu_millis(cpu_millis: int) -> int:
    reserved = below = 0
    for up_to, share in (*_CPU_STEPS, (cpu_millis, _CPU_BEYOND)):
        reserved += max(0, min(cpu_millis, up_to) - below) * share // 10000
        below = up_to
    return reserved
