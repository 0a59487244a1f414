"""Instance types as the simulated EC2 describes them, read the way the program reads them."""

import re
from functools import cache
from types import SimpleNamespace
from typing import Any, cast

import pulumi_aws as aws
from moto.ec2.models.instance_types import INSTANCE_TYPES

from ray_platform.config.node_pools import InstanceFacts
from ray_platform.lookups import instance_facts
from simulator.account import Account
from simulator.aws.lookups import get_instance_type

NAMES: tuple[str, ...] = tuple(sorted(INSTANCE_TYPES))


class _Table:
    """An account and its EC2 client in one, which answers from the table of instance types alone."""

    region = "us-east-1"

    def client(self, _: str) -> "_Table":
        return self

    def describe_instance_types(self, *, InstanceTypes: list[str]) -> dict[str, Any]:  # noqa: N803  boto3's name
        return {"InstanceTypes": [INSTANCE_TYPES[name] for name in InstanceTypes]}


@cache
def facts(name: str) -> InstanceFacts:
    """What the program learns of an instance type."""
    answer = get_instance_type(cast(Account, _Table()), {"instanceType": name})
    return instance_facts(cast(aws.ec2.GetInstanceTypeResult, _as_attributes(answer)))


class EveryType(dict[str, InstanceFacts]):
    """Facts of whatever type is asked for."""

    def __missing__(self, name: str) -> InstanceFacts:
        return facts(name)


def _as_attributes(value: Any) -> Any:
    if isinstance(value, dict):
        return SimpleNamespace(
            **{re.sub("(?=[A-Z])", "_", key).lower(): _as_attributes(each) for key, each in value.items()}
        )
    return [_as_attributes(each) for each in value] if isinstance(value, list) else value
