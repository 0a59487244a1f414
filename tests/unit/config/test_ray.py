"""The section `ray` and the key `ray` of a pool."""

from typing import Any

import pytest

from ray_platform.config.load import declared
from ray_platform.config.pool_defaults import Architecture
from ray_platform.config.problems import Problem
from ray_platform.config.ray_config import RayConfig
from tests.unit.config.given import only_problem, pool, pool_problem, problems, settings, stack

DIGEST = f"sha256:{'0a' * 32}"


def _problem(**keys: Any) -> Problem:
    """The one thing wrong with a section `ray` of these keys."""
    return only_problem(ray=keys)


def test_an_empty_section_is_rays_own_image_on_a_small_head_closed_to_everybody() -> None:
    assert settings(ray=None).ray == settings(ray={}).ray == settings().ray == RayConfig()
    ray = settings().ray

    assert ray.enabled
    assert (ray.name, ray.namespace, ray.version, ray.image) == ("ray", "ray", "2.58.1", None)
    assert (ray.head.cpu, ray.head.memory_gib, ray.head.node_pool) == (2, 8, None)
    assert (ray.upgrade_strategy, ray.idle_timeout_seconds) == ("None", 60)
    assert (ray.s3_buckets, ray.allowed_namespaces) == ((), ())


def test_a_pool_has_one_worker_to_a_node_of_the_size_of_the_node() -> None:
    group = pool().ray

    assert (group.enabled, group.pods_per_node) == (True, 1)
    assert (group.cpu, group.memory_gib, group.gpus, group.image) == (None, None, None, None)
    assert (group.min_replicas, group.max_replicas, group.idle_timeout_seconds) == (None, None, None)


def test_every_key_of_the_section_reaches_the_settings() -> None:
    ray = settings(
        ray={
            "enabled": False,
            "name": "prod-1",
            "namespace": "team-ray",
            "version": "2.52.0",
            "image": "registry.example:5000/ray:7",
            "imageArchitectures": ["arm64", "x86_64"],
            "upgradeStrategy": "Recreate",
            "idleTimeoutSeconds": 0,
            "head": {"cpu": 1.5, "memoryGib": 4, "nodePool": "cpu"},
            "s3Buckets": ["data.example", "models-1"],
            "allowedNamespaces": ["jobs"],
        }
    ).ray
    architectures: tuple[Architecture, ...] = ("arm64", "x86_64")

    assert (ray.enabled, ray.name, ray.namespace, ray.version) == (False, "prod-1", "team-ray", "2.52.0")
    assert (ray.image, ray.image_architectures) == ("registry.example:5000/ray:7", architectures)
    assert (ray.upgrade_strategy, ray.idle_timeout_seconds) == ("Recreate", 0)
    assert (ray.head.cpu, ray.head.memory_gib, ray.head.node_pool) == (1.5, 4, "cpu")
    assert (ray.s3_buckets, ray.allowed_namespaces) == (("data.example", "models-1"), ("jobs",))


@pytest.mark.parametrize("name", ["r", "ray-2", "a" * 53])
def test_a_name_is_a_dns_label_kuberay_can_lengthen(name: str) -> None:
    assert settings(ray={"name": name}).ray.name == name


@pytest.mark.parametrize("name", ["", "Ray", "2ray", "ray-", "ray.1", "ray_1", "a" * 54])
def test_any_other_name_is_refused(name: str) -> None:
    problem = _problem(name=name)

    assert (problem.path, problem.value) == ("ray.name", name)
    assert "at most 53" in problem.rule


@pytest.mark.parametrize("name", ["default", "kube-system", "kube-public", "kube-node-lease", "kuberay-system"])
def test_ray_gets_no_namespace_that_others_live_in(name: str) -> None:
    assert "a namespace for Ray alone" in _problem(namespace=name).rule


def test_a_namespace_that_kubernetes_refuses_is_refused_once() -> None:
    assert "a Kubernetes namespace" in _problem(namespace="Ray").rule


@pytest.mark.parametrize("version", ["2.52.0", "2.58.1", "3.0.0", "2.100.3"])
def test_releases_with_token_authentication_are_fine(version: str) -> None:
    assert settings(ray={"version": version}).ray.version == version


@pytest.mark.parametrize("version", ["2.51.9", "1.99.0", "2.52", "2.58.1-py312", "latest", "v2.58.1", "nightly"])
def test_other_versions_are_refused(version: str) -> None:
    problem = _problem(version=version)

    assert "2.52.0 or later" in problem.rule
    assert problem.remedy == "pulumi config set --path 'ray-on-eks:ray.version' 2.58.1"


