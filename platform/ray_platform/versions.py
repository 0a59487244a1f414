"""Everything the platform pins apart from Python packages: Kubernetes minors, images, KubeRay; as dated facts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Final

Version = tuple[int, int, int]


@dataclass(frozen=True, kw_only=True)
class KubernetesMinor:
    """What goes with one Kubernetes minor version.

    `standard_support_until` is the last day of EKS standard support; afterwards EKS either upgrades the
    cluster by itself or charges `EXTENDED_SUPPORT_SURCHARGE`, as `cluster.supportType` says.
    `extended_support_until` is the last day it can be had at all: then EKS upgrades every cluster by itself.
    `cluster_autoscaler_image_tag` is the autoscaler release built for this minor.
    """

    standard_support_until: date
    extended_support_until: date
    cluster_autoscaler_image_tag: str


# EKS user guide, Kubernetes release calendar, and the autoscaler's releases; both read 2026-07-20. Extended support
# ends 12 months after the standard one (the same guide, and endoflife.date, Amazon EKS; both read 2026-11-23).
KUBERNETES_MINORS: Final[Mapping[str, KubernetesMinor]] = MappingProxyType(
    {
        "1.34": KubernetesMinor(
            standard_support_until=date(2026, 12, 2),
            extended_support_until=date(2027, 12, 2),
            cluster_autoscaler_image_tag="v1.34.4",
        ),
        "1.35": KubernetesMinor(
            standard_support_until=date(2027, 3, 27),
            extended_support_until=date(2028, 3, 27),
            cluster_autoscaler_image_tag="v1.35.1",
        ),
    }
)

DEFAULT_KUBERNETES_VERSION: Final = "1.35"

# What a cluster in extended support costs more, in USD per hour: 0.60 instead of 0.10 (Amazon EKS pricing, read
# 2026-07-20).
EXTENDED_SUPPORT_SURCHARGE: Final = 0.50

# The oldest of the days on which a part of this module was read at its source.
READ_ON: Final = date(2026, 7, 20)


@dataclass(frozen=True, kw_only=True)
class RayFeature:
    """Something of Ray on Kubernetes that the platform relies on, and the first releases that have it."""

    what: str
    ray: Version
    kuberay: Version


# Ray's documentation ("Ray token authentication", "Configure Ray clusters to use token authentication", "KubeRay
# Autoscaling") and the release notes of KubeRay 1.5.1; read 2026-11-23.
RAY_FEATURES: Final = (
    RayFeature(what="token authentication", ray=(2, 52, 0), kuberay=(1, 5, 1)),
    RayFeature(what="the autoscaler v2, which knows an idle time for each group", ray=(2, 47, 0), kuberay=(1, 4, 0)),
)
FIRST_RAY: Final = max(feature.ray for feature in RAY_FEATURES)

DEFAULT_RAY_VERSION: Final = "2.58.1"

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
