"""A stack of the previous release of this project, taken over by this one, then brought to the next Kubernetes version.

The tests run in order on one stack: the state and the account that the previous release made (tools/previous_release).
"""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pulumi import automation as auto
from pulumi.automation.errors import CommandError

from ray_platform.versions import cluster_autoscaler_image
from simulator.aws.eks_common import moto_cluster
from simulator.aws.eks_versions import ADDONS
from tests.support.deployment import Deployment, Run, deployment, made, new_place, objects

pytestmark = pytest.mark.engine

FIXTURE = Path(__file__).with_name("fixtures") / "previous-release.json.gz"
OLD, NEW = "1.34", "1.35"
POOLS = ("cpu", "gpu", "gpu-on-demand")
# Their loss is the cluster's, and so is a second one of them.
STAYING = {"Cluster", "NodeGroup", "Key", "LogGroup", "OpenIdConnectProvider"}
REPLACING = {"create-replacement", "delete-replaced", "replace", "delete"}


@pytest.fixture(scope="module")
def dev(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """The stack as the previous release left it."""
    kept: dict[str, Any] = json.loads(gzip.decompress(FIXTURE.read_bytes()))
    place = new_place(tmp_path_factory.mktemp("upgrades"))
    place.account.write_text(json.dumps(kept["account"]), encoding="utf-8")
    place.change("cluster", kubernetesVersion=OLD)
    with deployment(place) as running:
        running.stack.import_stack(auto.Deployment(**kept["state"]))
        yield running


@pytest.fixture(scope="module")
def taken_over(dev: Deployment) -> Run:
    return dev.up()


@pytest.fixture(scope="module")
def upgraded(dev: Deployment, taken_over: Run) -> Run:
    dev.configure("cluster", kubernetesVersion=NEW)
    return dev.up()


def replaced(run: Run) -> list[str]:
    return [f"{step.operation} {step.type} {step.name}" for step in run.steps if step.operation in REPLACING]


def updated(run: Run, type_: str, name: str) -> int:
    return run.index("update", type_, f"ray-dev-{name}")


def test_a_stack_of_the_previous_release_is_taken_over_in_place(dev: Deployment, taken_over: Run) -> None:
    assert replaced(taken_over) == []
    assert [step for step in taken_over.steps if step.type in STAYING and step.operation != "refresh"] == []
    assert taken_over.summary["same"] > 100
    assert taken_over.outputs["clusterVersion"] == OLD
    assert taken_over.outputs["nodeGroups"].keys() == set(POOLS)
    assert dev.preview().changes == {}


def waits_for(dev: Deployment, type_: str, name: str) -> set[str]:
    """The logical names of all that the engine has up to date before it touches this resource."""
    by_urn = {each["urn"]: each for each in dev.state()}
    (start,) = [urn for urn in by_urn if urn.endswith(f":{type_}::ray-dev-{name}")]
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        for urn in by_urn[waiting.pop()].get("dependencies") or []:
            if urn not in seen:
                seen.add(urn)
                waiting.append(urn)
    return {urn.rpartition("::ray-dev-")[2] for urn in seen}


def test_the_next_minor_version_comes_to_the_control_plane_then_to_the_addons_then_to_the_nodes(
    dev: Deployment, upgraded: Run
) -> None:
    assert replaced(upgraded) == []
    done = [
        updated(upgraded, "Cluster", "eksCluster"),
        updated(upgraded, "Addon", "kube-proxy"),
        updated(upgraded, "NodeGroup", "cpu"),
        updated(upgraded, "Addon", "coredns"),
    ]
    assert done == sorted(done)
    assert updated(upgraded, "NodeGroup", "cpu") < updated(upgraded, "Deployment", "autoscaler-deployment")
    # That was so once; this makes it so.
    assert "eksCluster" in waits_for(dev, "Addon", "kube-proxy")
    for pool in POOLS:
        assert updated(upgraded, "NodeGroup", pool)
        assert {"eksCluster", "kube-proxy", "vpc-cni"} <= waits_for(dev, "NodeGroup", pool)
    assert "cpu" in waits_for(dev, "Addon", "coredns")
    assert "cpu" in waits_for(dev, "Deployment", "autoscaler-deployment")


def test_all_versions_are_tied_to_the_one_that_is_set(dev: Deployment, upgraded: Run) -> None:
    (cluster,) = made(dev.place, "Cluster")
    (autoscaler,) = [
        each for each in objects(dev.place, "Deployment") if each["metadata"]["name"] == "cluster-autoscaler"
    ]

    assert cluster["outputs"]["version"] == upgraded.outputs["clusterVersion"] == NEW
    assert {each["outputs"]["version"] for each in made(dev.place, "NodeGroup")} == {NEW}
    for addon in made(dev.place, "Addon"):
        assert addon["outputs"]["addonVersion"] == ADDONS[addon["inputs"]["addonName"]][NEW].default
    (container,) = autoscaler["spec"]["template"]["spec"]["containers"]
    assert container["image"] == cluster_autoscaler_image(NEW)


def test_after_the_upgrade_nothing_is_left_to_do(dev: Deployment, upgraded: Run) -> None:
    assert dev.preview().changes == {}


def test_the_way_back_and_a_skipped_version_are_refused_at_preview(dev: Deployment, upgraded: Run) -> None:
    dev.configure("cluster", kubernetesVersion=OLD)
    with pytest.raises(CommandError, match=f"{NEW}, which ray-dev runs") as refusal:
        dev.preview()
    assert "cannot take a cluster back" in " ".join(str(refusal.value).split())

    dev.configure("cluster", kubernetesVersion=NEW)
    moto_cluster(dev.account, "ray-dev").version = "1.33"
    with pytest.raises(CommandError, match=r"1\.33, which ray-dev runs") as refusal:
        dev.preview()
    message = str(refusal.value)

    assert "one minor version at a time" in " ".join(message.split())
    assert f"pulumi config set --path 'ray-on-eks:cluster.kubernetesVersion' {OLD}" in message
    assert "Traceback" not in message