@pytest.mark.parametrize(
    "image",
    [
        "rayproject/ray:2.58.1-py312",
        "ray:1",
        "registry.example:5000/team/ray:v1.0_a",
        f"registry.example:5000/ray@{DIGEST}",
        f"ray:1@{DIGEST}",
        "team/latest:1",
        "ray:latestish",
        "localhost/ray:1",
        "a/b-c/d__e/f.g/h--i:1",
        f"{'r' * 255}:1",
        f"ray:latest@{DIGEST}",
    ],
)
def test_an_image_of_ones_own_has_a_tag_or_a_digest(image: str) -> None:
    assert settings(ray={"image": image}).ray.image == image
    assert pool(ray={"image": image}).ray.image == image


@pytest.mark.parametrize(
    "image",
    [
        "rayproject/ray",
        "rayproject/ray:latest",
        "rayproject/ray:latest-gpu",
        "registry.example:5000/ray",
        "ray:",
        ":1",
        "ray:a b",
        "ray:-1",
        "ray@sha256:12",
        f"ray:latest @{DIGEST}",
        "https://registry.example/ray",
        "Ray:1",
        *("ray::1", "ray//ray:1", "/ray:1", "ray/:1", "ray/", "ray", "@", "", "ray:1:2", "ray.:1", "-ray:1", "r___y:1"),
        *(
            "registry:x/ray:1",
            "registry:/ray:1",
            "registry:123456/ray:1",
            "re_gistry.example/ray:1",
            "Registry.example/r:1",
        ),
        *(
            f"{'r' * 256}:1",
            f"ray:{'1' * 129}",
            "ray:1 ",
            "ray:1\n",
            "ray:1@",
            f"ray@{DIGEST}0",
            f"@{DIGEST}",
            f"ray:@{DIGEST}",
        ),
        *("ray:é", "ré:1", "ray:.1", f"ray:1@{DIGEST.upper()}"),
    ],
)
def test_a_moving_or_missing_tag_is_refused_for_the_cluster_and_for_a_pool(image: str) -> None:
    assert "a tag other than latest, or with a digest" in _problem(image=image).rule
    assert pool_problem(ray={"image": image}).path == "nodePools.tested.ray.image"


@pytest.mark.parametrize("bucket", ["abc", "my-data", "my.data.1", "1data", "a" * 63])
def test_names_that_s3_gives_to_buckets_are_fine(bucket: str) -> None:
    assert settings(ray={"s3Buckets": [bucket]}).ray.s3_buckets == (bucket,)


@pytest.mark.parametrize(
    "bucket",
    [
        *("ab", "a" * 64, "Data", "my_data", "-data", "data-", ".data", "my..data", "10.0.0.1", "s3://data"),
        *("arn:aws:s3:::data", "xn--data", "sthree-data", "amzn-s3-demo-data", "data-s3alias", "data--ol-s3"),
        "data--x-s3",
    ],
)
def test_what_no_bucket_is_called_is_refused(bucket: str) -> None:
    problem = _problem(s3Buckets=["fine", bucket])

    assert (problem.path, problem.value) == ("ray.s3Buckets[1]", bucket)


@pytest.mark.parametrize("key", ["s3Buckets", "allowedNamespaces"])
def test_lists_have_each_entry_once(key: str) -> None:
    assert _problem(**{key: ["abc", "abc"]}).rule == "each entry once"


def test_an_image_has_each_architecture_once_and_only_known_ones() -> None:
    assert _problem(imageArchitectures=["arm64", "arm64"]).rule == "each entry once"
    assert _problem(imageArchitectures=["amd64"]).rule == "one of x86_64, arm64"


@pytest.mark.parametrize(
    ("keys", "path", "rule", "set_to"),
    [
        ({"head": {"cpu": 0.4}}, "ray.head.cpu", "a number from 0.5 to 8192", "0.5"),
        ({"head": {"cpu": "2"}}, "ray.head.cpu", "a number from 0.5 to 8192, without quotes", "2"),
        ({"head": {"cpu": "two"}}, "ray.head.cpu", "a number from 0.5 to 8192, without quotes", "0.5"),
        ({"head": {"cpu": True}}, "ray.head.cpu", "a number from 0.5 to 8192", "0.5"),
        ({"head": {"memoryGib": 1.9}}, "ray.head.memoryGib", "a number from 2 to 65536", "2"),
        ({"idleTimeoutSeconds": -1}, "ray.idleTimeoutSeconds", "a whole number from 0 to 604800", "0"),
        ({"idleTimeoutSeconds": 1.5}, "ray.idleTimeoutSeconds", "a whole number from 0 to 604800", "0"),
        ({"idleTimeoutSeconds": 604801}, "ray.idleTimeoutSeconds", "a whole number from 0 to 604800", "604800"),
        ({"upgradeStrategy": "recreate"}, "ray.upgradeStrategy", "one of None, Recreate", "Recreate"),
    ],
)
def test_numbers_and_choices_of_the_section_have_bounds(
    keys: dict[str, Any], path: str, rule: str, set_to: str
) -> None:
    problem = _problem(**keys)

    assert (problem.path, problem.rule) == (path, rule)
    assert problem.remedy == f"pulumi config set --path 'ray-on-eks:{path}' {set_to}"


