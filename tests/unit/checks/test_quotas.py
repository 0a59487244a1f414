"""What the checks say of the account's vCPU quotas."""

from dataclasses import replace
from typing import Any

import pytest

from ray_platform.checks import quotas
from ray_platform.checks.facts import Case, Quota
from ray_platform.checks.finding import Finding
from ray_platform.checks.quota_codes import QUOTAS, quota_of
from ray_platform.config.pool_defaults import CapacityType
from tests.unit.checks.cases import FACTS, INSTANCE_TYPES, case, instance

STANDARD, STANDARD_SPOT = "L-1216C47A", "L-34B43A08"
G, G_SPOT = "L-DB2E81BA", "L-3819A6DF"
X = "L-7295265B"


def _limited(code: str, limit: float, in_use: int = 0, config: dict[str, Any] | None = None, **facts: Any) -> Case:
    known = dict(FACTS.quotas or {})
    known[code] = replace(known[code], limit=limit, in_use=in_use)
    return case(config, quotas=known, **facts)


def _found(spoiled: Case) -> list[Finding]:
    return list(quotas.findings(spoiled))


def _only(spoiled: Case) -> Finding:
    (finding,) = _found(spoiled)
    return finding


@pytest.mark.parametrize(
    ("type_name", "capacity_type", "code"),
    [
        ("m5.xlarge", "ON_DEMAND", STANDARD),
        ("m5.xlarge", "SPOT", STANDARD_SPOT),
        ("c7i-flex.large", "ON_DEMAND", STANDARD),
        ("im4gn.large", "SPOT", STANDARD_SPOT),
        ("z1d.large", "ON_DEMAND", STANDARD),
        ("g4dn.xlarge", "ON_DEMAND", G),
        ("g6e.xlarge", "SPOT", G_SPOT),
        ("gr6.4xlarge", "SPOT", G_SPOT),
        ("vt1.3xlarge", "ON_DEMAND", G),
        ("p3.2xlarge", "ON_DEMAND", "L-417A185B"),
        ("p4d.24xlarge", "SPOT", "L-7212CCBC"),
        ("p5.48xlarge", "ON_DEMAND", "L-417A185B"),
        ("p5en.48xlarge", "SPOT", "L-C4BD4855"),
        ("p99.48xlarge", "SPOT", None),
        ("inf2.xlarge", "ON_DEMAND", "L-1945791B"),
        ("trn1.2xlarge", "SPOT", "L-6B0D517C"),
        ("x2gd.large", "ON_DEMAND", X),
        ("f1.2xlarge", "ON_DEMAND", "L-74FC7D96"),
        ("dl1.24xlarge", "SPOT", "L-85EED4F7"),
        ("hpc7a.12xlarge", "ON_DEMAND", "L-F7808C92"),
        ("hpc7a.12xlarge", "SPOT", None),
        ("u-6tb1.112xlarge", "ON_DEMAND", "L-43DA4232"),
        ("u7i-12tb.224xlarge", "ON_DEMAND", "L-43DA4232"),
        ("mac2.metal", "ON_DEMAND", None),
        ("unheard1.large", "ON_DEMAND", None),
    ],
)
def test_each_class_and_way_of_buying_has_its_quota(
    type_name: str, capacity_type: CapacityType, code: str | None
) -> None:
    quota = quota_of(type_name, capacity_type)

    assert (quota.code if quota else None) == code


def test_no_quota_stands_twice_in_the_table() -> None:
    assert len({each.code for each in QUOTAS.values()}) == len({each.name for each in QUOTAS.values()}) == len(QUOTAS)


def test_an_account_with_room_has_no_finding() -> None:
    assert _found(case()) == []


def test_what_could_not_be_read_is_not_judged() -> None:
    assert _found(case(quotas=None)) == []
    assert _found(case(quotas={})) == []


def test_a_quota_below_the_first_nodes_would_fail() -> None:
    """A new account has 5 vCPUs: three nodes of 4 are too many, whichever type AWS chooses."""
    finding = _only(_limited(STANDARD, 5))

    assert (finding.code, finding.severity, finding.where) == ("quota-vcpus", "error", STANDARD)
    assert finding.what == "The account may not run the vCPUs that the pools begin with"
    assert "5 vCPUs, 0 in use elsewhere; 3 of cpu take 12 or more, and up to 80 later" in finding.evidence
    assert finding.remedy == (
        "aws service-quotas request-service-quota-increase --service-code ec2 --quota-code L-1216C47A "
        "--desired-value 80 --region us-east-1"
    )


