"""What the simulated AWS types share: one way to create, replay, read and report, and the tags of pulumi-aws."""

from __future__ import annotations

import abc
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, TypeGuard

from botocore.exceptions import ClientError
from moto.moto_api._internal import mock_random

from simulator.account.resource import UNKNOWN, Refusal, Resource, ResourceType

if TYPE_CHECKING:
    from simulator.account import Account

MAPS = frozenset({"tags", "tagsAll", "labels"})


class AwsType(ResourceType):
    """A type whose state is described from the account after every call.

    `enforce` holds the rules of AWS and runs for a real create only: a replay rebuilds what once was accepted, also
    when what it stood on has changed or gone since.
    """

    computed: ClassVar[frozenset[str]] = frozenset({"arn", "tagsAll"})
    """Outputs that are never inputs, so that an import leaves them out."""

    def enforce(self, account: Account, inputs: dict[str, Any]) -> None:
        """Raise the Refusal AWS answers with when it would not create the resource."""

    @abc.abstractmethod
    def make(self, account: Account, inputs: dict[str, Any], outputs: dict[str, Any]) -> str:
        """Create the resource in moto and return its id. `outputs` are empty, or the last ones on a replay."""

    @abc.abstractmethod
    def describe(
        self, account: Account, id: str, inputs: dict[str, Any], outputs: dict[str, Any]
    ) -> dict[str, Any] | None:
        """Everything pulumi-aws reports of the resource, as the account has it now; None when it is gone.

        `inputs` and `outputs` serve for what AWS does not tell and for wording: where AWS's answer means the same
        as the input (a policy in another layout, a list in another order) the input comes back.
        """

    def create(self, account: Account, inputs: dict[str, Any]) -> Resource:
        # moto draws request ids from the source of its resource ids, and a replay asks AWS fewer things than this.
        before = mock_random.getstate()
        self.enforce(account, inputs)
        mock_random.setstate(before)
        return self._made(account, inputs, {})

    def replay(self, account: Account, inputs: dict[str, Any], outputs: dict[str, Any]) -> Resource:
        return self._made(account, inputs, outputs)

    def _made(self, account: Account, inputs: dict[str, Any], outputs: dict[str, Any]) -> Resource:
        id = self.make(account, inputs, outputs)
        return Resource(id=id, outputs=self.now(account, id, inputs, outputs))

    def read(self, account: Account, id: str, inputs: dict[str, Any], outputs: dict[str, Any]) -> Resource | None:
        current = self.describe(account, id, inputs, outputs)
        return None if current is None else Resource(id=id, outputs=current)

    def now(self, account: Account, id: str, inputs: dict[str, Any], outputs: dict[str, Any]) -> dict[str, Any]:
        """`describe` of a resource that is known to exist."""
        current = self.describe(account, id, inputs, outputs)
        if current is None:
            raise Refusal("NotFoundException", f"{self.token} {id} does not exist")
        return current

    def inputs_of(self, inputs: Mapping[str, Any], current: Mapping[str, Any]) -> dict[str, Any]:
        """The inputs that would describe `current`: the old ones' keys, or on an import every one that is set."""
        if inputs:
            return {key: projected(key, value, current.get(key)) for key, value in inputs.items()}
        return {
            key: value for key, value in current.items() if key not in self.computed and value not in (None, "", [], {})
        }


def projected(key: str, old: Any, current: Any) -> Any:
    """`current` with no more detail than `old` has, and in its order where only the order differs."""
    if key in MAPS or current is None or old is None:
        return current
    if isinstance(old, dict) and isinstance(current, dict):
        return {name: projected(name, value, current.get(name)) for name, value in old.items()}
    if isinstance(old, list) and isinstance(current, list):
        if len(old) == len(current) and all(isinstance(item, dict) for item in [*old, *current]):
            current = [projected(key, was, now) for was, now in zip(old, current, strict=True)]
        return in_order(old, current)
    return current


def in_order(wanted: list[Any] | None, actual: list[Any]) -> list[Any]:
    """`wanted` when `actual` holds the same members in another order, else `actual`."""
    if wanted is not None and sorted(map(_sort_key, wanted)) == sorted(map(_sort_key, actual)):
        return wanted
    return actual


def _sort_key(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=str)


def unless_unset(wanted: Any, actual: Any) -> Any:
    """`actual`, or None when it is empty and the program did not give it either."""
    return actual if actual or wanted is not None else None


def known(value: Any) -> TypeGuard[Any]:
    """Whether a preview has the value at all: given, and not for the engine to learn later."""
    return value is not None and value != UNKNOWN


def wanted_tags(inputs: Mapping[str, Any]) -> dict[str, str]:
    """The tags AWS gets: the program's over the provider's default tags."""
    tags = inputs.get("tagsAll")
    return dict(tags if tags is not None else inputs.get("tags") or {})


def tag_outputs(inputs: Mapping[str, Any], actual: Mapping[str, str]) -> dict[str, Any]:
    """`tags` and `tagsAll` as pulumi-aws reports them: `tags` without what the default tags brought."""
    own = inputs.get("tags") or {}
    defaults = {key: value for key, value in wanted_tags(inputs).items() if key not in own}
    tags = {key: value for key, value in actual.items() if defaults.get(key) != value}
    return {"tags": unless_unset(inputs.get("tags"), tags), "tagsAll": dict(actual)}


def tag_list(tags: Mapping[str, str], key: str = "Key", value: str = "Value") -> list[dict[str, str]]:
    """A mapping of tags as most AWS APIs take them."""
    return [{key: name, value: text} for name, text in tags.items()]


def tag_map(tags: list[dict[str, str]] | None, key: str = "Key", value: str = "Value") -> dict[str, str]:
    """AWS's list of tags as a mapping."""
    return {tag[key]: tag[value] for tag in tags or []}


def tag_changes(current: Mapping[str, str], wanted: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """The tags to set and the keys to take away to come from `current` to `wanted`."""
    changed = {key: value for key, value in wanted.items() if current.get(key) != value}
    return changed, [key for key in current if key not in wanted]


def error_code(error: ClientError) -> str:
    """AWS's error code of a failed call."""
    return str(error.response["Error"]["Code"])


def arn(account: Account, service: str, resource: str, *, regional: bool = True) -> str:
    """The ARN of a resource of this account."""
    region = account.region if regional else ""
    return f"arn:{partition(account)}:{service}:{region}:{account.account_id}:{resource}"


def partition(account: Account) -> str:
    """The AWS partition of the account's region."""
    if account.region.startswith("cn-"):
        return "aws-cn"
    return "aws-us-gov" if account.region.startswith("us-gov-") else "aws"


def dns_suffix(account: Account) -> str:
    """The domain of AWS's endpoints in the account's partition."""
    return "amazonaws.com.cn" if partition(account) == "aws-cn" else "amazonaws.com"
