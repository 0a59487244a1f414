"""What every part of EKS asks of a cluster."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError
from moto.eks.models import eks_backends

from simulator.account.resource import Refusal
from simulator.aws.base import known

if TYPE_CHECKING:
    from simulator.account import Account

NAME = re.compile(r"[0-9A-Za-z][A-Za-z0-9\-_]*")
NAME_MAX = 100


def now() -> str:
    """The time as pulumi-aws writes it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def cluster_name_problems(property_name: str, name: Any) -> list[tuple[str, str]]:
    """What pulumi-aws refuses as the name of a cluster."""
    if not known(name) or (NAME.fullmatch(name) and len(name) <= NAME_MAX):
        return []
    return [(property_name, f"{name!r} must be 1 to {NAME_MAX} characters that match ^[0-9A-Za-z][A-Za-z0-9\\-_]*$")]


def find_cluster(account: Account, name: str) -> dict[str, Any] | None:
    """EKS's own record of the cluster, or None."""
    try:
        cluster: dict[str, Any] = account.client("eks").describe_cluster(name=name)["cluster"]
    except ClientError:
        return None
    return cluster


def existing_cluster(account: Account, name: str) -> dict[str, Any]:
    """EKS's own record of the cluster. Raises what every call for a missing one ends in."""
    if cluster := find_cluster(account, name):
        return cluster
    raise Refusal("ResourceNotFoundException", f"No cluster found for name: {name}.")


def authentication_mode(inputs: dict[str, Any]) -> str:
    """The mode of a cluster with these inputs; EKS's API takes CONFIG_MAP when none is given."""
    return str((inputs.get("accessConfig") or {}).get("authenticationMode") or "CONFIG_MAP")


def moto_cluster(account: Account, name: str) -> Any:
    """moto's object, for what its API cannot set."""
    return eks_backends[account.account_id][account.region].clusters[name]
