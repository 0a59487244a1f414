"""What nodes offer to pods, against what was measured on real ones."""

from typing import Any

import pytest

from ray_platform.scheduling.capacity import allocatable, max_pods
from ray_platform.scheduling.kubelet import KubeletSettings, kubelet_settings
from ray_platform.scheduling.resources import Resources
from tests.unit.scheduling.ec2 import facts


@pytest.mark.parametrize(
    ("name", "cpu_millis", "memory_mib", "gpus"),
    [
        ("m5.xlarge", 3920, 14162, 0),
        ("m5.2xlarge", 7910, 29317, 0),
        ("g4dn.xlarge", 3920, 14481, 1),
        ("g4dn.2xlarge", 7910, 29636, 1),
        ("g5.xlarge", 3920, 14162, 1),
        ("m7g.xlarge", 3920, 14103, 0),
    ],
)
def test_allocatable_is_what_was_measured_on_real_nodes(name: str, cpu_millis: int, memory_mib: int, gpus: int) -> None:
    assert allocatable(facts(name)) == Resources(cpu_millis=cpu_millis, memory_mib=memory_mib, gpus=gpus)


# eni-max-pods.txt of awslabs/amazon-eks-ami, 2024-02-29. p4d has four network cards, of which one counts.
@pytest.mark.parametrize(
    ("name", "pods"),
    [("m5.xlarge", 58), ("g4dn.xlarge", 29), ("t3.small", 11), ("m5.24xlarge", 737), ("p4d.24xlarge", 737)],
)
def test_a_node_takes_as_many_pods_as_it_has_addresses(name: str, pods: int) -> None:
    assert max_pods(facts(name)) == pods


@pytest.mark.parametrize(("name", "reserved"), [("m5.large", 70), ("m5.xlarge", 80), ("m5.24xlarge", 310)])
def test_the_kubelet_reserves_less_of_each_further_core(name: str, reserved: int) -> None:
    assert allocatable(facts(name)).cpu_millis == facts(name).vcpus * 1000 - reserved


def _settings(**kubelet: Any) -> KubeletSettings:
    settings, problems = kubelet_settings("cpu", {"kubelet": kubelet})
    assert not problems, [str(problem) for problem in problems]
    return settings


@pytest.mark.parametrize(
    ("config", "cpu_millis", "memory_mib"),
    [
        ({}, 0, 0),
        ({"kubeReserved": {"cpu": "500m"}}, -420, 0),
        ({"kubeReserved": {"cpu": "0.5", "memory": "1Gi"}}, -420, 893 - 1024),
        ({"kubeReserved": {"memory": "1G"}}, 0, 893 - 954),
        ({"systemReserved": {"cpu": "100m", "memory": "100Mi"}}, -100, -100),
        ({"evictionHard": {"memory.available": "500Mi"}}, 0, -400),
        ({"evictionHard": {"memory.available": "1%"}}, 0, 100 - 152),
        ({"evictionHard": {"nodefs.available": "15%"}}, 0, 0),
        ({"maxPods": 110}, 0, 0),
        ({"kubeReserved": None, "systemReserved": {"cpu": None}, "evictionHard": {}}, 0, 0),
    ],
)
def test_what_a_pool_reserves_itself_is_taken_off_instead_of_the_default(
    config: dict[str, Any], cpu_millis: int, memory_mib: int
) -> None:
    usual = allocatable(facts("m5.xlarge"))

    assert allocatable(facts("m5.xlarge"), _settings(config=config)) - usual == Resources(
        cpu_millis=cpu_millis, memory_mib=memory_mib
    )


def test_a_pool_may_set_the_number_of_pods_itself() -> None:
    assert max_pods(facts("m5.xlarge"), _settings(config={"maxPods": 20})) == 20


def test_other_parts_of_a_node_configuration_change_nothing() -> None:
    assert _settings(config={"logging": {"verbosity": 4}}, flags=["--node-labels=a=b"]) == KubeletSettings()
    assert kubelet_settings("cpu", {"instance": {"localStorage": {"strategy": "RAID0"}}}) == (KubeletSettings(), [])


