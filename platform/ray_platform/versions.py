"""Kubernetes minors the platform supports, as dated facts."""

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
