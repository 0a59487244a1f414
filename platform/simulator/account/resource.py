"""What one resource type of the simulated account is: its checks and its create, read, update and delete."""

from __future__ import annotations

import abc
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from simulator.account import Account

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""The engine's stand-in, during a preview, for a value that only an update will know."""


class Refusal(Exception):
    """AWS's answer to a call it does not accept: the error code and the message, worded as AWS words them."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


@dataclass(frozen=True, kw_only=True)
class Failure:
    """What became of a call that AWS had accepted: the status of what is there since, and the issue that its health
    tells. ``awaited`` is what pulumi-aws waited for in vain.
    """

    status: str
    code: str
    message: str
    awaited: str

    @property
    def issue(self) -> dict[str, Any]:
        """As EKS tells it."""
        return {"code": self.code, "message": self.message, "resourceIds": []}


class HalfMade(Refusal):
    """A create that failed after AWS had accepted it: the resource is there, and not as it should be.

    pulumi-aws knows the id by then, and of the properties those that it had sent (terraform-provider-aws,
    internal/service/eks, node_group.go and addon.go; read 2026-11-23).
    """

    def __init__(self, failure: Failure, resource: Resource) -> None:
        super().__init__(failure.code, f"{failure.message}. {failure.awaited}")
        self.resource = resource


@dataclass(frozen=True, kw_only=True)
class Resource:
    """A resource as the provider reports it. The outputs include the inputs it was made from."""

    id: str
    outputs: dict[str, Any]


class ResourceType(abc.ABC):
    """The rules and the life cycle of one type. The account holds its lock around every method.

    `inputs` are what the program gave after `check`: plain JSON values, the auto-name filled in, and, for
    every type that has the property, `tagsAll` (the tags merged over the provider's default tags). Each
    method may raise `Refusal`; a botocore `ClientError` is shown to the user as it is.
    """

    token: ClassVar[str]
    """The Pulumi type, as `aws:kms/key:Key`."""
    replace_on: ClassVar[frozenset[str]] = frozenset()
    """Input properties, or dotted paths into them without list indices, for which a change makes a new
    resource.

    A change deep inside a property counts.
    """
    name_property: ClassVar[str | None] = None
    """The property that is auto-named `LOGICAL-1a2b3c4` when the program leaves it out."""
    name_max_length: ClassVar[int | None] = None
    """The longest auto-name that pulumi-aws makes for the type; a longer one is refused at preview."""
    changing_outputs: ClassVar[frozenset[str]] = frozenset()
    """Outputs that any update may change: a preview of an update takes them for unknown."""
    kept_outputs: ClassVar[frozenset[str]] = frozenset()
    """Outputs that a replay makes anew, times above all: the account file's value is kept, so a reload is no
    diff.
    """

    def check(self, account: Account, inputs: dict[str, Any]) -> list[tuple[str, str]]:
        """What pulumi-aws itself refuses at preview: (property, reason). Inputs may hold `UNKNOWN`."""
        return []

    @abc.abstractmethod
    def create(self, account: Account, inputs: dict[str, Any]) -> Resource:
        """Make the resource. Ids drawn from moto's random source come back the same when the file is
        replayed.
        """

    def replay(self, account: Account, inputs: dict[str, Any], outputs: dict[str, Any]) -> Resource:
        """Make the resource again when the account file is opened, from its current inputs and its last
        outputs.
        """
        return self.create(account, inputs)

    def fail(self, account: Account, id: str, failure: Failure) -> None:
        """Let what was just made, or replayed, be as AWS has it after this failure. Most types are made at once."""
        raise NotImplementedError(f"{self.token} does not fail after its create was accepted")

    @abc.abstractmethod
    def read(self, account: Account, id: str, inputs: dict[str, Any], outputs: dict[str, Any]) -> Resource | None:
        """The resource as the account has it now, or None when it is gone.

        `inputs` and `outputs` are those of the account's record.
        """

    def inputs_of(self, inputs: Mapping[str, Any], current: Mapping[str, Any]) -> dict[str, Any]:
        """The inputs that would make the resource as the outputs `current` tell it is now.

        The engine keeps them after a refresh and compares them with the program: so they have the properties
        of the record's `inputs` and no others.
        """
        return {name: current[name] for name in inputs if name in current}

    @abc.abstractmethod
    def update(
        self, account: Account, id: str, old: dict[str, Any], new: dict[str, Any], outputs: dict[str, Any]
    ) -> dict[str, Any]:
        """Change the resource in place from the old inputs to the new ones and return its new outputs."""

    @abc.abstractmethod
    def delete(self, account: Account, id: str, inputs: dict[str, Any], outputs: dict[str, Any]) -> None:
        """Remove the resource."""
