"""KMS keys and their aliases."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from moto.kms.models import kms_backends

from simulator.account.resource import Refusal
from simulator.aws import policy_documents
from simulator.aws.base import (
    AwsType,
    arn,
    known,
    tag_changes,
    tag_list,
    tag_map,
    tag_outputs,
    wanted_tags,
)

if TYPE_CHECKING:
    from simulator.account import Account

MALFORMED = "MalformedPolicyDocumentException"
ALIAS = re.compile(r"alias/[a-zA-Z0-9/_-]+")
ALIAS_MAX = 256
DELETION_WINDOW_DAYS = range(7, 31)


def find_key(account: Account, key_id: str) -> Any:
    """moto's key with this id or ARN, or None.

    Not by DescribeKey: moto answers that with a denial as soon as a policy denies anyone to describe.
    """
    key = kms_backends[account.account_id][account.region].keys.get(key_id.rpartition("key/")[2])
    return key if key is not None and key_id in (key.id, key.arn) else None


def usable_key(account: Account, key_id: str) -> Any:
    """moto's key with this id or ARN; None when it does not exist or is not enabled."""
    key = find_key(account, key_id)
    return key if key is not None and key.key_state == "Enabled" else None


def key_policy(account: Account, key_id: str) -> str:
    """The policy document of a key."""
    return str(account.client("kms").get_key_policy(KeyId=key_id, PolicyName="default")["Policy"])


def default_key_policy(account: Account) -> str:
    """The policy KMS gives a key that was made without one: IAM of the account decides."""
    return (
        '{"Version": "2012-10-17", "Statement": [{"Sid": "Enable IAM User Permissions", "Effect": "Allow", '
        f'"Principal": {{"AWS": "{_root(account)}"}}, "Action": "kms:*", "Resource": "*"}}]}}'
    )


def _root(account: Account) -> str:
    return arn(account, "iam", "root", regional=False)


class Key(AwsType):
    token = "aws:kms/key:Key"
    replace_on = frozenset({"customKeyStoreId", "customerMasterKeySpec", "keyUsage", "multiRegion", "xksKeyId"})
    computed = AwsType.computed | {"keyId"}

    def check(self, account: Account, inputs: dict[str, Any]) -> list[tuple[str, str]]:
        found = []
        window = inputs.get("deletionWindowInDays")
        if known(window) and int(window) not in DELETION_WINDOW_DAYS:
            found.append(("deletionWindowInDays", f"expected to be in the range (7 - 30), got {window}"))
        period = inputs.get("rotationPeriodInDays")
        if known(period) and not 90 <= period <= 2560:
            found.append(("rotationPeriodInDays", f"expected to be in the range (90 - 2560), got {period}"))
        return found

    def enforce(self, account: Account, inputs: dict[str, Any]) -> None:
        if policy := inputs.get("policy"):
            policy_documents.parse(policy, principals=True, code=MALFORMED)
            if not inputs.get("bypassPolicyLockoutSafetyCheck"):
                self._refuse_lock_out(account, policy)

    def _refuse_lock_out(self, account: Account, policy: str) -> None:
        if not any(
            policy_documents.allows(policy, kind="AWS", principal=owner, action="kms:PutKeyPolicy")
            for owner in (_root(account), account.account_id)
        ):
            raise Refusal(MALFORMED, "The new key policy will not allow you to update the key policy in the future.")

    def make(self, account: Account, inputs: dict[str, Any], outputs: dict[str, Any]) -> str:
        kms = account.client("kms")
        key = kms.create_key(
            Description=inputs.get("description") or "",
            Policy=inputs.get("policy") or default_key_policy(account),
            # KMS's own default, which moto leaves out.
            KeyUsage=inputs.get("keyUsage") or "ENCRYPT_DECRYPT",
            Tags=tag_list(wanted_tags(inputs), "TagKey", "TagValue"),
        )["KeyMetadata"]
        if inputs.get("enableKeyRotation"):
            kms.enable_key_rotation(KeyId=key["KeyId"])
        if inputs.get("isEnabled") is False:
            kms.disable_key(KeyId=key["KeyId"])
        return str(key["KeyId"])

    def describe(
        self, account: Account, id: str, inputs: dict[str, Any], outputs: dict[str, Any]
    ) -> dict[str, Any] | None:
        key = find_key(account, id)
        if key is None or key.key_state == "PendingDeletion":
            return None
        kms = account.client("kms")
        policy = key_policy(account, id)
        wanted = inputs.get("policy")
        tags = kms.list_resource_tags(KeyId=id)["Tags"]
        return {
            "arn": key.arn,
            "keyId": id,
            "description": key.description,
            "policy": wanted if policy_documents.equivalent(wanted, policy) else policy,
            "enableKeyRotation": kms.get_key_rotation_status(KeyId=id)["KeyRotationEnabled"],
            "rotationPeriodInDays": inputs.get("rotationPeriodInDays") or 365,
            "isEnabled": key.enabled,
            "keyUsage": key.key_usage or "ENCRYPT_DECRYPT",
            "customerMasterKeySpec": key.key_spec,
            "multiRegion": bool(key.multi_region),
            "deletionWindowInDays": inputs.get("deletionWindowInDays"),
            "bypassPolicyLockoutSafetyCheck": inputs.get("bypassPolicyLockoutSafetyCheck", False),
            "region": account.region,
            **tag_outputs(inputs, tag_map(tags, "TagKey", "TagValue")),
        }

    def update(
        self, account: Account, id: str, old: dict[str, Any], new: dict[str, Any], outputs: dict[str, Any]
    ) -> dict[str, Any]:
        self.enforce(account, new)
        kms = account.client("kms")
        if new.get("policy") and new["policy"] != old.get("policy"):
            kms.put_key_policy(KeyId=id, PolicyName="default", Policy=new["policy"])
        if new.get("description") != old.get("description"):
            kms.update_key_description(KeyId=id, Description=new.get("description") or "")
        if new.get("isEnabled", True) != old.get("isEnabled", True):
            (kms.enable_key if new.get("isEnabled", True) else kms.disable_key)(KeyId=id)
        if bool(new.get("enableKeyRotation")) != bool(old.get("enableKeyRotation")):
            rotate = kms.enable_key_rotation if new.get("enableKeyRotation") else kms.disable_key_rotation
            rotate(KeyId=id)
        changed, gone = tag_changes(wanted_tags(old), wanted_tags(new))
        kms.tag_resource(KeyId=id, Tags=tag_list(changed, "TagKey", "TagValue"))
        kms.untag_resource(KeyId=id, TagKeys=gone)
        return self.now(account, id, new, outputs)

    def delete(self, account: Account, id: str, inputs: dict[str, Any], outputs: dict[str, Any]) -> None:
        account.client("kms").schedule_key_deletion(
            KeyId=id, PendingWindowInDays=inputs.get("deletionWindowInDays") or DELETION_WINDOW_DAYS[-1]
        )


