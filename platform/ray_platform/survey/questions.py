"""Asking AWS without falling over what it will not tell."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from ray_platform.checks.facts import Unread
from ray_platform.survey.environment import Environment


@dataclass(frozen=True, kw_only=True)
class Questions:
    """Read-only calls. One that fails, for want of rights above all, is noted in ``unread`` and answered with None.

    ``what`` says in words for people what remains unknown then.
    """

    environment: Environment
    unread: list[Unread] = field(default_factory=list)

    def one(
        self, what: str, service: str, operation: str, absent: Collection[str] = (), **arguments: Any
    ) -> dict[str, Any] | None:
        """The answer to one call; empty where AWS says that there is no such thing, by one of the codes ``absent``."""
        client = self.environment.client(service)
        try:
            answer: dict[str, Any] = getattr(client, operation)(**arguments)
        except ClientError as error:
            if error.response["Error"]["Code"] in absent:
                return {}
            self._note(what, client, operation, error)
            return None
        except BotoCoreError as error:
            self._note(what, client, operation, error)
            return None
        return answer

    def all(self, what: str, service: str, operation: str, key: str, **arguments: Any) -> list[Any] | None:
        """What stands under ``key`` in the answers to as many calls as it takes."""
        client = self.environment.client(service)
        try:
            return [
                each for page in client.get_paginator(operation).paginate(**arguments) for each in page.get(key, ())
            ]
        except (ClientError, BotoCoreError) as error:
            self._note(what, client, operation, error)
            return None

    def _note(self, what: str, client: Any, operation: str, error: Exception) -> None:
        """IAM names an action after the service's signing name and the call."""
        action = f"{client.meta.service_model.signing_name}:{client.meta.method_to_api_mapping[operation]}"
        self.unread.append(Unread(what=what, action=action, reason=_in_own_words(error)))


def _in_own_words(error: Exception) -> str:
    if isinstance(error, ClientError):
        answer = error.response["Error"]
        return f"{answer['Code']}: {answer['Message']}" if answer.get("Message") else str(answer["Code"])
    return str(error)
