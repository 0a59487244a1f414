"""The AWS node termination handler in queue mode: it drains the nodes that AWS announces to take back.

Arguments and rights after release 1.25 (its pkg/config/config.go, and clusterrole.yaml of its chart).
"""

from typing import Any, Final

from ray_platform.manifests.deployment import service_deployment
from ray_platform.manifests.placement import SYSTEM_NAMESPACE
from ray_platform.manifests.rbac import Manifest, cluster_rights, rule, service_account
from ray_platform.scheduling.overhead import TERMINATION_HANDLER
from ray_platform.versions import TERMINATION_HANDLER_IMAGE

NAME: Final = "aws-node-termination-handler"
PROBE_PORT: Final = 8080


def managed_tag(cluster: str) -> str:
    """The key of the tag by which the handler knows the instances of its own cluster; their values do not matter.

    EventBridge delivers the events of every instance of the account and region, also those of other clusters.
    """
    return f"node-termination-handler/{cluster}"


def account(role_arn: Any) -> Manifest:
    return service_account(NAME, SYSTEM_NAMESPACE, role_arn=role_arn)


def rights() -> dict[str, Manifest]:
    """To cordon nodes and to evict their pods, within the limits of PodDisruptionBudgets."""
    return cluster_rights(
        account(None),
        [
            rule("", ["nodes"], ["get", "list", "patch", "update"]),
            rule("", ["pods"], ["get", "list"]),
            rule("", ["pods/eviction"], ["create"]),
            rule("apps", ["daemonsets"], ["get"]),
            rule("", ["events"], ["create", "patch"]),
        ],
    )


def deployment(*, cluster: str, queue_url: Any, region: str, home: str | None) -> Manifest:
    """The handler of one cluster; a message about an instance without the cluster's tag is dropped."""
    settings: dict[str, Any] = {
        "ENABLE_SQS_TERMINATION_DRAINING": "true",
        "QUEUE_URL": queue_url,
        "AWS_REGION": region,
        "CHECK_TAG_BEFORE_DRAINING": "true",
        "MANAGED_TAG": managed_tag(cluster),
        # The tag says the instance is ours; if it has no node any more there is nothing to drain.
        "DELETE_SQS_MSG_IF_NODE_NOT_FOUND": "true",
        # So that `kubectl get events` says why a Ray worker went.
        "EMIT_KUBERNETES_EVENTS": "true",
        "ENABLE_PROBES_SERVER": "true",
        "PROBES_SERVER_PORT": str(PROBE_PORT),
        "JSON_LOGGING": "true",
    }
    return service_deployment(
        NAME,
        SYSTEM_NAMESPACE,
        service_account=NAME,
        image=TERMINATION_HANDLER_IMAGE,
        requests=TERMINATION_HANDLER,
        home=home,
        container={
            "env": [
                # It refuses to start without the name of its node.
                _from_pod("NODE_NAME", "spec.nodeName"),
                _from_pod("POD_NAME", "metadata.name"),
                _from_pod("NAMESPACE", "metadata.namespace"),
                *({"name": key, "value": value} for key, value in settings.items()),
            ],
            "ports": [{"name": "probes", "containerPort": PROBE_PORT, "protocol": "TCP"}],
            "livenessProbe": {
                "httpGet": {"path": "/healthz", "port": "probes"},
                "initialDelaySeconds": 5,
                "periodSeconds": 5,
            },
        },
    )


def _from_pod(name: str, field: str) -> dict[str, Any]:
    return {"name": name, "valueFrom": {"fieldRef": {"fieldPath": field}}}
