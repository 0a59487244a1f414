"""The place of the Ray head: one node of an on-demand pool, shared with the system's pods."""

from collections.abc import Iterator, Sequence

from ray_platform.config.problems import Problem, Source, set_command
from ray_platform.config.ray_config import HEAD_CPU_MIN, HEAD_MEMORY_GIB_MIN, RayConfig, RayHeadConfig
from ray_platform.scheduling.amounts import CPU, MEMORY
from ray_platform.scheduling.fit import PodShape, beside, refusals
from ray_platform.scheduling.images import head_image
from ray_platform.scheduling.nodes import Node, PoolNodes
from ray_platform.scheduling.overhead import RAY_AUTOSCALER, total
from ray_platform.scheduling.resources import Resources


def head_resources(head: RayHeadConfig) -> Resources:
    """Of the Ray container; the autoscaler beside it has its own."""
    return Resources(cpu_millis=CPU.read(head.cpu), memory_mib=MEMORY.read(head.memory_gib))


def head_selector(nodes: PoolNodes) -> dict[str, str]:
    """Only nodes of the pool itself; on-demand and without GPU, whatever labels the pool gets one day."""
    return {**nodes.node_selector, "ray.io/resource-type": "cpu", "ray.io/capacity": "on-demand"}


def choose_home(
    ray: RayConfig, pools: Sequence[PoolNodes], system: Sequence[Resources]
) -> tuple[PoolNodes | None, list[Problem]]:
    """The configured pool, or the first, whose every node has room for the head beside the pods `system`.

    At least one pool takes system pods, and so does the one that `ray.head.nodePool` names: the rules of the
    configuration say so.
    """
    homes = [each for each in pools if each.pool.takes_system_pods and ray.head.node_pool in (None, each.pool.name)]
    with_image = [each for each in homes if head_image(ray, each.pool.architecture) is not None]
    if not with_image:
        return None, [_no_image(ray, homes[0])]
    for each in with_image:
        if not any(_refusals(ray, each, node, system) for node in each.nodes):
            return each, []
    roomiest = max(with_image, key=lambda each: (each.room.cpu_millis, each.room.memory_mib))
    return None, list(_no_room(ray, roomiest, system))


def _refusals(ray: RayConfig, nodes: PoolNodes, node: Node, system: Sequence[Resources]) -> tuple[str, ...]:
    head = PodShape(resources=head_resources(ray.head) + RAY_AUTOSCALER, node_selector=head_selector(nodes))
    return refusals(head, beside(node.shape, system))


def _no_room(ray: RayConfig, nodes: PoolNodes, system: Sequence[Resources]) -> Iterator[Problem]:
    others = total(system) + RAY_AUTOSCALER
    told = False
    for amount, least in ((CPU, HEAD_CPU_MIN), (MEMORY, HEAD_MEMORY_GIB_MIN)):
        node = nodes.smallest(amount)
        most = amount.of(node.room) - amount.of(others)
        if amount.of(head_resources(ray.head)) <= most:
            continue
        told = True
        path = f"ray.head.{amount.key}"
        larger = nodes.type_path(node.instance_type)
        yield Problem(
            path=path,
            value=amount.set_by(ray.head),
            source=_source(ray, amount.setting),
            rule=f"at most {amount.with_unit(max(0, most))}: the DaemonSets leave "
            f"{amount.with_unit(amount.of(node.room))} of {node.instance_type} in pool {nodes.pool.name}, and the "
            f"pods beside the head (its autoscaler, CoreDNS, the operators) take {amount.text(amount.of(others))}",
            remedy=f"{set_command(path, amount.text(most))}; or choose a larger type in place of {larger}"
            if most >= amount.read(least)
            else f"Choose a larger type in place of {larger}.",
        )
    if not told:
        fullest = min(nodes.nodes, key=lambda node: node.shape.pods)
        yield Problem(
            path=nodes.type_path(fullest.instance_type),
            value=fullest.instance_type,
            rule=f"a type with a place for the Ray head; {', '.join(_refusals(ray, nodes, fullest, system))}",
            remedy="Choose a larger type, or raise maxPods if nodeConfig sets it.",
        )


def _no_image(ray: RayConfig, nodes: PoolNodes) -> Problem:
    architecture = nodes.pool.architecture
    return Problem(
        path="ray.imageArchitectures",
        value=list(ray.image_architectures),
        source="config" if "image_architectures" in ray.model_fields_set else "default",
        rule=f"with {architecture}, since the Ray head runs on nodes of pool {nodes.pool.name} and in the image "
        f"{ray.image}",
        remedy=f"Add {architecture} if the image is built for it, or add a pool for the head: on-demand, of "
        f"architecture {' or '.join(ray.image_architectures) or 'x86_64'}, with minSize of 1 or more.",
    )


def _source(ray: RayConfig, setting: str) -> Source:
    return "config" if setting in ray.head.model_fields_set else "default"
