"""Who somebody is to IAM: one and the same role goes by several ARNs."""

import re
from typing import Final

_SESSION: Final = re.compile(r"arn:(?P<partition>[a-z-]+):sts::(?P<account>\d{12}):assumed-role/(?P<role>[^/]+)/.+")


def account_of(arn: str) -> str:
    """The account an ARN belongs to."""
    return arn.split(":")[4]


def principal_of(caller: str) -> str:
    """What a caller is as a principal: the role of a session, without the path, which STS leaves out."""
    session = _SESSION.fullmatch(caller)
    if session is None:
        return caller
    return f"arn:{session['partition']}:iam::{session['account']}:role/{session['role']}"


def is_principal(caller: str, principal: str) -> bool:
    """Whether a caller, as STS tells it, is the principal that a policy or an access entry names.

    A role is named with its path (as ``role/aws-reserved/sso.amazonaws.com/NAME``), its sessions are not.
    """
    if principal in (caller, principal_of(caller)):
        return True
    session = _SESSION.fullmatch(caller)
    if session is None:
        return False
    prefix = f"arn:{session['partition']}:iam::{session['account']}:role/"
    return principal.startswith(prefix) and principal.rpartition("/")[2] == session["role"]
