"""Who may do what in AWS: nobody everything.

Judged are the actions that a policy allows, and the policies of AWS's that allow a whole service. The policy of a key
is no IAM policy: that the account's root may do all of KMS is how a key is left to the account's IAM (KMS developer
guide, "Default key policy", read 2026-11-23). This one statement is let through, for this one principal.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from ray_platform.guardrails.values import UNKNOWN, each, look
from ray_platform.guardrails.verdict import Answer, Fault, Guardrail, Resource, Stack, Unclear, expect

# The property of each type that holds a policy.
_POLICIES: Final[Mapping[str, str]] = {
    "aws:iam/groupPolicy:GroupPolicy": "policy",
    "aws:iam/policy:Policy": "policy",
    "aws:iam/rolePolicy:RolePolicy": "policy",
    "aws:iam/userPolicy:UserPolicy": "policy",
    "aws:kms/key:Key": "policy",
    "aws:kms/keyPolicy:KeyPolicy": "policy",
    "aws:s3/bucketPolicy:BucketPolicy": "policy",
    "aws:sns/topicPolicy:TopicPolicy": "policy",
    "aws:sqs/queue:Queue": "policy",
    "aws:sqs/queuePolicy:QueuePolicy": "policy",
}
_ROLE: Final = "aws:iam/role:Role"
_KEYS: Final = ("aws:kms/key:Key", "aws:kms/keyPolicy:KeyPolicy")
_ATTACHMENTS: Final = (
    "aws:iam/groupPolicyAttachment:GroupPolicyAttachment",
    "aws:iam/policyAttachment:PolicyAttachment",
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
    "aws:iam/userPolicyAttachment:UserPolicyAttachment",
)

_EVERYTHING: Final = re.compile(r"[*?]+|[A-Za-z0-9-]*[*?]*:[*?]+")
_WHOLE_SERVICE: Final = re.compile(r"policy/(.*/)?(AdministratorAccess|PowerUserAccess|\w*FullAccess)\b")
_ROOT: Final = re.compile(r"arn:[\w-]+:iam::\d{12}:root")


def _no_wildcards(stack: Stack) -> Iterator[Answer]:
    for resource in stack.resources:
        if resource.type in _POLICIES:
            path = _POLICIES[resource.type]
            yield from _of_document(resource, path, look(resource.inputs, path))
        if resource.type == _ROLE:
            for path, inline in each(resource.inputs, "inlinePolicies"):
                yield from _of_document(resource, f"{path}.policy", look(inline, "policy"))
            for path, arn in each(resource.inputs, "managedPolicyArns"):
                yield from _of_managed(resource, path, arn)
        if resource.type in _ATTACHMENTS:
            yield from _of_managed(resource, "policyArn", look(resource.inputs, "policyArn"))


def _of_managed(resource: Resource, path: str, arn: Any) -> Iterator[Answer]:
    wish = "must be a policy with the rights that are needed"
    yield from expect(resource, path, arn, lambda value: not _WHOLE_SERVICE.search(str(value)), wish)


def _of_document(resource: Resource, path: str, policy: Any) -> Iterator[Answer]:
    if policy is None:
        return
    if policy is UNKNOWN:
        yield Unclear(resource=resource, path=path)
        return
    for at, statement in each({path: _document(policy)}, path, "Statement"):
        effect = look(statement, "Effect")
        if effect is UNKNOWN:
            yield Unclear(resource=resource, path=at)
        elif effect != "Deny" and not (resource.type in _KEYS and _leaves_it_to_iam(statement)):
            yield from _of_statement(resource, at, statement)


def _document(policy: Any) -> Any:
    """A policy that is no JSON has no statements here; AWS refuses it."""
    if isinstance(policy, Mapping):
        return policy
    try:
        return json.loads(policy)
    except (TypeError, ValueError):
        return None


def _leaves_it_to_iam(statement: Any) -> bool:
    principal = look(statement, "Principal", "AWS")
    is_root = isinstance(principal, str) and _ROOT.fullmatch(principal) is not None
    return is_root and look(statement, "Action") == "kms:*"


def _of_statement(resource: Resource, path: str, statement: Any) -> Iterator[Answer]:
    if look(statement, "NotAction") is not None:
        what = "It allows all actions but those it names."
        yield Fault(resource=resource, path=f"{path}.NotAction", what=what)
    for at, action in each(statement, "Action"):
        wish = "must not be all actions, of AWS or of a service"
        yield from expect(
            resource, f"{path}.{at}", action, lambda value: _EVERYTHING.fullmatch(str(value)) is None, wish
        )


GUARDRAILS: Final = (
    Guardrail(
        code="no-wildcard-rights",
        promise="No policy allows all actions, of AWS or of one service, and none of AWS's full-access policies is "
        "attached. (The key's own policy leaves the key to the account's IAM, as KMS asks for.)",
        remedy="Name the actions that are needed (policies.py).",
        check=_no_wildcards,
    ),
)
