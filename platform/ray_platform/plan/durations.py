"""How long AWS and a cluster in it take until a new resource is ready, in seconds.

The source of what takes minutes is public run logs and AWS's and Pulumi's issue threads, read in July 2026:
an EKS control plane took 8 min 33 s, 9 min 43 s and 10 min 6 s; a managed node group 2 to 3 min, 3 to 5 min
with GPUs. The addons are medians of public Terraform run logs, read on 23 November 2026: vpc-cni before the first node
24, 24, 35 and 35 s; kube-proxy 24, 24, 25, 25 and 45 s; with nodes coredns 8, 14, 14, 14, 15, 15, 15, 34, 45 and 56 s,
aws-ebs-csi-driver 45, 46, 46, 54, 56, 62 and 65 s. One of them shows a group that begins with no node, and so has none
to wait for: 58 s. An estimate, of November 2026, is what pods take that have a node: half a minute for an image of some
100 MB, two minutes for Ray's, which is 2 to 3 GB on a node that has not seen it. Everything else answers within
seconds; it is not told apart here.
"""

from collections.abc import Mapping
from typing import Any

CONTROL_PLANE = 583.0
CPU_NODE_GROUP = 150.0
GPU_NODE_GROUP = 240.0
EMPTY_NODE_GROUP = 60.0
SMALL_IMAGE = 30.0
RAY_CLUSTER = 120.0
API_CALL = 2.0

ADDONS: Mapping[str, float] = {
    "vpc-cni": 30.0,
    "kube-proxy": 25.0,
    "coredns": 15.0,
    "aws-ebs-csi-driver": 54.0,
}
ANY_ADDON = 35.0

_BY_TYPE: Mapping[str, float] = {
    "aws:eks/cluster:Cluster": CONTROL_PLANE,
    "kubernetes:apps/v1:Deployment": SMALL_IMAGE,
    "kubernetes:ray.io/v1:RayCluster": RAY_CLUSTER,
}


def creation_seconds(token: str, inputs: Mapping[str, Any]) -> float:
    """Seconds from the call until a resource of this type, made from these inputs, is ready.

    A provider takes none: it is an object of the engine.
    """
    if token.startswith("pulumi:"):
        return 0.0
    if token == "aws:eks/nodeGroup:NodeGroup":
        return _node_group_seconds(inputs)
    if token == "aws:eks/addon:Addon":
        return ADDONS.get(inputs.get("addonName", ""), ANY_ADDON)
    return _BY_TYPE.get(token, API_CALL)


def _node_group_seconds(inputs: Mapping[str, Any]) -> float:
    if inputs.get("scalingConfig", {}).get("desiredSize") == 0:
        return EMPTY_NODE_GROUP
    return GPU_NODE_GROUP if "NVIDIA" in inputs.get("amiType", "") else CPU_NODE_GROUP
