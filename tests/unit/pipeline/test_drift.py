"""What a refresh told becomes a report: what was changed, without what belongs to others, and without secrets."""

import random
from collections.abc import Mapping
from typing import Any

import pytest

from ray_platform.pipeline.drift import drift
from ray_platform.pipeline.drift_report import DriftReport, Item, Property
from ray_platform.pipeline.events import Change, Message

STACK = "urn:pulumi:dev::ray-on-eks::"
POOLS = "ray-platform:components:NodePools$ray-platform:components:NodePool$"
SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "hidden"}
NODE_GROUP = "aws:eks/nodeGroup:NodeGroup"
LOGS = "aws:cloudwatch/logGroup:LogGroup"


def change(
    type_: str,
    name: str,
    *,
    op: str = "update",
    within: str = "ray-platform:components:Cluster$",
    diff: Mapping[str, str] | None = None,
    **values: Any,
) -> Change:
    urn = f"{STACK}{within}{type_}::{name}"
    return Change(status="found", op=op, urn=urn, type=type_, name=name, diff=diff or {}, **values)


def node_group(size: int, most: int) -> Change:
    """A node group of 2 of at most 4 nodes, found with others."""
    diff = {} if size == 2 else {"scalingConfig.desiredSize": "update"}
    diff |= {} if most == 4 else {"scalingConfig.maxSize": "update"}
    sizes = [{"scalingConfig": {"desiredSize": desired, "maxSize": high}} for desired, high in ((2, 4), (size, most))]
    return change(NODE_GROUP, "ray-dev-cpu", within=POOLS, diff=diff, old=sizes[0], new=sizes[1])


def retention(days: int) -> Change:
    return change(
        LOGS,
        "ray-dev-logs",
        diff={"retentionInDays": "update"},
        old={"retentionInDays": 7},
        new={"retentionInDays": days},
    )


def unread(text: str = "AccessDenied: request 1") -> Message:
    return Message(severity="error", text=text, urn=f"{STACK}aws:sqs/queue:Queue::ray-dev-interruption")


def properties(report: DriftReport) -> dict[str, tuple[Any, Any]]:
    (item,) = report.items
    return {each.path: (each.expected, each.found) for each in item.properties}


def test_a_changed_property_is_told_with_both_values_and_where_it_is() -> None:
    (item,) = drift([retention(30)]).items

    assert item == Item(
        urn=f"{STACK}ray-platform:components:Cluster${LOGS}::ray-dev-logs",
        type=LOGS,
        name="ray-dev-logs",
        component="Cluster",
        kind="changed",
        properties=(Property(path="retentionInDays", expected=7, found=30),),
    )


def test_what_belongs_to_others_is_left_out_and_counted() -> None:
    report = drift([node_group(size=4, most=4)])

    assert (report.items, report.drifted) == ((), False)
    assert report.left_out_by_owner() == {"cluster autoscaler": 1}


def test_beside_what_belongs_to_others_the_rest_counts() -> None:
    report = drift([node_group(size=4, most=9)])

    assert properties(report) == {"scalingConfig.maxSize": (4, 9)}
    assert report.items[0].component == "NodePool"
    assert [each.path for each in report.left_out] == ["scalingConfig.desiredSize"]


def test_a_resource_that_is_gone_is_told_as_deleted() -> None:
    (item,) = drift([change("aws:cloudwatch/eventTarget:EventTarget", "ray-dev-rebalance", op="delete")]).items

    assert (item.kind, item.properties) == ("deleted", ())


@pytest.mark.parametrize("op", ["refresh", "same"])
def test_what_is_only_read_or_the_same_is_nothing(op: str) -> None:
    assert drift([change(LOGS, "ray-dev-logs", op=op)]).items == ()


def test_a_resource_that_cannot_be_read_makes_the_report_incomplete_and_is_no_drift() -> None:
    report = drift([unread(), Message(severity="error", text="of the stack", urn="")])

    assert [(item.name, item.kind, item.why) for item in report.items] == [
        ("ray-dev-interruption", "unreadable", "AccessDenied: request 1")
    ]
    assert (report.drifted, report.complete) == (False, False)


