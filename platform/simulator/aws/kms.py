"""KMS keys and their aliases."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from simulator.aws import policy_documents
from simulator.aws.base import (
    AwsType,
    arn,
    error_code,
    known,
    tag_changes,
    tag_list,
    tag_map,
    tag_outputs,
    wanted_tags,
)
from simulator.resource import Refusal

if TYPE_CHECKING:
    from simulator.account import Account

MALFORMED = "MalformedPolicyDocumentException"
ALIAS = re.compile(r"alias/[a-zA-Z0-9/_-]+")
ALIAS_MAX = 256
DELETION_WINDOW_DAYS = range(7, 31)


def usable_key(account: Account, key_id: str) -> dict[str, Any] | None:
    """KMS's record of an enabled key, by its id or ARN; None when it does not exist or is not enabled."""
    try:
        key: dict[str, Any] = account.client("kms").describe_key(KeyId=key_id)["KeyMetadata"]
    except ClientError:
        return None
    return key if key["KeyState"] == "Enabled" and key["Arn"].startswith(arn(account, "kms", "key/")) else None


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
        kms = account.client("kms")
        try:
            key = kms.describe_key(KeyId=id)["KeyMetadata"]
        except ClientError as error:
            if error_code(error) != "NotFoundException":
                raise
            return None
        if key["KeyState"] == "PendingDeletion":
            return None
        policy = key_policy(account, id)
        wanted = inputs.get("policy")
        tags = kms.list_resource_tags(KeyId=id)["Tags"]
        return {
            "arn": key["Arn"],
            "keyId": id,
            "description": key.get("Description", ""),
            "policy": wanted if policy_documents.equivalent(wanted, policy) else policy,
            "enableKeyRotation": kms.get_key_rotation_status(KeyId=id)["KeyRotationEnabled"],
            "rotationPeriodInDays": inputs.get("rotationPeriodInDays") or 365,
            "isEnabled": key["Enabled"],
            "keyUsage": key.get("KeyUsage", "ENCRYPT_DECRYPT"),
            "customerMasterKeySpec": key.get("KeySpec", "SYMMETRIC_DEFAULT"),
            "multiRegion": key.get("MultiRegion", False),
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
        kms = account.client("kms")
        aliases = kms.list_aliases()["Aliases"]
        alias = next((each for each in aliases if each["AliasName"] == id), None)
        if alias is None or "TargetKeyId" not in alias:
            return None
        key = kms.describe_key(KeyId=alias["TargetKeyId"])["KeyMetadata"]
        as_arn = str(inputs.get("targetKeyId", "")).startswith("arn:")
        return {
            "arn": alias["AliasArn"],
            "name": id,
            "targetKeyArn": key["Arn"],
            "targetKeyId": key["Arn"] if as_arn else key["KeyId"],
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
