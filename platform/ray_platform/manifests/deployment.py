"""The Deployment of a service of the platform: one replica beside the other services, with no rights on its node."""

from collections.abc import Mapping
from typing import Any

from ray_platform.manifests.placement import CONTAINER_SECURITY, PACKED_LABEL, POD_SECURITY, on_system_nodes
from ray_platform.scheduling.resources import Resources

NAME_LABEL = "app.kubernetes.io/name"


def container_resources(requests: Resources) -> dict[str, dict[str, str]]:
    """Memory is limited to what is requested; processor time is not, for throttling a controller helps nobody."""
    quantities = requests.quantities()
    return {"requests": quantities, "limits": {"memory": quantities["memory"]}}


def service_deployment(
    name: str,
    namespace: str,
    *,
    service_account: str,
    image: str,
    requests: Resources,
    home: str | None,
    container: Mapping[str, Any],
    annotations: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """A Deployment named ``name`` of one container, to which ``container`` adds what is its own.

    ``home`` is the node pool it prefers; ``annotations`` go on its pods.
    """
    selector = {NAME_LABEL: name}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": namespace, "labels": selector},
        "spec": {
            "replicas": 1,
            # One pod at a time: a second one beside it might find no room on nodes that Ray fills.
            "strategy": {"type": "Recreate"},
            "selector": {"matchLabels": selector},
            "template": {
                "metadata": {"labels": {**selector, **PACKED_LABEL}, "annotations": dict(annotations or {})},
                "spec": {
                    "serviceAccountName": service_account,
                    "priorityClassName": "system-cluster-critical",
                    "securityContext": dict(POD_SECURITY),
                    "affinity": on_system_nodes(home),
                    "containers": [
                        {
                            "name": name,
                            "image": image,
                            "securityContext": dict(CONTAINER_SECURITY),
                            "resources": container_resources(requests),
                            **container,
                        }
                    ],
                },
            },
        },
    }
