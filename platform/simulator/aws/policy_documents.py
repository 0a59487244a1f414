"""IAM policy documents: whether AWS would accept one, and what one allows.

The grammar is that of "IAM JSON policy elements reference" (AWS IAM user guide, read 2026-07). The evaluation covers
the elements that decide the simulator's rules: Effect, Principal, Action, Resource and the string and ARN conditions.
An unknown condition operator never matches, so that a rule errs on the strict side.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from simulator.account.resource import Refusal

VERSIONS = frozenset({"2012-10-17", "2008-10-17"})
STATEMENT_KEYS = frozenset(
    {
        "Sid",
        "Effect",
        "Principal",
        "NotPrincipal",
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Condition",
    }
)
MALFORMED = "MalformedPolicyDocument"


def as_list(value: Any) -> list[Any]:
    """One element or a list of them, as policy documents allow in most places."""
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]


def parse(document: str, *, principals: bool, code: str = MALFORMED) -> dict[str, Any]:
    """Return the parsed document or raise the Refusal that AWS answers with.

    `principals` says whether the document is a resource policy (each statement names a principal, and needs no
    resource) or an identity policy (the other way round).
    """
    try:
        parsed = json.loads(document)
    except ValueError:
        raise Refusal(code, "Syntax errors in policy.") from None
    if not isinstance(parsed, dict) or not as_list(parsed.get("Statement")):
        raise Refusal(code, "Syntax errors in policy.")
    if parsed.get("Version", "2008-10-17") not in VERSIONS:
        raise Refusal(code, f"The policy must contain a valid version string, not {parsed['Version']!r}.")
    for statement in as_list(parsed["Statement"]):
        _check_statement(statement, principals=principals, code=code)
    return parsed


def _check_statement(statement: Any, *, principals: bool, code: str) -> None:
    if not isinstance(statement, dict):
        raise Refusal(code, "Syntax errors in policy.")
    if unknown := sorted(set(statement) - STATEMENT_KEYS):
        raise Refusal(code, f"Syntax errors in policy: unknown element {unknown[0]}.")
    if statement.get("Effect") not in ("Allow", "Deny"):
        raise Refusal(code, "Syntax errors in policy: Effect must be Allow or Deny.")
    actions = as_list(statement.get("Action", statement.get("NotAction")))
    if not actions:
        raise Refusal(code, "Policy statement must contain actions.")
    for action in actions:
        if not isinstance(action, str) or (action != "*" and ":" not in action):
            raise Refusal(code, "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.")
    has_principal = "Principal" in statement or "NotPrincipal" in statement
    if principals and not has_principal:
        raise Refusal(code, "Missing required field Principal")
    if not principals:
        if has_principal:
            raise Refusal(code, "Policy document should not specify a principal.")
        _check_resources(statement, code)


def _check_resources(statement: Mapping[str, Any], code: str) -> None:
    resources = as_list(statement.get("Resource", statement.get("NotResource")))
    if not resources:
        raise Refusal(code, "Policy statement must contain resources.")
    for resource in resources:
        if not isinstance(resource, str) or (resource != "*" and not resource.startswith("arn:")):
            raise Refusal(code, f'Resource {resource} must be in ARN format or "*".')


def statements(document: str) -> Iterator[dict[str, Any]]:
    """The statements of a document that `parse` has accepted."""
    yield from as_list(json.loads(document)["Statement"])


def names_principal(statement: Mapping[str, Any], kind: str, name: str) -> bool:
    """Whether the statement's Principal covers `name` of `kind` (Service, AWS or Federated)."""
    principal = statement.get("Principal")
    if principal == "*":
        return True
    return isinstance(principal, dict) and any(entry in (name, "*") for entry in as_list(principal.get(kind)))


def covers_action(statement: Mapping[str, Any], action: str) -> bool:
    """Whether one of the statement's action patterns covers `action`; case does not count, as in IAM."""
    patterns = as_list(statement.get("Action"))
    return any(fnmatchcase(action.lower(), str(pattern).lower()) for pattern in patterns)


def conditions_hold(statement: Mapping[str, Any], context: Mapping[str, str]) -> bool:
    """Whether every condition of the statement holds in a request with these context keys."""
    lowered = {key.lower(): value for key, value in context.items()}
    for operator, tests in statement.get("Condition", {}).items():
        for key, wanted in tests.items():
            actual = lowered.get(key.lower())
            if not any(_matches(operator, str(pattern), actual) for pattern in as_list(wanted)):
                return False
    return True


def _matches(operator: str, pattern: str, actual: str | None) -> bool:
    if operator.endswith("IfExists"):
        return actual is None or _matches(operator.removesuffix("IfExists"), pattern, actual)
    if operator == "Bool":
        return (actual or "false").lower() == pattern.lower()
    if actual is None:
        return False
    if operator == "StringEquals":
        return bool(actual == pattern)
    if operator in ("StringLike", "ArnLike", "ArnEquals"):
        return fnmatchcase(actual, pattern)
    return False


def allows(document: str, *, kind: str, principal: str, action: str, context: Mapping[str, str] | None = None) -> bool:
    """Whether a resource policy lets a principal do an action in a request with this context. Deny wins."""
    verdict = False
    for statement in statements(document):
        if not (
            names_principal(statement, kind, principal)
            and covers_action(statement, action)
            and conditions_hold(statement, context or {})
        ):
            continue
        if statement["Effect"] == "Deny":
            return False
        verdict = True
    return verdict


def equivalent(first: str | None, second: str | None) -> bool:
    """Whether two documents say the same, whatever their white space, order of keys, and lone or listed values."""
    if not first or not second:
        return not first and not second
    try:
        return bool(_canonical(json.loads(first)) == _canonical(json.loads(second)))
    except ValueError:
        return first == second


def _canonical(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _canonical(item) for key, item in sorted(value.items())}
    if isinstance(value, list):
        items = sorted((_canonical(item) for item in value), key=lambda item: json.dumps(item, sort_keys=True))
        return items[0] if len(items) == 1 else items
    return value
