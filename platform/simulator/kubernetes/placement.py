"""Where the pods of a cluster in memory land: a small kube-scheduler on the nodes of the account.

Its filters are the product's own (`ray_platform.scheduling.fit`). Of the scheduler's scores it has the preferred
affinities and, among equals, the emptiest node. Pods are placed in the order in which they come to be in a cluster:
what runs on every node, EKS's addons, then the objects of the account as they were made.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ray_platform.config.node_pools import Taint
from ray_platform.scheduling.fit import NodeShape, PodShape, beside, refusals
from ray_platform.scheduling.layout import Toleration
from ray_platform.scheduling.resources import NOTHING, Resources
from simulator.account import Account
from simulator.cluster.addons import ADDON, MANIFESTS
from simulator.cluster.machines import Machine, machines_of
from simulator.cluster.nodes import DEVICE_PLUGINS
from simulator.kubernetes.pods import Landed, Object, Pod, from_template, replicated
from simulator.kubernetes.quantities import resources


@dataclass
class _Node:
    """A node while it is being filled."""

    name: str
    gpus: int
    size: Resources
    shape: NodeShape
    pods: list[Pod]

    def take(self, pod: Pod) -> None:
        self.shape = beside(self.shape, [pod.resources])
        self.pods.append(pod)

    def announce_gpus(self) -> None:
        """What the kubelet does once a device plugin has come to it."""
        self.shape = replace(self.shape, free=self.shape.free + Resources(gpus=self.gpus))


def placements(account: Account) -> list[Landed]:
    """Every pod of the account's cluster, on its node or with the reason why it has none."""
    with account.lock:
        nodes = [_empty(machine) for machine in machines_of(account)]
        installed = [record.inputs["addonName"] for record in account.records(ADDON)]
        workloads = [manifest for addon in installed for manifest in MANIFESTS.get(addon, ())]
        workloads += [entry["inputs"] for entry in account.kubernetes]
    landed = [each for workload in workloads if workload["kind"] == "DaemonSet" for each in _spread(workload, nodes)]
    return landed + [_place(pod, nodes) for workload in workloads for pod in replicated(workload)]


def _empty(machine: Machine) -> _Node:
    node = machine.node()
    allocatable = node["status"]["allocatable"]
    size = resources(allocatable)
    shape = NodeShape(
        labels=node["metadata"]["labels"],
        taints=tuple(Taint(**taint) for taint in node["spec"]["taints"]),
        free=size,
        pods=int(allocatable["pods"]),
    )
    return _Node(name=machine.name, gpus=machine.facts.gpus, size=size, shape=shape, pods=[])


def _spread(daemon_set: Object, nodes: list[_Node]) -> Iterator[Landed]:
    """One pod on each node that its selector admits."""
    template = daemon_set["spec"]["template"]
    offers_gpus = any(
        (volume.get("hostPath") or {}).get("path") == DEVICE_PLUGINS for volume in template["spec"].get("volumes", [])
    )
    for node in nodes:
        pod = from_template(daemon_set, template, node.name)
        unmet = _refusals(pod, node)
        if unmet and _refusals(replace(pod, resources=NOTHING), node):
            continue  # it is not meant for this node
        if not unmet:
            node.take(pod)
            if offers_gpus:
                node.announce_gpus()
        yield _landed(pod, node, "; ".join(unmet))


def _place(pod: Pod, nodes: list[_Node]) -> Landed:
    unmet = {node.name: _refusals(pod, node) for node in nodes}
    fitting = [node for node in nodes if not unmet[node.name]]
    if not fitting:
        told = "; ".join(sorted({", ".join(reasons) for reasons in unmet.values()}))
        return _landed(pod, None, told or "there is no node")
    best = max(fitting, key=lambda node: (_attraction(pod, node), node.shape.free.cpu_millis / node.size.cpu_millis))
    best.take(pod)
    return _landed(pod, best)


def _landed(pod: Pod, node: _Node | None, reason: str = "") -> Landed:
    return Landed(
        namespace=pod.namespace,
        name=pod.name,
        labels=pod.labels,
        node=node.name if node and not reason else None,
        node_labels=node.shape.labels if node and not reason else {},
        reason=reason,
    )


def _refusals(pod: Pod, node: _Node) -> tuple[str, ...]:
    tolerations = tuple(
        Toleration(**{"key": "", **{key: each[key] for key in ("key", "operator", "value", "effect") if key in each}})
        for each in pod.spec.get("tolerations") or []
    )
    shape = PodShape(resources=pod.resources, node_selector=pod.spec.get("nodeSelector") or {}, tolerations=tolerations)
    own = refusals(shape, node.shape)
    return own if _is_admitted(pod.spec, node.shape.labels) else (*own, "the pod's node affinity does not admit it")


def _is_admitted(spec: Object, labels: Mapping[str, str]) -> bool:
    """Whether one of the terms of the required node affinity holds."""
    affinity = (spec.get("affinity") or {}).get("nodeAffinity") or {}
    required = affinity.get("requiredDuringSchedulingIgnoredDuringExecution")
    return required is None or any(_holds(term, labels) for term in required["nodeSelectorTerms"])


def _holds(term: Object, labels: Mapping[str, str]) -> bool:
    return all(_matches(each, labels) for each in term.get("matchExpressions", []))


def _matches(expression: Object, labels: Mapping[str, str]) -> bool:
    value = labels.get(expression["key"])
    operators = {
        "In": value in expression.get("values", ()),
        "NotIn": value not in expression.get("values", ()),
        "Exists": value is not None,
        "DoesNotExist": value is None,
    }
    return operators[expression["operator"]]


def _attraction(pod: Pod, node: _Node) -> int:
    """The weights of the preferences that the node and its pods satisfy, less those it would rather avoid."""
    affinity = pod.spec.get("affinity") or {}
    nodes = sum(
        int(each["weight"])
        for each in _preferred(affinity.get("nodeAffinity"))
        if _holds(each["preference"], node.shape.labels)
    )
    return nodes + _company(affinity.get("podAffinity"), node) - _company(affinity.get("podAntiAffinity"), node)


def _company(affinity: Object | None, node: _Node) -> int:
    return sum(
        int(each["weight"])
        for each in _preferred(affinity)
        for pod in node.pods
        if each["podAffinityTerm"]["labelSelector"]["matchLabels"].items() <= pod.labels.items()
    )


def _preferred(affinity: Object | None) -> list[dict[str, Any]]:
    return (affinity or {}).get("preferredDuringSchedulingIgnoredDuringExecution") or []
