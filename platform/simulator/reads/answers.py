"""Answers of our own from real boto3 clients, for calls that moto lacks or answers otherwise than AWS.

So callers meet botocore's own validation, pages and errors, and no call leaves the process.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from botocore.awsrequest import AWSResponse

from simulator.account.resource import Refusal

Answer = Callable[[dict[str, Any]], dict[str, Any]]
"""From the arguments of a call to its result; may raise a Refusal."""

Amendment = Callable[[dict[str, Any]], None]
"""Changes moto's result of a call in place."""


def answer(client: Any, answers: Mapping[str, Answer]) -> None:
    """Let these operations be answered here. Under ``*`` stands what answers all others of the service."""
    client.meta.events.register(f"before-parameter-build.{_service(client)}", _keep_arguments)
    for operation, make in answers.items():
        event = f"before-call.{_service(client)}" + ("" if operation == "*" else f".{operation}")
        client.meta.events.register(event, _in_place_of_call(make))


def amend(client: Any, amendments: Mapping[str, Amendment]) -> None:
    """Let these operations be answered by moto, and what it says be changed."""
    for operation, change in amendments.items():
        client.meta.events.register(f"after-call.{_service(client)}.{operation}", _after_call(change))


def deny(client: Any, actions: Iterable[str]) -> None:
    """Let those of these IAM actions be refused that are of the client's service, whoever else would answer."""
    for action in actions:
        service, _, operation = action.partition(":")
        if service == client.meta.service_model.signing_name:
            event = f"before-call.{_service(client)}.{operation}"
            client.meta.events.register_first(event, _in_place_of_call(_refusing(action)))


def _refusing(action: str) -> Answer:
    def refuse(arguments: dict[str, Any]) -> dict[str, Any]:
        raise Refusal("AccessDenied", f"You are not authorized to perform: {action}")

    return refuse


def _service(client: Any) -> str:
    """As botocore's events have it."""
    return str(client.meta.service_model.service_id.hyphenize())


def _keep_arguments(params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
    """The event of the call itself has them only as they are sent."""
    context["arguments"] = params


def _in_place_of_call(make: Answer) -> Callable[..., tuple[AWSResponse, dict[str, Any]]]:
    """What botocore takes in place of a call: a response, and the result parsed from it."""

    def respond(context: dict[str, Any], **_: Any) -> tuple[AWSResponse, dict[str, Any]]:
        try:
            status, result = 200, make(context.get("arguments", {}))
        except Refusal as refusal:
            status, result = 400, {"Error": {"Code": refusal.code, "Message": refusal.message}}
        return AWSResponse("", status, {}, None), {"ResponseMetadata": {"HTTPStatusCode": status}, **result}

    return respond


def _after_call(change: Amendment) -> Callable[..., None]:
    def amended(parsed: dict[str, Any], **_: Any) -> None:
        if "Error" not in parsed:
            change(parsed)

    return amended
