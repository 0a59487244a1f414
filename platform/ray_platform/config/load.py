"""Reads the stack configuration.

`parse` tells everything that the configuration alone can tell. `declared` names what AWS has to be asked
for: the parts that are valid by themselves, whatever is wrong elsewhere. So a caller looks those up, adds the
problems of `network_rules` and `hardware`, and raises one `ConfigError` with all of them.
"""

import json
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pydantic import ConfigDict, TypeAdapter, ValidationError

from ray_platform.config.fields import Section, VpcId
from ray_platform.config.hardware import PoolHardware
from ray_platform.config.hiding import SecretSection, without_secrets
from ray_platform.config.network_source import way_problems
from ray_platform.config.numbers import INTEGER_MAX, INTEGER_MIN
from ray_platform.config.pool_config import NodePoolConfig
from ray_platform.config.pool_rules import pool_hardware, pool_problems, pools_of
from ray_platform.config.problems import (
    PROJECT,
    SECTIONS,
    Problem,
    remove_command,
    set_command,
    shown,
    yaml_path,
)
from ray_platform.config.ray_rules import head_problems
from ray_platform.config.sections import (
    AddonsConfig,
    AwsConfig,
    ClusterConfig,
    NetworkConfig,
    OperationsConfig,
    RayConfig,
    SecurityConfig,
    Settings,
    SubnetIds,
)
from ray_platform.config.translation import problems_of, unknown_key, valid_part
from ray_platform.marks import SECRET

MODELS: Final[Mapping[str, type[Section]]] = {
    "aws": AwsConfig,
    "network": NetworkConfig,
    "security": SecurityConfig,
    "cluster": ClusterConfig,
    "addons": AddonsConfig,
    "ray": RayConfig,
    "operations": OperationsConfig,
}

# Python itself reads and writes no more than 4300.
_DIGITS_MAX: Final = 1000

# No value of this configuration is longer.
_ARGUMENT_MAX: Final = 400

_VPC_ID: Final = TypeAdapter[str](VpcId, config=ConfigDict(strict=True))
_SUBNET_IDS: Final = TypeAdapter[tuple[str, ...]](SubnetIds, config=ConfigDict(strict=True))


@dataclass(frozen=True, kw_only=True)
class SchedulingConfig:
    """The sections that together decide where Ray runs."""

    node_pools: Mapping[str, NodePoolConfig]
    addons: AddonsConfig
    ray: RayConfig


@dataclass(frozen=True, kw_only=True)
class Declared:
    """What a configuration names in AWS; None or empty where it is missing or not valid in itself."""

    region: str | None
    vpc_id: str | None
    subnet_ids: tuple[str, ...]
    service_ipv4_cidr: str | None
    cluster_name: str | None
    kubernetes_version: str | None
    pools: tuple[PoolHardware, ...]
    egress: str | None
    scheduling: SchedulingConfig | None


def parse(raw: Mapping[str, Any]) -> tuple[Settings | None, list[Problem]]:
    """The settings of a stack, or None and every problem of its configuration.

    `raw` holds the sections by name, as decoded JSON; an absent or empty section means all defaults.
    """
    problems = [_unknown_section(key, value) for key, value in raw.items() if key not in SECTIONS]
    for section, model in MODELS.items():
        problems += problems_of(model, _given(raw, section), (section,))
    problems += way_problems(_given(raw, "network"))
    problems += pool_problems(raw.get("nodePools"))
    problems += head_problems(_given(raw, "ray"), raw.get("nodePools"))
    problems += _key_region_problems(raw)
    if problems:
        return None, without_secrets(problems, raw)
    return _settings(raw), []


def declared(raw: Mapping[str, Any]) -> Declared:
    """What can be looked up in AWS, even while other parts of the configuration have problems."""
    aws = valid_part(AwsConfig, _given(raw, "aws"), "region")
    security = valid_part(SecurityConfig, _given(raw, "security"), "egress")
    network = _given(raw, "network")
    cluster = valid_part(ClusterConfig, _given(raw, "cluster"), "serviceIpv4Cidr")
    versioned = valid_part(ClusterConfig, _given(raw, "cluster"), "name", "kubernetesVersion")
    given = network if isinstance(network, Mapping) else {}
    return Declared(
        region=aws.region if aws else None,
        vpc_id=_vpc_id(given.get("vpcId")),
        subnet_ids=_subnet_ids(given.get("subnetIds")),
        service_ipv4_cidr=cluster.service_ipv4_cidr if cluster else None,
        cluster_name=versioned.name if versioned else None,
        kubernetes_version=versioned.kubernetes_version if versioned else None,
        pools=pool_hardware(raw.get("nodePools")),
        egress=security.egress if security else None,
        scheduling=_scheduling(raw),
    )