def test_a_smaller_beginning_is_offered_where_one_fits() -> None:
    assert _only(_limited(STANDARD, 11)).remedy.endswith("nodePools.cpu.desiredSize' 2")


@pytest.mark.parametrize(("limit", "severity"), [(12, "warning"), (79, "warning"), (80, None)])
def test_a_quota_below_the_largest_sizes_is_a_warning(limit: int, severity: str | None) -> None:
    """Ten nodes of the larger type, 8 vCPUs each."""
    assert [each.severity for each in _found(_limited(STANDARD, limit))] == ([severity] if severity else [])


def test_the_warning_says_which_size_would_fit() -> None:
    finding = _only(_limited(STANDARD, 64))

    assert "10 of cpu take up to 80" in finding.evidence
    assert finding.remedy.endswith("nodePools.cpu.maxSize' 8")


def test_what_runs_elsewhere_is_taken_off_and_asked_for_too() -> None:
    finding = _only(_limited(STANDARD, 90, in_use=11))

    assert finding.severity == "warning"
    assert "90 vCPUs, 11 in use elsewhere" in finding.evidence
    assert "--desired-value 96 " in finding.remedy
    assert _found(_limited(STANDARD, 91, in_use=11)) == []


def test_a_pool_that_begins_empty_needs_its_quota_later() -> None:
    finding = _only(_limited(G_SPOT, 0))

    assert (finding.severity, finding.where) == ("warning", G_SPOT)
    assert "5 of gpu take up to 40" in finding.evidence
    assert "--quota-code L-3819A6DF --desired-value 48 " in finding.remedy
    assert "maxSize" not in finding.remedy


def test_a_quota_that_others_exceed_does_not_stop_a_pool_that_begins_empty() -> None:
    assert _only(_limited(G_SPOT, 8, in_use=16)).severity == "warning"


def test_the_fallback_counts_against_the_quota_of_on_demand() -> None:
    finding = _only(_limited(G, 0))

    assert "1 of gpu-on-demand take up to 4" in finding.evidence
    assert "--desired-value 16 " in finding.remedy


def test_pools_of_one_class_are_counted_together() -> None:
    pools = {"cpu": {"maxSize": 4}, "more": {"instanceTypes": ["r5.xlarge"], "maxSize": 10}}

    finding = _only(_limited(STANDARD, 71, config={"nodePools": pools}))

    assert "4 of cpu, 10 of more take up to 72" in finding.evidence
    assert finding.remedy.endswith("nodePools.more.maxSize' 9")


def test_the_pool_that_takes_the_most_is_the_one_to_be_smaller() -> None:
    """20 of 4 vCPUs and 7 of 16: the fewer nodes take more."""
    pools = {
        "cpu": {"maxSize": 20, "instanceTypes": ["m5.xlarge"]},
        "big": {"maxSize": 7, "instanceTypes": ["m5.4xlarge"]},
    }

    assert _only(_limited(STANDARD, 190, config={"nodePools": pools})).remedy.endswith("nodePools.big.maxSize' 6")


def test_a_pool_with_types_of_two_classes_surely_needs_neither_quota() -> None:
    """But it may need either, once it is large."""
    mixed = instance("x2.xlarge", 4, 16)
    facts: dict[str, Any] = {"instance_types": {**INSTANCE_TYPES, mixed.name: mixed}}
    config = {"nodePools": {"cpu": {"instanceTypes": ["m5.xlarge", mixed.name]}}}

    standard, other = (
        _only(_limited(STANDARD, 0, config=config, **facts)),
        _only(_limited(X, 0, config=config, **facts)),
    )

    assert (standard.severity, other.severity) == ("warning", "warning")
    assert "10 of cpu take up to 40" in standard.evidence
    assert "10 of cpu take up to 40" in other.evidence


def test_a_quota_that_no_pool_counts_against_does_not_matter() -> None:
    unused = Quota(code=X, name="unused", limit=0, in_use=100)

    assert _found(case(quotas={**(FACTS.quotas or {}), X: unused})) == []
