"""IAM roles and their policies."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from botocore.exceptions import ClientError
from moto.moto_api._internal import mock_random

from simulator.account.resource import Refusal
from simulator.aws import policy_documents
from simulator.aws.base import (
    AwsType,
    error_code,
    known,
    tag_changes,
    tag_list,
    tag_map,
    tag_outputs,
    wanted_tags,
)

if TYPE_CHECKING:
    from simulator.account import Account

ROLE_NAME_MAX = 64
ROLE_PREFIX_MAX = 38
ROLE_NAME = re.compile(r"[\w+=,.@-]+", re.ASCII)
ROLE_INLINE_POLICY_MAX = 10_240


def role_of(account: Account, role_arn: str) -> dict[str, Any] | None:
    """IAM's own record of the role with this ARN, or None."""
    try:
        role: dict[str, Any] = account.client("iam").get_role(RoleName=role_arn.rpartition("/")[2])["Role"]
    except ClientError:
        return None
    return role if role["Arn"] == role_arn else None


def trusts(role: dict[str, Any], *, kind: str, principal: str, action: str, **context: str) -> bool:
    """Whether the role's trust policy lets the principal assume it."""
    return policy_documents.allows(
        _text(role["AssumeRolePolicyDocument"]), kind=kind, principal=principal, action=action, context=context
    )


def attached_policies(account: Account, role_name: str) -> list[str]:
    """The ARNs of the managed policies attached to the role."""
    answer = account.client("iam").list_attached_role_policies(RoleName=role_name)
    return [policy["PolicyArn"] for policy in answer["AttachedPolicies"]]


def has_policy(account: Account, role: dict[str, Any], *names: str) -> bool:
    """Whether one of these AWS-managed policies is attached to the role."""
    attached = {arn.rpartition("/")[2] for arn in attached_policies(account, role["RoleName"])}
    return bool(attached.intersection(names))


def _text(document: Any) -> str:
    """boto3 hands out policy documents parsed; pulumi-aws deals in JSON text."""
    return json.dumps(document) if isinstance(document, dict) else unquote(str(document))


def _as_given(wanted: str | None, actual: Any) -> str:
    text = _text(actual)
    return wanted if wanted and policy_documents.equivalent(wanted, text) else text


class Role(AwsType):
    token = "aws:iam/role:Role"
    replace_on = frozenset({"name", "namePrefix", "path"})
    name_property = "name"
    name_max_length = ROLE_NAME_MAX
    computed = AwsType.computed | {"createDate", "uniqueId", "managedPolicyArns"}
    kept_outputs = frozenset({"createDate"})

    def check(self, account: Account, inputs: dict[str, Any]) -> list[tuple[str, str]]:
        found = []
        for key, limit in (("name", ROLE_NAME_MAX), ("namePrefix", ROLE_PREFIX_MAX)):
            if known(value := inputs.get(key)):
                if len(value) > limit:
                    found.append((key, f"expected length of {key} to be in the range (1 - {limit}), got {value}"))
                if not ROLE_NAME.fullmatch(value):
                    found.append((key, f"invalid value for {key} (must match [\\w+=,.@-]*): {value}"))
        for key in ("managedPolicyArns", "inlinePolicies"):
            if inputs.get(key):
                found.append((key, "the simulator attaches policies as resources of their own only"))
        return found

    def enforce(self, account: Account, inputs: dict[str, Any]) -> None:
        policy_documents.parse(inputs["assumeRolePolicy"], principals=True)

    def make(self, account: Account, inputs: dict[str, Any], outputs: dict[str, Any]) -> str:
        name = inputs.get("name") or inputs["namePrefix"] + mock_random.get_random_hex(26)
        optional = {"Description": "description", "MaxSessionDuration": "maxSessionDuration"}
        account.client("iam").create_role(
            RoleName=name,
            Path=inputs.get("path") or "/",
            AssumeRolePolicyDocument=inputs["assumeRolePolicy"],
            Tags=tag_list(wanted_tags(inputs)),
            **{api: inputs[key] for api, key in optional.items() if inputs.get(key)},
        )
        return str(name)

    def describe(
        self, account: Account, id: str, inputs: dict[str, Any], outputs: dict[str, Any]
    ) -> dict[str, Any] | None:
        try:
            role = account.client("iam").get_role(RoleName=id)["Role"]
        except ClientError:
            return None
        return {
            "arn": role["Arn"],
            "name": role["RoleName"],
            "namePrefix": inputs.get("namePrefix"),
            "path": role["Path"],
            "description": role.get("Description"),
            "assumeRolePolicy": _as_given(inputs.get("assumeRolePolicy"), role["AssumeRolePolicyDocument"]),
            "maxSessionDuration": role.get("MaxSessionDuration") or 3600,
            "forceDetachPolicies": inputs.get("forceDetachPolicies", False),
            "createDate": role["CreateDate"].strftime("%Y-%m-%dT%H:%M:%SZ"),
            "uniqueId": role["RoleId"],
            **tag_outputs(inputs, tag_map(role.get("Tags"))),
        }

    def update(
        self, account: Account, id: str, old: dict[str, Any], new: dict[str, Any], outputs: dict[str, Any]
    ) -> dict[str, Any]:
        iam = account.client("iam")
        if new["assumeRolePolicy"] != old.get("assumeRolePolicy"):
            policy_documents.parse(new["assumeRolePolicy"], principals=True)
            iam.update_assume_role_policy(RoleName=id, PolicyDocument=new["assumeRolePolicy"])
        if new.get("description") != old.get("description"):
            iam.update_role_description(RoleName=id, Description=new.get("description") or "")
        if new.get("maxSessionDuration") != old.get("maxSessionDuration"):
            iam.update_role(RoleName=id, MaxSessionDuration=new.get("maxSessionDuration") or 3600)
        changed, gone = tag_changes(wanted_tags(old), wanted_tags(new))
        iam.tag_role(RoleName=id, Tags=tag_list(changed))
        iam.untag_role(RoleName=id, TagKeys=gone)
        return self.now(account, id, new, outputs)

    def delete(self, account: Account, id: str, inputs: dict[str, Any], outputs: dict[str, Any]) -> None:
        iam = account.client("iam")
        if inputs.get("forceDetachPolicies"):
            for arn in attached_policies(account, id):
                iam.detach_role_policy(RoleName=id, PolicyArn=arn)
            for name in iam.list_role_policies(RoleName=id)["PolicyNames"]:
                iam.delete_role_policy(RoleName=id, PolicyName=name)
        iam.delete_role(RoleName=id)


