"""The section `addons`: what runs on the cluster besides Ray."""

from typing import Any

from pydantic import Field, field_validator

from ray_platform.config.fields import AddonVersion, Section, Values, refusal


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