def test_a_warning_about_a_resource_is_no_drift() -> None:
    assert drift([Message(severity="warning", text="unhealthy", urn=f"{STACK}{LOGS}::ray-dev-logs")]).items == ()


def test_a_tag_is_told_once_and_also_where_only_the_default_tags_have_it() -> None:
    tagged = {"tags": {"team": "ml"}, "tagsAll": {"team": "ml", "environment": "dev"}}
    found = {"tags": {"team": "web"}, "tagsAll": {"team": "web", "environment": "prod", "eks:x": "1"}}
    diff = {
        "tags.team": "update",
        "tagsAll.team": "update",
        "tagsAll.environment": "update",
        'tagsAll["eks:x"]': "add",
    }
    report = drift([change(LOGS, "ray-dev-logs", diff=diff, old=tagged, new=found)])

    assert properties(report) == {"tags.team": ("ml", "web"), "tags.environment": ("dev", "prod")}
    assert report.left_out_by_owner() == {"EKS": 1}


def test_tags_that_came_as_a_whole_are_told_one_by_one() -> None:
    found = {"tags": {"aws:x": "1", "owner": "me"}}
    report = drift([change(LOGS, "ray-dev-logs", diff={"tags": "add"}, old={}, new=found)])

    assert properties(report) == {"tags.owner": (None, "me")}
    assert report.left_out_by_owner() == {"AWS": 1}


def test_an_added_property_has_no_expected_value_and_a_removed_one_was_not_found() -> None:
    both = {"a": 1, "b": 2}
    one = change(LOGS, "ray-dev-logs", diff={"a": "add", "b": "delete"}, old=both, new=both)

    assert properties(drift([one])) == {"a": (None, 1), "b": (2, None)}


def test_what_the_program_does_not_give_is_taken_from_what_the_provider_reports() -> None:
    one = change(LOGS, "ray-dev-logs", diff={"x": "update"}, old_outputs={"x": 1}, new_outputs={"x": 2})

    assert properties(drift([one])) == {"x": (1, 2)}


def test_without_paths_the_values_themselves_are_compared() -> None:
    old, new = {"__defaults": [], "x": {"y": 1}}, {"__defaults": ["name"], "x": {"y": 2}}

    assert properties(drift([change(LOGS, "ray-dev-logs", old=old, new=new)])) == {"x.y": (1, 2)}


def test_a_change_that_nobody_can_name_is_still_one() -> None:
    (item,) = drift([change(LOGS, "ray-dev-logs")]).items

    assert (item.kind, item.properties) == ("changed", ())
    assert "the provider does not tell in what" in drift([change(LOGS, "ray-dev-logs")]).markdown()


def test_the_other_stack_may_have_other_outputs() -> None:
    old, new = {"outputs": {"vpcId": "a"}}, {"outputs": {"vpcId": "b"}}
    other = change("pulumi:pulumi:StackReference", "network", old_outputs=old, new_outputs=new)

    assert drift([other]).items == ()


