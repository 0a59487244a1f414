"""Whether nodes without a way to the internet can pull the images they are to run."""

from collections.abc import Iterator, Sequence

from ray_platform.config.addons_config import AddonsConfig
from ray_platform.config.node_pools import ResolvedPool
from ray_platform.config.problems import Problem, set_command
from ray_platform.images import without_mirror
from ray_platform.scheduling.layout import RayLayout
from ray_platform.versions import (
    DEFAULT_KUBERNETES_VERSION,
    DEVICE_PLUGIN_IMAGE,
    KUBERAY_OPERATOR_IMAGE,
    TERMINATION_HANDLER_IMAGE,
    cluster_autoscaler_image,
)


def images_in_use(addons: AddonsConfig, pools: Sequence[ResolvedPool], layout: RayLayout | None) -> Iterator[str]:
    """The images of everything but EKS's own addons, as published; ``layout`` None is Ray switched off."""
    if layout is not None:
        yield KUBERAY_OPERATOR_IMAGE
        yield layout.head.image
        yield from (group.image for group in layout.worker_groups)
    if addons.cluster_autoscaler.enabled:
        # The registry is the same for every Kubernetes version.
        yield cluster_autoscaler_image(DEFAULT_KUBERNETES_VERSION)
    if addons.node_termination_handler.enabled and any(pool.capacity_type == "SPOT" for pool in pools):
        yield TERMINATION_HANDLER_IMAGE
    if addons.device_plugin.enabled and any(pool.gpu for pool in pools):
        yield DEVICE_PLUGIN_IMAGE


def mirror_problems(addons: AddonsConfig, pools: Sequence[ResolvedPool], layout: RayLayout | None) -> Iterator[Problem]:
    """What ``security.egress: private`` needs: a mirror for each public registry that an image comes from."""
    for registry, images in without_mirror(images_in_use(addons, pools, layout), addons.image_mirrors).items():
        path = f'addons.imageMirrors["{registry}"]'
        mirror = f"ACCOUNT.dkr.ecr.REGION.amazonaws.com/{registry.partition('.')[0]}"
        yield Problem(
            path=path,
            value=None,
            source="absent",
            rule=f"a mirror that nodes reach inside the VPC, since security.egress is private and {', '.join(images)} "
            f"would come from {registry}",
            remedy=f"Copy the images (or let Amazon ECR cache them), then {set_command(path, mirror)}",
        )
