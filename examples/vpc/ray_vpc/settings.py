"""The configuration of the stack: read as text, checked as a whole."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Final

from ray_vpc.addresses import block_problems

DEFAULTS: Final[Mapping[str, str]] = {
    "name": "ray",
    "cidr": "10.0.0.0/16",
    "natGateways": "1",
    "interfaceEndpoints": "false",
    "flowLogRetentionDays": "30",
    "tags": "{}",
}
NAT_GATEWAYS: Final = ("1", "3")
BOOLEANS: Final = ("true", "false")
NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,30}")
# CloudWatch Logs API reference, "PutRetentionPolicy".
RETENTION_DAYS: Final = frozenset(
    map(str, (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653))
)

Problem = tuple[str, str]
"""A configuration key and what its value must be."""


class ConfigError(ValueError):
    """Every problem of the configuration at once."""

    def __init__(self, values: Mapping[str, str], problems: list[Problem]) -> None:
        self.problems = problems
        noun = "problem" if len(problems) == 1 else "problems"
        lines = [f"{len(problems)} {noun} in the stack configuration; nothing was created or changed."]
        lines += [f"{key} = {json.dumps(values[key])}\n    must be {rule}" for key, rule in problems]
        super().__init__("\n".join(lines))


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What the stack is made from."""

    name: str
    cidr: IPv4Network
    nat_gateways: int
    interface_endpoints: bool
    flow_log_retention_days: int
    tags: Mapping[str, str]


def settings_of(given: Mapping[str, str | None]) -> Settings:
    """The settings of these values, with the defaults for those that are None or missing. Raises ConfigError."""
    values = {**DEFAULTS, **{key: value for key, value in given.items() if value is not None}}
    if problems := list(_problems(values)):
        raise ConfigError(values, problems)
    return Settings(
        name=values["name"],
        cidr=IPv4Network(values["cidr"]),
        nat_gateways=int(values["natGateways"]),
        interface_endpoints=values["interfaceEndpoints"] == "true",
        flow_log_retention_days=int(values["flowLogRetentionDays"]),
        tags=json.loads(values["tags"]),
    )


def _problems(values: Mapping[str, str]) -> Iterator[Problem]:
    if not NAME.fullmatch(values["name"]):
        yield "name", "1 to 31 characters: lower-case letters, digits and dashes, a letter first"
    for rule in block_problems(values["cidr"]):
        yield "cidr", rule
    if values["natGateways"] not in NAT_GATEWAYS:
        yield "natGateways", "1, for all zones, or 3, one in each"
    if values["interfaceEndpoints"] not in BOOLEANS:
        yield "interfaceEndpoints", "true or false"
    if values["flowLogRetentionDays"] not in RETENTION_DAYS:
        yield "flowLogRetentionDays", f"one of {', '.join(sorted(RETENTION_DAYS, key=int))}"
    if not _is_tags(values["tags"]):
        yield "tags", "an object whose values are strings"


def _is_tags(text: str) -> bool:
    try:
        tags = json.loads(text)
    except ValueError:
        return False
    return isinstance(tags, dict) and all(isinstance(value, str) for value in tags.values())
