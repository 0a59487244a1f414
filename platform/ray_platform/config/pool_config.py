"""One entry of `nodePools`: its keys, its defaults and the rules among its keys."""

from typing import Annotated, Any, Final, Literal

from pydantic import Field, ValidationInfo, field_validator, model_validator

from ray_platform.config.fields import (
    FromList,
    InstanceType,
    LabelKey,
    LabelValue,
    Section,
    TaintKey,
    TaintValue,
    Unique,
    entries,
    refusal,
)
from ray_platform.config.numbers import NODES_MAX
from ray_platform.config.plain import Data
from ray_platform.config.pool_defaults import (
    INSTANCE_TYPES,
    SIZES,
    AmiType,
    Architecture,
    CapacityType,
    ami_type_for,
    pool_defaults,
)
from ray_platform.config.ray_config import WorkerGroupConfig

TaintEffect = Literal["NoSchedule", "PreferNoSchedule", "NoExecute"]

GPU_TAINT_KEY: Final = "nvidia.com/gpu"
ACCELERATOR_LABEL: Final = "k8s.amazonaws.com/accelerator"

PLATFORM_LABELS: Final = (
    "ray.io/node-type",
    "ray.io/resource-type",
    "ray.io/node-pool",
    "ray.io/capacity",
    GPU_TAINT_KEY,
    ACCELERATOR_LABEL,
)

NODE_CONFIG_KEYS: Final = ("kubelet", "containerd", "instance", "featureGates")

# EKS API reference, CreateNodegroup: at most 20 instance types with a launch template.
InstanceTypes = Annotated[tuple[InstanceType, ...], FromList, entries(at_least=1, at_most=20), Unique]


class TaintConfig(Section):
    """A taint on every node of a pool."""

    key: TaintKey = Field(description="Key of the taint.", examples=["example.com/team"])
    value: TaintValue = Field(default="", description="Value of the taint.")
    effect: TaintEffect = Field(description="What happens to pods without a toleration.", examples=["NoSchedule"])


class OnDemandFallbackConfig(Section):
    """A second node group that buys on-demand what the spot market does not give."""

    enabled: bool | None = Field(default=None, description="Whether it exists; unset means: for GPU pools on SPOT.")
    instance_types: InstanceTypes | None = Field(
        default=None, description="Its instance types; unset means the pool's first one."
    )
    min_size: int = Field(default=0, ge=0, le=NODES_MAX, description="Fewest nodes.")
    desired_size: int = Field(
        default=0, ge=0, le=NODES_MAX, description="Nodes at creation; later the autoscaler decides."
    )
    max_size: int = Field(default=1, ge=1, le=NODES_MAX, description="Most nodes.")

    @field_validator("desired_size")
    @classmethod
    def _not_below_the_minimum(cls, desired: int, info: ValidationInfo) -> int:
        return desired_in_bounds(desired, info)

    @field_validator("max_size")
    @classmethod
    def _not_below_the_others(cls, maximum: int, info: ValidationInfo) -> int:
        return maximum_in_bounds(maximum, info)


def desired_in_bounds(desired: int, info: ValidationInfo) -> int:
    """Validator of `desiredSize`; `minSize` comes before it."""
    minimum = info.data.get("min_size")
    if minimum is not None and desired < minimum:
        raise refusal(
            f"minSize <= desiredSize <= maxSize, but minSize is {minimum}",
            f"{{set}} {minimum}; or lower minSize",
        )
    return desired


def maximum_in_bounds(maximum: int, info: ValidationInfo) -> int:
    """Validator of `maxSize`; the other two come before it."""
    for key, name in (("desired_size", "desiredSize"), ("min_size", "minSize")):
        lower = info.data.get(key)
        if lower is not None and maximum < lower:
            raise refusal(
                f"minSize <= desiredSize <= maxSize, but {name} is {lower}",
                f"{{set}} {max(lower, 1)}; or lower {name}",
            )
    return maximum


