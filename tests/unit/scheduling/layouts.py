"""A layout made by hand: a head, a CPU group and a GPU group on spot."""

from ray_platform.scheduling.layout import HeadGroup, RayLayout, Toleration, WorkerGroup
from ray_platform.scheduling.resources import Resources

CPU = WorkerGroup(
    name="cpu",
    node_selector={"ray.io/node-pool": "cpu", "kubernetes.io/arch": "amd64"},
    tolerations=(),
    resources=Resources(cpu_millis=3500, memory_mib=13312),
    pods_per_node=1,
    min_replicas=1,
    max_replicas=3,
    idle_timeout_seconds=None,
    spot=False,
    image="rayproject/ray:2.58.1-py312",
)
GPU = WorkerGroup(
    name="gpu",
    node_selector={"ray.io/node-pool": "gpu", "kubernetes.io/arch": "amd64"},
    tolerations=(Toleration(key="nvidia.com/gpu", value="true", effect="NoSchedule"),),
    resources=Resources(cpu_millis=3600, memory_mib=13824, gpus=1),
    pods_per_node=1,
    min_replicas=0,
    max_replicas=2,
    idle_timeout_seconds=300,
    spot=True,
    image="rayproject/ray:2.58.1-py312-gpu",
)
HEAD = HeadGroup(
    pool="cpu",
    node_selector={"ray.io/node-pool": "cpu", "ray.io/capacity": "on-demand"},
    resources=Resources(cpu_millis=2000, memory_mib=8192),
    image="rayproject/ray:2.58.1-py312",
    reserved_nodes=1,
)
LAYOUT = RayLayout(head=HEAD, worker_groups=(CPU, GPU))
