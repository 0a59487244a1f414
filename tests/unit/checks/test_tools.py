"""The programs on this machine."""

from dataclasses import replace
from importlib.metadata import version
from typing import Any

import pytest

from ray_platform.checks import tools
from ray_platform.checks.finding import Finding
from tests.unit.checks.cases import MACHINE, case


def having(**programs: Any) -> list[Finding]:
    return list(tools.findings(case(machine=replace(MACHINE, **programs))))


def only(**programs: Any) -> Finding:
    (finding,) = having(**programs)
    return finding


def test_todays_tools_are_fine() -> None:
    assert not having()


@pytest.mark.parametrize(
    ("program", "code", "where", "severity", "page"),
    [
        ("pulumi", "tool-pulumi", "pulumi", "error", "pulumi.com/docs/install"),
        ("aws_cli", "tool-aws-cli", "aws", "error", "getting-started-install"),
        ("kubectl", "tool-kubectl", "kubectl", "note", "kubernetes.io/docs/tasks/tools"),
    ],
)
def test_a_tool_that_is_missing_is_told(program: str, code: str, where: str, severity: str, page: str) -> None:
    finding = only(**{program: None})

    assert (finding.code, finding.where, finding.severity) == (code, where, severity)
    assert page in finding.remedy


def test_a_pulumi_cli_older_than_the_packages_is_a_warning() -> None:
    major, minor, _ = version("pulumi").split(".")
    finding = only(pulumi=f"{major}.{int(minor) - 1}.9")

    assert (finding.code, finding.severity) == ("tool-pulumi", "warning")
    assert version("pulumi") in finding.evidence


def test_a_pulumi_cli_of_the_same_minor_or_a_later_one_is_fine() -> None:
    major, minor, _ = version("pulumi").split(".")

    assert not having(pulumi=f"{major}.{minor}.0")
    assert not having(pulumi=f"v{major}.{int(minor) + 1}.0-alpha.1")
    assert not having(pulumi=f"{int(major) + 1}.0.0")


@pytest.mark.parametrize("old", ["1.16.156", "1.23.9", "2.6.4"])
def test_an_aws_cli_that_pulumi_eks_refuses_is_an_error(old: str) -> None:
    finding = only(aws_cli=old)

    assert (finding.code, finding.severity) == ("tool-aws-cli", "error")
    assert old in finding.evidence and "Install version 2" in finding.remedy


def test_version_1_of_the_aws_cli_still_works_and_will_not_for_long() -> None:
    finding = only(aws_cli="1.46.3")

    assert (finding.code, finding.severity) == ("tool-aws-cli", "warning")
    assert "2027-07-15" in finding.what and "Install version 2" in finding.remedy


@pytest.mark.parametrize("fine", ["2.7.0", "2.31.0"])
def test_version_2_of_the_aws_cli_is_fine(fine: str) -> None:
    assert not having(aws_cli=fine)


@pytest.mark.parametrize("far", ["1.33.9", "v1.37.0", "2.35.0"])
def test_a_kubectl_more_than_one_minor_away_is_a_warning(far: str) -> None:
    finding = only(kubectl=far)

    assert (finding.code, finding.severity) == ("tool-kubectl", "warning")
    assert far in finding.evidence and "Install version 1.35" in finding.remedy


@pytest.mark.parametrize("near", ["1.34.0", "v1.36.1"])
def test_a_kubectl_one_minor_away_is_fine(near: str) -> None:
    assert not having(kubectl=near)


def test_a_version_nobody_understands_is_passed_over() -> None:
    assert not having(pulumi="dev", aws_cli="unknown", kubectl="main")
