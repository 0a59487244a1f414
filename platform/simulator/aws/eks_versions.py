"""What EKS offers per Kubernetes minor version: a table with a date, not code.

Versions as pinned by public clusters and AWS's own user guide, read 2026-07; `default` is the one EKS installs when no
version is asked for, the last of `versions` is the most recent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

AS_OF = "2026-07"

PLATFORM_VERSIONS: Mapping[str, str] = {"1.33": "eks.28", "1.34": "eks.19", "1.35": "eks.9"}
"""Kubernetes minor version -> the platform version of a new cluster; the keys are what EKS offers."""

NODE_RELEASES: Mapping[str, str] = {
    "1.33": "1.33.7-20260702",
    "1.34": "1.34.4-20260702",
    "1.35": "1.35.3-20260702",
}
"""Kubernetes minor version -> release of the AL2023 node images."""

LAST_MINOR_WITH_AL2 = 32
"""AWS built no Amazon Linux 2 images for Kubernetes 1.33 and later."""


@dataclass(frozen=True, kw_only=True)
class AddonVersions:
    """The versions of one addon for one Kubernetes minor version, oldest first."""

    default: str
    versions: tuple[str, ...]

    @property
    def most_recent(self) -> str:
        return self.versions[-1]


_VPC_CNI = AddonVersions(
    default="v1.21.1-eksbuild.7",
    versions=(
        "v1.20.4-eksbuild.1",
        "v1.20.5-eksbuild.1",
        "v1.21.1-eksbuild.1",
        "v1.21.1-eksbuild.3",
        "v1.21.1-eksbuild.7",
        "v1.21.1-eksbuild.8",
        "v1.21.2-eksbuild.2",
        "v1.22.4-eksbuild.3",
        "v1.23.0-eksbuild.1",
    ),
)
_EBS_CSI = AddonVersions(
    default="v1.59.0-eksbuild.1",
    versions=(
        "v1.53.0-eksbuild.1",
        "v1.54.0-eksbuild.1",
        "v1.57.1-eksbuild.1",
        "v1.58.0-eksbuild.1",
        "v1.59.0-eksbuild.1",
        "v1.62.0-eksbuild.1",
        "v1.63.1-eksbuild.1",
    ),
)
_POD_IDENTITY_AGENT = AddonVersions(
    default="v1.3.10-eksbuild.3",
    versions=("v1.3.10-eksbuild.1", "v1.3.10-eksbuild.2", "v1.3.10-eksbuild.3"),
)

ADDONS: Mapping[str, Mapping[str, AddonVersions]] = {
    "vpc-cni": {"1.33": _VPC_CNI, "1.34": _VPC_CNI, "1.35": _VPC_CNI},
    "aws-ebs-csi-driver": {"1.33": _EBS_CSI, "1.34": _EBS_CSI, "1.35": _EBS_CSI},
    "eks-pod-identity-agent": {
        "1.33": _POD_IDENTITY_AGENT,
        "1.34": _POD_IDENTITY_AGENT,
        "1.35": _POD_IDENTITY_AGENT,
    },
    "kube-proxy": {
        "1.33": AddonVersions(default="v1.33.5-eksbuild.2", versions=("v1.33.5-eksbuild.2", "v1.33.7-eksbuild.2")),
        "1.34": AddonVersions(default="v1.34.1-eksbuild.2", versions=("v1.34.0-eksbuild.5", "v1.34.1-eksbuild.2")),
        "1.35": AddonVersions(
            default="v1.35.3-eksbuild.2",
            versions=(
                "v1.35.0-eksbuild.2",
                "v1.35.3-eksbuild.2",
                "v1.35.3-eksbuild.5",
                "v1.35.3-eksbuild.13",
                "v1.35.3-eksbuild.18",
                "v1.35.3-eksbuild.21",
            ),
        ),
    },
    "coredns": {
        "1.33": AddonVersions(
            default="v1.12.4-eksbuild.6",
            versions=("v1.12.4-eksbuild.6", "v1.13.2-eksbuild.7", "v1.13.2-eksbuild.11"),
        ),
        "1.34": AddonVersions(
            default="v1.12.4-eksbuild.6",
            versions=("v1.12.4-eksbuild.1", "v1.12.4-eksbuild.6", "v1.13.2-eksbuild.1", "v1.13.2-eksbuild.11"),
        ),
        "1.35": AddonVersions(
            default="v1.13.2-eksbuild.4",
            versions=(
                "v1.13.2-eksbuild.1",
                "v1.13.2-eksbuild.4",
                "v1.13.2-eksbuild.11",
                "v1.14.2-eksbuild.4",
                "v1.14.3-eksbuild.3",
            ),
        ),
    },
}
"""Addon -> Kubernetes minor version -> its versions."""
