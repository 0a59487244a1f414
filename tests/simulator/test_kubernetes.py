"""The Kubernetes API of the account's clusters."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from simulator.account import Account, AccountError
from simulator.account.resource import Refusal
from simulator.kubernetes.package import KubernetesPackage
from simulator.protocol.plain_provider import CheckCall
from tests.simulator.kubernetes_by_hand import Cluster, config, kubernetes_object

STORAGE_CLASS = "kubernetes:storage.k8s.io/v1:StorageClass"
CONFIG_MAP = "kubernetes:core/v1:ConfigMap"
NAMESPACE = "kubernetes:core/v1:Namespace"
GP3 = {
    "apiVersion": "storage.k8s.io/v1",
    "kind": "StorageClass",
    "metadata": {"name": "gp3"},
    "provisioner": "ebs.csi.aws.com",
    "parameters": {"type": "gp3"},
}


RAY = config("ray")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "account.json"


@pytest.fixture
def account(path: Path) -> Iterator[Account]:
    with Account.open(path, [Cluster()]) as opened:
        opened.create(Cluster(), {"name": "ray"})
        yield opened


@pytest.fixture
def package(account: Account) -> KubernetesPackage:
    return KubernetesPackage(account)


def _check(token: str, new: dict[str, Any], old: dict[str, Any] | None = None) -> CheckCall:
    return CheckCall(token=token, name="logical", old=old or {}, old_defaults=frozenset(), new=new, random_seed=b"seed")


def test_a_cluster_wide_object_has_its_name_for_id(package: KubernetesPackage) -> None:
    made = package.create(RAY, STORAGE_CLASS, GP3, "")
    assert made.id == "gp3"
    assert made.outputs["parameters"] == {"type": "gp3"}
    assert made.outputs["metadata"]["uid"]


def test_an_object_in_a_namespace_has_both_in_its_id(package: KubernetesPackage) -> None:
    made = package.create(RAY, CONFIG_MAP, kubernetes_object("ConfigMap", "settings"), "")
    assert made.id == "default/settings"
    assert made.outputs["metadata"]["namespace"] == "default"


def test_objects_outlive_the_simulator(path: Path) -> None:
    with Account.open(path, [Cluster()]) as account:
        account.create(Cluster(), {"name": "ray"})
        made = KubernetesPackage(account).create(RAY, STORAGE_CLASS, GP3, "")
    with Account.open(path, [Cluster()]) as account:
        assert KubernetesPackage(account).read(RAY, STORAGE_CLASS, "gp3") == (GP3, made)


def test_an_edit_of_the_file_is_what_a_read_finds(path: Path) -> None:
    with Account.open(path, [Cluster()]) as account:
        account.create(Cluster(), {"name": "ray"})
        KubernetesPackage(account).create(RAY, STORAGE_CLASS, GP3, "")
    document = json.loads(path.read_text())
    document["kubernetes"][0]["inputs"]["reclaimPolicy"] = "Retain"
    path.write_text(json.dumps(document))
    with Account.open(path, [Cluster()]) as account:
        found = KubernetesPackage(account).read(RAY, STORAGE_CLASS, "gp3")
        assert found is not None
        assert found[0]["reclaimPolicy"] == found[1].outputs["reclaimPolicy"] == "Retain"


def test_an_object_that_exists_is_refused(package: KubernetesPackage) -> None:
    package.create(RAY, STORAGE_CLASS, GP3, "")
    with pytest.raises(Refusal, match=r'storageclass.storage.k8s.io "gp3" already exists'):
        package.create(RAY, STORAGE_CLASS, GP3, "")


def test_a_missing_namespace_is_refused_and_one_that_is_there_is_not(package: KubernetesPackage) -> None:
    inside = kubernetes_object("ConfigMap", "settings")
    inside["metadata"]["namespace"] = "ray"
    with pytest.raises(Refusal, match='namespaces "ray" not found'):
        package.create(RAY, CONFIG_MAP, inside, "")
    package.create(RAY, NAMESPACE, kubernetes_object("Namespace", "ray"), "")
    assert package.create(RAY, CONFIG_MAP, inside, "").id == "ray/settings"


def test_a_namespace_takes_what_is_in_it_along(package: KubernetesPackage) -> None:
    inside = kubernetes_object("ConfigMap", "settings")
    inside["metadata"]["namespace"] = "ray"
    package.create(RAY, NAMESPACE, kubernetes_object("Namespace", "ray"), "")
    package.create(RAY, CONFIG_MAP, inside, "")
    package.create(RAY, STORAGE_CLASS, GP3, "")
    package.delete(RAY, NAMESPACE, "ray")
    assert package.read(RAY, CONFIG_MAP, "ray/settings") is None
    assert package.read(RAY, STORAGE_CLASS, "gp3") is not None


def test_a_kind_without_its_definition_is_refused_until_the_definition_is_there(
    package: KubernetesPackage,
) -> None:
    token = "kubernetes:ray.io/v1:RayCluster"
    cluster = kubernetes_object("RayCluster", "ray", "ray.io/v1")
    with pytest.raises(Refusal, match=r'no matches for kind "RayCluster" in version "ray\.io/v1"'):
        package.create(RAY, token, cluster, "")
    names = {"group": "ray.io", "names": {"kind": "RayCluster"}, "scope": "Namespaced"}
    definition = kubernetes_object(
        "CustomResourceDefinition", "rayclusters.ray.io", "apiextensions.k8s.io/v1", spec=names
    )
    package.create(RAY, "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition", definition, "")
    assert package.create(RAY, token, cluster, "").id == "default/ray"


def test_an_object_without_api_version_or_kind_is_refused(package: KubernetesPackage) -> None:
    checked = package.check(RAY, _check(STORAGE_CLASS, {"metadata": {"name": "x"}}))
    assert [field for field, _ in checked.problems] == ["apiVersion", "kind"]


def test_a_type_whose_objects_are_of_another_kind_is_refused(package: KubernetesPackage) -> None:
    checked = package.check(RAY, _check("kubernetes:storage.k8s.io/v1:StorageClassPatch", GP3))
    assert [field for field, _ in checked.problems] == ["kind"]


def test_an_object_without_a_name_gets_one_and_keeps_it(package: KubernetesPackage) -> None:
    nameless = {key: value for key, value in GP3.items() if key != "metadata"}
    first = package.check(RAY, _check(STORAGE_CLASS, nameless)).inputs
    assert first["metadata"]["name"].startswith("logical-")
    again = package.check(RAY, _check(STORAGE_CLASS, nameless, old=copy.deepcopy(first))).inputs
    assert again == first


def test_a_name_of_the_program_is_left_alone(package: KubernetesPackage) -> None:
    assert package.check(RAY, _check(STORAGE_CLASS, GP3)).inputs == GP3


@pytest.mark.parametrize(
    ("token", "keys", "replaces"),
    [
        (STORAGE_CLASS, ("parameters", "type"), True),
        (STORAGE_CLASS, ("provisioner",), True),
        (STORAGE_CLASS, ("metadata", "name"), True),
        (STORAGE_CLASS, ("metadata", "labels", "a"), False),
        (STORAGE_CLASS, ("allowVolumeExpansion",), False),
        (CONFIG_MAP, ("data", "a"), True),
        (NAMESPACE, ("metadata", "labels", "a"), False),
    ],
)
def test_what_the_api_server_does_not_change_is_replaced(
    package: KubernetesPackage, token: str, keys: tuple[str, ...], replaces: bool
) -> None:
    assert package.replaces(RAY, token)(keys) is replaces


def test_a_config_map_is_changed_in_place_where_the_provider_is_told_so(package: KubernetesPackage) -> None:
    told = {**RAY, "enableConfigMapMutable": True}
    assert not package.replaces(told, CONFIG_MAP)(("data", "a"))
    assert package.replaces(told, CONFIG_MAP)(("metadata", "name"))
    assert package.replaces(told, STORAGE_CLASS)(("provisioner",))


def test_a_replacement_under_the_same_name_deletes_first(package: KubernetesPackage) -> None:
    nameless = package.check(RAY, _check(STORAGE_CLASS, {**GP3, "metadata": {}})).inputs
    assert package.deletes_first(STORAGE_CLASS, GP3, GP3, [])
    assert not package.deletes_first(STORAGE_CLASS, nameless, nameless, [])
    assert not package.deletes_first(STORAGE_CLASS, GP3, {**GP3, "metadata": {"name": "other"}}, [])


def test_a_kubeconfig_of_no_cluster_in_the_account_reaches_nothing(package: KubernetesPackage) -> None:
    with pytest.raises(Refusal, match=r"unreachable: no cluster of the account answers at https://web.example"):
        package.create(config("web"), STORAGE_CLASS, GP3, "")


@pytest.mark.parametrize("given", [None, "", "not: a kubeconfig", "[", {}])
def test_a_provider_without_a_kubeconfig_is_refused(package: KubernetesPackage, given: Any) -> None:
    with pytest.raises(Refusal, match="needs the contents of a kubeconfig"):
        package.create({"kubeconfig": given}, STORAGE_CLASS, GP3, "")


def test_clusters_do_not_share_objects_and_take_theirs_along(account: Account, package: KubernetesPackage) -> None:
    account.create(Cluster(), {"name": "web"})
    package.create(RAY, STORAGE_CLASS, GP3, "")
    package.create(config("web"), STORAGE_CLASS, GP3, "")
    account.delete(Cluster(), "web")
    assert [entry["cluster"] for entry in account.kubernetes] == ["ray"]


def test_a_change_during_an_edit_by_hand_is_refused(account: Account, package: KubernetesPackage) -> None:
    account.path.write_text(account.path.read_text() + "\n")
    with pytest.raises(AccountError, match="changed by hand"):
        package.create(RAY, STORAGE_CLASS, GP3, "")
