"""What pulumi-aws does with inputs before AWS is asked: names, tags, settings, and the manner of a replacement."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from simulator.account import Account
from simulator.account.resource import UNKNOWN, Refusal, Resource, ResourceType
from simulator.aws.package import AwsPackage
from simulator.protocol.plain_provider import CheckCall

QUEUE = "aws:sqs/queue:Queue"


class _Queue(ResourceType):
    """A queue of which only the record exists. Its time of creation is another at each replay."""

    token = QUEUE
    name_property = "name"
    name_max_length = 20
    replace_on = frozenset({"fifoQueue"})
    changing_outputs = frozenset({"url"})
    kept_outputs = frozenset({"madeAt"})
    made = 0

    def check(self, account: Account, inputs: dict[str, Any]) -> list[tuple[str, str]]:
        return [("delaySeconds", "too long")] if inputs.get("delaySeconds") == 901 else []

    def create(self, account: Account, inputs: dict[str, Any]) -> Resource:
        _Queue.made += 1
        return Resource(id=inputs["name"], outputs={**inputs, "madeAt": _Queue.made})

    def read(self, account: Account, id: str, inputs: dict[str, Any], outputs: dict[str, Any]) -> Resource | None:
        return Resource(id=id, outputs={**outputs, "madeAt": -1})

    def update(
        self, account: Account, id: str, old: dict[str, Any], new: dict[str, Any], outputs: dict[str, Any]
    ) -> dict[str, Any]:
        return {**outputs, **new}

    def delete(self, account: Account, id: str, inputs: dict[str, Any], outputs: dict[str, Any]) -> None:
        """Nothing but the record."""


@pytest.fixture
def account(tmp_path: Path) -> Iterator[Account]:
    with Account.open(tmp_path / "account.json", [_Queue()]) as opened:
        yield opened


@pytest.fixture
def package(account: Account) -> AwsPackage:
    return AwsPackage(account, [_Queue()], {})


def _call(
    new: dict[str, Any], *, name: str = "queue", old: dict[str, Any] | None = None, defaults: str = ""
) -> CheckCall:
    return CheckCall(
        token=QUEUE,
        name=name,
        old=old or {},
        old_defaults=frozenset(filter(None, [defaults])),
        new=new,
        random_seed=b"seed",
    )


def test_an_auto_name_is_the_logical_name_and_seven_digits(package: AwsPackage) -> None:
    checked = package.check({}, _call({}))
    prefix, _, digits = checked.inputs["name"].rpartition("-")
    assert (prefix, len(digits)) == ("queue", 7)
    assert set(digits) <= set("0123456789abcdef")
    assert checked.defaults == ("name",)


def test_an_auto_name_stays_and_a_name_that_the_program_took_back_does_not(package: AwsPackage) -> None:
    old = {"name": "queue-old"}
    assert package.check({}, _call({}, old=old, defaults="name")).inputs["name"] == "queue-old"
    assert package.check({}, _call({}, old=old)).inputs["name"] != "queue-old"


def test_a_name_of_the_program_is_left_alone(package: AwsPackage) -> None:
    checked = package.check({}, _call({"name": "mine"}))
    assert checked.inputs["name"] == "mine"
    assert checked.defaults == ()


def test_an_auto_name_that_is_too_long_is_refused(package: AwsPackage) -> None:
    assert package.check({}, _call({}, name="q" * 12)).problems == []
    ((field, reason),) = package.check({}, _call({}, name="q" * 13)).problems
    assert field == "name"
    assert "is longer than maximum length 20" in reason


def test_default_tags_are_under_the_tags_of_the_resource(package: AwsPackage) -> None:
    config = {"defaultTags": {"tags": {"team": "ray", "stage": "dev"}}}
    assert package.check(config, _call({"tags": {"stage": "prod"}})).inputs["tagsAll"] == {
        "team": "ray",
        "stage": "prod",
    }
    assert package.check(config, _call({"tags": UNKNOWN})).inputs["tagsAll"] == UNKNOWN


def test_the_rules_of_the_type_are_asked_once_the_shapes_are_right(package: AwsPackage) -> None:
    assert package.check({}, _call({"delaySeconds": 901})).problems == [("delaySeconds", "too long")]
    problems = package.check({}, _call({"delaySeconds": 901, "fifo": True})).problems
    assert [field for field, _ in problems] == ["fifo"]


def test_a_replacement_under_a_fixed_name_deletes_first(package: AwsPackage) -> None:
    fixed = {"name": "mine"}
    assert package.deletes_first(QUEUE, fixed, fixed, [])
    assert not package.deletes_first(QUEUE, fixed, fixed, ["name"])
    assert not package.deletes_first(QUEUE, fixed, {"name": "other"}, [])


def test_a_preview_knows_the_inputs_except_objects(package: AwsPackage) -> None:
    inputs = {"name": "mine", "tags": {"a": "b"}}
    assert package.preview(QUEUE, inputs) == inputs
    assert package.changing_outputs(QUEUE) == {"url"}


def test_an_output_that_is_kept_is_the_one_of_the_create(account: Account, package: AwsPackage) -> None:
    made = package.create({}, QUEUE, {"name": "mine"}, "")
    account.save()
    account.rebuild()
    found = package.read({}, QUEUE, "mine")
    assert found is not None
    assert found[1].outputs["madeAt"] == made.outputs["madeAt"]


@pytest.mark.parametrize(
    ("config", "field"),
    [
        ({"region": "eu-west-1"}, "region"),
        ({"allowedAccountIds": ["1"]}, "allowedAccountIds"),
        ({"assumeRoles": []}, "assumeRoles"),
    ],
)
def test_a_setting_of_another_account_is_refused(package: AwsPackage, config: dict[str, Any], field: str) -> None:
    assert [name for name, _ in package.check_config(config)] == [field]


def test_settings_of_this_account_are_accepted(package: AwsPackage) -> None:
    config = {
        "region": "us-east-1",
        "allowedAccountIds": ["123456789012"],
        "defaultTags": {"tags": {}},
        "skipRegionValidation": True,
    }
    assert package.check_config(config) == []
    assert package.check_config({"region": UNKNOWN}) == []


def test_types_and_functions_that_are_not_simulated_say_so(package: AwsPackage) -> None:
    with pytest.raises(Refusal, match="no resource type aws:s3/bucket:Bucket"):
        package.create({}, "aws:s3/bucket:Bucket", {}, "")
    with pytest.raises(Refusal, match="no function aws:s3/getBucket:getBucket"):
        package.invoke({}, "aws:s3/getBucket:getBucket", {})