@pytest.mark.parametrize(
    ("type_", "old", "new"),
    [
        (LOGS, {"password": SECRET}, {"password": SECRET | {"ciphertext": "other"}}),
        (LOGS, {"password": "was plain"}, {"password": SECRET}),
        ("kubernetes:core/v1:Secret", {"data": {"password": "aGk="}}, {"data": {"password": "aG8="}}),
        ("kubernetes:core/v1:Secret", {"stringData": {"password": "hi"}}, {"stringData": {"password": "ho"}}),
    ],
)
def test_no_value_of_a_secret_is_ever_shown(type_: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
    (field,) = old
    path = f"{field}.password" if "data" in field.lower() else field
    report = drift([change(type_, "token", diff={path: "update"}, old=old, new=new)])

    assert properties(report) == {path: ("[secret]", "[secret]")}
    for told in (report.markdown(), str(report.as_dict())):
        assert not any(text in told for text in ("hidden", "other", "was plain", "aGk=", "aG8=", "'hi'", "'ho'"))


def test_the_fingerprint_is_that_of_the_drift_whatever_the_order_and_the_words_of_errors() -> None:
    facts: list[Change | Message] = [node_group(4, 9), retention(30), unread()]
    first = drift(facts)
    random.Random(7).shuffle(facts)
    again = drift([each if isinstance(each, Change) else unread("AccessDenied: request 2") for each in facts])

    assert again.fingerprint() == first.fingerprint()
    assert drift([node_group(3, 9), retention(30), unread()]).fingerprint() == first.fingerprint()


@pytest.mark.parametrize(
    "facts",
    [
        [node_group(4, 8), retention(30)],
        [node_group(4, 9), retention(14)],
        [node_group(4, 9)],
        [node_group(4, 9), retention(30), unread()],
        [],
    ],
)
def test_another_drift_has_another_fingerprint(facts: list[Change | Message]) -> None:
    assert drift(facts).fingerprint() != drift([node_group(4, 9), retention(30)]).fingerprint()


def test_the_same_drift_is_the_same_text_however_far_the_autoscaler_went() -> None:
    assert drift([node_group(4, 9)]).markdown() == drift([node_group(3, 9)]).markdown()


def test_the_text_has_each_property_in_a_row_and_ends_with_the_fingerprint() -> None:
    report = drift([node_group(2, 9), change(LOGS, "ray-dev-logs", op="delete"), unread()])
    text = report.markdown()

    assert text.startswith(
        "**1 resource changed by hand, 1 resource deleted by hand, 1 resource that could not be read.**\n"
    )
    assert "| NodePool | ray-dev-cpu (NodeGroup) | `scalingConfig.maxSize` | `4` | `9` |\n" in text
    assert "| Cluster | ray-dev-logs (LogGroup) |  |  | **deleted** |\n" in text
    assert "| Others | ray-dev-interruption (Queue) |  |  | not readable: `AccessDenied: request 1` |\n" in text
    assert "`ray-platform up` puts it back." in text
    assert text.endswith(f"<!-- ray-platform drift {report.fingerprint()} -->\n")


def test_no_value_breaks_out_of_its_cell() -> None:
    value = "a | b `c` <!-- d -->\n\n# e " + "x" * 500
    one = change(LOGS, "ray-dev-logs", diff={"x": "update"}, old={"x": "y"}, new={"x": value})
    (row,) = [line for line in drift([one]).markdown().splitlines() if "`y`" in line]

    assert "`a \\| b 'c' <!-- d --> # e xxx" in row
    assert row.endswith("…` |")
    assert len(row) < 300


def test_a_long_report_is_cut_and_says_so() -> None:
    names = {f"tag{number}": "x" for number in range(130)}
    one = change(LOGS, "ray-dev-logs", diff={"tags": "add"}, new={"tags": names})
    text = drift([one]).markdown()

    assert text.count("| Cluster |") == 100
    assert "And 30 more: `ray-platform drift --json` has them all." in text


def test_no_drift_is_one_sentence() -> None:
    assert drift([]).markdown().startswith("Nothing was changed by hand.\n")


def test_the_report_for_programs_has_all_of_it() -> None:
    report = drift([node_group(4, 9), unread()])

    assert report.as_dict() == {
        "schema": 1,
        "drifted": True,
        "complete": False,
        "fingerprint": report.fingerprint(),
        "items": [
            {
                "urn": f"{STACK}aws:sqs/queue:Queue::ray-dev-interruption",
                "type": "aws:sqs/queue:Queue",
                "name": "ray-dev-interruption",
                "component": "Others",
                "kind": "unreadable",
                "properties": [],
                "why": "AccessDenied: request 1",
            },
            {
                "urn": f"{STACK}{POOLS}{NODE_GROUP}::ray-dev-cpu",
                "type": NODE_GROUP,
                "name": "ray-dev-cpu",
                "component": "NodePool",
                "kind": "changed",
                "properties": [{"path": "scalingConfig.maxSize", "expected": 4, "found": 9}],
                "why": "",
            },
        ],
        "leftOut": [
            {
                "urn": f"{STACK}{POOLS}{NODE_GROUP}::ray-dev-cpu",
                "path": "scalingConfig.desiredSize",
                "owner": "cluster autoscaler",
                "reason": "it moves the size within the bounds",
            }
        ],
        "leftOutByOwner": {"cluster autoscaler": 1},
    }