def from_pulumi_config() -> dict[str, Any]:
    """The current stack's configuration for `parse`: every key of the project's namespace, known or not.

    What is no JSON stays the text it is; `parse` refuses it where it stands.
    """
    import pulumi
    from pulumi.runtime.config import CONFIG, get_config_env, is_config_secret

    config = pulumi.Config()
    prefix = f"{config.name}:"
    # The SDK lists no keys. An inline program finds them in CONFIG, the language host sets the environment.
    names = [key.removeprefix(prefix) for key in (*CONFIG.get(), *get_config_env()) if key.startswith(prefix)]
    values = {name: config.get(name) for name in dict.fromkeys((*SECTIONS, *names))}
    found = {name: _decoded(text) for name, text in values.items() if text is not None}
    return {name: _hidden(value) if is_config_secret(f"{prefix}{name}") else value for name, value in found.items()}


def _decoded(text: str) -> Any:
    try:
        return json.loads(text, parse_int=_integer)
    except (ValueError, RecursionError):
        return text


def _integer(digits: str) -> float:
    """Python reads whole numbers of so many digits only as far as they are finite."""
    return int(digits) if len(digits) <= _DIGITS_MAX else float(digits)


def _hidden(value: Any) -> Any:
    return SecretSection(value) if isinstance(value, dict) else SECRET


def _given(raw: Mapping[str, Any], section: str) -> Any:
    value = raw.get(section)
    return {} if value is None else value


def _settings(raw: Mapping[str, Any]) -> Settings:
    pools = pools_of(raw.get("nodePools"))
    return Settings(
        aws=AwsConfig.model_validate(_given(raw, "aws")),
        network=NetworkConfig.model_validate(_given(raw, "network")),
        security=SecurityConfig.model_validate(_given(raw, "security")),
        cluster=ClusterConfig.model_validate(_given(raw, "cluster")),
        node_pools={name: NodePoolConfig.model_validate(pool) for name, pool in pools.items()},
        addons=AddonsConfig.model_validate(_given(raw, "addons")),
        ray=RayConfig.model_validate(_given(raw, "ray")),
        operations=OperationsConfig.model_validate(_given(raw, "operations")),
    )


def _scheduling(raw: Mapping[str, Any]) -> SchedulingConfig | None:
    pools, addons, ray = raw.get("nodePools"), _given(raw, "addons"), _given(raw, "ray")
    if (
        pool_problems(pools)
        or head_problems(ray, pools)
        or problems_of(AddonsConfig, addons, ("addons",))
        or problems_of(RayConfig, ray, ("ray",))
    ):
        return None
    return SchedulingConfig(
        node_pools={name: NodePoolConfig.model_validate(pool) for name, pool in pools_of(pools).items()},
        addons=AddonsConfig.model_validate(addons),
        ray=RayConfig.model_validate(ray),
    )


def _unknown_section(key: str, value: Any) -> Problem:
    path = yaml_path((key,))
    if re.split(r"[.\[]", key, maxsplit=1)[0] in SECTIONS:
        return Problem(
            path=path,
            value=value,
            rule="a path set with --path; without it, the whole path becomes the name of a key",
            remedy=f"pulumi config rm '{PROJECT}:{key}' && " + set_command(key, _argument(value)),
        )
    return unknown_key(path, value, key, SECTIONS)


def _argument(value: Any) -> str:
    """The value as a shell takes it, whole; a word in its place where it is no scalar, or more than fits a line."""
    number = isinstance(value, float | int) and INTEGER_MIN <= value <= INTEGER_MAX
    text = shown(value) if number else value
    whole = isinstance(text, str) and len(text) <= _ARGUMENT_MAX and text.isprintable()
    return shlex.quote(text) if whole else "VALUE"


def _key_region_problems(raw: Mapping[str, Any]) -> list[Problem]:
    aws = valid_part(AwsConfig, _given(raw, "aws"), "region")
    security = valid_part(SecurityConfig, _given(raw, "security"), "kmsKeyArn")
    if aws is None or security is None or security.kms_key_arn is None:
        return []
    key_region = security.kms_key_arn.split(":")[3]
    if key_region == aws.region:
        return []
    return [
        Problem(
            path="security.kmsKeyArn",
            value=security.kms_key_arn,
            rule=f"a key in {aws.region}, the region of the stack; it is in {key_region}",
            remedy=f"Choose a key in {aws.region}, or remove it: {remove_command('security.kmsKeyArn')}",
        )
    ]


def _vpc_id(value: Any) -> str | None:
    try:
        return _VPC_ID.validate_python(value)
    except ValidationError:
        return None


def _subnet_ids(value: Any) -> tuple[str, ...]:
    try:
        return _SUBNET_IDS.validate_python(value)
    except ValidationError:
        return ()
