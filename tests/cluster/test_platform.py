"""The whole program on a real control plane: what is admitted, where it lands, how far it grows, what is left of it.

The tests run in order on one stack, first dev, then prod.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from kubernetes import client

from simulator.account.resource import Refusal
from simulator.cluster import rest
from simulator.cluster.control_plane import control_plane
from simulator.kubernetes.api import Api
from simulator.kubernetes.follower import Follower
from simulator.session import simulated
from tests.cluster.platform import POOL, RAY, RAY_PODS, Platform, runs, why_pending
from tests.support.cli import pulumi_command
from tests.support.deployment import Deployment, Run, new_place
from tests.support.examples import MANIFESTS

pytestmark = pytest.mark.cluster

OUR_NAMESPACES = {RAY, "kuberay-system"}


@pytest.fixture(scope="module", params=["dev", "prod"])
def platform(
    request: pytest.FixtureRequest, binaries: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Platform]:
    folder = tmp_path_factory.mktemp(request.param)
    place = new_place(folder / "place", request.param)
    with (
        control_plane(binaries, folder / "cluster") as plane,
        simulated(place, pulumi_command(), plane) as (stack, account),
    ):
        deployment = Deployment(place=place, stack=stack, account=account)
        follower = Follower(account, plane)
        yield Platform(plane=plane, deployment=deployment, follower=follower, first_up=deployment.up())


def test_the_ray_cluster_is_ready_and_every_pod_runs(platform: Platform) -> None:
    assert platform.ray_cluster()["status"]["state"] == "ready"
    platform.wait_until(platform.all_pods_run, "That every pod runs")
    namespaces = {pod["metadata"]["namespace"] for pod in platform.pods()}
    assert namespaces == {"kube-system", *OUR_NAMESPACES}


def test_the_head_and_what_serves_the_cluster_are_on_demand_and_off_the_gpus(platform: Platform) -> None:
    labels, pods = platform.node_labels(), platform.pods()
    for pod in pods:
        node = labels[pod["spec"]["nodeName"]]
        assert (node["ray.io/capacity"], node["ray.io/resource-type"]) == ("on-demand", "cpu"), pod["metadata"]["name"]
    (head,) = [pod for pod in pods if pod["metadata"]["labels"].get("ray.io/node-type") == "head"]
    assert labels[head["spec"]["nodeName"]][POOL] == platform.layout["head"]["pool"]


def test_the_token_is_in_its_secret_and_nowhere_else(platform: Platform) -> None:
    secret = rest.call(platform.plane.api, "GET", f"/api/v1/namespaces/{RAY}/secrets/{RAY}")
    token = base64.b64decode(secret["data"]["auth_token"]).decode()
    assert len(token) >= 32
    for elsewhere in (platform.first_up.outputs, platform.deployment.state(), platform.ray_cluster()):
        assert token not in json.dumps(elsewhere, default=str)


def test_a_privileged_pod_is_refused_in_the_namespace_of_ray(platform: Platform) -> None:
    container = {"name": "it", "image": "simulated/it:0", "securityContext": {"privileged": True}}
    pod = {"metadata": {"name": "privileged"}, "spec": {"containers": [container]}}
    with pytest.raises(client.ApiException) as caught:
        rest.call(platform.plane.api, "POST", RAY_PODS, body=pod)
    assert caught.value.status == 403
    assert 'violates PodSecurity "restricted' in json.loads(caught.value.body)["message"]


def test_a_field_that_the_schema_does_not_know_is_refused(platform: Platform) -> None:
    """The program's own objects came the same way."""
    manifest = {
        "apiVersion": "ray.io/v1",
        "kind": "RayCluster",
        "metadata": {"name": "other", "namespace": RAY},
        "spec": {**platform.ray_cluster()["spec"], "workerGroups": []},
    }
    with pytest.raises(Refusal, match=r"spec\.workerGroups: field not declared in schema"):
        Api(platform.plane.api).apply(manifest)


