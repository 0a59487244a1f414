"""Whether the given KMS key can do what the platform asks of it: it is never edited, so what it lacks is printed."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ray_platform import naming, policies
from ray_platform.account import AwsAccount
from ray_platform.checks.facts import Case, KeyFacts
from ray_platform.checks.finding import Check, Finding, found
from ray_platform.checks.key_policy import Request, Statement, denials, grants
from ray_platform.checks.principals import account_of, principal_of
from ray_platform.config.problems import remove_command

KEY_MISSING = Check(code="key-missing", group="Encryption key", asks="Does the given key exist?")
KEY_STATE = Check(code="key-state", group="Encryption key", asks="Is the given key enabled?")
KEY_KIND = Check(code="key-kind", group="Encryption key", asks="Is it a symmetric key that encrypts and decrypts?")
KEY_ACCOUNT = Check(code="key-account", group="Encryption key", asks="Is it a key of this account?")
KEY_FOR_SECRETS = Check(
    code="key-policy-secrets",
    group="Encryption key",
    asks="Does its policy let whoever creates the cluster grant it to EKS?",
)
KEY_FOR_LOGS = Check(
    code="key-policy-logs", group="Encryption key", asks="Does its policy let CloudWatch encrypt the log group?"
)
KEY_FOR_VOLUMES = Check(
    code="key-policy-volumes", group="Encryption key", asks="Does its policy let EC2 encrypt the volumes of nodes?"
)
CHECKS = (KEY_MISSING, KEY_STATE, KEY_KIND, KEY_ACCOUNT, KEY_FOR_SECRETS, KEY_FOR_LOGS, KEY_FOR_VOLUMES)

PATH: Final = "security.kmsKeyArn"

# CloudWatch Logs user guide, "Encrypt log data in CloudWatch Logs"; describing the key has no encryption context.
_LOGS_ACTIONS: Final = ("Encrypt", "Decrypt", "ReEncryptFrom", "ReEncryptTo", "GenerateDataKey")
# Amazon EBS user guide, "Permissions for EBS encryption".
_VOLUME_ACTIONS: Final = (
    *("DescribeKey", "Decrypt", "ReEncryptFrom", "ReEncryptTo", "GenerateDataKeyWithoutPlaintext", "CreateGrant"),
)


@dataclass(frozen=True, kw_only=True)
class _Need:
    """What somebody has to be allowed, and the statements that allow it. ``by_iam`` as in ``key_policy.allows``."""

    check: Check
    purpose: str
    fails: str
    requests: Sequence[Request]
    statements: Sequence[policies.Statement]
    by_iam: bool = False


def findings(case: Case) -> Iterator[Finding]:
    """Silent without a given key, and where nobody may look at it."""
    arn, facts = case.settings.security.kms_key_arn, case.facts
    if arn is None or facts.account is None:
        return
    if facts.key is None:
        if not any(each.action == "kms:DescribeKey" for each in facts.unread):
            yield _missing(arn, facts.account)
        return
    yield from _state(facts.key, facts.account.region)
    yield from _kind(facts.key)
    yield from _owner(facts.key, facts.account)
    if facts.key.policy is not None:
        for need in _needs(case, facts.key, facts.account):
            yield from _unmet(need, facts.key.policy, facts.key.arn, facts.account.region)


def _missing(arn: str, account: AwsAccount) -> Finding:
    return found(
        KEY_MISSING,
        "error",
        where=PATH,
        what="The given key does not exist, so neither secrets nor logs could be encrypted",
        evidence=f"KMS knows no {arn}",
        remedy=f"Name a key that exists (`aws kms list-keys --region {account.region}`), or let the stack make one: "
        f"{remove_command(PATH)}",
    )


def _state(key: KeyFacts, region: str) -> Iterator[Finding]:
    if key.state == "Enabled":
        return
    of_key = f"--key-id {key.arn} --region {region}"
    enable = f"aws kms enable-key {of_key}"
    remedies = {
        "Disabled": enable,
        # KMS leaves a key disabled after its deletion was called off.
        "PendingDeletion": f"aws kms cancel-key-deletion {of_key}\n{enable}",
        "PendingImport": "Import its key material (`aws kms import-key-material`), or name another key.",
    }
    yield found(
        KEY_STATE,
        "error",
        where=PATH,
        what="The given key cannot be used: it is not enabled",
        evidence=f"{key.arn} is in the state {key.state}",
        remedy=remedies.get(key.state, f"Wait until it is enabled (`aws kms describe-key {of_key}`), or name another."),
    )


def _kind(key: KeyFacts) -> Iterator[Finding]:
    if (key.spec, key.usage) != ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT"):
        yield found(
            KEY_KIND,
            "error",
            where=PATH,
            what="EKS and CloudWatch Logs take only a symmetric key that encrypts and decrypts",
            evidence=f"{key.arn} has the spec {key.spec} and the usage {key.usage}",
            remedy="Name another key: neither can be changed (aws kms create-key makes a symmetric one), or let the "
            f"stack make one: {remove_command(PATH)}",
        )


def _owner(key: KeyFacts, account: AwsAccount) -> Iterator[Finding]:
    owner = account_of(key.arn)
    if owner != account.account_id:
        yield found(
            KEY_ACCOUNT,
            "note",
            where=PATH,
            what=f"The key belongs to account {owner}, and only there its policy can be changed",
            evidence=f"{key.arn}, while the stack is built in account {account.account_id}",
            remedy=f"Have account {owner} keep the key enabled as long as the cluster lives: without it nobody reads "
            "the cluster's secrets any more.",
        )


def _needs(case: Case, key: KeyFacts, account: AwsAccount) -> Iterator[_Need]:
    settings, facts = case.settings, case.facts
    if facts.cluster is None and facts.caller_arn is not None:
        yield _secrets(facts.caller_arn, key.arn, account)
    if settings.cluster.log_types:
        yield _logs(naming.log_group(settings.cluster.name), key.arn, account)
    if settings.security.encrypt_volumes_with_key:
        yield _volumes(key.arn, account)


def _secrets(caller: str, key_arn: str, account: AwsAccount) -> _Need:
    """EKS acts with the caller's rights, here and when the account's IAM decides."""
    context = {
        "kms:CallerAccount": account.account_id,
        "kms:ViaService": f"eks.{account.region}.{account.dns_suffix}",
        "aws:PrincipalAccount": account.account_id,
        "aws:PrincipalArn": principal_of(caller),
    }
    return _Need(
        check=KEY_FOR_SECRETS,
        purpose=f"lets {caller} look at the key and grant it to EKS",
        fails="the control plane could not be created",
        requests=[
            Request(principal=caller, action=f"kms:{action}", context=context, resource=key_arn)
            for action in ("DescribeKey", "CreateGrant")
        ],
        statements=[policies.key_for_secrets(account)],
        by_iam=True,
    )


def _logs(log_group: str, key_arn: str, account: AwsAccount) -> _Need:
    context = {policies.LOG_GROUP_CONTEXT: account.log_group_arn(log_group)}
    service = policies.logs_service(account)
    return _Need(
        check=KEY_FOR_LOGS,
        purpose=f"lets CloudWatch Logs use the key for the log group {log_group}",
        fails="the log group could not be created",
        requests=[
            Request(principal=service, action=f"kms:{action}", context=context, resource=key_arn)
            for action in _LOGS_ACTIONS
        ],
        statements=[policies.key_for_logs(account, log_group=log_group)],
    )


def _volumes(key_arn: str, account: AwsAccount) -> _Need:
    """Auto Scaling starts the nodes, by its service-linked role: no policy but the key's gives that role rights."""
    context = {
        "kms:CallerAccount": account.account_id,
        "kms:ViaService": f"ec2.{account.region}.{account.dns_suffix}",
        "kms:GrantIsForAWSResource": "true",
    }
    role = policies.auto_scaling_role(account)
    return _Need(
        check=KEY_FOR_VOLUMES,
        purpose="lets EC2 use the key for the volumes of nodes that Auto Scaling starts",
        fails="nodes would be ended as soon as they start",
        requests=[
            Request(principal=role, action=f"kms:{action}", context=context, resource=key_arn)
            for action in _VOLUME_ACTIONS
        ],
        statements=policies.key_for_volumes(account),
    )


