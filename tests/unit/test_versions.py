"""The table of Kubernetes versions, and what is pinned beside it."""

from datetime import date

import pytest

from ray_platform import versions
from ray_platform.versions import DEFAULT_KUBERNETES_VERSION, KUBERAY_VERSION, KUBERNETES_MINORS


def test_the_default_version_is_the_supported_one_with_the_longest_standard_support() -> None:
    longest = max(KUBERNETES_MINORS, key=lambda minor: KUBERNETES_MINORS[minor].standard_support_until)

    assert longest == DEFAULT_KUBERNETES_VERSION


def test_support_ends_when_the_calendar_of_eks_says() -> None:
    assert {minor: facts.standard_support_until for minor, facts in KUBERNETES_MINORS.items()} == {
        "1.34": date(2026, 12, 2),
        "1.35": date(2027, 3, 27),
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