@pytest.mark.parametrize("file", MANIFESTS, ids=lambda file: file.stem)
def test_an_example_is_admitted_and_its_pods_find_a_place(platform: Platform, file: Path) -> None:
    """As people apply it, beside the platform's own cluster and on the nodes that are there from the start."""
    api, before = Api(platform.plane.api), platform.pod_names()
    objects = [each for each in yaml.safe_load_all(file.read_text(encoding="utf-8")) if each]
    for each in objects:
        api.apply(each)
    wanted = sum(len(_pod_templates(each["spec"])) for each in objects if "spec" in each)
    platform.wait_until(
        lambda: len(platform.pod_names() - before) >= wanted and platform.all_pods_run(), f"That {file.name} runs"
    )
    for each in objects:
        if each["kind"].startswith("Ray"):
            _end(platform, api, each)
    platform.wait_until(lambda: platform.pod_names() == before, f"The end of the pods of {file.name}")
    assert platform.ray_cluster()["status"]["state"] == "ready"


def _end(platform: Platform, api: Api, ray_object: dict[str, Any]) -> None:
    """Delete the object, once the operator has had it in hand."""
    kind = api.kind(ray_object["apiVersion"], ray_object["kind"])
    name = ray_object["metadata"]["name"]
    platform.wait_until(lambda: (api.get(kind, RAY, name) or {}).get("status"), f"That the operator takes {name}")
    api.delete(kind, RAY, name)
    platform.wait_until(lambda: api.get(kind, RAY, name) is None, f"The end of {name}")


def test_gpus_count_once_the_device_plugin_runs_and_only_for_pods_that_tolerate_the_taint(platform: Platform) -> None:
    platform.grow("gpu", 1)
    platform.wait_until(platform.gpus, "That a node has GPUs to give")
    tolerant = platform.try_worker("tolerant", "gpu")
    platform.drop("tolerant")
    timid = platform.try_worker("timid", "gpu", tolerations=[])
    platform.drop("timid")

    assert platform.node_labels()[tolerant["spec"]["nodeName"]][POOL] == "gpu"
    assert "untolerated taint" in why_pending(timid)


def test_grown_to_its_most_every_worker_runs_in_its_pool_and_one_more_does_not(platform: Platform) -> None:
    groups = platform.layout["workerGroups"]
    most = {name: group["maxReplicas"] for name, group in groups.items()}
    assert set(most) == {"cpu", "gpu"}
    for pool in most:
        platform.grow(pool)
    platform.ask_for_workers(most)
    platform.wait_until(
        lambda: {name: sum(map(runs, platform.workers(name))) for name in most} == most, f"That {most} workers run"
    )
    platform.wait_until(platform.all_pods_run, "That every pod runs")

    labels = platform.node_labels()
    for name in most:
        assert {labels[pod["spec"]["nodeName"]][POOL] for pod in platform.workers(name)} == {name}
        one_more = platform.try_worker(f"one-more-{name}", name)
        assert "Insufficient" in why_pending(one_more)
    platform.drop(*(f"one-more-{name}" for name in most))


def test_the_operator_may_do_all_that_it_tries(platform: Platform) -> None:
    """From when it works: it is there before Ray's namespace and its rights in it, so that it outlives both."""
    log = platform.plane.operator_log.read_text(encoding="utf-8")
    _, started, work = log.partition("Starting workers")
    assert started
    assert [line for line in work.splitlines() if "forbidden" in line.lower()] == []


@pytest.mark.parametrize("platform", ["dev"], indirect=True)
def test_destroy_leaves_nothing(platform: Platform) -> None:
    run: Run = platform.deployment.destroy()
    assert set(run.changes) == {"delete"}
    platform.follower.follow()
    api = platform.plane.api
    assert platform.pods() == []
    assert OUR_NAMESPACES & _names(rest.items(api, "/api/v1/namespaces")) == set()
    assert _names(rest.items(api, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions")) == set()
    assert [
        each for each in _names(rest.items(api, "/apis/rbac.authorization.k8s.io/v1/clusterroles")) if "ray" in each
    ] == []
    assert rest.items(api, "/api/v1/nodes") == []


def _names(objects: list[dict[str, Any]]) -> set[str]:
    return {each["metadata"]["name"] for each in objects}


def _pod_templates(value: Any) -> list[dict[str, Any]]:
    """Every pod template in a manifest."""
    if isinstance(value, list):
        return [template for each in value for template in _pod_templates(each)]
    if not isinstance(value, dict):
        return []
    if "containers" in value.get("spec", {}):
        return [value]
    return [template for each in value.values() for template in _pod_templates(each)]
