"""What an earlier stack left behind."""

import json
from typing import Any

import pytest

from ray_platform.checks import leftovers
from ray_platform.checks.facts import Case, Leftover, Unread
from ray_platform.checks.finding import Finding
from tests.unit.checks.cases import ACCOUNT_ID, CLUSTER, case

LOG_GROUP = Leftover(
    kind="log group",
    type_token="aws:cloudwatch/logGroup:LogGroup",
    logical_name="ray-prod-logs",
    physical_id="/aws/eks/ray-prod/cluster",
)
ALIAS = Leftover(
    kind="key alias",
    type_token="aws:kms/alias:Alias",
    logical_name="ray-prod-key-alias",
    physical_id="alias/eks/ray-prod",
)
QUEUE = Leftover(
    kind="queue",
    type_token="aws:sqs/queue:Queue",
    logical_name="ray-prod-interruption",
    physical_id=f"https://sqs.us-east-1.amazonaws.com/{ACCOUNT_ID}/ray-prod-interruption-0123456",
)
ALL = (LOG_GROUP, ALIAS, QUEUE)


def only(found: Case) -> Finding:
    (finding,) = leftovers.findings(found)
    return finding


def adopted(remedy: str) -> list[dict[str, Any]]:
    """What the import file of a remedy names."""
    (line,) = [line for line in remedy.splitlines() if line.endswith("> adopt.json")]
    resources: list[dict[str, Any]] = json.loads(line.removeprefix("echo '").removesuffix("' > adopt.json"))[
        "resources"
    ]
    return resources


def test_an_account_without_leftovers_is_fine() -> None:
    assert not list(leftovers.findings(case()))


def test_a_cluster_of_this_stack_is_fine() -> None:
    held = frozenset({"ray-prod", *(each.physical_id for each in ALL)})

    assert not list(leftovers.findings(case(cluster=CLUSTER, leftovers=ALL, holdings=held)))


@pytest.mark.parametrize(
    ("leftover", "parent", "delete"),
    [
        (
            LOG_GROUP,
            ("ray-platform:components:Cluster", "ray-prod-cluster"),
            "aws logs delete-log-group --log-group-name /aws/eks/ray-prod/cluster --region us-east-1",
        ),
        (
            ALIAS,
            ("ray-platform:components:Security", "ray-prod-security"),
            "aws kms delete-alias --alias-name alias/eks/ray-prod --region us-east-1",
        ),
    ],
)
def test_a_name_that_is_taken_is_an_error_with_both_ways_out(
    leftover: Leftover, parent: tuple[str, str], delete: str
) -> None:
    finding = only(case(leftovers=(leftover,)))

    assert (finding.code, finding.severity, finding.where) == ("left-over", "error", leftover.physical_id)
    assert finding.remedy.splitlines()[-1] == delete
    component, resource = adopted(finding.remedy)
    assert component == {"type": parent[0], "name": parent[1], "component": True}
    assert resource == {
        "type": leftover.type_token,
        "name": leftover.logical_name,
        "id": leftover.physical_id,
        "parent": parent[1],
    }
    assert "AWS_REGION=us-east-1 pulumi import --file adopt.json --protect=false" in finding.remedy


def test_a_queue_is_in_nobodys_way() -> None:
    finding = only(case(leftovers=(QUEUE,)))

    assert (finding.severity, finding.where) == ("note", QUEUE.physical_id)
    assert f"aws sqs delete-queue --queue-url {QUEUE.physical_id} --region us-east-1" in finding.remedy
    assert "import" not in finding.remedy


def test_what_the_stack_holds_is_not_left_over_while_its_cluster_is_still_to_be_made() -> None:
    held = frozenset(each.physical_id for each in ALL)

    assert not list(leftovers.findings(case(leftovers=ALL, holdings=held)))


def test_where_the_state_is_unknown_it_is_a_warning_that_says_so() -> None:
    found = list(leftovers.findings(case(leftovers=ALL, holdings=None)))

    assert [each.severity for each in found] == ["warning", "warning", "note"]
    assert all("Unless this stack holds it already" in each.what for each in found)


def test_where_nobody_may_tell_whether_the_cluster_exists_its_log_group_is_left_alone() -> None:
    denied = Unread(what="the cluster", action="eks:DescribeCluster", reason="AccessDeniedException")

    assert not list(leftovers.findings(case(leftovers=ALL, unread=(denied,))))


def test_a_cluster_that_another_stack_made_takes_the_name_and_is_the_one_thing_told() -> None:
    finding = only(case(cluster=CLUSTER, leftovers=ALL, holdings=frozenset()))

    assert (finding.code, finding.severity, finding.where) == ("cluster-name-taken", "error", "cluster.name")
    assert "ray-prod" in finding.evidence
    assert "pulumi config set --path 'ray-on-eks:cluster.name' ray-prod-2" in finding.remedy


def test_a_cluster_may_be_the_stacks_own_where_the_state_is_unknown() -> None:
    assert not list(leftovers.findings(case(cluster=CLUSTER, leftovers=ALL, holdings=None)))
