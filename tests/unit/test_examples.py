"""Every example runs on the stacks as committed: admitted, with room on their nodes, of the Ray that they have."""

import ast
import itertools
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from ray_platform.config.node_pools import resolve_pools
from ray_platform.config.problems import PROJECT
from ray_platform.config.ray_config import RayConfig
from ray_platform.manifests.ray_names import HEAD_PORTS
from ray_platform.scheduling.fit import NodeShape, PodShape, refusals
from ray_platform.scheduling.layout import Toleration
from ray_platform.scheduling.nodes import nodes_of_pools
from ray_platform.scheduling.overhead import total
from simulator.kubernetes.pod_security import violations
from simulator.kubernetes.pods import requests
from tests.support.examples import MANIFESTS
from tests.unit.scheduling.ec2 import EveryType
from tests.unit.scheduling.given import scheduling

ROOT = Path(__file__).parents[2]
RAY = RayConfig()


def objects(file: Path) -> list[dict[str, Any]]:
    return [each for each in yaml.safe_load_all(file.read_text(encoding="utf-8")) if each]


def called(each: dict[str, Any]) -> str:
    return f"{each['kind']}-{each['metadata']['name']}"


OBJECTS = [each for file in MANIFESTS for each in objects(file)]
JOBS = [each for each in OBJECTS if each["kind"] == "RayJob"]
of_each = pytest.mark.parametrize("each", OBJECTS, ids=called)
of_each_job = pytest.mark.parametrize("each", JOBS, ids=called)


def within(value: Any) -> Iterator[dict[str, Any]]:
    """Every mapping in a value, itself included."""
    if isinstance(value, dict):
        yield value
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from within(each)


def pods(value: Any) -> list[dict[str, Any]]:
    return [each for each in within(value) if "containers" in each]


def shape(pod: dict[str, Any]) -> PodShape:
    tolerations = tuple(Toleration(**each) for each in pod.get("tolerations", []))
    return PodShape(resources=requests(pod), node_selector=pod.get("nodeSelector", {}), tolerations=tolerations)


def pools(stack: str) -> list[list[NodeShape]]:
    """The nodes of each pool of a committed stack, one of each instance type, with nothing on them but DaemonSets."""
    config = yaml.safe_load((ROOT / f"Pulumi.{stack}.yaml").read_text(encoding="utf-8"))["config"]
    sections = {key.removeprefix(f"{PROJECT}:"): value for key, value in config.items()}
    given = scheduling(**sections)
    resolved = resolve_pools(given.node_pools, EveryType())
    found, _ = nodes_of_pools(given.node_pools, given.addons, resolved, EveryType())
    return [[node.shape for node in pool.nodes] for pool in found]


def fit(pod: PodShape, stack: str) -> bool:
    """Whether some pool takes the pod on whatever instance type it gets."""
    return any(not any(refusals(pod, node) for node in nodes) for nodes in pools(stack))


def test_there_is_a_job_for_cpus_one_for_gpus_and_a_service() -> None:
    kinds = [each["kind"] for each in OBJECTS]

    assert kinds.count("RayJob") == 2
    assert kinds.count("RayService") == 1
    assert any("num_gpus=1" in each["spec"]["entrypoint"] for each in JOBS)


@pytest.mark.parametrize("folder", sorted({file.parent for file in MANIFESTS}), ids=lambda folder: folder.name)
def test_each_folder_says_how_to_use_its_files(folder: Path) -> None:
    text = (folder / "README.md").read_text(encoding="utf-8")

    assert all(file.name in text for file in folder.glob("*.yaml"))
    for name in (each["metadata"]["name"] for file in folder.glob("*.yaml") for each in objects(file)):
        assert name in text


@of_each
def test_it_is_in_the_namespace_of_ray_and_exposes_nothing(each: dict[str, Any]) -> None:
    assert each["metadata"]["namespace"] == RAY.namespace
    assert each["kind"] in {"RayJob", "RayService", "ConfigMap"}
    for part in within(each):
        assert part.get("serviceType", "ClusterIP") == "ClusterIP"
        assert not {"enableIngress", "headService", "serveService"} & part.keys()


