"""Where the demo keeps the objects of a stack, from one run to the next."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulator.account import Account
from simulator.demo.clusters import kind_of
from simulator.kubernetes.package import KubernetesPackage
from simulator.session import Place
from tests.simulator.kubernetes_by_hand import Cluster, config, kubernetes_object


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(project=tmp_path, folder=tmp_path / "dev", stack="dev")


def bring_up_in_memory(place: Place) -> None:
    with Account.open(place.account, [Cluster()]) as account:
        account.create(Cluster(), {"name": "ray"})
        namespace = kubernetes_object("Namespace", "ray")
        KubernetesPackage(account).create(config("ray"), "kubernetes:core/v1:Namespace", namespace, "")


def test_a_new_stack_is_in_memory_unless_told_otherwise(place: Place) -> None:
    assert kind_of(place, None) == "memory"
    assert kind_of(place, "real") == "real"


def test_the_next_run_remembers_the_last(place: Place) -> None:
    (place.folder / "cluster").mkdir(parents=True)
    assert kind_of(place, None) == "real"
    assert kind_of(place, "real") == "real"


def test_a_stack_does_not_move(place: Place) -> None:
    bring_up_in_memory(place)
    assert kind_of(place, None) == "memory"
    with pytest.raises(ValueError, match="dev is up with its Kubernetes objects in memory: run `make demo-destroy"):
        kind_of(place, "real")


def test_a_stack_on_a_real_control_plane_does_not_move_either(place: Place) -> None:
    (place.folder / "cluster").mkdir(parents=True)
    with pytest.raises(ValueError, match="dev is up with its Kubernetes objects on a real control plane"):
        kind_of(place, "memory")
