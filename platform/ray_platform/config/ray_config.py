"""The section `ray`, and the key `ray` of a node pool: the Ray cluster and its worker groups."""

import re
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from ray_platform.config.fields import FromList, Kind, Namespace, Section, Unique, matching, refusal
from ray_platform.config.numbers import CORES_MAX, GPUS_MAX, MEMORY_GIB_MAX, WORKERS_MAX, WORKERS_PER_NODE_MAX
from ray_platform.config.pool_defaults import Architecture
from ray_platform.versions import DEFAULT_RAY_VERSION, FIRST_RAY

# KubeRay's MaxRayClusterNameLength: with the suffix of the head's Service it stays within 63 characters.
CLUSTER_NAME_MAX: Final = 53

# Pod Security `restricted` and closed network policies go on the namespace, which system pods could not bear.
_TAKEN_NAMESPACES: Final = ("default", "kube-system", "kube-public", "kube-node-lease", "kuberay-system")

HEAD_CPU_MIN: Final = 0.5
HEAD_MEMORY_GIB_MIN: Final = 2.0

_WEEK_SECONDS: Final = 7 * 24 * 3600

# The grammar of references and the length of names are those of distribution/reference (reference.go, read
# 2026-11-23), but for IPv6 hosts and upper case in hosts, which no registry needs. What stands before the first slash
# is a host if it has a dot or a colon.
_HOST_PART: Final = "[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
_HOST: Final = rf"{_HOST_PART}(?:\.{_HOST_PART})*(?::[0-9]{{1,5}})?"
_PATH_PART: Final = "[a-z0-9]+(?:(?:[.]|_{1,2}|-+)[a-z0-9]+)*"
_IMAGE: Final = re.compile(
    rf"(?P<name>(?:{_HOST}/|(?![^/]*[.:][^/]*/)){_PATH_PART}(?:/{_PATH_PART})*)"
    r"(?::(?P<tag>\w[\w.-]{0,127}))?(?:@(?P<digest>sha256:[0-9a-f]{64}))?",
    re.ASCII,
)
_IMAGE_NAME_MAX: Final = 255
# None, `latest`, and what is called after it: latest-gpu.
_MOVING_TAG: Final = re.compile(r"$|latest\b")


def _with_tokens(version: str) -> str:
    numbers = re.fullmatch(r"(0|[1-9][0-9]{0,3})\.(0|[1-9][0-9]{0,3})\.(0|[1-9][0-9]{0,3})", version)
    if numbers is None or tuple(map(int, numbers.groups())) < FIRST_RAY:
        first = ".".join(map(str, FIRST_RAY))
        raise refusal(
            f"a release of Ray as MAJOR.MINOR.PATCH, {first} or later: earlier ones have no token authentication, "
            "and whoever reaches their dashboard runs code",
            f"{{set}} {DEFAULT_RAY_VERSION}",
        )
    return version


def _pinned(image: str) -> str:
    reference = _IMAGE.fullmatch(image)
    moving = reference is not None and reference["digest"] is None and _MOVING_TAG.match(reference["tag"] or "")
    if reference is None or moving or len(reference["name"]) > _IMAGE_NAME_MAX:
        raise refusal(
            "an image with a tag other than latest, or with a digest, as in registry.example:5000/team/ray:1 (its name "
            f"in lower case, {_IMAGE_NAME_MAX} characters at most): what a moving tag means may differ from one "
            "pod to the next, and Ray runs only where all have the same version",
            "{set} REPOSITORY:TAG",
        )
    return image


def _bucket(name: str) -> str:
    # S3 user guide, "General purpose bucket naming rules".
    shaped = re.fullmatch(r"[a-z0-9]([a-z0-9-]|\.(?!\.)){1,61}[a-z0-9]", name) is not None
    reserved = name.startswith(("xn--", "sthree-", "amzn-s3-demo-")) or name.endswith(("-s3alias", "--ol-s3", "--x-s3"))
    if not shaped or reserved or re.fullmatch(r"\d+\.\d+\.\d+\.\d+", name, re.ASCII) is not None:
        raise refusal(
            "the name of an S3 bucket (no ARN, no s3://): 3 to 63 lower case letters, digits, hyphens and dots",
            "{set} YOUR_BUCKET",
        )
    return name


def _own_namespace(name: str) -> str:
    if name in _TAKEN_NAMESPACES:
        raise refusal(
            f"a namespace for Ray alone, so none of {', '.join(_TAKEN_NAMESPACES)}: it gets Pod Security restricted "
            "and is closed to other pods",
            "{set} ray",
        )
    return name


Image = Annotated[str, Kind("container image"), AfterValidator(_pinned)]
Bucket = Annotated[str, Kind("S3 bucket"), AfterValidator(_bucket)]


