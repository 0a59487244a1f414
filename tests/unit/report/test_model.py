"""The sentences and the order that every form of the report shares."""

import pytest

from ray_platform.checks.all import CATALOGUE
from ray_platform.checks.finding import Finding
from ray_platform.report.model import closing, critical_steps, grouped, verdict
from ray_platform.report.words import clock, duration, money, printable
from tests.unit.report.samples import EXAMPLE, FAULTS, HOSTILE, PICTURE, QUOTA, SUPPORT, UNREAD, finding, report


@pytest.mark.parametrize(
    ("findings", "sentence", "line"),
    [
        ((), "You can build the stack dev: 41 checks found nothing wrong.", "No findings: 41 checks"),
        ((UNREAD,), "You can build the stack dev: nothing is wrong with what could be checked.", "1 note: 41 checks"),
        (
            (SUPPORT, UNREAD),
            "You can build the stack dev, but look at 1 warning first.",
            "1 warning, 1 note: 41 checks",
        ),
        (
            FAULTS,
            "Do not build the stack dev yet: 2 errors would make it fail.",
            "2 errors, 1 warning, 1 note: 41 checks",
        ),
    ],
    ids=["healthy", "note", "warning", "errors"],
)
def test_the_worst_finding_decides_the_verdict_and_all_are_counted(
    findings: tuple[Finding, ...], sentence: str, line: str
) -> None:
    assert verdict(report(*findings)) == sentence
    assert closing(report(*findings)) == line


def test_the_samples_are_findings_of_checks_that_there_are() -> None:
    told = {(each.group, each.code) for each in (*FAULTS, *EXAMPLE.findings)}

    assert told <= {(check.group, check.code) for check in CATALOGUE}


def test_the_worst_finding_is_the_one_that_the_exit_code_follows() -> None:
    assert [report(*each).worst for each in ((), (UNREAD,), (UNREAD, SUPPORT), FAULTS)] == [
        None,
        "note",
        "warning",
        "error",
    ]


def test_findings_are_told_by_group_with_the_worst_group_first_and_in_it_the_worst_finding() -> None:
    mild = finding("warning", what="The load balancer tag is missing.")
    groups = grouped((UNREAD, SUPPORT, mild, QUOTA, finding()))

    assert [group.name for group in groups] == ["VPC", "Quotas", "Versions", "Tools and access"]
    assert [each.severity for each in groups[0].findings] == ["error", "warning"]
    assert [group.name for group in grouped((SUPPORT, QUOTA))] == ["Quotas", "Versions"]


def test_the_critical_path_is_told_with_the_part_that_each_step_is_in() -> None:
    told = [(box.name, step.label) for box, step in critical_steps(PICTURE)]

    assert told == [
        ("Cluster", "control plane"),
        ("Node pool cpu", "nodes"),
        ("KubeRay operator", "kuberay-operator"),
        ("Ray cluster", "Ray's pods"),
    ]


def test_numbers_read_as_people_say_them() -> None:
    assert [duration(each) for each in (0, 35, 59.6, 583.0, 720)] == ["0 s", "35 s", "1 min", "9 min 43 s", "12 min"]
    assert [clock(each) for each in (4, 583, 3605)] == ["0:04", "9:43", "60:05"]
    assert [money(each) for each in (0, 1.0, 2.53, 0.004, 77.4, 1869.0)] == ["0", "1", "2.53", "0.00", "77", "1,869"]


def test_nothing_that_moves_a_cursor_is_left_in_a_text() -> None:
    assert printable("two\nlines") == "two\nlines"
    assert "\N{ESCAPE}" not in printable(HOSTILE) and printable(HOSTILE).endswith("\N{REPLACEMENT CHARACTER}[2J")
