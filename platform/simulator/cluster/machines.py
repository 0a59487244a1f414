"""The machines of the account's node groups, and what the kubelet of an EKS node says of each."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ray_platform.config.node_pools import InstanceFacts
from ray_platform.scheduling import capacity
from ray_platform.scheduling.kubelet import KubeletSettings, kubelet_settings
from ray_platform.survey import hardware
from simulator.account import Account
from simulator.aws.lookups import described_instance_type
from simulator.aws.rules.node_group import AMI_ARCHITECTURES, DEFAULT_AMI_TYPE, DEFAULT_INSTANCE_TYPES
from simulator.aws.rules.node_network import template_of
from simulator.aws.rules.user_data import node_spec

AS_NODEADM_SETS_IT = KubeletSettings()
NODE_GROUP = "aws:eks/nodeGroup:NodeGroup"
NODE_GROUP_LABEL = "eks.amazonaws.com/nodegroup"
ARCHITECTURES = {"x86_64": "amd64", "arm64": "arm64"}
"""Processor architectures as AWS names them -> as Kubernetes does."""

EFFECTS = {"NO_SCHEDULE": "NoSchedule", "NO_EXECUTE": "NoExecute", "PREFER_NO_SCHEDULE": "PreferNoSchedule"}


@dataclass(frozen=True, kw_only=True)
class Machine:
    """One EC2 instance of a cluster. `architecture` is spelled as Kubernetes spells it."""

    name: str
    facts: InstanceFacts
    labels: Mapping[str, str]
    taints: tuple[Mapping[str, str], ...] = ()
    zone: str = "us-east-1a"
    architecture: str = "amd64"
    kubelet: KubeletSettings = AS_NODEADM_SETS_IT

    def node(self) -> dict[str, Any]:
        """The node before any device plugin runs on it: its kubelet knows of no GPU."""
        room = capacity.allocatable(self.facts, self.kubelet).quantities()
        pods = str(capacity.max_pods(self.facts, self.kubelet))
        instance_id = hashlib.sha256(self.name.encode()).hexdigest()[:17]
        return {
            "apiVersion": "v1",
            "kind": "Node",
            "metadata": {
                "name": self.name,
                "labels": self.all_labels(),
                "annotations": {"kwok.x-k8s.io/node": "fake"},
            },
            "spec": {
                "providerID": f"aws:///{self.zone}/i-{instance_id}",
                "taints": [dict(taint) for taint in self.taints],
            },
            "status": {
                "capacity": {"cpu": str(self.facts.vcpus), "memory": f"{self.facts.memory_mib}Mi", "pods": pods},
                "allocatable": {"cpu": room["cpu"], "memory": room["memory"], "pods": pods},
                "nodeInfo": {"architecture": self.architecture, "operatingSystem": "linux"},
            },
        }

    def all_labels(self) -> dict[str, str]:
        """The group's, and those that every kubelet on EC2 puts on its node."""
        return {
            **self.labels,
            # The older names of two of these: Kubernetes puts them back where they are missing.
            "beta.kubernetes.io/arch": self.architecture,
            "beta.kubernetes.io/os": "linux",
            "kubernetes.io/arch": self.architecture,
            "kubernetes.io/hostname": self.name,
            "kubernetes.io/os": "linux",
            "node.kubernetes.io/instance-type": self.facts.name,
            "topology.kubernetes.io/region": self.zone.rstrip("abcdefgh"),
            "topology.kubernetes.io/zone": self.zone,
        }


def machines_of(account: Account) -> Iterator[Machine]:
    """As many for each node group as it desires, in its zones in turn; none of one that failed."""
    for record in account.records(NODE_GROUP):
        if record.failure:
            continue
        inputs, group = record.inputs, record.id.partition(":")[2]
        types = _bought(inputs)
        zones, kubelet = _zones(account, inputs["subnetIds"]), _kubelet(account, inputs)
        for index in range(inputs["scalingConfig"]["desiredSize"]):
            yield Machine(
                # A group may be named in capitals and with underscores, a node may not.
                name=f"{group.lower().replace('_', '-')}-{index}",
                facts=instance_facts(account, types[index % len(types)]),
                labels=_labels(group, inputs),
                taints=tuple(_taint(each) for each in inputs.get("taints") or []),
                zone=zones[index % len(zones)],
                kubelet=kubelet,
                architecture=ARCHITECTURES[AMI_ARCHITECTURES[inputs.get("amiType") or DEFAULT_AMI_TYPE]],
            )


def instance_facts(account: Account, name: str) -> InstanceFacts:
    """What the account's EC2 says of an instance type. Raises Refusal when there is none of the name."""
    return hardware.instance_facts(described_instance_type(account, name))


def _kubelet(account: Account, inputs: dict[str, Any]) -> KubeletSettings:
    """What the user data of the group's launch template says to the kubelet."""
    settings, _ = kubelet_settings("", node_spec(template_of(account, inputs) or {}))
    return settings


def _bought(inputs: Mapping[str, Any]) -> list[str]:
    """The types that machines have in turn.

    On demand EC2 buys the first while it has it, of spot capacity what is cheapest to keep (EKS user guide, "Managed
    node group capacity types").
    """
    types: list[str] = inputs.get("instanceTypes") or DEFAULT_INSTANCE_TYPES
    return types if inputs.get("capacityType") == "SPOT" else types[:1]


def _labels(group: str, inputs: Mapping[str, Any]) -> dict[str, str]:
    """Those that the program gives, and those by which EKS tells where a node comes from."""
    return {
        **(inputs.get("labels") or {}),
        NODE_GROUP_LABEL: group,
        "eks.amazonaws.com/capacityType": inputs.get("capacityType") or "ON_DEMAND",
    }


def _taint(taint: Mapping[str, Any]) -> dict[str, str]:
    return {"key": taint["key"], "value": taint.get("value") or "", "effect": EFFECTS[taint["effect"]]}


def _zones(account: Account, subnet_ids: list[str]) -> list[str]:
    subnets = account.client("ec2").describe_subnets(SubnetIds=subnet_ids)["Subnets"]
    return sorted({subnet["AvailabilityZone"] for subnet in subnets})
