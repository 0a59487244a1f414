"""Who runs this, and from where."""

from dataclasses import replace
from typing import Any

import pytest

from ray_platform.checks import access
from ray_platform.checks.facts import Case, Unread
from ray_platform.checks.finding import Finding
from ray_platform.checks.principals import is_principal
from tests.unit.checks.cases import ACCOUNT_ID, CALLER, CLUSTER, MACHINE, NETWORK, case

SESSION = f"arn:aws:sts::{ACCOUNT_ID}:assumed-role/platform-admin/alice"
OURS: dict[str, Any] = {"cluster": CLUSTER, "holdings": frozenset({"ray-prod"})}
OUTSIDE = replace(MACHINE, addresses=("192.168.1.20", "172.17.0.1"))
PUBLIC = {"cluster": {"name": "ray-prod", "endpointPublicAccess": True, "publicAccessCidrs": ["203.0.113.7/32"]}}


def only(found: Case) -> Finding:
    (finding,) = access.findings(found)
    return finding


@pytest.mark.parametrize("facts", [{}, OURS, {**OURS, "holdings": None}, {**OURS, "caller_arn": SESSION}])
def test_a_caller_with_access_and_a_machine_inside_are_fine(facts: dict[str, Any]) -> None:
    assert not list(access.findings(case(**facts)))


def test_without_credentials_that_is_the_one_thing_to_tell() -> None:
    expired = Unread(what="who is calling", action="sts:GetCallerIdentity", reason="The security token is expired")
    finding = only(case(caller_arn=None, account=None, machine=OUTSIDE, unread=(expired,)))

    assert (finding.code, finding.severity) == ("credentials", "error")
    assert finding.evidence == "The security token is expired"
    assert "aws sts get-caller-identity --region us-east-1" in finding.remedy


@pytest.mark.parametrize(("kind", "listed"), [("role", "list-roles"), ("user", "list-users")])
def test_an_access_entry_for_nobody_is_an_error_at_its_path(kind: str, listed: str) -> None:
    gone, there = f"arn:aws:iam::{ACCOUNT_ID}:{kind}/gone", f"arn:aws:iam::{ACCOUNT_ID}:{kind}/there"
    entries = {"team": {"principalArn": there}, "old-team": {"principalArn": gone}}
    finding = only(
        case({"cluster": {"name": "ray-prod", "accessEntries": entries}}, missing_principals=frozenset({gone}))
    )

    assert (finding.code, finding.severity) == ("access-entry-principal", "error")
    assert finding.where == "cluster.accessEntries.old-team.principalArn"
    assert gone in finding.evidence
    assert listed in finding.remedy and "'ray-on-eks:cluster.accessEntries.old-team.principalArn' ARN" in finding.remedy


def test_a_caller_whom_the_cluster_does_not_let_in_is_an_error() -> None:
    theirs = replace(CLUSTER, principals=frozenset({f"arn:aws:iam::{ACCOUNT_ID}:role/other"}))
    finding = only(case(**{**OURS, "cluster": theirs, "caller_arn": SESSION}))

    assert (finding.code, finding.severity, finding.where) == ("caller-access", "error", "ray-prod")
    assert SESSION in finding.evidence and "role/other" in finding.evidence
    assert "aws eks create-access-entry --cluster-name ray-prod --region us-east-1" in finding.remedy
    assert "aws iam get-role --role-name platform-admin" in finding.remedy
    assert "AmazonEKSClusterAdminPolicy" in finding.remedy


def test_a_user_lets_itself_in_under_its_own_name() -> None:
    user = f"arn:aws:iam::{ACCOUNT_ID}:user/alice"
    finding = only(case(**{**OURS, "caller_arn": user}))

    assert f"--principal-arn {user}\n" in finding.remedy


def test_whose_entries_may_not_be_read_is_let_pass() -> None:
    assert not list(access.findings(case(**{**OURS, "cluster": replace(CLUSTER, principals=None)})))


@pytest.mark.parametrize(
    ("principal", "same"),
    [
        (CALLER, True),
        (SESSION, True),
        (f"arn:aws:iam::{ACCOUNT_ID}:role/aws-reserved/sso.amazonaws.com/platform-admin", True),
        (f"arn:aws:iam::{ACCOUNT_ID}:role/platform-admin/other", False),
        (f"arn:aws:iam::{ACCOUNT_ID}:role/my-platform-admin", False),
        ("arn:aws:iam::210987654321:role/platform-admin", False),
        (f"arn:aws-cn:iam::{ACCOUNT_ID}:role/platform-admin", False),
    ],
)
def test_the_session_of_a_role_is_the_role_whatever_its_path(principal: str, same: bool) -> None:
    assert is_principal(SESSION, principal) is same


def test_a_role_is_itself_and_no_namesake_on_another_path() -> None:
    assert is_principal(CALLER, CALLER)
    assert not is_principal(CALLER, f"arn:aws:iam::{ACCOUNT_ID}:role/teams/platform-admin")


def test_a_machine_outside_of_a_private_cluster_to_be_made_is_a_warning() -> None:
    finding = only(case(machine=OUTSIDE))

    assert (finding.code, finding.severity, finding.where) == (
        "endpoint-reach",
        "warning",
        "cluster.endpointPublicAccess",
    )
    assert "192.168.1.20" in finding.evidence and "10.0.0.0/16" in finding.evidence
    assert "'ray-on-eks:cluster.publicAccessCidrs[0]' YOUR_ADDRESS/32" in finding.remedy


def test_a_public_endpoint_is_reached_from_outside_as_far_as_anyone_can_tell() -> None:
    assert not list(access.findings(case(PUBLIC, machine=OUTSIDE)))


@pytest.mark.parametrize(
    "facts", [{"machine": replace(MACHINE, addresses=())}, {"machine": OUTSIDE, "network": replace(NETWORK, vpc=None)}]
)
def test_where_the_machine_or_the_vpc_is_unknown_nothing_is_said(facts: dict[str, Any]) -> None:
    assert not list(access.findings(case(**facts)))


def test_an_endpoint_that_takes_no_connection_is_an_error() -> None:
    finding = only(case(**OURS, machine=replace(OUTSIDE, reaches_endpoint=False)))

    assert (finding.code, finding.severity) == ("endpoint-reach", "error")
    assert CLUSTER.endpoint in finding.evidence
    assert "aws eks update-cluster-config --name ray-prod --region us-east-1" in finding.remedy


def test_a_public_endpoint_that_keeps_this_machine_out_admits_one_address_more() -> None:
    finding = only(case(PUBLIC, **OURS, machine=replace(OUTSIDE, reaches_endpoint=False)))

    assert "publicAccessCidrs=203.0.113.7/32,YOUR_ADDRESS/32\n" in finding.remedy
    assert finding.remedy.endswith("'ray-on-eks:cluster.publicAccessCidrs[1]' YOUR_ADDRESS/32")


@pytest.mark.parametrize("reached", [True, None])
def test_an_endpoint_that_takes_one_is_fine_from_wherever(reached: bool | None) -> None:
    assert not list(access.findings(case(**OURS, machine=replace(OUTSIDE, reaches_endpoint=reached))))


def test_of_somebody_elses_cluster_nobody_need_be_let_in() -> None:
    theirs = replace(CLUSTER, principals=frozenset())

    unreached = replace(OUTSIDE, reaches_endpoint=False)
    assert not list(access.findings(case(cluster=theirs, holdings=frozenset(), machine=unreached)))
