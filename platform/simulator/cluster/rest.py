"""Calls of the API server with plain JSON in and out.

The official client turns every answer into objects of its own, which for a list of some hundred pods takes longer
than the answer; what is asked again and again goes through here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from kubernetes import client

MERGE = "application/merge-patch+json"
APPLY = "application/apply-patch+yaml"
NOT_FOUND = 404


def call(
    api: client.ApiClient,
    method: str,
    path: str,
    *,
    query: Mapping[str, str] | None = None,
    body: Mapping[str, Any] | None = None,
    content: str = "application/json",
) -> dict[str, Any]:
    """The answer. Raises kubernetes.client.ApiException when the API server refuses."""
    answer = api.call_api(
        path,
        method,
        query_params=list((query or {}).items()),
        header_params={"Accept": "application/json", "Content-Type": content},
        body=body,
        auth_settings=[],
        _preload_content=False,
        _return_http_data_only=True,
    )
    # Reading it to its end gives the connection back, too.
    decoded: dict[str, Any] = json.loads(answer.data)
    return decoded


def items(api: client.ApiClient, path: str, **query: str) -> list[dict[str, Any]]:
    """The objects of a list; `query` are its selectors, as fieldSelector."""
    found: list[dict[str, Any]] = call(api, "GET", path, query=query)["items"]
    return found


def delete(api: client.ApiClient, path: str, **query: str) -> None:
    """Asks for an object to go; one that has gone is no error."""
    try:
        call(api, "DELETE", path, query=query)
    except client.ApiException as error:
        if error.status != NOT_FOUND:
            raise
