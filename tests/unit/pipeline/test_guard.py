"""What an update must not end by accident."""

from __future__ import annotations

import pytest

from ray_platform.pipeline.events import Change
from ray_platform.pipeline.guard import GUARDED, refusals

URN = "urn:pulumi:dev::ray-on-eks::x::ray-dev-it"


def change(type_: str, op: str, *, protect: bool = False) -> Change:
    return Change(status="planned", op=op, urn=URN, type=type_, name="ray-dev-it", protect=protect)


@pytest.mark.parametrize("type_", GUARDED)
@pytest.mark.parametrize(("op", "word"), [("replace", "replaced"), ("delete", "deleted")])
def test_what_the_stack_stands_on_is_not_ended_unless_it_is_named(type_: str, op: str, word: str) -> None:
    (refusal,) = refusals([change(type_, op)], [])

    assert f"ray-dev-it would be {word}: it is {GUARDED[type_]}" in str(refusal)
    assert f"--allow-replace '{URN}'" in str(refusal)
    assert refusals([change(type_, op)], [URN]) == []
    assert refusals([change(type_, op)], ["another"]) != []


def test_what_is_protected_is_guarded_too() -> None:
    (refusal,) = refusals([change("aws:cloudwatch/logGroup:LogGroup", "delete", protect=True)], [])

    assert refusal.why == "protected"


@pytest.mark.parametrize(
    ("type_", "op"),
    [
        ("aws:eks/cluster:Cluster", "update"),
        ("aws:eks/cluster:Cluster", "create"),
        ("aws:eks/nodeGroup:NodeGroup", "replace"),
    ],
)
def test_all_else_may_be_done(type_: str, op: str) -> None:
    assert refusals([change(type_, op)], []) == []


def test_a_resource_is_told_once() -> None:
    both = [change("aws:kms/key:Key", "replace"), change("aws:kms/key:Key", "delete")]

    assert len(refusals(both, [])) == 1
