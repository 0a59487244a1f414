"""The device plugin is on every GPU node, and on no other."""

from ray_platform.config.node_pools import GPU_TAINT, resolve_pools
from ray_platform.manifests.device_plugin import daemon_set
from tests.unit.config.given import AnyType, settings


def test_it_runs_where_the_label_of_gpu_pools_is() -> None:
    selector = daemon_set()["spec"]["template"]["spec"]["nodeSelector"]
    pools = {pool.name: pool for pool in resolve_pools(settings().node_pools, AnyType())}

    assert selector == {"nvidia.com/gpu": "true"}
    assert {name for name, pool in pools.items() if selector.items() <= pool.labels.items()} == {
        "gpu",
        "gpu-on-demand",
    }


def test_it_tolerates_the_gpus_taint_and_every_other_of_the_pool() -> None:
    (toleration,) = daemon_set()["spec"]["template"]["spec"]["tolerations"]

    assert GPU_TAINT.effect == "NoSchedule"
    assert toleration == {"operator": "Exists"}, "a key or an effect would leave some taints out"


def test_it_is_the_last_to_go_from_a_crowded_node() -> None:
    assert daemon_set()["spec"]["template"]["spec"]["priorityClassName"] == "system-node-critical"


def test_of_the_node_it_has_the_kubelets_plugin_directory_alone() -> None:
    spec = daemon_set()["spec"]["template"]["spec"]
    (container,) = spec["containers"]

    assert [each["hostPath"]["path"] for each in spec["volumes"]] == ["/var/lib/kubelet/device-plugins"]
    assert [each["mountPath"] for each in container["volumeMounts"]] == ["/var/lib/kubelet/device-plugins"]


def test_it_has_nothing_to_say_to_the_api_server() -> None:
    assert daemon_set()["spec"]["template"]["spec"]["automountServiceAccountToken"] is False
