"""ConfigGroup of the yaml/v2 module, as the real engine constructs it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pulumi
import pulumi_kubernetes as k8s
import pytest
from pulumi import automation

from simulator.account import Account
from simulator.account.resource import Refusal
from simulator.kubernetes.definitions import definition_at
from simulator.protocol.serve import served
from simulator.session import engine_stack
from tests.simulator.kubernetes_by_hand import Cluster, config
from tests.support.cli import pulumi_command

BASES = "https://example.test/v{}/config/crd/bases/{}"
RAY_CLUSTERS = BASES.format("1.6.2", "ray.io_rayclusters.yaml")
RAY_JOBS = BASES.format("1.6.2", "ray.io_rayjobs.yaml")


@contextmanager
def serving(folder: Path) -> Iterator[Callable[[automation.PulumiFn], automation.Stack]]:
    """Yields what makes the stack of a program; the account has a cluster `ray`."""
    with Account.open(folder / "account.json", [Cluster()]) as account:
        account.create(Cluster(), {"name": "ray"})
        with served(account, ["kubernetes"]) as providers:
            yield lambda program: engine_stack(
                "test",
                project="simulated",
                folder=folder,
                providers=providers,
                command=pulumi_command(),
                program=program,
            )


def in_cluster() -> pulumi.ResourceOptions:
    return pulumi.ResourceOptions(provider=k8s.Provider("ray", kubeconfig=config("ray")["kubeconfig"]))


def changes(result: automation.UpResult | automation.DestroyResult) -> dict[str, int]:
    return {str(operation): count for operation, count in (result.summary.resource_changes or {}).items()}


def exported(stack: automation.Stack) -> list[dict[str, Any]]:
    return list((stack.export_stack().deployment or {})["resources"])


@pytest.mark.engine
def test_each_file_is_a_definition_of_its_own_and_objects_of_its_kind_can_follow(tmp_path: Path) -> None:
    def program(version: str = "1.6.2") -> None:
        inside = in_cluster()
        files = [BASES.format(version, name) for name in ("ray.io_rayclusters.yaml", "ray.io_rayjobs.yaml")]
        group = k8s.yaml.v2.ConfigGroup("crds", files=files, opts=inside)
        after = pulumi.ResourceOptions.merge(inside, pulumi.ResourceOptions(depends_on=[group]))
        k8s.apiextensions.CustomResource(
            "cluster", api_version="ray.io/v1", kind="RayCluster", metadata={"name": "ray"}, opts=after
        )

    with serving(tmp_path) as stack:
        up = stack(program)
        up.up()
        names = {each["urn"].split("::")[-1] for each in exported(up)}
        assert {"crds-rayclusters.ray.io", "crds-rayjobs.ray.io", "cluster"} <= names
        assert changes(stack(program).up()) == {"same": 6}
        assert changes(stack(lambda: program("1.7.0")).up()) == {"same": 4, "update": 2}
        assert changes(stack(program).destroy()) == {"delete": 6}


@pytest.mark.engine
def test_a_file_that_the_simulator_does_not_know_is_refused_and_nothing_is_downloaded(tmp_path: Path) -> None:
    def program() -> None:
        k8s.yaml.v2.ConfigGroup("crds", files=[BASES.format("1.6.2", "other.yaml")], opts=in_cluster())

    with serving(tmp_path) as stack, pytest.raises(automation.CommandError) as failure:
        stack(program).preview()
    assert "the simulator downloads nothing" in str(failure.value)
    assert "Traceback" not in str(failure.value)


@pytest.mark.engine
def test_what_is_secret_stays_secret_in_the_state(tmp_path: Path) -> None:
    def program() -> None:
        k8s.core.v1.Secret("one", string_data={"token": pulumi.Output.secret("hunter2")}, opts=in_cluster())

    with serving(tmp_path) as stack:
        up = stack(program)
        up.up()
        up.refresh()
        assert changes(stack(program).up()) == {"same": 3}
    kept = [path.read_text(encoding="utf-8") for path in (tmp_path / "state").rglob("*.json")]
    assert any("kubernetes:core/v1:Secret" in text for text in kept)
    assert not any("hunter2" in text for text in kept)


def test_another_version_of_a_file_is_another_definition() -> None:
    newer = RAY_CLUSTERS.replace("1.6.2", "1.7.0")
    assert definition_at(RAY_CLUSTERS)["spec"]["names"]["kind"] == "RayCluster"
    assert definition_at(RAY_CLUSTERS) != definition_at(newer)
    assert definition_at(RAY_CLUSTERS)["metadata"]["name"] == definition_at(newer)["metadata"]["name"]


def test_an_unknown_file_has_no_definition() -> None:
    with pytest.raises(Refusal, match=r"none of the files it knows: ray\.io_rayclusters\.yaml"):
        definition_at("https://example.test/other.yaml")
