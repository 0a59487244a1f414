"""EventBridge rules and their targets, on the default bus."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError
from moto.moto_api._internal import mock_random

from simulator.account.resource import Refusal
from simulator.aws.base import AwsType, arn, known, tag_changes, tag_list, tag_map, tag_outputs, wanted_tags

if TYPE_CHECKING:
    from simulator.account import Account

RULE_NAME_MAX = 64
NAME = re.compile(r"[.\-_A-Za-z0-9]+")
DEFAULT_BUS = "default"
TARGET_PARTS = frozenset(
    {"rule", "arn", "targetId", "eventBusName", "roleArn", "input", "inputPath", "forceDestroy", "region"}
)


class EventRule(AwsType):
    token = "aws:cloudwatch/eventRule:EventRule"
    replace_on = frozenset({"name", "namePrefix", "eventBusName"})
    name_property = "name"
    name_max_length = RULE_NAME_MAX

    def check(self, account: Account, inputs: dict[str, Any]) -> list[tuple[str, str]]:
        found = []
        if known(name := inputs.get("name")) and not (NAME.fullmatch(name) and len(name) <= RULE_NAME_MAX):
            found.append(("name", f"{name!r} must be 1 to {RULE_NAME_MAX} characters from [0-9A-Za-z.-_]"))
        if not inputs.get("eventPattern") and not inputs.get("scheduleExpression"):
            found.append(("eventPattern", "one of eventPattern, scheduleExpression must be specified"))
        if (inputs.get("eventBusName") or DEFAULT_BUS) != DEFAULT_BUS:
            found.append(("eventBusName", "the simulator models the default bus only"))
        return found

    def enforce(self, account: Account, inputs: dict[str, Any]) -> None:
        if pattern := inputs.get("eventPattern"):
            _refuse_bad_pattern(pattern)
        if _find_rule(account, inputs.get("name") or "") is not None:
            # PutRule would overwrite the other rule without a word: stricter than AWS, for nobody means that.
            raise Refusal("ResourceAlreadyExistsException", f"Rule {inputs['name']} already exists.")

    def make(self, account: Account, inputs: dict[str, Any], outputs: dict[str, Any]) -> str:
        name = inputs.get("name") or inputs["namePrefix"] + mock_random.get_random_hex(26)
        account.client("events").put_rule(Tags=tag_list(wanted_tags(inputs)), **_rule_request(name, inputs))
        return str(name)

    def describe(
        self, account: Account, id: str, inputs: dict[str, Any], outputs: dict[str, Any]
    ) -> dict[str, Any] | None:
        rule = _find_rule(account, id)
        if rule is None:
            return None
        wanted, pattern = inputs.get("eventPattern"), rule.get("EventPattern")
        same = wanted and pattern and json.loads(wanted) == json.loads(pattern)
        tags = account.client("events").list_tags_for_resource(ResourceARN=rule["Arn"])["Tags"]
        return {
            "arn": rule["Arn"],
            "name": id,
            "namePrefix": inputs.get("namePrefix"),
            "description": rule.get("Description"),
            "eventPattern": wanted if same else pattern,
            "scheduleExpression": rule.get("ScheduleExpression"),
            "eventBusName": DEFAULT_BUS,
            "state": rule["State"],
            "isEnabled": rule["State"] != "DISABLED",
            "forceDestroy": inputs.get("forceDestroy", False),
            "region": account.region,
            **tag_outputs(inputs, tag_map(tags)),
        }

    def update(
        self, account: Account, id: str, old: dict[str, Any], new: dict[str, Any], outputs: dict[str, Any]
    ) -> dict[str, Any]:
        if pattern := new.get("eventPattern"):
            _refuse_bad_pattern(pattern)
        events = account.client("events")
        events.put_rule(**_rule_request(id, new))
        rule_arn = arn(account, "events", f"rule/{id}")
        changed, gone = tag_changes(wanted_tags(old), wanted_tags(new))
        if changed:
            events.tag_resource(ResourceARN=rule_arn, Tags=tag_list(changed))
        if gone:
            events.untag_resource(ResourceARN=rule_arn, TagKeys=gone)
        return self.now(account, id, new, outputs)

    def delete(self, account: Account, id: str, inputs: dict[str, Any], outputs: dict[str, Any]) -> None:
        events = account.client("events")
        if _find_rule(account, id) is None:
            return
        if events.list_targets_by_rule(Rule=id)["Targets"]:
            raise Refusal("ValidationException", "Rule can't be deleted since it has targets.")
        events.delete_rule(Name=id)


class EventTarget(AwsType):
    token = "aws:cloudwatch/eventTarget:EventTarget"
    replace_on = frozenset({"rule", "targetId", "eventBusName"})
    computed = frozenset({"tagsAll"})

    def check(self, account: Account, inputs: dict[str, Any]) -> list[tuple[str, str]]:
        return [
            (key, "the simulator does not model this part of an event target")
            for key in sorted(set(inputs) - TARGET_PARTS)
            if not key.startswith("__") and inputs[key] is not None
        ]

    def enforce(self, account: Account, inputs: dict[str, Any]) -> None:
        if _find_rule(account, inputs["rule"]) is None:
            raise Refusal(
                "ResourceNotFoundException", f"Rule {inputs['rule']} does not exist on EventBus {DEFAULT_BUS}."
            )
        if not str(inputs["arn"]).startswith("arn:"):
            raise Refusal(
                "ValidationException",
                f"Parameter {inputs['arn']} is not valid. Reason: Provided Arn is not in correct format.",
            )

    def make(self, account: Account, inputs: dict[str, Any], outputs: dict[str, Any]) -> str:
        target = inputs.get("targetId") or outputs.get("targetId") or f"terraform-{mock_random.get_random_hex(26)}"
        account.client("events").put_targets(Rule=inputs["rule"], Targets=[_target_request(target, inputs)])
        return f"{inputs['rule']}-{target}"

    def describe(
        self, account: Account, id: str, inputs: dict[str, Any], outputs: dict[str, Any]
    ) -> dict[str, Any] | None:
        rule = inputs["rule"]
        try:
            targets = account.client("events").list_targets_by_rule(Rule=rule)["Targets"]
        except ClientError:
            return None
        target = next((each for each in targets if id == f"{rule}-{each['Id']}"), None)
        if target is None:
            return None
        return {
            "rule": rule,
            "targetId": target["Id"],
            "arn": target["Arn"],
            "roleArn": target.get("RoleArn"),
            "input": target.get("Input"),
            "inputPath": target.get("InputPath"),
            "eventBusName": DEFAULT_BUS,
            "forceDestroy": inputs.get("forceDestroy", False),
            "region": account.region,
        }

    def update(
        self, account: Account, id: str, old: dict[str, Any], new: dict[str, Any], outputs: dict[str, Any]
    ) -> dict[str, Any]:
        self.enforce(account, new)
        target = _target_request(outputs["targetId"], new)
        account.client("events").put_targets(Rule=new["rule"], Targets=[target])
        return self.now(account, id, new, outputs)

    def delete(self, account: Account, id: str, inputs: dict[str, Any], outputs: dict[str, Any]) -> None:
        if _find_rule(account, inputs["rule"]) is not None:
            account.client("events").remove_targets(Rule=inputs["rule"], Ids=[outputs["targetId"]])


def _find_rule(account: Account, name: str) -> dict[str, Any] | None:
    try:
        rule: dict[str, Any] = account.client("events").describe_rule(Name=name)
    except ClientError:
        return None
    return rule


def _rule_request(name: str, inputs: dict[str, Any]) -> dict[str, Any]:
    optional = {
        "Description": inputs.get("description"),
        "EventPattern": inputs.get("eventPattern"),
        "ScheduleExpression": inputs.get("scheduleExpression"),
    }
    enabled = inputs.get("state", "ENABLED") != "DISABLED" and inputs.get("isEnabled") is not False
    given = {key: value for key, value in optional.items() if value}
    return {"Name": name, "State": "ENABLED" if enabled else "DISABLED", **given}


def _target_request(target_id: str, inputs: dict[str, Any]) -> dict[str, Any]:
    optional = {"RoleArn": "roleArn", "Input": "input", "InputPath": "inputPath"}
    given = {api: inputs[key] for api, key in optional.items() if inputs.get(key)}
    return {"Id": target_id, "Arn": inputs["arn"], **given}


def _refuse_bad_pattern(pattern: str) -> None:
    """EventBridge wants a JSON object whose leaves are arrays."""
    try:
        parsed = json.loads(pattern)
    except ValueError:
        raise Refusal("InvalidEventPatternException", "Event pattern is not valid. Reason: not JSON") from None
    if not isinstance(parsed, dict) or not parsed:
        raise Refusal("InvalidEventPatternException", "Event pattern is not valid. Reason: Filter is not an object")
    _refuse_bad_leaves(parsed)


def _refuse_bad_leaves(part: dict[str, Any]) -> None:
    for key, value in part.items():
        if isinstance(value, dict):
            _refuse_bad_leaves(value)
        elif not isinstance(value, list) or not value:
            raise Refusal(
                "InvalidEventPatternException",
                f'Event pattern is not valid. Reason: "{key}" must be an object or an array',
            )
