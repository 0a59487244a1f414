"""The cluster autoscaler, and the order in which it tries the node groups."""

import re
from collections.abc import Mapping
from typing import Any, Final

from ray_platform.config.node_pools import ResolvedPool
from ray_platform.manifests.deployment import NAME_LABEL, service_deployment
from ray_platform.manifests.placement import SYSTEM_NAMESPACE
from ray_platform.manifests.rbac import READ, Manifest, cluster_rights, namespace_rights, rule, service_account
from ray_platform.scheduling.overhead import CLUSTER_AUTOSCALER
from ray_platform.versions import cluster_autoscaler_image

NAME: Final = "cluster-autoscaler"
PORT: Final = 8085

# Both names are fixed in the autoscaler (expander/priority, and the default of --status-config-map-name).
PRIORITIES: Final = "cluster-autoscaler-priority-expander"
_STATUS: Final = "cluster-autoscaler-status"

# EKS puts both on the Auto Scaling group of a managed node group. Only their keys count.
_ENABLED_TAG: Final = "k8s.io/cluster-autoscaler/enabled"
_OWNER_TAG: Final = "k8s.io/cluster-autoscaler"

# The highest is tried first: what is cheap, then what is steady, then what only stands in for spot capacity.
RANK_SPOT: Final = 30
RANK_ON_DEMAND: Final = 20
RANK_FALLBACK: Final = 10


def rank(pool: ResolvedPool) -> int:
    """The rank of a pool among those that could take the same pod."""
    if pool.fallback_for is not None:
        return RANK_FALLBACK
    return RANK_SPOT if pool.capacity_type == "SPOT" else RANK_ON_DEMAND


def priorities(ranks: Mapping[str, int]) -> str:
    """The text the priority expander reads, from Auto Scaling group names and their ranks.

    YAML of rank to patterns. The expander looks for a pattern anywhere in a name, so each is anchored: a name that is
    the beginning of another stays apart from it.
    """
    by_rank: dict[int, list[str]] = {}
    for name in sorted(ranks):
        by_rank.setdefault(ranks[name], []).append(f"^{re.escape(name)}$")
    lines = []
    for value in sorted(by_rank, reverse=True):
        lines += [f"{value}:", *(f"  - '{pattern}'" for pattern in by_rank[value])]
    return "\n".join(lines) + "\n"


def priorities_map(text: Any) -> Manifest:
    """The ConfigMap that holds ``priorities``."""
    metadata = {"name": PRIORITIES, "namespace": SYSTEM_NAMESPACE}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"priorities": text}}


def account(role_arn: Any) -> Manifest:
    return service_account(NAME, SYSTEM_NAMESPACE, role_arn=role_arn)


def rights_in_cluster() -> dict[str, Manifest]:
    """What it reads to simulate the scheduler, and the little it changes: taints of nodes, and pods it evicts.

    From the chart cluster-autoscaler 9.56 (templates/clusterrole.yaml), and what 1.35 reads beyond it: the claims and
    slices of dynamic resource allocation, which is always on (autoscaler#10278), and volume attachments
    (autoscaler#8678). What it cannot list stops it from scaling.
    """
    return cluster_rights(
        account(None),
        [
            rule("", ["nodes"], [*READ, "update"]),
            rule("", ["pods/eviction"], ["create"]),
            rule("", ["pods/status"], ["update"]),
            rule("", ["events"], ["create", "patch"]),
            rule("", ["namespaces", "pods", "services", "replicationcontrollers"], READ),
            rule("", ["persistentvolumes", "persistentvolumeclaims"], READ),
            rule("apps", ["daemonsets", "replicasets", "statefulsets"], READ),
            rule("batch", ["jobs"], READ),
            rule("policy", ["poddisruptionbudgets"], READ),
            rule("resource.k8s.io", ["deviceclasses", "resourceclaims", "resourceslices"], READ),
            rule("storage.k8s.io", _STORAGE, READ),
        ],
    )


_STORAGE: Final = ("csidrivers", "csinodes", "csistoragecapacities", "storageclasses", "volumeattachments")


def rights_in_own_namespace() -> dict[str, Manifest]:
    """Its lock, its status and its priorities. It watches ConfigMaps by list, which no name can narrow."""
    return namespace_rights(
        account(None),
        SYSTEM_NAMESPACE,
        [
            rule("coordination.k8s.io", ["leases"], ["create"]),
            rule("coordination.k8s.io", ["leases"], ["get", "update"], names=[NAME]),
            rule("", ["configmaps"], ["create", "list", "watch"]),
            rule("", ["configmaps"], ["get", "update", "delete"], names=[_STATUS]),
            rule("", ["configmaps"], ["get"], names=[PRIORITIES]),
        ],
    )


def disruption_budget() -> Manifest:
    """Says that its one pod may be evicted: whoever drains nodes may take a system pod without a budget to be fixed."""
    return {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": {"name": NAME, "namespace": SYSTEM_NAMESPACE},
        "spec": {"maxUnavailable": 1, "selector": {"matchLabels": {NAME_LABEL: NAME}}},
    }


def arguments(cluster: str) -> list[str]:
    return [
        "--cloud-provider=aws",
        f"--namespace={SYSTEM_NAMESPACE}",
        f"--node-group-auto-discovery=asg:tag={_ENABLED_TAG},{_OWNER_TAG}/{cluster}",
        "--expander=priority,least-waste",
        # Spot capacity that has not come by then will not come: the fallback is next. The default is 15 minutes.
        "--max-node-provision-time=5m",
        # Ray's own autoscaler leaves nodes empty but for such pods, and every pod here has a controller.
        "--skip-nodes-with-system-pods=false",
        "--skip-nodes-with-local-storage=false",
        "--balance-similar-node-groups=false",
        "--leader-elect=true",
        "--stderrthreshold=info",
        "--v=2",
    ]


def deployment(*, cluster: str, kubernetes_version: str, region: str, home: str | None) -> Manifest:
    """The autoscaler of one cluster; without ``region`` it would ask the instance, which pods cannot reach."""
    return service_deployment(
        NAME,
        SYSTEM_NAMESPACE,
        service_account=NAME,
        image=cluster_autoscaler_image(kubernetes_version),
        requests=CLUSTER_AUTOSCALER,
        home=home,
        # It would otherwise remove the node it runs on, in the middle of its work.
        annotations={"cluster-autoscaler.kubernetes.io/safe-to-evict": "false"},
        container={
            "command": ["./cluster-autoscaler"],
            "args": arguments(cluster),
            "env": [{"name": "AWS_REGION", "value": region}],
            "ports": [{"name": "health", "containerPort": PORT, "protocol": "TCP"}],
            "livenessProbe": {"httpGet": {"path": "/health-check", "port": "health"}},
        },
    )