@pytest.mark.parametrize(
    ("keys", "path", "rule"),
    [
        ({"podsPerNode": 0}, "podsPerNode", "a whole number from 1 to 64"),
        ({"podsPerNode": 65}, "podsPerNode", "a whole number from 1 to 64"),
        ({"cpu": 0}, "cpu", "a number from 0.1 to 8192"),
        ({"memoryGib": -1}, "memoryGib", "a number from 0.1 to 65536"),
        ({"gpus": -1}, "gpus", "a whole number from 0 to 32"),
        ({"gpus": 0.5}, "gpus", "a whole number from 0 to 32"),
        ({"minReplicas": -1}, "minReplicas", "a whole number from 0 to 6400000"),
        ({"maxReplicas": -1}, "maxReplicas", "a whole number from 0 to 6400000"),
        ({"idleTimeoutSeconds": 604801}, "idleTimeoutSeconds", "a whole number from 0 to 604800"),
    ],
)
def test_numbers_of_a_pool_have_bounds(keys: dict[str, Any], path: str, rule: str) -> None:
    problem = pool_problem(ray=keys)

    assert (problem.path, problem.rule) == (f"nodePools.tested.ray.{path}", rule)


def test_what_is_too_low_is_mended_by_a_value_that_is_accepted() -> None:
    assert pool_problem(ray={"cpu": 0}).remedy.endswith("ray.cpu' 0.1")
    assert pool_problem(ray={"podsPerNode": 65}).remedy.endswith("ray.podsPerNode' 64")


def test_replicas_are_refused_upside_down() -> None:
    problem = pool_problem(ray={"minReplicas": 3, "maxReplicas": 2})

    assert (problem.path, problem.rule) == (
        "nodePools.tested.ray.maxReplicas",
        "minReplicas <= maxReplicas, but minReplicas is 3",
    )
    assert pool(ray={"minReplicas": 3, "maxReplicas": 3}).ray.max_replicas == 3


@pytest.mark.parametrize(
    "keys",
    [
        {"gpu": True},
        {"capacityType": "SPOT"},
        {"minSize": 0},
        {"taints": [{"key": "a", "effect": "NoSchedule"}]},
    ],
)
def test_the_pool_of_the_head_is_one_that_takes_system_pods(keys: dict[str, Any]) -> None:
    problem = only_problem(nodePools={"cpu": {}, "other": keys}, ray={"head": {"nodePool": "other"}})

    assert (problem.path, problem.value) == ("ray.head.nodePool", "other")
    assert problem.rule.endswith("and no taints: cpu")
    assert problem.remedy == "pulumi config set --path 'ray-on-eks:ray.head.nodePool' cpu"


def test_the_pool_of_the_head_has_to_exist() -> None:
    assert only_problem(ray={"head": {"nodePool": "cpus"}}).path == "ray.head.nodePool"


def test_where_no_pool_can_carry_the_head_its_name_is_to_be_removed() -> None:
    found = problems(nodePools={"gpu": {"gpu": True}}, ray={"head": {"nodePool": "gpu"}})

    assert [each.path for each in found] == ["nodePools", "ray.head.nodePool"]
    assert found[1].remedy == "Remove it: pulumi config rm --path 'ray-on-eks:ray.head.nodePool'"


def test_a_pool_of_the_head_with_a_fault_of_its_own_is_not_blamed_twice() -> None:
    found = problems(nodePools={"cpu": {"minSize": -1}}, ray={"head": {"nodePool": "cpu"}})

    assert [each.path for each in found] == ["nodePools.cpu.minSize"]


def test_where_ray_runs_can_be_told_while_other_sections_are_wrong() -> None:
    broken = stack(cluster={"name": ""}, aws={"region": "Frankfurt"}, colour="blue")

    assert declared(broken).scheduling == declared(stack()).scheduling is not None


@pytest.mark.parametrize(
    "broken",
    [
        {"nodePools": {"cpu": {"maxSize": 0}}},
        {"nodePools": {"gpu": {"gpu": True}}},
        {"nodePools": []},
        {"ray": {"colour": "blue"}},
        {"ray": {"head": {"nodePool": "none"}}},
        {"ray": []},
        {"addons": {"devicePlugin": {"enabled": "yes"}}},
    ],
)
def test_where_ray_runs_cannot_be_told_while_its_own_sections_are_wrong(broken: dict[str, Any]) -> None:
    assert declared(stack(**broken)).scheduling is None


def test_the_device_plugin_is_on_unless_switched_off() -> None:
    assert settings().addons.device_plugin.enabled
    assert not settings(addons={"devicePlugin": {"enabled": False}}).addons.device_plugin.enabled