class Alias(AwsType):
    token = "aws:kms/alias:Alias"
    replace_on = frozenset({"name", "namePrefix"})
    name_property = "name"
    computed = AwsType.computed | {"targetKeyArn"}

    def check(self, account: Account, inputs: dict[str, Any]) -> list[tuple[str, str]]:
        name = inputs.get("name")
        if not known(name):
            return []
        if not ALIAS.fullmatch(name) or len(name) > ALIAS_MAX:
            return [("name", f'"name" must begin with "alias/" and hold only [0-9A-Za-z_/-], not {name!r}')]
        if name.startswith("alias/aws/"):
            return [("name", '"alias/aws/" is reserved for keys that AWS manages')]
        return []

    def make(self, account: Account, inputs: dict[str, Any], outputs: dict[str, Any]) -> str:
        account.client("kms").create_alias(AliasName=inputs["name"], TargetKeyId=inputs["targetKeyId"])
        return str(inputs["name"])

    def describe(
        self, account: Account, id: str, inputs: dict[str, Any], outputs: dict[str, Any]
    ) -> dict[str, Any] | None:
        aliases = account.client("kms").list_aliases()["Aliases"]
        alias = next((each for each in aliases if each["AliasName"] == id), None)
        if alias is None or "TargetKeyId" not in alias:
            return None
        key = find_key(account, alias["TargetKeyId"])
        as_arn = str(inputs.get("targetKeyId", "")).startswith("arn:")
        return {
            "arn": alias["AliasArn"],
            "name": id,
            "targetKeyArn": key.arn,
            "targetKeyId": key.arn if as_arn else key.id,
            "region": account.region,
        }

    def update(
        self, account: Account, id: str, old: dict[str, Any], new: dict[str, Any], outputs: dict[str, Any]
    ) -> dict[str, Any]:
        if new["targetKeyId"] != old.get("targetKeyId"):
            account.client("kms").update_alias(AliasName=id, TargetKeyId=new["targetKeyId"])
        return self.now(account, id, new, outputs)

    def delete(self, account: Account, id: str, inputs: dict[str, Any], outputs: dict[str, Any]) -> None:
        account.client("kms").delete_alias(AliasName=id)
