"""The table of Kubernetes versions."""

from datetime import date

from ray_platform.versions import DEFAULT_KUBERNETES_VERSION, KUBERNETES_MINORS


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
