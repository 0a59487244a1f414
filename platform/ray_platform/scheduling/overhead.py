"""What runs on the nodes besides Ray, and what it asks for.

The manifests take their requests from here and the rules of `scheduling` subtract the same numbers, so the two
cannot part.
"""

from collections.abc import Iterable
from typing import Final

from ray_platform.config.addons_config import AddonsConfig
from ray_platform.scheduling.resources import NOTHING, Resources

# Ours, one replica each.
OPERATOR: Final = Resources(cpu_millis=100, memory_mib=512)
CLUSTER_AUTOSCALER: Final = Resources(cpu_millis=100, memory_mib=512)
TERMINATION_HANDLER: Final = Resources(cpu_millis=50, memory_mib=128)
# Ours: on every GPU node.
DEVICE_PLUGIN: Final = Resources(cpu_millis=10, memory_mib=64)
# A container of the head pod. KubeRay gives it as much unless told otherwise (its BuildAutoscalerContainer).
RAY_AUTOSCALER: Final = Resources(cpu_millis=500, memory_mib=512)

# EKS's own, as its addons ask for by default; read 2026-11-23 in their charts and in manifests of running clusters.
# On every node. aws-node has a container for addresses and one for network policies, 25m each.
AWS_NODE: Final = Resources(cpu_millis=50)
KUBE_PROXY: Final = Resources(cpu_millis=100)
# Three containers of 10m and 40 MiB each.
EBS_CSI_NODE: Final = Resources(cpu_millis=30, memory_mib=120)
# Two replicas each, which rather stand on different nodes. The controller has six containers of 10m and 40 MiB each.
COREDNS: Final = Resources(cpu_millis=100, memory_mib=70)
EBS_CSI_CONTROLLER: Final = Resources(cpu_millis=60, memory_mib=240)


def daemon_pods(addons: AddonsConfig, *, gpu: bool) -> tuple[Resources, ...]:
    """The pods that run on each node of a pool."""
    pods = [AWS_NODE, KUBE_PROXY]
    if addons.ebs_csi_driver.enabled:
        pods.append(EBS_CSI_NODE)
    if gpu and addons.device_plugin.enabled:
        pods.append(DEVICE_PLUGIN)
    return tuple(pods)


def replicated_pods(addons: AddonsConfig) -> tuple[Resources, ...]:
    """One replica of each of EKS's addons that have two and may stand on any node without taints."""
    return (COREDNS, EBS_CSI_CONTROLLER) if addons.ebs_csi_driver.enabled else (COREDNS,)


def system_pods(addons: AddonsConfig, *, spot: bool) -> tuple[Resources, ...]:
    """What the head's node carries besides the head. `spot` says whether any pool is bought on the spot market."""
    pods = [OPERATOR, *replicated_pods(addons)]
    if addons.cluster_autoscaler.enabled:
        pods.append(CLUSTER_AUTOSCALER)
    if spot and addons.node_termination_handler.enabled:
        pods.append(TERMINATION_HANDLER)
    return tuple(pods)


def total(pods: Iterable[Resources]) -> Resources:
    return sum(pods, start=NOTHING)
