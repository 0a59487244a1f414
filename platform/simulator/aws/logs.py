"""CloudWatch log groups, and the one that EKS makes by itself when it is missing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from simulator.account.resource import Refusal
from simulator.aws import policy_documents
from simulator.aws.base import AwsType, arn, dns_suffix, known, tag_changes, tag_outputs, wanted_tags
from simulator.aws.kms import key_policy, usable_key

if TYPE_CHECKING:
    from simulator.account import Account

RETENTION_DAYS = frozenset(
    {0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653}
)
NAME = re.compile(r"[.\-_/#A-Za-z0-9]{1,512}")
KEY_ACTIONS = ("kms:Encrypt", "kms:Decrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo", "kms:GenerateDataKey")
CLUSTER = "aws:eks/cluster:Cluster"


def cluster_log_group(cluster_name: str) -> str:
    """The log group EKS writes a cluster's control plane logs to; the name cannot be chosen."""
    return f"/aws/eks/{cluster_name}/cluster"


def find_group(account: Account, name: str) -> dict[str, Any] | None:
    """CloudWatch's own record of the group, or None."""
    groups = account.client("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    return next((group for group in groups if group["logGroupName"] == name), None)


def ensure_cluster_log_group(account: Account, cluster_name: str) -> None:
    """What EKS does for a cluster that logs: make the group when it is not there, without key or retention."""
    if find_group(account, cluster_log_group(cluster_name)) is None:
        account.create(LogGroup(), {"name": cluster_log_group(cluster_name)})


class LogGroup(AwsType):
    token = "aws:cloudwatch/logGroup:LogGroup"
    replace_on = frozenset({"name", "namePrefix", "logGroupClass"})
    name_property = "name"
    name_max_length = 512

    def check(self, account: Account, inputs: dict[str, Any]) -> list[tuple[str, str]]:
        found = []
        days = inputs.get("retentionInDays")
        if known(days) and days not in RETENTION_DAYS:
            found.append(("retentionInDays", f"expected to be one of {sorted(RETENTION_DAYS)}, got {days}"))
        name = inputs.get("name")
        if known(name) and not NAME.fullmatch(name):
            found.append(("name", f"{name!r} isn't a valid log group name (letters, digits and ./-_#, at most 512)"))
        return found

    def enforce(self, account: Account, inputs: dict[str, Any]) -> None:
        if key := inputs.get("kmsKeyId"):
            _refuse_key_closed_to_logs(account, key, inputs["name"])

    def make(self, account: Account, inputs: dict[str, Any], outputs: dict[str, Any]) -> str:
        logs = account.client("logs")
        given = {"kmsKeyId": inputs.get("kmsKeyId"), "tags": wanted_tags(inputs)}
        logs.create_log_group(logGroupName=inputs["name"], **{key: value for key, value in given.items() if value})
        if days := inputs.get("retentionInDays"):
            logs.put_retention_policy(logGroupName=inputs["name"], retentionInDays=days)
        return str(inputs["name"])

    def describe(
        self, account: Account, id: str, inputs: dict[str, Any], outputs: dict[str, Any]
    ) -> dict[str, Any] | None:
        group = find_group(account, id)
        if group is None:
            return None
        group_arn = group["arn"].removesuffix(":*")
        tags = account.client("logs").list_tags_for_resource(resourceArn=group_arn)["tags"]
        return {
            "arn": group_arn,
            "name": id,
            "retentionInDays": group.get("retentionInDays", 0),
            "kmsKeyId": group.get("kmsKeyId"),
            "logGroupClass": inputs.get("logGroupClass") or "STANDARD",
            "skipDestroy": inputs.get("skipDestroy", False),
            "deletionProtectionEnabled": inputs.get("deletionProtectionEnabled", False),
            "region": account.region,
            **tag_outputs(inputs, tags),
        }

    def update(
        self, account: Account, id: str, old: dict[str, Any], new: dict[str, Any], outputs: dict[str, Any]
    ) -> dict[str, Any]:
        logs = account.client("logs")
        if new.get("kmsKeyId") != old.get("kmsKeyId"):
            self.enforce(account, new)
            if new.get("kmsKeyId"):
                logs.associate_kms_key(logGroupName=id, kmsKeyId=new["kmsKeyId"])
            else:
                logs.disassociate_kms_key(logGroupName=id)
        if (days := new.get("retentionInDays") or 0) != (old.get("retentionInDays") or 0):
            if days:
                logs.put_retention_policy(logGroupName=id, retentionInDays=days)
            else:
                logs.delete_retention_policy(logGroupName=id)
        group_arn = arn(account, "logs", f"log-group:{id}")
        changed, gone = tag_changes(wanted_tags(old), wanted_tags(new))
        if changed:
            logs.tag_resource(resourceArn=group_arn, tags=changed)
        if gone:
            logs.untag_resource(resourceArn=group_arn, tagKeys=gone)
        return self.now(account, id, new, outputs)

    def delete(self, account: Account, id: str, inputs: dict[str, Any], outputs: dict[str, Any]) -> None:
        if inputs.get("skipDestroy"):
            return
        if inputs.get("deletionProtectionEnabled"):
            raise Refusal("ValidationException", f"Log group {id} has deletion protection enabled.")
        try:
            account.client("logs").delete_log_group(logGroupName=id)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ResourceNotFoundException":
                raise
        for cluster in account.records(CLUSTER):
            if cluster.inputs.get("enabledClusterLogTypes") and id == cluster_log_group(cluster.id):
                ensure_cluster_log_group(account, cluster.id)


def _refuse_key_closed_to_logs(account: Account, key_id: str, group: str) -> None:
    """CloudWatch tries the key out when a group is made: as its own service, for this group's ARN."""
    group_arn = arn(account, "logs", f"log-group:{group}")
    key = usable_key(account, key_id)
    open_to_logs = key is not None and all(
        policy_documents.allows(
            key_policy(account, key.id),
            kind="Service",
            principal=f"logs.{account.region}.{dns_suffix(account)}",
            action=action,
            context={"kms:EncryptionContext:aws:logs:arn": group_arn},
        )
        for action in KEY_ACTIONS
    )
    if not open_to_logs:
        raise Refusal(
            "AccessDeniedException",
            f"The specified KMS key does not exist or is not allowed to be used with Arn '{group_arn}'",
        )
