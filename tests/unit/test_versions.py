"""The table of Kubernetes versions, and what is pinned beside it."""

import inspect
import re
from datetime import date

import pytest

from ray_platform import versions
from ray_platform.versions import (
    DEFAULT_KUBERNETES_VERSION,
    DEFAULT_RAY_VERSION,
    FIRST_RAY,
    KUBERAY_VERSION,
    KUBERNETES_MINORS,
    RAY_FEATURES,
    READ_ON,
    RayFeature,
)


def test_the_default_version_is_the_supported_one_with_the_longest_standard_support() -> None:
    longest = max(KUBERNETES_MINORS, key=lambda minor: KUBERNETES_MINORS[minor].standard_support_until)

    assert longest == DEFAULT_KUBERNETES_VERSION


def test_support_ends_when_the_calendar_of_eks_says() -> None:
    ends = {
        minor: (facts.standard_support_until, facts.extended_support_until)
        for minor, facts in KUBERNETES_MINORS.items()
    }

    assert ends == {
        "1.34": (date(2026, 12, 2), date(2027, 12, 2)),
        "1.35": (date(2027, 3, 27), date(2028, 3, 27)),
    }


def test_the_autoscaler_is_of_the_clusters_minor_version() -> None:
    for minor, facts in KUBERNETES_MINORS.items():
        assert facts.cluster_autoscaler_image_tag.startswith(f"v{minor}.")


@pytest.mark.parametrize("minor", KUBERNETES_MINORS)
def test_the_autoscalers_image_is_that_of_the_table(minor: str) -> None:
    tag = KUBERNETES_MINORS[minor].cluster_autoscaler_image_tag

    assert versions.cluster_autoscaler_image(minor) == f"registry.k8s.io/autoscaling/cluster-autoscaler:{tag}"


def test_there_is_no_autoscaler_for_a_minor_that_is_not_supported() -> None:
    with pytest.raises(KeyError):
        versions.cluster_autoscaler_image("1.28")


def test_operator_and_crds_are_of_one_release() -> None:
    assert f"quay.io/kuberay/operator:v{KUBERAY_VERSION}" == versions.KUBERAY_OPERATOR_IMAGE
    assert len(versions.KUBERAY_CRD_URLS) == 3
    for url in versions.KUBERAY_CRD_URLS:
        assert f"/kuberay/v{KUBERAY_VERSION}/ray-operator/config/crd/bases/ray.io_" in url


@pytest.mark.parametrize("feature", RAY_FEATURES, ids=lambda feature: feature.what)
def test_the_pinned_releases_have_every_feature_that_the_platform_relies_on(feature: RayFeature) -> None:
    assert numbers(KUBERAY_VERSION) >= feature.kuberay
    assert numbers(DEFAULT_RAY_VERSION) >= FIRST_RAY >= feature.ray


def test_no_ray_is_accepted_without_token_authentication() -> None:
    assert FIRST_RAY == (2, 52, 0)


def test_the_table_is_as_old_as_its_oldest_source() -> None:
    days = re.findall(r"\d{4}-\d\d-\d\d", inspect.getsource(versions))

    assert date.fromisoformat(min(days)) == READ_ON


def numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))
