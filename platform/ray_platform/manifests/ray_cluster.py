"""The RayCluster, its service accounts and the budget that keeps its head."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from ray_platform.config.ray_config import RayConfig
from ray_platform.manifests.placement import PACKED_LABEL, beside_packed_pods
from ray_platform.manifests.ray_names import (
    CLUSTER_LABEL,
    HEAD_PORTS,
    HEAD_SERVICE_ACCOUNT,
    NODE_TYPE_LABEL,
    WORKER_PORTS,
    WORKER_SERVICE_ACCOUNT,
)
from ray_platform.manifests.rbac import Manifest, service_account
from ray_platform.scheduling.layout import HeadGroup, RayLayout, Toleration, WorkerGroup
from ray_platform.scheduling.overhead import RAY_AUTOSCALER
from ray_platform.scheduling.resources import Resources

# What Pod Security `restricted` asks of a container. Ray's images run as this user and write into its home.
# KubeRay's own init container takes it over from the Ray container; the autoscaler has to be given it.
RESTRICTED: Final[Mapping[str, Any]] = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "runAsNonRoot": True,
    "runAsUser": 1000,
    "seccompProfile": {"type": "RuntimeDefault"},
}

# The cluster autoscaler would move a pod from a node it finds too empty, and end what Ray runs there.
# Empty workers are for Ray's own autoscaler to remove.
_STAYS: Final = {"cluster-autoscaler.kubernetes.io/safe-to-evict": "false"}

# AWS gives two minutes of warning before it takes a spot instance; ten seconds are left for the drain to begin.
SPOT_GRACE_SECONDS: Final = 110
GRACE_SECONDS: Final = 60

# As the admission controller of service accounts mounts it (Kubernetes, plugin/pkg/admission/serviceaccount).
_TOKEN_VOLUME: Final = "kubernetes-token"
_TOKEN_PATH: Final = "/var/run/secrets/kubernetes.io/serviceaccount"
_TOKEN_SECONDS: Final = 3607

_FOR_PULUMI: Final = {
    # An update ends once every Ray pod runs.
    "pulumi.com/waitFor": "jsonpath={.status.state}=ready",
    # Ray's autoscaler writes `replicas` into the list of groups, which has one owner as a whole: without force every
    # later update would be refused as a conflict.
    "pulumi.com/patchForce": "true",
}


def ray_cluster(layout: RayLayout, ray: RayConfig) -> Manifest:
    """The ``ray.io/v1`` RayCluster: one head, one worker group for each group of the layout, a token for everyone."""
    return {
        "apiVersion": "ray.io/v1",
        "kind": "RayCluster",
        "metadata": {"name": ray.name, "namespace": ray.namespace, "annotations": dict(_FOR_PULUMI)},
        "spec": {
            "rayVersion": ray.version,
            "authOptions": {"mode": "token"},
            "upgradeStrategy": {"type": ray.upgrade_strategy},
            "enableInTreeAutoscaling": True,
            "autoscalerOptions": {
                "version": "v2",
                "upscalingMode": "Default",
                "idleTimeoutSeconds": ray.idle_timeout_seconds,
                "resources": _requests_and_limits(RAY_AUTOSCALER),
                "securityContext": dict(RESTRICTED),
                "volumeMounts": [{"name": _TOKEN_VOLUME, "mountPath": _TOKEN_PATH, "readOnly": True}],
            },
            "headGroupSpec": _head_group(layout.head),
            "workerGroupSpecs": [_worker_group(group) for group in layout.worker_groups],
        },
    }


def _head_group(head: HeadGroup) -> dict[str, Any]:
    return {
        "serviceType": "ClusterIP",
        # No CPUs: tasks run on workers, and the head keeps what it has for the cluster's own state.
        "rayStartParams": {"dashboard-host": "0.0.0.0", "num-cpus": "0"},
        "template": {
            "metadata": {"labels": dict(PACKED_LABEL), "annotations": dict(_STAYS)},
            "spec": {
                "serviceAccountName": HEAD_SERVICE_ACCOUNT,
                "automountServiceAccountToken": False,
                "volumes": [_kubernetes_token()],
                "restartPolicy": "Never",
                "terminationGracePeriodSeconds": GRACE_SECONDS,
                "nodeSelector": dict(head.node_selector),
                "affinity": {"podAffinity": beside_packed_pods()},
                "containers": [_ray_container("ray-head", head.image, head.resources, HEAD_PORTS)],
            },
        },
    }


def _kubernetes_token() -> dict[str, Any]:
    """What Kubernetes would mount into every container of the pod; here the autoscaler alone mounts it.

    KubeRay lets the head's account patch pods and its RayCluster, and the programs of jobs run in the Ray container.
    """
    return {
        "name": _TOKEN_VOLUME,
        "projected": {
            "sources": [
                {"serviceAccountToken": {"path": "token", "expirationSeconds": _TOKEN_SECONDS}},
                {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
                {"downwardAPI": {"items": [{"path": "namespace", "fieldRef": {"fieldPath": "metadata.namespace"}}]}},
            ]
        },
    }


def _worker_group(group: WorkerGroup) -> dict[str, Any]:
    """Without ``replicas``, which is the autoscaler's. An update sets it back to 0, and no pod ends by that.

    KubeRay leaves it to the autoscaler to choose pods (ray-operator 1.6.2, reconcilePods), and the autoscaler counts
    those that run (ray#57539).
    """
    idle = {} if group.idle_timeout_seconds is None else {"idleTimeoutSeconds": group.idle_timeout_seconds}
    container = _ray_container("ray-worker", group.image, group.resources, WORKER_PORTS)
    return {
        "groupName": group.name,
        "minReplicas": group.min_replicas,
        "maxReplicas": group.max_replicas,
        **idle,
        "rayStartParams": {},
        "template": {
            "metadata": {"annotations": dict(_STAYS)},
            "spec": {
                "serviceAccountName": WORKER_SERVICE_ACCOUNT,
                "automountServiceAccountToken": False,
                "restartPolicy": "Never",
                "terminationGracePeriodSeconds": SPOT_GRACE_SECONDS if group.spot else GRACE_SECONDS,
                "nodeSelector": dict(group.node_selector),
                "tolerations": [_toleration(each) for each in group.tolerations],
                "containers": [
                    container | {"lifecycle": {"preStop": {"exec": {"command": ["/bin/sh", "-c", "ray stop"]}}}}
                ],
            },
        },
    }


def _toleration(toleration: Toleration) -> dict[str, str]:
    """Empty fields stand for everything and are left out, as the API server would do."""
    return {key: value for key, value in asdict(toleration).items() if value}


def _ray_container(name: str, image: str, resources: Resources, ports: Mapping[str, int]) -> dict[str, Any]:
    """KubeRay adds command, probes, token and shared memory. The first container of a Ray pod is the Ray container."""
    return {
        "name": name,
        "image": image,
        "ports": [{"name": port_name, "containerPort": port} for port_name, port in ports.items()],
        "resources": _requests_and_limits(resources),
        "securityContext": dict(RESTRICTED),
    }


def _requests_and_limits(resources: Resources) -> dict[str, Any]:
    return {"requests": resources.quantities(), "limits": resources.quantities()}


def ray_account(name: str, namespace: str, *, role_arn: Any = None) -> Manifest:
    """A service account of Ray's pods, whose token for the API server is mounted only where a pod asks for it."""
    return service_account(name, namespace, role_arn=role_arn) | {"automountServiceAccountToken": False}


def head_budget(ray: RayConfig) -> Manifest:
    """No eviction takes the head. ``minAvailable``, since ``maxUnavailable`` needs a controller that can be scaled."""
    return {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": {"name": f"{ray.name}-head", "namespace": ray.namespace},
        "spec": {
            "minAvailable": 1,
            "selector": {"matchLabels": {CLUSTER_LABEL: ray.name, NODE_TYPE_LABEL: "head"}},
        },
    }