def _unmet(need: _Need, policy: Statement, key_arn: str, region: str) -> Iterator[Finding]:
    lacking = [each for each in need.requests if not grants(policy, each, by_iam=need.by_iam)]
    if lacking:
        yield _lacking(need, lacking, key_arn, region)
    denying = [statement for each in need.requests for statement in denials(policy, each)]
    if denying:
        yield _denied(need, denying[0], key_arn, region)


def _lacking(need: _Need, lacking: Sequence[Request], key_arn: str, region: str) -> Finding:
    missing = [
        statement for statement in need.statements if any(grants({"Statement": statement}, each) for each in lacking)
    ]
    return found(
        need.check,
        "error",
        where=PATH,
        what=f"No statement of the key's policy {need.purpose}, so {need.fails}",
        evidence=f"{key_arn} does not allow {_actions(lacking)} to {lacking[0].principal}",
        remedy=f'Add to the list "Statement" of the key\'s policy:\n{_as_json(missing)}\n{_edit(key_arn, region)}',
    )


def _denied(need: _Need, statement: Statement, key_arn: str, region: str) -> Finding:
    """A warning where the statement has conditions: of the caller and its network not everything is known here."""
    conditional = bool(statement.get("Condition"))
    denies = "A statement of the key's policy " + ("may deny it under its conditions" if conditional else "denies it")
    return found(
        need.check,
        "warning" if conditional else "error",
        where=PATH,
        what=f"{denies}: then nothing {need.purpose}, and {need.fails}",
        evidence=f"{key_arn} has the statement {json.dumps(statement)}",
        remedy=f"Take {need.requests[0].principal} out of that statement.\n{_edit(key_arn, region)}",
    )


def _actions(requests: Sequence[Request]) -> str:
    return ", ".join(each.action for each in requests)


def _as_json(statements: Sequence[Any]) -> str:
    return json.dumps(list(statements), indent=2)


def _edit(key_arn: str, region: str) -> str:
    of_key = f"--key-id {key_arn} --policy-name default --region {region}"
    return (
        "It takes the policy as a whole, so fetch it, edit the file, and put it back:\n"
        f"aws kms get-key-policy {of_key} --query Policy --output text > policy.json\n"
        f"aws kms put-key-policy {of_key} --policy file://policy.json"
    )
