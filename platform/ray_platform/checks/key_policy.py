"""What a key policy allows: the part of IAM's evaluation that a resource policy needs.

AWS IAM user guide, "Policy evaluation logic" and "IAM JSON policy elements reference", and AWS KMS developer guide,
"Key policies in AWS KMS"; read 2026-11-23. A condition whose operator is not known here, or whose value holds a policy
variable, is undecided: an Allow with it does not count, a Deny with it does. So what is allowed here is allowed by AWS.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ray_platform.checks.principals import account_of, is_principal

Policy = Mapping[str, Any]
Statement = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Request:
    """One call, as the service that guards the resource sees it.

    ``principal`` is the ARN of a user, a role or a role's session, or the name of an AWS service. ``context`` has every
    condition key of the call: one that is not there counts as absent. ``resource`` is the ARN of the key; left at ``*``
    only statements about every resource are about it.
    """

    principal: str
    action: str
    context: Mapping[str, str] = field(default_factory=dict)
    resource: str = "*"


def allows(policy: Policy, request: Request, *, by_iam: bool = True) -> bool:
    """Whether the policy lets the request pass: some statement grants it, and none denies it.

    A statement that names a whole account leaves it to the IAM of that account. ``by_iam`` says whether that counts:
    it does for who has the right there, it does not for a service-linked role, whose rights nobody can extend.
    """
    return grants(policy, request, by_iam=by_iam) and not any(denials(policy, request))


def grants(policy: Policy, request: Request, *, by_iam: bool = True) -> bool:
    """Whether some statement allows the request, whatever another denies."""
    return any(
        statement["Effect"] == "Allow" and _applies(statement, request, by_iam=by_iam) is True
        for statement in _statements(policy)
    )


def denials(policy: Policy, request: Request) -> Iterator[Statement]:
    """The statements that deny the request, those included of which it cannot be told."""
    for statement in _statements(policy):
        if statement["Effect"] == "Deny" and _applies(statement, request, by_iam=True) is not False:
            yield statement


def _statements(policy: Policy) -> list[Statement]:
    return _as_list(policy["Statement"])


def _as_list(value: Any) -> list[Any]:
    """One element or a list of them, as policies have it in most places."""
    return list(value) if isinstance(value, list | tuple) else [value]


def _applies(statement: Statement, request: Request, *, by_iam: bool) -> bool | None:
    """None where it cannot be told."""
    if not (
        _is_about(statement, request, by_iam=by_iam)
        and _covers(statement, "Action", request.action.lower(), str.lower)
        and _covers(statement, "Resource", request.resource, str)
    ):
        return False
    results = [
        _holds(operator, _as_list(wanted), request.context, key)
        for operator, tests in statement.get("Condition", {}).items()
        for key, wanted in tests.items()
    ]
    if False in results:
        return False
    return None if None in results else True


def _is_about(statement: Statement, request: Request, *, by_iam: bool) -> bool:
    if "NotPrincipal" in statement:
        return not _names(statement["NotPrincipal"], request.principal, by_iam=False)
    return _names(statement.get("Principal"), request.principal, by_iam=by_iam)


def _names(principals: Any, who: str, *, by_iam: bool) -> bool:
    """Whether an element Principal names somebody; a whole account names its members where ``by_iam``."""
    if principals == "*":
        return True
    if not isinstance(principals, Mapping):
        return False
    listed = {kind: _as_list(names) for kind, names in principals.items()}
    if "*" in listed.get("AWS", []):
        return True
    if not who.startswith("arn:"):
        return who in listed.get("Service", []) or "*" in listed.get("Service", [])
    return any(is_principal(who, name) or (by_iam and _is_account_of(name, who)) for name in listed.get("AWS", []))


def _is_account_of(name: str, who: str) -> bool:
    """An account is named by its number or by the ARN of its root."""
    account = account_of(name) if re.fullmatch(r"arn:[a-z-]+:iam::\d{12}:root", name) else name
    return account == account_of(who)


def _covers(statement: Statement, element: str, wanted: str, fold: Callable[[str], str]) -> bool:
    if f"Not{element}" in statement:
        return not any(_like(wanted, fold(pattern)) for pattern in _as_list(statement[f"Not{element}"]))
    return any(_like(wanted, fold(pattern)) for pattern in _as_list(statement.get(element, [])))


def _like(text: str, pattern: str) -> bool:
    """``*`` is any text and ``?`` any one character; nothing else is special, unlike in the patterns of files."""
    expression = "".join({"*": ".*", "?": "."}.get(character, re.escape(character)) for character in pattern)
    return re.fullmatch(expression, text, re.DOTALL) is not None


def _arn_like(text: str, pattern: str) -> bool:
    """Each of the six parts of an ARN by itself: a ``*`` does not reach over a colon but in the last one."""
    parts, patterns = text.split(":", 5), pattern.split(":", 5)
    return len(parts) == len(patterns) and all(map(_like, parts, patterns))


_COMPARISONS: Final[Mapping[str, Callable[[str, str], bool]]] = {
    "StringEquals": lambda text, wanted: text == wanted,
    "StringEqualsIgnoreCase": lambda text, wanted: text.lower() == wanted.lower(),
    "StringLike": _like,
    "ArnEquals": _arn_like,
    "ArnLike": _arn_like,
    "Bool": lambda text, wanted: text.lower() == wanted.lower(),
}
_NEGATIONS: Final[Mapping[str, str]] = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
}
_ANY: Final = "ForAnyValue:"
_ALL: Final = "ForAllValues:"
_IF_EXISTS: Final = "IfExists"


def _holds(operator: str, wanted: list[Any], context: Mapping[str, str], key: str) -> bool | None:
    """Whether one condition holds; None where it cannot be told. Names of keys are the same in any case."""
    actual = next((value for name, value in context.items() if name.lower() == key.lower()), None)
    values = [str(value) for value in wanted]
    if operator == "Null":
        return (actual is None) == (values[0].lower() == "true")
    plain = operator.removeprefix(_ANY).removeprefix(_ALL).removesuffix(_IF_EXISTS)
    negated = plain in _NEGATIONS
    compare = _COMPARISONS.get(_NEGATIONS.get(plain, plain))
    if compare is None:
        return None
    if actual is None:
        # An absent key is unequal to everything, except among the values of a key that has none.
        return operator.endswith(_IF_EXISTS) or operator.startswith(_ALL) or (negated and not operator.startswith(_ANY))
    if any("${" in value for value in values):
        return None
    return any(compare(actual, value) for value in values) != negated