@pytest.mark.parametrize(
    ("kubelet", "path", "told"),
    [
        ({"config": {"kubeReserved": {"cpu": "some"}}}, "config.kubeReserved.cpu", "an amount of CPU"),
        ({"config": {"kubeReserved": {"cpu": 1}}}, "config.kubeReserved.cpu", "in quotes"),
        ({"config": {"systemReserved": {"memory": "1Zi"}}}, "config.systemReserved.memory", "an amount of memory"),
        ({"config": {"evictionHard": {"memory.available": "x%"}}}, 'config.evictionHard["memory.available"]', "amount"),
        ({"config": {"maxPods": "20"}}, "config.maxPods", "a whole number"),
        ({"config": {"maxPods": 0}}, "config.maxPods", "a whole number"),
        ({"config": {"maxPods": True}}, "config.maxPods", "a whole number from 4 to 65536"),
        ({"config": {"maxPods": 3}}, "config.maxPods", "3 pods run on each node already"),
        ({"config": {"maxPods": 10**5000}}, "config.maxPods", "a whole number from 4 to 65536"),
        ({"config": {"kubeReserved": {"cpu": "9" * 400}}}, "config.kubeReserved.cpu", "up to 8192"),
        ({"config": {"kubeReserved": {"cpu": "8192001m"}}}, "config.kubeReserved.cpu", "up to 8192"),
        ({"config": {"kubeReserved": {"cpu": "٢"}}}, "config.kubeReserved.cpu", "an amount of CPU"),
        ({"config": {"systemReserved": {"memory": "9" * 5000}}}, "config.systemReserved.memory", "up to 65536Gi"),
        ({"config": {"systemReserved": {"memory": "65Ti"}}}, "config.systemReserved.memory", "up to 65536Gi"),
        ({"config": {"systemReserved": {"memory": "٢Gi"}}}, "config.systemReserved.memory", "an amount of memory"),
        ({"config": {"systemReserved": {"memory": ""}}}, "config.systemReserved.memory", "an amount of memory"),
        ({"config": {"evictionHard": {"memory.available": "101%"}}}, 'config.evictionHard["memory.available"]', "100%"),
        ({"config": {"evictionHard": {"memory.available": "٢%"}}}, 'config.evictionHard["memory.available"]', "amount"),
        ({"config": {"evictionHard": {"memory.available": 5}}}, 'config.evictionHard["memory.available"]', "in quotes"),
        ({"config": {"evictionHard": 5}}, "config.evictionHard", "a mapping"),
        ({"config": {"kubeReserved": "1"}}, "config.kubeReserved", "a mapping"),
        ({"config": {"systemReserved": ["cpu"]}}, "config.systemReserved", "a mapping"),
        ({"config": "maxPods"}, "config", "a mapping"),
        ({"flags": "--max-pods=20"}, "flags", "a list"),
        ({"flags": ["--v=4", 4]}, "flags[1]", "a text"),
        ({"flags": ["--v=\u0664"]}, "flags[0]", "printable ASCII"),
        ({"flags": ["--v=4\n"]}, "flags[0]", "printable ASCII"),
        ({"config": {"reservedSystemCPUs": "0-1"}}, "config.reservedSystemCPUs", "unset"),
        ({"flags": ["--v=4", "--max-pods=20"]}, "flags[1]", "no --max-pods"),
        ({"flags": ["--kube-reserved=cpu=1"]}, "flags[0]", "no --kube-reserved"),
        ({"flags": ["--eviction-hard memory.available<1Gi"]}, "flags[0]", "no --eviction-hard"),
    ],
)
def test_what_leaves_the_size_of_a_node_unknown_is_refused(kubelet: dict[str, Any], path: str, told: str) -> None:
    _, (problem,) = kubelet_settings("cpu", {"kubelet": kubelet}, daemons=3)

    assert problem.path == f"nodePools.cpu.nodeConfig.kubelet.{path}"
    assert told in problem.rule
