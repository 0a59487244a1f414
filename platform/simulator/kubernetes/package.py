"""The `kubernetes` package: the objects of the account's clusters, kept in the account file."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from simulator.account.resource import Refusal, Resource
from simulator.kubernetes import kinds
from simulator.kubernetes.objects import ObjectPackage, namespace_and_name
from simulator.kubernetes.pod_security import refuse_pods
from simulator.kubernetes.status import with_status
from simulator.protocol.plain_provider import Config

BUILT_IN_NAMESPACES = frozenset({"default", "kube-node-lease", "kube-public", "kube-system"})


class KubernetesPackage(ObjectPackage):
    """Objects that are kept as they were given, with what the API server and the controllers would add."""

    def create(self, config: Config, token: str, inputs: dict[str, Any], urn: str) -> Resource:
        with self._account.changing("create", token, inputs):
            cluster = self.cluster(config)
            id = self._id(cluster, inputs)
            if self._find(cluster, token, id):
                raise Refusal("AlreadyExists", f'{_of_kind(inputs)} "{id}" already exists')
            self._refuse_pods(cluster, inputs)
            entry = {
                "cluster": cluster,
                "type": token,
                "id": id,
                "uid": str(uuid.uuid4()),
                "createdAt": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
                "inputs": inputs,
            }
            self._account.kubernetes.append(entry)
            return Resource(id=id, outputs=_live(entry))

    def read(
        self, config: Config, token: str, id: str, known: Mapping[str, Any] | None = None
    ) -> tuple[dict[str, Any], Resource] | None:
        with self._account.lock:
            entry = self._find(self.cluster(config), token, id)
            return None if entry is None else (entry["inputs"], Resource(id=id, outputs=_live(entry)))

    def update(self, config: Config, token: str, id: str, new: dict[str, Any], old: dict[str, Any]) -> dict[str, Any]:
        with self._account.changing("update", token, new):
            cluster = self.cluster(config)
            entry = self._find(cluster, token, id)
            if entry is None:
                raise Refusal("NotFound", f'{_of_kind(new)} "{id}" not found')
            self._refuse_pods(cluster, new)
            entry["inputs"] = new
            return _live(entry)

    def delete(self, config: Config, token: str, id: str) -> None:
        with self._account.lock:
            entry = self._find(self.cluster(config), token, id)
            if entry is None:
                return
            with self._account.changing("delete", token, entry["inputs"]):
                self._account.kubernetes.remove(entry)
                if entry["inputs"]["kind"] == "Namespace":
                    self._empty_namespace(entry["cluster"], id)

    def _find(self, cluster: str, token: str, id: str) -> dict[str, Any] | None:
        wanted = (cluster, token, id)
        entries = self._account.kubernetes
        return next((each for each in entries if (each["cluster"], each["type"], each["id"]) == wanted), None)

    def _objects(self, cluster: str) -> list[dict[str, Any]]:
        return [each["inputs"] for each in self._account.kubernetes if each["cluster"] == cluster]

    def _id(self, cluster: str, inputs: dict[str, Any]) -> str:
        """`namespace/name`, or the name alone. Raises Refusal for a kind or a namespace the cluster does not
        have.
        """
        existing = self._objects(cluster)
        namespace, name = namespace_and_name(inputs)
        if not kinds.is_namespaced(inputs["apiVersion"], inputs["kind"], existing):
            return name
        namespaces = {namespace_and_name(each)[1] for each in existing if each["kind"] == "Namespace"}
        if namespace not in namespaces | BUILT_IN_NAMESPACES:
            raise Refusal("NotFound", f'namespaces "{namespace}" not found')
        return f"{namespace}/{name}"

    def _refuse_pods(self, cluster: str, inputs: dict[str, Any]) -> None:
        namespace, _ = namespace_and_name(inputs)
        for each in self._objects(cluster):
            if each["kind"] == "Namespace" and each["metadata"]["name"] == namespace:
                refuse_pods(inputs, each)

    def _empty_namespace(self, cluster: str, namespace: str) -> None:
        self._account.kubernetes[:] = [
            each
            for each in self._account.kubernetes
            if each["cluster"] != cluster or not each["id"].startswith(f"{namespace}/")
        ]


def _of_kind(inputs: dict[str, Any]) -> str:
    """The kind as the API server writes it: `storageclass.storage.k8s.io`."""
    group, _, _ = inputs["apiVersion"].rpartition("/")
    kind = str(inputs["kind"]).lower()
    return f"{kind}.{group}" if group else kind


def _live(entry: dict[str, Any]) -> dict[str, Any]:
    """The object as the API server would return it, its controllers done with it."""
    inputs = entry["inputs"]
    metadata = {**inputs["metadata"], "uid": entry["uid"], "creationTimestamp": entry["createdAt"]}
    if "/" in entry["id"]:
        metadata.setdefault("namespace", entry["id"].split("/")[0])
    return with_status({**inputs, "metadata": metadata})
