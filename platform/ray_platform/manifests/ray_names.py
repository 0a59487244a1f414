"""Names, labels and ports that KubeRay gives to a Ray cluster, and the two service accounts we give it."""

from typing import Final

HEAD_SERVICE_ACCOUNT: Final = "ray-head"
WORKER_SERVICE_ACCOUNT: Final = "ray-worker"

# KubeRay puts these on the pods of every Ray cluster, also of those that a RayJob or RayService makes
# (ray-operator 1.6.2, controllers/ray/utils/constant.go, as everything below).
RAY_NODE: Final = {"ray.io/is-ray-node": "yes"}
CLUSTER_LABEL: Final = "ray.io/cluster"
NODE_TYPE_LABEL: Final = "ray.io/node-type"
GROUP_LABEL: Final = "ray.io/group"

# Where Ray listens, under the names by which KubeRay finds a port.
HEAD_PORTS: Final = {"gcs-server": 6379, "dashboard": 8265, "client": 10001, "serve": 8000, "metrics": 8080}
WORKER_PORTS: Final = {"serve": 8000, "metrics": 8080}

TOKEN_KEY: Final = "auth_token"

_CHECKED_NAME_MAX: Final = 50


def head_service(cluster: str) -> str:
    """The Service of a Ray cluster's head."""
    return f"{cluster}-head-svc"


def token_secret(cluster: str) -> str:
    """The Secret with a Ray cluster's token. KubeRay shortens longer names, from the front (its CheckName)."""
    kept = cluster[-_CHECKED_NAME_MAX:]
    return kept if kept[0].isalpha() else f"r{kept[1:]}"