@of_each
def test_pod_security_restricted_admits_its_pods(each: dict[str, Any]) -> None:
    assert [list(violations(pod)) for pod in pods(each)] == [[] for _ in pods(each)]
    assert all(pod["automountServiceAccountToken"] is False for pod in pods(each))


@of_each
def test_every_container_is_guaranteed_what_it_may_use(each: dict[str, Any]) -> None:
    for container in itertools.chain(*(pod["containers"] for pod in pods(each))):
        assert container["resources"]["requests"] == container["resources"]["limits"]
        assert container["resources"]["requests"].keys() >= {"cpu", "memory"}


@pytest.mark.parametrize("stack", ["dev", "prod"])
@of_each
def test_some_pool_has_room_for_each_pod_and_one_of_its_nodes_for_all(each: dict[str, Any], stack: str) -> None:
    shapes = [shape(pod) for pod in pods(each)]

    assert all(fit(pod, stack) for pod in shapes)
    together = PodShape(
        resources=total(tuple(pod.resources for pod in shapes)),
        node_selector={key: value for pod in shapes for key, value in pod.node_selector.items()},
    )
    assert fit(together, stack)


@of_each
def test_its_ray_is_the_platforms_and_wants_a_token(each: dict[str, Any]) -> None:
    images = {container["image"] for pod in pods(each) for container in pod["containers"]}

    assert images <= {f"rayproject/ray:{RAY.version}-py312"}
    for cluster in (part for part in within(each) if "headGroupSpec" in part):
        assert cluster["rayVersion"] == RAY.version
        assert cluster["authOptions"] == {"mode": "token"}
        assert cluster["headGroupSpec"]["rayStartParams"]["num-cpus"] == "0"
        (container,) = cluster["headGroupSpec"]["template"]["spec"]["containers"]
        assert {port["name"]: port["containerPort"] for port in container["ports"]} == HEAD_PORTS


@of_each_job
def test_a_job_names_the_platforms_cluster_and_is_a_python_program(each: dict[str, Any]) -> None:
    python, option, program = shlex.split(each["spec"]["entrypoint"])

    assert each["spec"]["clusterSelector"] == {"ray.io/cluster": RAY.name}
    assert (python, option) == ("python", "-c")
    assert ast.parse(program).body


@pytest.mark.parametrize("each", [job for job in JOBS if job["spec"]["submissionMode"] == "K8sJobMode"], ids=called)
def test_what_goes_through_two_shells_has_nothing_to_quote(each: dict[str, Any]) -> None:
    _, _, program = shlex.split(each["spec"]["entrypoint"])

    assert not set(program) & set("\"'\\$`")


def test_the_application_of_the_service_is_the_python_it_names() -> None:
    (service, code) = objects(ROOT / "examples" / "rayservice" / "rayservice.yaml")
    (application,) = yaml.safe_load(service["spec"]["serveConfigV2"])["applications"]
    module, name = application["import_path"].split(":")
    tree = ast.parse(code["data"][f"{module}.py"])

    assert name in {
        target.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    classes = {node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}
    assert {each["name"] for each in application["deployments"]} == classes
    for pod in pods(service):
        (container,) = pod["containers"]
        (mount,) = container["volumeMounts"]
        (volume,) = pod["volumes"]
        assert (mount["name"], volume["configMap"]["name"]) == (volume["name"], code["metadata"]["name"])
        assert {"name": "PYTHONPATH", "value": mount["mountPath"]} in container["env"]


def test_its_replicas_fit_the_cores_of_its_workers() -> None:
    (service, _) = objects(ROOT / "examples" / "rayservice" / "rayservice.yaml")
    (application,) = yaml.safe_load(service["spec"]["serveConfigV2"])["applications"]
    wanted = sum(each["num_replicas"] * each["ray_actor_options"]["num_cpus"] for each in application["deployments"])
    groups = service["spec"]["rayClusterConfig"]["workerGroupSpecs"]
    cores = sum(group["minReplicas"] * requests(group["template"]["spec"]).cpu_millis / 1000 for group in groups)

    assert 0 < wanted <= cores
