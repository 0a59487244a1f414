"""The sections of the stack configuration and the whole they make up."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator

from ray_platform.config.addons_config import (
    AddonConfig,
    AddonsConfig,
    ClusterAutoscalerConfig,
    DevicePluginConfig,
    EbsCsiDriverConfig,
    NodeTerminationHandlerConfig,
    VpcCniConfig,
)
from ray_platform.config.cluster_config import AccessEntryConfig, ClusterConfig
from ray_platform.config.fields import (
    EmailAddress,
    FromList,
    Kind,
    Section,
    SubnetId,
    Tags,
    Unique,
    VpcId,
    entries,
    matching,
    refusal,
)
from ray_platform.config.guardrail_codes import GuardrailKey
from ray_platform.config.numbers import USD_MAX
from ray_platform.config.pool_config import NodePoolConfig
from ray_platform.config.ray_config import RayConfig, RayHeadConfig, WorkerGroupConfig

__all__ = [
    "AccessEntryConfig",
    "AddonConfig",
    "AddonsConfig",
    "AwsConfig",
    "BudgetConfig",
    "ClusterAutoscalerConfig",
    "ClusterConfig",
    "DevicePluginConfig",
    "EbsCsiDriverConfig",
    "NetworkConfig",
    "NodePoolConfig",
    "NodeTerminationHandlerConfig",
    "OperationsConfig",
    "RayConfig",
    "RayHeadConfig",
    "SecurityConfig",
    "Settings",
    "SubnetIds",
    "VpcCniConfig",
    "WorkerGroupConfig",
]


Reason = Annotated[
    str,
    matching(r".*\S.*", "a reason, in words", "Say why the guardrail does not hold here.", flags=re.UNICODE),
]

SubnetIds = Annotated[tuple[SubnetId, ...], FromList, entries(at_least=2), Unique]


class AwsConfig(Section):
    """Where everything is created, and how it is tagged."""

    region: Annotated[
        str,
        Kind("AWS region"),
        matching(
            r"[a-z]{2,4}(-[a-z]+)+-\d+",
            "an AWS region, such as us-east-1 (an availability zone such as us-east-1a is not one)",
            "{set} us-east-1",
        ),
    ] = Field(default="us-east-1", description="AWS region of everything the stack creates.")
    tags: Tags = Field(
        default={},
        description="Tags on every AWS resource, instance, volume and network interface; "
        "they win over the platform's own.",
    )


OutputName = Annotated[str, matching(r"\S+", "the name of an output, without spaces", "{set} vpcId", flags=re.UNICODE)]


class FromStackConfig(Section):
    """A stack that keeps the network, and which of its outputs are the ids."""

    stack: Annotated[
        str,
        Kind("name of a stack"),
        matching(
            r"[\w.-]+/[\w.-]+/[\w.-]+",
            "the full name of a stack, ORG/PROJECT/STACK; outside Pulumi Cloud ORG is always `organization`",
            "{set} organization/ray-vpc/dev",
        ),
    ] = Field(
        description="The stack that keeps the network, as ORG/PROJECT/STACK, in the backend of this one.",
        examples=["organization/ray-vpc/dev"],
    )
    vpc_id_output: OutputName = Field(default="vpcId", description="Its output with the id of the VPC.")
    subnet_ids_output: OutputName = Field(
        default="subnetIds", description="Its output with the list of the ids of the subnets."
    )


class NetworkConfig(Section):
    """The given network. The platform never creates, changes, tags or deletes any of it.

    `network_source` has the rule that either the ids are given or the stack. Until the outputs of that stack were put
    in its place, the ids are empty.
    """

    vpc_id: VpcId = Field(
        default="",
        validate_default=False,
        description="VPC the cluster lives in; DNS support and DNS hostnames must be on.",
        examples=["vpc-0123456789abcdef0"],
        json_schema_extra={"default_text": "required, or `network.fromStack`"},
    )
    subnet_ids: SubnetIds = Field(
        default=(),
        validate_default=False,
        description="Subnets of nodes and control plane interfaces: private, with a route out, in two "
        "or more zones and with six or more free addresses each.",
        examples=["subnet-0123456789abcdef0"],
        json_schema_extra={"default_text": "required, or `network.fromStack`"},
    )
    from_stack: FromStackConfig | None = Field(
        default=None, description="In place of the ids: the stack that keeps the network and has them as outputs."
    )


class SecurityConfig(Section):
    """Keys, egress and access to nodes."""

    kms_key_arn: (
        Annotated[
            str,
            Kind("KMS key ARN"),
            matching(
                r"arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key/[A-Za-z0-9-]+",
                "the ARN of a KMS key (not of an alias)",
                "{set} arn:aws:kms:REGION:ACCOUNT:key/KEY_ID",
            ),
        ]
        | None
    ) = Field(
        default=None,
        description="Key for Kubernetes secrets and the log group. Without one, the stack creates a key that "
        "rotates every year.",
    )
    kms_deletion_window_days: int = Field(
        default=7,
        ge=7,
        le=30,
        description="Days a key of the stack can still be recovered after it was deleted.",
    )
    encrypt_volumes_with_key: bool = Field(
        default=False,
        description="Encrypt node volumes with that key as well, instead of the account's default EBS key.",
    )
    egress: Literal["internet-https", "private"] = Field(
        default="internet-https",
        description="What nodes reach beyond private networks: HTTPS anywhere, or S3 and nothing else (for a VPC "
        "that has endpoints for every AWS service in use).",
    )
    session_manager: bool = Field(
        default=False, description="Let administrators open a shell on nodes through AWS Session Manager."
    )


class BudgetConfig(Section):
    """An alarm on what the stack costs."""

    # AWS Budgets API reference, CreateNotification: at most 10 e-mail addresses.
    emails: Annotated[tuple[EmailAddress, ...], FromList, entries(at_most=10), Unique] = Field(
        default=(),
        description="Who is told when a month costs more than the limit, or is going to; empty means no budget. AWS "
        "counts by the tags Project and Environment, once they are activated as cost allocation tags.",
    )
    limit_usd: float | None = Field(
        default=None,
        ge=1,
        le=USD_MAX,
        description="The limit in USD a month; unset means the estimate for the maximum sizes at the prices of "
        "us-east-1, rounded up.",
    )

    @field_validator("limit_usd")
    @classmethod
    def _somebody_is_told(cls, limit: float | None, info: ValidationInfo) -> float | None:
        if limit is not None and info.data.get("emails") == ():
            raise refusal(
                "unset while emails is empty: nobody would be told", "Add an address to emails, or remove it."
            )
        return limit


class OperationsConfig(Section):
    """Guards against accidents."""

    protect: bool = Field(
        default=False,
        description="Pulumi refuses to delete the key, log group, control plane and OIDC provider.",
    )
    deletion_protection: bool = Field(
        default=False, description="EKS itself refuses to delete the cluster, whoever asks."
    )
    budget: BudgetConfig = Field(default=BudgetConfig(), description="An alarm on what the stack costs.")
    cost_limit_usd: float | None = Field(
        default=None,
        ge=1,
        le=USD_MAX,
        description="Refuse an update whose estimate for the maximum sizes is above this, in USD a month; unset means "
        "no limit.",
    )
    guardrail_exceptions: dict[GuardrailKey, Reason] = Field(
        default={},
        description="Guardrails that do not hold for this stack, each with the reason; docs/guardrails.md lists them.",
        examples=["a stack for trials, whose logs nobody reads"],
    )


@dataclass(frozen=True, kw_only=True)
class Settings:
    """A whole, valid stack configuration. `node_pools` keeps the order of the configuration."""

    aws: AwsConfig
    network: NetworkConfig
    security: SecurityConfig
    cluster: ClusterConfig
    node_pools: Mapping[str, NodePoolConfig]
    addons: AddonsConfig
    ray: RayConfig
    operations: OperationsConfig
