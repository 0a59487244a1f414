"""Whether a pod can be placed on a node: the answer of kube-scheduler, without one.

Of the scheduler's filters these are the ones that the pods and nodes here can meet: NodeAffinity for plain selectors,
TaintToleration and NodeResourcesFit (Kubernetes documentation, "Taints and Tolerations" and "Scheduler Configuration").
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from ray_platform.config.node_pools import InstanceFacts, ResolvedPool, Taint
from ray_platform.config.pool_defaults import Architecture
from ray_platform.scheduling.capacity import allocatable, max_pods
from ray_platform.scheduling.kubelet import NODEADM_SETTINGS, KubeletSettings
from ray_platform.scheduling.layout import Toleration
from ray_platform.scheduling.overhead import total
from ray_platform.scheduling.resources import Resources

# EC2's name of an architecture -> the one in the label kubernetes.io/arch.
KUBERNETES_ARCHITECTURES: Final[Mapping[Architecture, str]] = {"x86_64": "amd64", "arm64": "arm64"}

ARCHITECTURE_LABEL: Final = "kubernetes.io/arch"

# PreferNoSchedule turns no pod away.
HARD_EFFECTS: Final = ("NoSchedule", "NoExecute")


@dataclass(frozen=True, kw_only=True)
class PodShape:
    """What the scheduler looks at in a pod; `resources` are the requests of all its containers together."""

    resources: Resources
    node_selector: Mapping[str, str] = field(default_factory=dict)
    tolerations: tuple[Toleration, ...] = ()


@dataclass(frozen=True, kw_only=True)
class NodeShape:
    """What the scheduler looks at in a node; `free` and `pods` are what is left, in resources and number of pods."""

    labels: Mapping[str, str]
    taints: tuple[Taint, ...]
    free: Resources
    pods: int


def node_shape(
    pool: ResolvedPool,
    facts: InstanceFacts,
    running: Sequence[Resources] = (),
    kubelet: KubeletSettings = NODEADM_SETTINGS,
) -> NodeShape:
    """A node of this pool and instance type on which pods with these requests run already."""
    empty = NodeShape(
        labels={
            **pool.labels,
            ARCHITECTURE_LABEL: KUBERNETES_ARCHITECTURES[pool.architecture],
            "kubernetes.io/os": "linux",
            "node.kubernetes.io/instance-type": facts.name,
        },
        taints=pool.taints,
        free=allocatable(facts, kubelet),
        pods=max_pods(facts, kubelet),
    )
    return beside(empty, running)


def beside(node: NodeShape, running: Sequence[Resources]) -> NodeShape:
    """What is left of the node when pods with these requests run on it too."""
    return replace(node, free=node.free - total(running), pods=node.pods - len(running))


def refusals(pod: PodShape, node: NodeShape) -> tuple[str, ...]:
    """Why the scheduler would not place the pod on the node; empty when it would."""
    return (
        *_selector_refusals(pod, node),
        *(
            f"taint {taint.key}={taint.value}:{taint.effect} is not tolerated"
            for taint in node.taints
            if taint.effect in HARD_EFFECTS and not any(tolerates(each, taint) for each in pod.tolerations)
        ),
        *_resource_refusals(pod.resources, node.free),
        *(() if node.pods >= 1 else ("no further pod has a place",)),
    )


def pods_on(pod: PodShape, node: NodeShape) -> int:
    """How many such pods the node takes."""
    if refusals(pod, node):
        return 0
    return min([node.pods, *(free // wanted for _, wanted, free in _amounts(pod.resources, node.free) if wanted)])


def tolerates(toleration: Toleration, taint: Taint) -> bool:
    """An empty effect tolerates every effect, an empty key (with Exists) every key."""
    if toleration.effect not in ("", taint.effect) or toleration.key not in ("", taint.key):
        return False
    return toleration.operator == "Exists" or (bool(toleration.key) and toleration.value == taint.value)


def _selector_refusals(pod: PodShape, node: NodeShape) -> Iterator[str]:
    for key, wanted in pod.node_selector.items():
        if node.labels.get(key) != wanted:
            yield f"label {key} is {node.labels.get(key, 'absent')}, not {wanted}"


def _resource_refusals(wanted: Resources, free: Resources) -> Iterator[str]:
    """What a pod does not ask for is not looked at, even where the node has less than nothing of it."""
    for name, asked, left in _amounts(wanted, free):
        if asked > max(left, 0):
            yield f"{name}: {asked} wanted, {left} free"


def _amounts(wanted: Resources, free: Resources) -> tuple[tuple[str, int, int], ...]:
    return (
        ("CPU millicores", wanted.cpu_millis, free.cpu_millis),
        ("MiB of memory", wanted.memory_mib, free.memory_mib),
        ("GPUs", wanted.gpus, free.gpus),
    )
