"""Asking AWS whether something is there, and never taking a failed call for a no."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from ray_platform.pipeline.pending import DEFAULTS

Client = Callable[[str], Any]


class CannotTell(Exception):
    """It is not known whether AWS has it, or whose it is. The message says why, as part of a sentence."""


class NoAnswer(CannotTell):
    """No answer came, not even a refusal: the network is away, or there are no credentials. None comes to the next
    question either.
    """


@dataclass(frozen=True, kw_only=True)
class Asking:
    """Read-only calls; each raises CannotTell when AWS does not tell, and NoAnswer, which is one, when nobody answers.

    ``taken`` are ids the state has already.
    """

    client: Client
    taken: frozenset[str] = frozenset()

    def one(
        self, service: str, operation: str, absent: Collection[str] = (), **arguments: Any
    ) -> Mapping[str, Any] | None:
        """The answer, or None where AWS says by one of the codes ``absent`` that there is no such thing."""
        client = self.client(service)
        try:
            answer: Mapping[str, Any] = getattr(client, operation)(**arguments)
        except ClientError as error:
            if error.response["Error"]["Code"] in absent:
                return None
            raise CannotTell(_unanswered(client, operation, error)) from None
        except BotoCoreError as error:
            raise NoAnswer(_unanswered(client, operation, error)) from None
        return answer

    def all(
        self, service: str, operation: str, key: str, absent: Collection[str] = (), **arguments: Any
    ) -> list[Mapping[str, Any]]:
        """What stands under ``key`` in the answers to as many calls as it takes."""
        client = self.client(service)
        try:
            pages = client.get_paginator(operation).paginate(**arguments)
            return [each for page in pages for each in page.get(key, ())]
        except ClientError as error:
            if error.response["Error"]["Code"] in absent:
                return []
            raise CannotTell(_unanswered(client, operation, error)) from None
        except BotoCoreError as error:
            raise NoAnswer(_unanswered(client, operation, error)) from None


def _unanswered(client: Any, operation: str, error: Exception) -> str:
    action = f"{client.meta.service_model.signing_name}:{client.meta.method_to_api_mapping[operation]}"
    return f"AWS does not answer {action} ({error})"


def is_auto_named(inputs: Mapping[str, Any], key: str = "name") -> bool:
    """Whether the provider made the name, with its random end: then nobody else has it."""
    return key in inputs.get(DEFAULTS, ())


def prove_ours(inputs: Mapping[str, Any], tags: Mapping[str, str]) -> None:
    """Raises CannotTell unless what was found has a name of the provider's making, or every tag that it would have.

    A create that was bound to fail, since somebody else has the name, can be killed too. What is in the state `destroy`
    deletes.
    """
    wanted = inputs.get("tagsAll") or inputs.get("tags") or {}
    if not is_auto_named(inputs) and not (wanted and wanted.items() <= tags.items()):
        raise CannotTell("one of this name is there, without the tags of this stack: it may be somebody else's")


def tag_map(tags: Collection[Mapping[str, str]] | None, key: str = "Key", value: str = "Value") -> dict[str, str]:
    """AWS's list of tags as a mapping."""
    return {each[key]: each[value] for each in tags or ()}
