"""The few calls of a real API server that the simulator makes, for objects of any kind."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kubernetes import client

from simulator.account.resource import Refusal

MANAGER = "pulumi-kubernetes"
"""The field manager of everything that is applied here."""
PATCH_FORCE = "pulumi.com/patchForce"
NOT_FOUND = 404

Object = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Kind:
    """How the API server serves one kind."""

    path: str
    """Of its group and version: `/api/v1`, `/apis/apps/v1`."""
    api_version: str
    kind: str
    plural: str
    namespaced: bool
    verbs: frozenset[str]


class Api:
    """Objects by kind, namespace and name. Every call may raise Refusal with the API server's own message."""

    def __init__(self, api: client.ApiClient) -> None:
        self._api = api
        self._kinds: dict[tuple[str, str], Kind] = {}
        self._lock = threading.Lock()

    def kind(self, api_version: str, kind: str) -> Kind:
        """Raises Refusal for a kind that the cluster does not have. A definition may bring it any time."""
        wanted = (api_version, kind)
        with self._lock:
            if wanted not in self._kinds:
                self._kinds.update({(each.api_version, each.kind): each for each in self._served(api_version)})
            if wanted not in self._kinds:
                raise Refusal("NoKindMatch", f'no matches for kind "{kind}" in version "{api_version}"')
            return self._kinds[wanted]

    def apply(self, manifest: Mapping[str, Any]) -> Object:
        """Server-side apply, which refuses what the schema does not know and what another manager holds.

        As with pulumi-kubernetes, an annotation says that such fields are to be taken over.
        """
        kind = self.kind(manifest["apiVersion"], manifest["kind"])
        metadata = manifest["metadata"]
        path = _path(kind, metadata.get("namespace", "default"), metadata["name"])
        force = (metadata.get("annotations") or {}).get(PATCH_FORCE, "false")
        query = {"fieldManager": MANAGER, "fieldValidation": "Strict", "force": force}
        return self._call("PATCH", path, query, body=manifest, content="application/apply-patch+yaml")

    def get(self, kind: Kind, namespace: str, name: str) -> Object | None:
        return self._or_none("GET", _path(kind, namespace, name))

    def delete(self, kind: Kind, namespace: str, name: str) -> None:
        """Ask for the object to go after everything that it owns. One that is gone is no error."""
        self._or_none("DELETE", _path(kind, namespace, name), {"propagationPolicy": "Foreground"})

    def list(self, kind: Kind) -> list[Object]:
        """Every object of the kind in the cluster."""
        listed = self._call("GET", f"{kind.path}/{kind.plural}")
        return [{"apiVersion": kind.api_version, "kind": kind.kind, **each} for each in listed["items"]]

    def every_kind(self) -> Iterator[Kind]:
        """The kinds that objects can be listed of, each in the version that the API server prefers."""
        groups = self._call("GET", "/apis")["groups"]
        for version in ["v1", *(group["preferredVersion"]["groupVersion"] for group in groups)]:
            yield from (kind for kind in self._served(version) if "list" in kind.verbs)

    def _served(self, api_version: str) -> Iterator[Kind]:
        path = f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"
        for each in (self._or_none("GET", path) or {"resources": []})["resources"]:
            if "/" not in each["name"]:
                yield Kind(
                    path=path,
                    api_version=api_version,
                    kind=each["kind"],
                    plural=each["name"],
                    namespaced=each["namespaced"],
                    verbs=frozenset(each["verbs"]),
                )

    def _or_none(self, method: str, path: str, query: Mapping[str, str] | None = None) -> Object | None:
        try:
            return self._call(method, path, query)
        except Refusal as refusal:
            if refusal.code == "NotFound":
                return None
            raise

    def _call(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        *,
        body: Mapping[str, Any] | None = None,
        content: str = "application/json",
    ) -> Object:
        headers = {"Accept": "application/json", "Content-Type": content}
        try:
            answer = self._api.call_api(
                path,
                method,
                query_params=list((query or {}).items()),
                header_params=headers,
                body=body,
                auth_settings=[],
                _preload_content=False,
                _return_http_data_only=True,
            )
        except client.ApiException as error:
            raise _refusal(error) from None
        decoded: Object = json.loads(answer.data)
        return decoded


def _path(kind: Kind, namespace: str, name: str) -> str:
    inside = f"namespaces/{namespace}/" if kind.namespaced else ""
    return f"{kind.path}/{inside}{kind.plural}/{name}"


def _refusal(error: client.ApiException) -> Refusal:
    """The API server's Status in its own words; a path that it does not serve has none."""
    body = error.body.decode() if isinstance(error.body, bytes) else str(error.body)
    try:
        status = json.loads(body)
        return Refusal(status.get("reason", "InternalError"), status["message"])
    except (ValueError, KeyError, AttributeError):
        return Refusal("NotFound" if error.status == NOT_FOUND else str(error.reason), body)
