"""Kinds of node pool, by CPU architecture and GPU, and the defaults of each kind."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, Literal

Architecture = Literal["x86_64", "arm64"]
CapacityType = Literal["ON_DEMAND", "SPOT"]
AmiType = Literal["AL2023_x86_64_STANDARD", "AL2023_ARM_64_STANDARD", "AL2023_x86_64_NVIDIA", "AL2023_ARM_64_NVIDIA"]

# AMI types of EKS the platform supports -> (architecture, with the NVIDIA driver and container toolkit).
AMI_TYPES: Final[Mapping[AmiType, tuple[Architecture, bool]]] = MappingProxyType(
    {
        "AL2023_x86_64_STANDARD": ("x86_64", False),
        "AL2023_ARM_64_STANDARD": ("arm64", False),
        "AL2023_x86_64_NVIDIA": ("x86_64", True),
        "AL2023_ARM_64_NVIDIA": ("arm64", True),
    }
)

INSTANCE_TYPES: Final[Mapping[tuple[Architecture, bool], list[str]]] = MappingProxyType(
    {
        ("x86_64", False): ["m5.xlarge", "m5.2xlarge"],
        ("arm64", False): ["m7g.xlarge", "m7g.2xlarge"],
        ("x86_64", True): ["g4dn.xlarge", "g4dn.2xlarge"],
        ("arm64", True): ["g5g.xlarge", "g5g.2xlarge"],
    }
)

# gpu -> the defaults of the module this platform succeeds.
SIZES: Final[Mapping[bool, Mapping[str, Any]]] = MappingProxyType(
    {
        False: {"capacityType": "ON_DEMAND", "minSize": 2, "desiredSize": 3, "maxSize": 10, "diskGib": 100},
        True: {"capacityType": "SPOT", "minSize": 0, "desiredSize": 0, "maxSize": 5, "diskGib": 200},
    }
)


def ami_type_for(*, architecture: Architecture, gpu: bool) -> AmiType:
    """The AMI type of nodes of this kind."""
    return next(ami_type for ami_type, kind in AMI_TYPES.items() if kind == (architecture, gpu))


def pool_defaults(*, architecture: Architecture, gpu: bool) -> dict[str, Any]:
    """The keys, as in YAML, whose default depends on the kind of pool."""
    return {
        "amiType": ami_type_for(architecture=architecture, gpu=gpu),
        "instanceTypes": INSTANCE_TYPES[architecture, gpu],
        **SIZES[gpu],
    }
