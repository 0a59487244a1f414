"""The KubeRay operator: where it runs, and the rights it has and lacks.

Rights as upstream's own role of 1.6.2 has them (`ray-operator/config/rbac/role.yaml`), without what this platform never
asks of it: Ingress, Gateway and OpenShift routes, batch schedulers, cron jobs, the API server's proxy; and without
verbs that its code does not use. What it reads it also lists and watches, for it reads through informers.
"""

from typing import Any

from ray_platform.manifests.deployment import service_deployment
from ray_platform.manifests.placement import OPERATOR_NAMESPACE, pod_security_labels
from ray_platform.manifests.rbac import READ, Manifest, cluster_rights, namespace_rights, rule, service_account
from ray_platform.scheduling.overhead import OPERATOR
from ray_platform.versions import KUBERAY_OPERATOR_IMAGE

NAME = "kuberay-operator"
# The operator's default (`--health-probe-bind-address`).
PROBE_PORT = 8082
# The name of its lock, fixed in the operator's main.go.
LEASE = "ray-operator-leader"


def namespace(name: str) -> Manifest:
    """A namespace in which Pod Security `restricted` holds."""
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": pod_security_labels()}}


def account() -> Manifest:
    return service_account(NAME, OPERATOR_NAMESPACE)


def rights_on_ray_objects() -> dict[str, Manifest]:
    """What it may do with Ray's own kinds, anywhere: nobody but the operator acts on them.

    They are not bound to Ray's namespace, so that it can still take its finalizers off RayJobs and RayServices while
    that namespace is being deleted.
    """
    return cluster_rights(
        account(),
        [
            # To patch is for Ray's autoscaler, whose Role the operator makes: nobody may give away more than he has.
            rule("ray.io", ["rayclusters"], [*READ, "create", "update", "patch", "delete"]),
            rule("ray.io", ["rayjobs"], [*READ, "update", "delete"]),
            rule("ray.io", ["rayservices"], [*READ, "update"]),
            rule("ray.io", _each_with("status"), ["update"]),
            # Owner references that block deletion need it where the API server checks them.
            rule("ray.io", _each_with("finalizers"), ["update"]),
        ],
    )


def rights_in_ray_namespace(ray_namespace: str) -> dict[str, Manifest]:
    """What it may do in the one namespace it watches: pods and what Ray clusters, jobs and services consist of."""
    return namespace_rights(
        account(),
        ray_namespace,
        [
            rule("", ["pods"], [*READ, "create", "update", "patch", "delete", "deletecollection"]),
            rule("", ["pods/resize"], ["patch"]),
            rule("", ["services"], [*READ, "create", "update"]),
            rule("", ["secrets", "serviceaccounts"], [*READ, "create"]),
            rule("", ["events"], ["create", "patch"]),
            rule("batch", ["jobs"], [*READ, "create", "delete"]),
            rule("discovery.k8s.io", ["endpointslices"], READ),
            rule("rbac.authorization.k8s.io", ["roles", "rolebindings"], [*READ, "create"]),
        ],
    )


def rights_in_own_namespace() -> dict[str, Manifest]:
    """What leader election takes."""
    return namespace_rights(
        account(),
        OPERATOR_NAMESPACE,
        [
            rule("coordination.k8s.io", ["leases"], ["create"]),
            rule("coordination.k8s.io", ["leases"], ["get", "update"], names=[LEASE]),
            rule("", ["events"], ["create", "patch"]),
        ],
    )


def nobody_comes_in() -> Manifest:
    """Default deny of ingress in the operator's namespace: it serves nobody but the kubelet, whose probes pass."""
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": "default-deny-ingress", "namespace": OPERATOR_NAMESPACE},
        "spec": {"podSelector": {}, "policyTypes": ["Ingress"]},
    }


def deployment(ray_namespace: str, *, home: str | None) -> Manifest:
    """The operator, which watches one namespace; its feature gates are left at what the release has."""
    return service_deployment(
        NAME,
        OPERATOR_NAMESPACE,
        service_account=NAME,
        image=KUBERAY_OPERATOR_IMAGE,
        requests=OPERATOR,
        home=home,
        container={
            "command": ["/manager"],
            "args": [
                f"--watch-namespace={ray_namespace}",
                "--enable-leader-election=true",
                f"--leader-election-namespace={OPERATOR_NAMESPACE}",
                f"--health-probe-bind-address=:{PROBE_PORT}",
            ],
            "ports": [{"name": "probes", "containerPort": PROBE_PORT, "protocol": "TCP"}],
            "livenessProbe": _probe("/healthz"),
            "readinessProbe": _probe("/readyz"),
        },
    )


def _probe(path: str) -> dict[str, Any]:
    return {
        "httpGet": {"path": path, "port": "probes"},
        "initialDelaySeconds": 10,
        "periodSeconds": 5,
        "failureThreshold": 5,
    }


def _each_with(subresource: str) -> list[str]:
    return [f"{kind}/{subresource}" for kind in ("rayclusters", "rayjobs", "rayservices")]