def depends(text: str) -> dict[str, Any]:
    """Marks a key whose default `NodePoolConfig` fills in; `text` is how the reference shows it."""
    return {"default_text": text}


def _by_gpu(key: str) -> dict[str, Any]:
    return depends(f"{SIZES[False][key]}, with gpu: {SIZES[True][key]}")


class NodePoolConfig(Section):
    """One pool of equal nodes, with every default filled in.

    Keys without a default here get one from `pool_defaults`. The order of the fields matters: a rule among
    several keys stands at the last of them and sees the valid ones before it.
    """

    gpu: bool = Field(default=False, description="NVIDIA GPU nodes, reserved for pods that ask for GPUs.")
    architecture: Architecture = Field(default="x86_64", description="CPU architecture of the nodes.")
    ami_type: AmiType = Field(
        description="AMI family; it follows from gpu and architecture.",
        json_schema_extra=depends("follows from gpu and architecture"),
    )
    instance_types: InstanceTypes = Field(
        description="Interchangeable instance types, best first; scaling from zero plans with the first.",
        json_schema_extra=depends(
            "; ".join(
                f"{architecture}{' with gpu' if gpu else ''}: {', '.join(types)}"
                for (architecture, gpu), types in INSTANCE_TYPES.items()
            )
        ),
    )
    capacity_type: CapacityType = Field(description="How nodes are bought.", json_schema_extra=_by_gpu("capacityType"))
    min_size: int = Field(ge=0, le=NODES_MAX, description="Fewest nodes.", json_schema_extra=_by_gpu("minSize"))
    desired_size: int = Field(
        ge=0,
        le=NODES_MAX,
        description="Nodes at creation; later the autoscaler decides.",
        json_schema_extra=_by_gpu("desiredSize"),
    )
    max_size: int = Field(ge=1, le=NODES_MAX, description="Most nodes.", json_schema_extra=_by_gpu("maxSize"))
    disk_gib: int = Field(
        ge=20,
        le=16384,
        description="Size of each node's encrypted gp3 volume in GiB.",
        json_schema_extra=_by_gpu("diskGib"),
    )
    labels: dict[LabelKey, LabelValue] = Field(
        default={}, description="Node labels besides the platform's own, which cannot be changed."
    )
    taints: Annotated[tuple[TaintConfig, ...], FromList] = Field(
        default=(), description="Node taints; GPU pools have nvidia.com/gpu=true:NoSchedule anyway."
    )
    # EKS API reference, NodegroupUpdateConfig: at most 100.
    max_unavailable: int = Field(
        default=1, ge=1, le=100, description="Nodes replaced at the same time during an update."
    )
    node_repair: bool = Field(default=True, description="Let EKS replace nodes that report a fault.")
    node_config: Annotated[dict[str, dict[str, Any]], Data] = Field(
        default={}, description="`spec` of a nodeadm NodeConfig: kubelet, containerd, instance, featureGates."
    )
    on_demand_fallback: OnDemandFallbackConfig = Field(
        default=OnDemandFallbackConfig(), description="On-demand nodes for when the spot market has none."
    )
    ray: WorkerGroupConfig = Field(default=WorkerGroupConfig(), description="The pool's Ray worker group.")

    @model_validator(mode="before")
    @classmethod
    def _fill_in(cls, raw: Any) -> Any:
        """Without a valid kind of pool nothing is filled in, and rules that need a default stay silent."""
        if not isinstance(raw, dict):
            return raw
        gpu, architecture = raw.get("gpu", False), raw.get("architecture", "x86_64")
        if not isinstance(gpu, bool) or not isinstance(architecture, str):
            return raw
        if (architecture, gpu) not in INSTANCE_TYPES:
            return raw
        given = {key: value for key, value in raw.items() if (key, value) != ("amiType", None)}
        return pool_defaults(architecture=architecture, gpu=gpu) | given  # type: ignore[arg-type]

    @field_validator("ami_type", mode="before")
    @classmethod
    def _no_amazon_linux_2(cls, ami_type: Any) -> Any:
        if isinstance(ami_type, str) and ami_type.startswith("AL2_"):
            raise refusal(
                "an AL2023 type: there are no Amazon Linux 2 AMIs since 2025-11-26, and none for "
                "Kubernetes 1.33 and later",
                "Remove amiType: it follows from gpu and architecture.",
            )
        return ami_type

    @field_validator("ami_type")
    @classmethod
    def _of_this_kind(cls, ami_type: AmiType, info: ValidationInfo) -> AmiType:
        if "gpu" in info.data and "architecture" in info.data:
            fitting = ami_type_for(architecture=info.data["architecture"], gpu=info.data["gpu"])
            if ami_type != fitting:
                gpu = "with" if info.data["gpu"] else "without"
                raise refusal(
                    f"{fitting} for a pool of architecture {info.data['architecture']} {gpu} gpu: true",
                    "Remove amiType, or change gpu or architecture.",
                )
        return ami_type

    @field_validator("desired_size")
    @classmethod
    def _not_below_the_minimum(cls, desired: int, info: ValidationInfo) -> int:
        return desired_in_bounds(desired, info)

    @field_validator("max_size")
    @classmethod
    def _not_below_the_others(cls, maximum: int, info: ValidationInfo) -> int:
        return maximum_in_bounds(maximum, info)

    @field_validator("labels")
    @classmethod
    def _not_the_platform_labels(cls, labels: dict[str, str]) -> dict[str, str]:
        for key in PLATFORM_LABELS:
            if key in labels:
                raise refusal(
                    "not a label of the platform's own: scheduling and scaling depend on it",
                    "Remove it, or choose a key of your own.",
                    at=(key,),
                )
        return labels

    @field_validator("taints")
    @classmethod
    def _each_key_once(cls, taints: tuple[TaintConfig, ...], info: ValidationInfo) -> tuple[TaintConfig, ...]:
        seen = {GPU_TAINT_KEY} if info.data.get("gpu") is True else set()
        for index, taint in enumerate(taints):
            if taint.key in seen:
                raise refusal(
                    f"each key once (a GPU pool has {GPU_TAINT_KEY} already): the tags that let a group "
                    "scale from zero hold one taint for each key",
                    "Remove this taint, or choose another key.",
                    at=(index,),
                )
            seen.add(taint.key)
        return taints

    @field_validator("node_config")
    @classmethod
    def _known_to_nodeadm(cls, node_config: dict[str, Any]) -> dict[str, Any]:
        foreign = sorted(node_config.keys() - set(NODE_CONFIG_KEYS))
        if foreign:
            raise refusal(
                f"only {', '.join(NODE_CONFIG_KEYS)}, the keys of spec; EKS adds the cluster by itself",
                f"Remove {', '.join(foreign)}.",
            )
        return node_config

    @field_validator("on_demand_fallback")
    @classmethod
    def _only_for_spot(cls, fallback: OnDemandFallbackConfig, info: ValidationInfo) -> OnDemandFallbackConfig:
        if fallback.enabled and info.data.get("capacity_type") == "ON_DEMAND":
            raise refusal(
                "false or unset for a pool whose capacityType is ON_DEMAND: it has nothing to fall back from",
                "Remove enabled, or set capacityType to SPOT.",
                at=("enabled",),
            )
        return fallback

    @property
    def has_fallback(self) -> bool:
        """Whether an on-demand node group stands in for this pool."""
        if self.on_demand_fallback.enabled is None:
            return self.gpu and self.capacity_type == "SPOT"
        return self.on_demand_fallback.enabled

    @property
    def fallback_instance_types(self) -> tuple[str, ...]:
        """Instance types of the fallback, whether it exists or not."""
        return self.on_demand_fallback.instance_types or self.instance_types[:1]