class RolePolicyAttachment(AwsType):
    token = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
    replace_on = frozenset({"role", "policyArn"})

    def make(self, account: Account, inputs: dict[str, Any], outputs: dict[str, Any]) -> str:
        account.client("iam").attach_role_policy(RoleName=inputs["role"], PolicyArn=inputs["policyArn"])
        return f"{inputs['role']}/{inputs['policyArn']}"

    def describe(
        self, account: Account, id: str, inputs: dict[str, Any], outputs: dict[str, Any]
    ) -> dict[str, Any] | None:
        role, _, arn = id.partition("/")
        try:
            attached = attached_policies(account, role)
        except ClientError:
            return None
        return {"role": role, "policyArn": arn} if arn in attached else None

    def update(
        self, account: Account, id: str, old: dict[str, Any], new: dict[str, Any], outputs: dict[str, Any]
    ) -> dict[str, Any]:
        return self.now(account, id, new, outputs)

    def delete(self, account: Account, id: str, inputs: dict[str, Any], outputs: dict[str, Any]) -> None:
        try:
            account.client("iam").detach_role_policy(RoleName=inputs["role"], PolicyArn=inputs["policyArn"])
        except ClientError as error:
            if error_code(error) != "NoSuchEntity":
                raise


class RolePolicy(AwsType):
    token = "aws:iam/rolePolicy:RolePolicy"
    replace_on = frozenset({"name", "namePrefix", "role"})
    name_property = "name"

    def enforce(self, account: Account, inputs: dict[str, Any]) -> None:
        policy_documents.parse(inputs["policy"], principals=False)
        if len(re.sub(r"\s", "", inputs["policy"])) > ROLE_INLINE_POLICY_MAX:
            raise Refusal(
                "LimitExceeded",
                f"Maximum policy size of {ROLE_INLINE_POLICY_MAX} bytes exceeded for role {inputs['role']}",
            )

    def make(self, account: Account, inputs: dict[str, Any], outputs: dict[str, Any]) -> str:
        name = inputs.get("name") or inputs["namePrefix"] + mock_random.get_random_hex(26)
        account.client("iam").put_role_policy(RoleName=inputs["role"], PolicyName=name, PolicyDocument=inputs["policy"])
        return f"{inputs['role']}:{name}"

    def describe(
        self, account: Account, id: str, inputs: dict[str, Any], outputs: dict[str, Any]
    ) -> dict[str, Any] | None:
        role, _, name = id.partition(":")
        try:
            answer = account.client("iam").get_role_policy(RoleName=role, PolicyName=name)
        except ClientError:
            return None
        return {
            "role": role,
            "name": name,
            "namePrefix": inputs.get("namePrefix"),
            "policy": _as_given(inputs.get("policy"), answer["PolicyDocument"]),
        }

    def update(
        self, account: Account, id: str, old: dict[str, Any], new: dict[str, Any], outputs: dict[str, Any]
    ) -> dict[str, Any]:
        self.enforce(account, new)
        role, _, name = id.partition(":")
        account.client("iam").put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=new["policy"])
        return self.now(account, id, new, outputs)

    def delete(self, account: Account, id: str, inputs: dict[str, Any], outputs: dict[str, Any]) -> None:
        role, _, name = id.partition(":")
        account.client("iam").delete_role_policy(RoleName=role, PolicyName=name)
