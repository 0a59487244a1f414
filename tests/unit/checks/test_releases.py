"""The table of releases is the gate: support, steps, addons, and its own age."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from ray_platform.checks import releases
from ray_platform.checks.facts import Case
from ray_platform.checks.finding import Finding
from ray_platform.versions import KUBERNETES_MINORS, READ_ON
from tests.unit.checks.cases import CLUSTER, case

CURRENT, LAST = KUBERNETES_MINORS["1.34"], KUBERNETES_MINORS["1.35"]
DAY = timedelta(days=1)
HELD = frozenset({"ray-prod"})
SET_VERSION = "pulumi config set --path 'ray-on-eks:cluster.kubernetesVersion'"


def of_version(version: str, support: str = "STANDARD", **facts: Any) -> Case:
    return case({"cluster": {"name": "ray-prod", "kubernetesVersion": version, "supportType": support}}, **facts)


def only(found: Case) -> Finding:
    (finding,) = releases.findings(found)
    return finding


def by_code(found: Case) -> Mapping[str, Finding]:
    return {finding.code: finding for finding in releases.findings(found)}


def test_a_version_with_months_of_standard_support_is_fine() -> None:
    assert not list(releases.findings(case()))


def test_the_end_of_standard_support_is_told_ninety_days_before() -> None:
    assert not list(releases.findings(of_version("1.34", today=CURRENT.standard_support_until - 91 * DAY)))

    finding = only(of_version("1.34", today=CURRENT.standard_support_until - 90 * DAY))
    assert (finding.code, finding.severity) == ("kubernetes-support", "warning")
    assert finding.where == "cluster.kubernetesVersion"
    assert "2026-12-02" in finding.what and "365 USD per month" in finding.what
    assert finding.remedy == f"{SET_VERSION} 1.35"


def test_the_last_day_of_support_is_a_day_of_support() -> None:
    assert only(of_version("1.34", today=CURRENT.standard_support_until)).severity == "warning"


def test_beyond_standard_support_eks_upgrades_a_cluster_that_does_not_pay() -> None:
    finding = only(of_version("1.34", today=CURRENT.standard_support_until + DAY))

    assert finding.severity == "error"
    assert "upgrades it by itself" in finding.what
    assert "2026-12-03" in finding.evidence


def test_extended_support_is_a_matter_of_money() -> None:
    finding = only(of_version("1.34", "EXTENDED", today=CURRENT.standard_support_until + DAY))

    assert finding.severity == "warning"
    assert "0.50 USD more per hour, 365 USD per month" in finding.what


def test_before_its_end_the_price_of_extended_support_is_told() -> None:
    assert not list(releases.findings(of_version("1.34", "EXTENDED", today=CURRENT.standard_support_until - 91 * DAY)))

    finding = only(of_version("1.34", "EXTENDED", today=CURRENT.standard_support_until - 90 * DAY))

    assert finding.severity == "warning"
    assert "then the control plane costs 0.50 USD more per hour" in finding.what


@pytest.mark.parametrize("support", ["STANDARD", "EXTENDED"])
def test_beyond_extended_support_there_is_no_such_cluster(support: str) -> None:
    finding = by_code(of_version("1.34", support, today=CURRENT.extended_support_until + DAY))["kubernetes-support"]

    assert finding.severity == "error"
    assert "out of extended support" in finding.what


def test_who_has_the_latest_version_of_the_table_needs_a_newer_platform() -> None:
    finding = only(of_version("1.35", today=LAST.standard_support_until - DAY))

    assert "newer release of the platform" in finding.remedy


def test_a_cluster_never_goes_back() -> None:
    finding = by_code(of_version("1.34", cluster=CLUSTER, holdings=HELD))["kubernetes-step"]

    assert (finding.severity, finding.where) == ("error", "cluster.kubernetesVersion")
    assert finding.evidence == "ray-prod runs 1.35, the configuration wants 1.34"
    assert finding.remedy == f"{SET_VERSION} 1.35"


def test_a_cluster_that_is_ahead_of_the_table_needs_a_newer_platform() -> None:
    finding = only(case(cluster=replace(CLUSTER, version="1.36"), holdings=HELD))

    assert finding.code == "kubernetes-step"
    assert "knows Kubernetes 1.36" in finding.remedy


@pytest.mark.parametrize(("version", "remedy"), [("1.33", f"{SET_VERSION} 1.34"), ("1.32", "Bring it to 1.33")])
def test_a_cluster_goes_up_by_one_minor_version_at_a_time(version: str, remedy: str) -> None:
    finding = only(case(cluster=replace(CLUSTER, version=version), holdings=HELD))

    assert (finding.code, finding.severity) == ("kubernetes-step", "error")
    assert "one minor version at a time" in finding.what
    assert finding.remedy.startswith(remedy)


@pytest.mark.parametrize("version", ["1.34", "1.35"])
def test_the_same_version_and_the_next_are_within_reach(version: str) -> None:
    assert not list(releases.findings(case(cluster=replace(CLUSTER, version=version), holdings=HELD)))


def test_the_version_of_somebody_elses_cluster_is_no_matter() -> None:
    theirs = replace(CLUSTER, version="1.36")

    assert not list(releases.findings(case(cluster=theirs, holdings=frozenset())))
    assert list(releases.findings(case(cluster=theirs, holdings=None)))


@pytest.mark.parametrize(
    ("key", "wanted", "nearest"),
    [
        ("vpcCni", "v1.20.9-eksbuild.1", "v1.20.4-eksbuild.2, v1.21.1-eksbuild.1"),
        ("kubeProxy", "v1.34.0-eksbuild.1", "v1.35.0-eksbuild.1"),
        ("coredns", "v1.99.0-eksbuild.1", "v1.13.1-eksbuild.1"),
        ("ebsCsiDriver", "v1.53.0-eksbuild.10", "v1.53.0-eksbuild.1, v1.54.0-eksbuild.1"),
    ],
)
def test_an_addon_version_that_eks_does_not_offer_is_an_error_with_the_nearest(
    key: str, wanted: str, nearest: str
) -> None:
    finding = only(case({"addons": {key: {"version": wanted}}}))

    assert (finding.code, finding.severity, finding.where) == ("addon-version", "error", f"addons.{key}.version")
    assert wanted in finding.what and "1.35" in finding.what
    assert finding.evidence.endswith(f"the nearest: {nearest}")
    assert f"'ray-on-eks:addons.{key}.version' {nearest.split(', ')[-1]};" in finding.remedy


def test_versions_are_in_the_order_of_their_numbers() -> None:
    offered = {"vpc-cni": ("v1.9.0-eksbuild.1", "v1.10.0-eksbuild.1", "v1.20.0-eksbuild.1")}
    finding = only(case({"addons": {"vpcCni": {"version": "v1.9.9-eksbuild.1"}}}, addon_versions=offered))

    assert finding.evidence.endswith("the nearest: v1.9.0-eksbuild.1, v1.10.0-eksbuild.1")


def test_addon_versions_that_eks_offers_are_fine() -> None:
    assert not list(releases.findings(case({"addons": {"vpcCni": {"version": "v1.20.4-eksbuild.2"}}})))


def test_of_addons_that_are_unknown_or_switched_off_nothing_is_said() -> None:
    wrong = {"version": "v0.0.1-eksbuild.1"}

    assert not list(releases.findings(case({"addons": {"ebsCsiDriver": {**wrong, "enabled": False}}})))
    for nothing in (None, {}, {"vpc-cni": ()}):
        assert not list(releases.findings(case({"addons": {"vpcCni": wrong}}, addon_versions=nothing)))


def test_a_table_older_than_a_year_is_told() -> None:
    codes = {age: by_code(case(today=READ_ON + timedelta(days=age))).keys() for age in (365, 366)}

    assert "releases-age" not in codes[365] and "releases-age" in codes[366]
    finding = by_code(case(today=date(2028, 1, 1)))["releases-age"]
    assert finding.severity == "warning"
    assert str(READ_ON) in finding.evidence and "newer release" in finding.remedy
