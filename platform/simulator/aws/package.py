"""The `aws` package: resource types and invokes of the account, with what pulumi-aws does before AWS is
asked.
"""

from __future__ import annotations

import functools
import random
from collections.abc import Callable, Iterable, Mapping
from importlib.metadata import version
from typing import Any

from simulator.account import Account
from simulator.account.resource import UNKNOWN, Refusal, Resource, ResourceType
from simulator.aws import schema
from simulator.protocol.diff import leads_into
from simulator.protocol.plain_provider import CheckCall, Checked, Config, Package, Problems

Invoke = Callable[[Account, dict[str, Any]], dict[str, Any]]

RANDOM_DIGITS = 7
"""The length of the random end of an auto-name, after a dash; as in the Terraform bridge."""

PLAYED_SETTINGS = frozenset({"region", "defaultTags", "allowedAccountIds"})
HARMLESS_SETTINGS = frozenset(
    {
        "profile",
        "maxRetries",
        "retryMode",
        "version",
        "skipCredentialsValidation",
        "skipMetadataApiCheck",
        "skipRegionValidation",
        "skipRequestingAccountId",
    }
)
"""Settings of the real provider that make no difference here."""


class AwsPackage(Package):
    """What one account offers. Loads the pulumi_aws modules of its types at once."""

    version = version("pulumi-aws")

    def __init__(self, account: Account, resource_types: Iterable[ResourceType], invokes: Mapping[str, Invoke]) -> None:
        self._account = account
        self._types = {each.token: each for each in resource_types}
        self._invokes = invokes
        schema.load(self._types)

    def check_config(self, config: Config) -> Problems:
        problems = [
            (name, "the simulated account does not play this setting of the aws provider")
            for name in sorted(config.keys() - PLAYED_SETTINGS - HARMLESS_SETTINGS)
        ]
        region = config.get("region", self._account.region)
        if region not in (self._account.region, UNKNOWN):
            problems.append(("region", f"the simulated account is in {self._account.region}, not in {region}"))
        allowed = config.get("allowedAccountIds", [self._account.account_id])
        if self._account.account_id not in allowed:
            problems.append(("allowedAccountIds", f"AWS account ID not allowed: {self._account.account_id}"))
        return problems

    def configured(self, config: Config) -> None:
        self._account.reload_if_edited()

    def check(self, config: Config, call: CheckCall) -> Checked:
        resource_type = self._type(call.token)
        problems = schema.problems(call.token, call.new)
        inputs, defaults, misnamed = _named(resource_type, call)
        problems += misnamed
        if schema.has_all_tags(call.token):
            inputs["tagsAll"] = _all_tags(config, inputs.get("tags", {}))
        if not problems:
            problems = self._account.check(resource_type, inputs)
        return Checked(inputs=inputs, problems=problems, defaults=defaults)

    def replaces(self, config: Config, token: str) -> Callable[[tuple[str | int, ...]], bool]:
        return functools.partial(leads_into, self._type(token).replace_on)

    def deletes_first(self, token: str, old: dict[str, Any], new: dict[str, Any], defaults: list[str]) -> bool:
        """As the Terraform bridge: a name that the program fixed and did not change cannot be there twice."""
        name = self._type(token).name_property
        return name is not None and name not in defaults and name in new and old.get(name) == new[name]

    def preview(self, token: str, inputs: dict[str, Any]) -> dict[str, Any]:
        """AWS adds to nested objects: they are unknown as a whole."""
        return {name: value for name, value in inputs.items() if not schema.has_nested(token, name)}

    def changing_outputs(self, token: str) -> frozenset[str]:
        return self._type(token).changing_outputs

    def create(self, config: Config, token: str, inputs: dict[str, Any], urn: str) -> Resource:
        return self._account.create(self._type(token), inputs, urn)

    def read(
        self, config: Config, token: str, id: str, known: Mapping[str, Any] | None = None
    ) -> tuple[dict[str, Any], Resource] | None:
        return self._account.read(self._type(token), id)

    def update(self, config: Config, token: str, id: str, new: dict[str, Any], old: dict[str, Any]) -> dict[str, Any]:
        return self._account.update(self._type(token), id, new, old)

    def delete(self, config: Config, token: str, id: str) -> None:
        self._account.delete(self._type(token), id)

    def invoke(self, config: Config, token: str, args: dict[str, Any]) -> dict[str, Any]:
        if token not in self._invokes:
            raise Refusal("NotSimulated", f"the simulated account has no function {token}")
        with self._account.lock:
            return self._invokes[token](self._account, args)

    def _type(self, token: str) -> ResourceType:
        if token not in self._types:
            raise Refusal("NotSimulated", f"the simulated account has no resource type {token}")
        return self._types[token]


def _named(resource_type: ResourceType, call: CheckCall) -> tuple[dict[str, Any], tuple[str, ...], Problems]:
    """The inputs with the auto-name, the properties filled in, and what is wrong with the name."""
    name = resource_type.name_property
    if name is None or name in call.new or f"{name}Prefix" in call.new:
        return dict(call.new), (), []
    if name in call.old_defaults and name in call.old:
        return {**call.new, name: call.old[name]}, (name,), []
    digits = "".join(random.Random(call.random_seed).choices("0123456789abcdef", k=RANDOM_DIGITS))
    made = f"{call.name}-{digits}"
    longest = resource_type.name_max_length
    if longest is not None and len(made) > longest:
        reason = f"name {call.name!r} plus {RANDOM_DIGITS + 1} random chars is longer than maximum length {longest}"
        return dict(call.new), (), [(name, reason)]
    return {**call.new, name: made}, (name,), []


def _all_tags(config: Config, tags: Any) -> Any:
    if tags == UNKNOWN:
        return UNKNOWN
    return {**config.get("defaultTags", {}).get("tags", {}), **tags} if isinstance(tags, dict) else {}