class WorkerGroupConfig(Section):
    """The Ray worker group on the nodes of a pool."""

    enabled: bool = Field(default=True, description="Run Ray workers on this pool.")
    pods_per_node: int = Field(
        default=1, ge=1, le=WORKERS_PER_NODE_MAX, description="Ray workers on one node; they share it in equal parts."
    )
    cpu: float | None = Field(
        default=None,
        ge=0.1,
        le=CORES_MAX,
        description="Cores of one worker; unset means its part of the pool's smallest node.",
    )
    memory_gib: float | None = Field(
        default=None,
        ge=0.1,
        le=MEMORY_GIB_MAX,
        description="Memory of one worker in GiB; unset means its part of the smallest node.",
    )
    gpus: int | None = Field(
        default=None, ge=0, le=GPUS_MAX, description="GPUs of one worker; unset means its part of the node's GPUs."
    )
    min_replicas: int | None = Field(
        default=None,
        ge=0,
        le=WORKERS_MAX,
        description="Fewest workers; unset means as many as the pool's minSize holds beside the Ray head.",
    )
    max_replicas: int | None = Field(
        default=None,
        ge=0,
        le=WORKERS_MAX,
        description="Most workers; unset means as many as the pool's maxSize holds beside the Ray head. 0 drains "
        "the group, as is due before its pool is removed.",
    )
    idle_timeout_seconds: int | None = Field(
        default=None,
        ge=0,
        le=_WEEK_SECONDS,
        description="Seconds without work after which a worker is stopped; unset means ray.idleTimeoutSeconds.",
    )
    image: Image | None = Field(
        default=None, description="Image of this group's workers; unset means ray.image, or else Ray's own."
    )

    @field_validator("max_replicas")
    @classmethod
    def _not_below_the_minimum(cls, maximum: int | None, info: ValidationInfo) -> int | None:
        minimum = info.data.get("min_replicas")
        if maximum is not None and minimum is not None and maximum < minimum:
            raise refusal(
                f"minReplicas <= maxReplicas, but minReplicas is {minimum}", f"{{set}} {minimum}; or lower minReplicas"
            )
        return maximum


class RayHeadConfig(Section):
    """The Ray head, which schedules and runs no tasks."""

    cpu: float = Field(default=2, ge=HEAD_CPU_MIN, le=CORES_MAX, description="Cores of the head; no tasks run on it.")
    memory_gib: float = Field(
        default=8, ge=HEAD_MEMORY_GIB_MIN, le=MEMORY_GIB_MAX, description="Memory of the head in GiB."
    )
    node_pool: Annotated[str, Kind("pool name")] | None = Field(
        default=None,
        description="Pool whose nodes carry the head: on-demand, without GPU and taints, minSize of 1 or more. "
        "Unset means the first such pool with room for it.",
    )


class RayConfig(Section):
    """The Ray cluster."""

    enabled: bool = Field(default=True, description="Run Ray; without it the cluster and its node pools stay bare.")
    name: Annotated[
        str,
        Kind("NAME"),
        matching(
            rf"[a-z]([-a-z0-9]{{0,{CLUSTER_NAME_MAX - 2}}}[a-z0-9])?",
            f"at most {CLUSTER_NAME_MAX} lower case letters, digits and hyphens, beginning with a letter and not "
            "ending with a hyphen",
            "{set} ray",
        ),
    ] = Field(default="ray", description="Name of the RayCluster; a change replaces it.")
    namespace: Annotated[Namespace, AfterValidator(_own_namespace)] = Field(
        default="ray", description="Namespace of the RayCluster, its jobs and nothing else; a change replaces it."
    )
    version: Annotated[str, Kind("Ray version"), AfterValidator(_with_tokens)] = Field(
        default=DEFAULT_RAY_VERSION,
        description="Release of Ray; with an image of your own, the release in that image.",
    )
    image: Image | None = Field(
        default=None, description="Image of head and workers, instead of Ray's own for the version and hardware."
    )
    image_architectures: Annotated[tuple[Architecture, ...], FromList, Unique] = Field(
        default=("x86_64",), description="Architectures ray.image is built for; without effect on Ray's own images."
    )
    upgrade_strategy: Literal["None", "Recreate"] = Field(
        default="None",
        description="What a changed image or size does to running pods. `None` leaves them as they are, and only "
        "new pods follow it; `Recreate` stops all pods at once, with the jobs on them, and starts them anew.",
    )
    idle_timeout_seconds: int = Field(
        default=60, ge=0, le=_WEEK_SECONDS, description="Seconds without work after which a worker is stopped."
    )
    head: RayHeadConfig = Field(default=RayHeadConfig(), description="The head.")
    s3_buckets: Annotated[tuple[Bucket, ...], FromList, Unique] = Field(
        default=(), description="S3 buckets that head and workers read and write, by a role of their own."
    )
    allowed_namespaces: Annotated[tuple[Namespace, ...], FromList, Unique] = Field(
        default=(),
        description="Namespaces whose pods may reach dashboard, client, Serve and metrics ports of Ray; empty "
        "means none.",
    )
