"""Everything the platform pins apart from Python packages: Kubernetes minors, images, KubeRay; as dated facts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, kw_only=True)
class KubernetesMinor:
    """What goes with one Kubernetes minor version.

    `standard_support_until` is the last day of EKS standard support; afterwards EKS either upgrades the
    cluster by itself or charges 0.60 instead of 0.10 USD per hour, as `cluster.supportType` says.
    `cluster_autoscaler_image_tag` is the autoscaler release built for this minor.
    """

    standard_support_until: date
    cluster_autoscaler_image_tag: str


# EKS user guide, Kubernetes release calendar, and the autoscaler's releases; both read 2026-07-20.
KUBERNETES_MINORS: Final[Mapping[str, KubernetesMinor]] = MappingProxyType(
    {
        "1.34": KubernetesMinor(standard_support_until=date(2026, 12, 2), cluster_autoscaler_image_tag="v1.34.4"),
        "1.35": KubernetesMinor(standard_support_until=date(2027, 3, 27), cluster_autoscaler_image_tag="v1.35.1"),
    }
)

DEFAULT_KUBERNETES_VERSION: Final = "1.35"

# KubeRay's releases, read 2026-11-23. Operator, CRDs and their URLs move together.
# renovate: datasource=github-releases depName=ray-project/kuberay
KUBERAY_VERSION: Final = "1.6.2"

# The kinds this platform uses. RayCronJob is left out: the operator knows it only behind a feature gate that is off.
_KUBERAY_CRDS: Final = ("rayclusters", "rayjobs", "rayservices")
KUBERAY_CRD_URLS: Final = tuple(
    f"https://raw.githubusercontent.com/ray-project/kuberay/v{KUBERAY_VERSION}/ray-operator/config/crd/bases/ray.io_{kind}.yaml"
    for kind in _KUBERAY_CRDS
)

# Values of the chart kuberay-operator 1.6.2, read 2026-11-23.
KUBERAY_OPERATOR_IMAGE: Final = f"quay.io/kuberay/operator:v{KUBERAY_VERSION}"

# Releases of NVIDIA/k8s-device-plugin, whose chart bears the version of its image. Read 2026-11-23.
# renovate: datasource=github-releases depName=NVIDIA/k8s-device-plugin
DEVICE_PLUGIN_IMAGE: Final = "nvcr.io/nvidia/k8s-device-plugin:v0.20.0"

# Releases of aws/aws-node-termination-handler, read 2026-11-23: 1.25.2 follows 1.25.1, whose chart is 0.27.1, so that
# its own is 0.27.2.
# renovate: datasource=github-releases depName=aws/aws-node-termination-handler
TERMINATION_HANDLER_IMAGE: Final = "public.ecr.aws/aws-ec2/aws-node-termination-handler:v1.25.2"

# The registry that every release of kubernetes/autoscaler names; the tag is that of the cluster's minor.
_CLUSTER_AUTOSCALER_REPOSITORY: Final = "registry.k8s.io/autoscaling/cluster-autoscaler"


def cluster_autoscaler_image(kubernetes_version: str) -> str:
    """The cluster autoscaler built for a supported minor such as ``1.35``. Raises ``KeyError`` for another."""
    return f"{_CLUSTER_AUTOSCALER_REPOSITORY}:{KUBERNETES_MINORS[kubernetes_version].cluster_autoscaler_image_tag}"
