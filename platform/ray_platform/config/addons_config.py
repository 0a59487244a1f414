"""The section `addons`: what runs on the cluster besides Ray."""

from typing import Annotated, Any

from pydantic import Field, field_validator

from ray_platform.config.fields import AddonVersion, Kind, Section, matching, refusal
from ray_platform.config.plain import Values

# The host and the repository of an image reference; a port may follow the host.
_HOST = r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?"
Registry = Annotated[
    str,
    Kind("registry"),
    matching(_HOST, "a registry's host, such as quay.io (docker.io for images that name none)", "Rename the key."),
]
Mirror = Annotated[
    str,
    matching(
        rf"{_HOST}(/[a-z0-9]+([._-]+[a-z0-9]+)*)*",
        "a registry's host with the path that the images are below, without scheme, tag and final slash",
        "{set} ACCOUNT.dkr.ecr.REGION.amazonaws.com/PREFIX",
    ),
]


class AddonConfig(Section):
    """An EKS addon that is always installed."""

    version: AddonVersion | None = Field(
        default=None, description="Addon version; EKS's default for the Kubernetes version when unset."
    )
    values: Values = Field(
        default={}, description="Further configuration values of the addon, as its own schema defines them."
    )


class VpcCniConfig(AddonConfig):
    """Pod networking."""

    prefix_delegation: bool = Field(
        default=True, description="Give nodes blocks of 16 addresses, for more pods on each."
    )
    network_policy: bool = Field(
        default=True, description="Enforce Kubernetes NetworkPolicies; they do nothing without it."
    )

    @field_validator("values")
    @classmethod
    def _no_second_switch(cls, values: dict[str, Any]) -> dict[str, Any]:
        if "enableNetworkPolicy" in values:
            raise refusal(
                "without enableNetworkPolicy, which networkPolicy decides", "Set addons.vpcCni.networkPolicy."
            )
        environment = values.get("env")
        if isinstance(environment, dict) and "ENABLE_PREFIX_DELEGATION" in environment:
            raise refusal(
                "without env.ENABLE_PREFIX_DELEGATION, which prefixDelegation decides",
                "Set addons.vpcCni.prefixDelegation.",
            )
        return values


class EbsCsiDriverConfig(AddonConfig):
    """Persistent volumes."""

    enabled: bool = Field(default=True, description="Install the EBS CSI driver and an encrypted gp3 storage class.")


class ClusterAutoscalerConfig(Section):
    """Scaling of the node pools."""

    enabled: bool = Field(default=True, description="Let the cluster autoscaler size the node pools.")


class NodeTerminationHandlerConfig(Section):
    """Warnings of interruptions."""

    enabled: bool = Field(
        default=True, description="Drain nodes before AWS takes them back; only while a pool is SPOT."
    )


class DevicePluginConfig(Section):
    """GPUs as something pods can ask for."""

    enabled: bool = Field(
        default=True,
        description="Announce the GPUs of GPU pools to Kubernetes; without it no pod gets one, unless you install "
        "the NVIDIA GPU operator or another plugin yourself.",
    )


class AddonsConfig(Section):
    """What runs on the cluster besides Ray."""

    vpc_cni: VpcCniConfig = Field(default=VpcCniConfig(), description="Amazon VPC CNI.")
    kube_proxy: AddonConfig = Field(default=AddonConfig(), description="kube-proxy.")
    coredns: AddonConfig = Field(default=AddonConfig(), description="CoreDNS.")
    ebs_csi_driver: EbsCsiDriverConfig = Field(default=EbsCsiDriverConfig(), description="EBS CSI driver.")
    cluster_autoscaler: ClusterAutoscalerConfig = Field(
        default=ClusterAutoscalerConfig(), description="Cluster autoscaler."
    )
    node_termination_handler: NodeTerminationHandlerConfig = Field(
        default=NodeTerminationHandlerConfig(), description="AWS node termination handler."
    )
    device_plugin: DevicePluginConfig = Field(default=DevicePluginConfig(), description="NVIDIA device plugin.")
    image_mirrors: dict[Registry, Mirror] = Field(
        default={},
        description="Registry to take images from instead of a public one, by the public one's name; for Ray's images "
        "(docker.io) too. EKS's own addons come from registries of AWS in any case.",
        examples=["123456789012.dkr.ecr.us-east-1.amazonaws.com/quay"],
    )
