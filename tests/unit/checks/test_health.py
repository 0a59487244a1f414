"""Node groups and addons that EKS accepted and that do not work."""

from dataclasses import replace
from typing import Literal

import pytest

from ray_platform.checks import health
from ray_platform.checks.facts import Ailing, Case
from ray_platform.checks.finding import Finding
from tests.unit.checks.cases import CLUSTER, case

HELD = frozenset({CLUSTER.name})


def having(*ailing: Ailing, holdings: frozenset[str] = HELD) -> Case:
    return case(cluster=replace(CLUSTER, ailing=ailing), holdings=holdings)


def only(kind: Literal["node group", "addon"], status: str, *issues: str) -> Finding:
    (finding,) = health.findings(having(Ailing(kind=kind, name="it", status=status, issues=issues)))
    return finding


def test_no_cluster_and_a_sound_one_are_fine() -> None:
    assert not list(health.findings(case()))
    assert not list(health.findings(having()))


def test_a_node_group_that_could_not_be_made_is_told_in_eks_own_words_with_the_command() -> None:
    finding = only("node group", "CREATE_FAILED", "NodeCreationFailure: Instances failed to join", "Unknown")

    assert (finding.severity, finding.where) == ("warning", "it")
    assert finding.evidence == "EKS says CREATE_FAILED: NodeCreationFailure: Instances failed to join; Unknown"
    assert finding.remedy.splitlines()[-1] == (
        "aws eks delete-nodegroup --cluster-name ray-prod --nodegroup-name it --region us-east-1"
    )
    assert "ray-platform up" in finding.remedy


@pytest.mark.parametrize(
    ("status", "verb"),
    [
        ("CREATE_FAILED", "delete"),
        ("DELETE_FAILED", "delete"),
        ("DEGRADED", "describe"),
        ("UPDATE_FAILED", "update"),
    ],
)
def test_none_is_an_error_since_up_goes_on_with_all_of_them(status: str, verb: str) -> None:
    finding = only("addon", status)

    assert finding.severity == "warning"
    assert finding.evidence == f"EKS says {status}: without a reason"
    assert f"aws eks {verb}-addon --cluster-name ray-prod --addon-name it --region us-east-1" in finding.remedy


def test_of_somebody_elses_cluster_nothing_is_said() -> None:
    degraded = Ailing(kind="addon", name="it", status="DEGRADED", issues=())

    assert not list(health.findings(having(degraded, holdings=frozenset())))
