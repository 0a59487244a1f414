"""Derived names fit every limit and never collide."""

import pytest

from ray_platform import naming


def test_a_short_name_is_the_two_parts_with_a_hyphen() -> None:
    assert naming.resource("ray-dev", "gpu") == "ray-dev-gpu"


@pytest.mark.parametrize("length", [1, 50, 51, 100])
def test_with_pulumis_digits_every_name_fits_the_tightest_limit(length: int) -> None:
    physical = f"{naming.resource('c' * length, 'node')}-1a2b3c4"

    assert len(physical) <= min(naming.NODE_GROUP_NAME_MAX, naming.IAM_ROLE_NAME_MAX, naming.EVENT_RULE_NAME_MAX)


def test_a_name_is_cut_only_when_it_must_be() -> None:
    assert naming.resource("c" * 50, "node") == f"{'c' * 50}-node"
    assert naming.resource("c" * 51, "node") != f"{'c' * 51}-node"


def test_two_long_names_that_differ_at_the_end_stay_different() -> None:
    assert naming.resource("c" * 100, "cpu") != naming.resource("c" * 100, "gpu")
    assert naming.resource("c" * 99 + "a", "gpu") != naming.resource("c" * 99 + "b", "gpu")


def test_a_cut_name_is_the_same_every_time() -> None:
    assert naming.resource("c" * 100, "node") == f"{'c' * 46}-32592caa"


def test_a_cut_never_leaves_two_hyphens() -> None:
    assert "--" not in naming.resource("c" * 45 + "-" + "d" * 50, "node")


def test_log_group_and_alias_of_the_longest_cluster_name_fit() -> None:
    longest = "c" * naming.CLUSTER_NAME_MAX

    assert naming.log_group("ray-dev") == "/aws/eks/ray-dev/cluster"
    assert naming.key_alias("ray-dev") == "alias/eks/ray-dev"
    assert len(naming.log_group(longest)) <= naming.LOG_GROUP_NAME_MAX
    assert len(naming.key_alias(longest)) <= naming.KEY_ALIAS_MAX
    assert len(f"k8s.io/cluster-autoscaler/{longest}") <= naming.TAG_KEY_MAX
