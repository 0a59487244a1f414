"""Which container image runs where."""

from typing import Final

from ray_platform.config.node_pools import ResolvedPool
from ray_platform.config.pool_defaults import Architecture
from ray_platform.config.problems import Problem, set_command
from ray_platform.config.ray_config import RayConfig, WorkerGroupConfig

_PYTHON: Final = "py312"


def ray_image(version: str, *, gpu: bool, architecture: Architecture) -> str | None:
    """Ray's own image for this hardware; None where Ray publishes none (Ray documentation, "Docker images")."""
    if gpu and architecture == "arm64":
        return None
    suffix = ("-gpu" if gpu else "") + ("-aarch64" if architecture == "arm64" else "")
    return f"rayproject/ray:{version}-{_PYTHON}{suffix}"


def head_image(ray: RayConfig, architecture: Architecture) -> str | None:
    """The head's image on nodes of this architecture; None if there is none."""
    if ray.image is not None:
        return ray.image if architecture in ray.image_architectures else None
    return ray_image(ray.version, gpu=False, architecture=architecture)


def worker_image(
    ray: RayConfig, group: WorkerGroupConfig, pool: ResolvedPool, *, gpu: bool
) -> tuple[str, list[Problem]]:
    """The image of a pool's workers; `gpu` says whether they get GPUs."""
    if group.image is not None:
        return group.image, []
    path = f"nodePools.{pool.name}.ray.image"
    if ray.image is not None:
        if pool.architecture in ray.image_architectures:
            return ray.image, []
        built_for = " and ".join(ray.image_architectures) or "no architecture"
        return "", [
            _missing(
                path,
                f"an image for {pool.architecture}, like the nodes; ray.image is built for {built_for}",
                f"; or, if ray.image is built for it too, add {pool.architecture} to ray.imageArchitectures",
            )
        ]
    own = ray_image(ray.version, gpu=gpu, architecture=pool.architecture)
    if own is not None:
        return own, []
    rule = f"an image of your own: Ray publishes none for GPUs on {pool.architecture}"
    return "", [
        _missing(
            path, rule, f"; or set architecture of the pool to x86_64, or nodePools.{pool.name}.ray.enabled to false"
        )
    ]


def _missing(path: str, rule: str, otherwise: str) -> Problem:
    remedy = f"{set_command(path, 'REPOSITORY:TAG')}{otherwise}"
    return Problem(path=path, value=None, source="absent", rule=rule, remedy=remedy)
