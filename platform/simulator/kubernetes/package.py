"""The `kubernetes` package: the objects of the account's clusters, kept in the account file."""

from __future__ import annotations

import copy
import json
import random
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

import yaml

from simulator.account import CLUSTER, Account
from simulator.account.resource import UNKNOWN, Refusal, Resource
from simulator.kubernetes import kinds
from simulator.protocol.plain_provider import CheckCall, Checked, Config, Package, Problems

RANDOM_DIGITS = 8
"""The length of the random end of an auto-name, after a dash; as in pulumi-kubernetes."""
AUTONAMED = "pulumi.com/autonamed"
BUILT_IN_NAMESPACES = frozenset({"default", "kube-node-lease", "kube-public", "kube-system"})


class KubernetesPackage(Package):
    """Objects of any kind, each in the cluster whose endpoint the provider's kubeconfig names."""

    version = version("pulumi-kubernetes")

    def __init__(self, account: Account) -> None:
        self._account = account

    def check_config(self, config: Config) -> Problems:
        return []

    def configured(self, config: Config) -> None:
        """The cluster is looked for when an object is: it may be made by the same run."""

    def check(self, config: Config, call: CheckCall) -> Checked:
        inputs = copy.deepcopy(call.new)
        problems = [
            (field, "every Kubernetes object has this field")
            for field in ("apiVersion", "kind")
            if not inputs.get(field)
        ]
        if not problems and not call.token.endswith(f":{inputs['kind']}"):
            problems.append(("kind", f"{call.token} is not simulated, or is not of this kind"))
        metadata = inputs.setdefault("metadata", {})
        if metadata != UNKNOWN and "name" not in metadata:
            metadata["name"] = _auto_name(call)
            metadata.setdefault("annotations", {})[AUTONAMED] = "true"
        return Checked(inputs=inputs, problems=problems)

    def replaces(self, token: str) -> Callable[[tuple[str | int, ...]], bool]:
        kind = token.rsplit(":", 1)[1]
        return lambda keys: kinds.is_immutable(kind, keys)

    def deletes_first(self, token: str, old: dict[str, Any], new: dict[str, Any], defaults: list[str]) -> bool:
        """As pulumi-kubernetes: a name that the program fixed and did not change cannot be there twice."""
        return not _is_autonamed(new) and _names(old) == _names(new)

    def preview(self, token: str, inputs: dict[str, Any]) -> dict[str, Any]:
        return inputs

    def changing_outputs(self, token: str) -> frozenset[str]:
        return frozenset()

    def create(self, config: Config, token: str, inputs: dict[str, Any], urn: str) -> Resource:
        with self._account.changing("create", token, inputs):
            cluster = self._cluster(config)
            id = self._id(cluster, inputs)
            if self._find(cluster, token, id):
                raise Refusal("AlreadyExists", f'{_of_kind(inputs)} "{id}" already exists')
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

    def read(self, config: Config, token: str, id: str) -> tuple[dict[str, Any], Resource] | None:
        with self._account.lock:
            entry = self._find(self._cluster(config), token, id)
            return None if entry is None else (entry["inputs"], Resource(id=id, outputs=_live(entry)))

    def update(self, config: Config, token: str, id: str, new: dict[str, Any], old: dict[str, Any]) -> dict[str, Any]:
        with self._account.changing("update", token, new):
            entry = self._find(self._cluster(config), token, id)
            if entry is None:
                raise Refusal("NotFound", f'{_of_kind(new)} "{id}" not found')
            entry["inputs"] = new
            return _live(entry)

    def delete(self, config: Config, token: str, id: str) -> None:
        with self._account.lock:
            entry = self._find(self._cluster(config), token, id)
            if entry is None:
                return
            with self._account.changing("delete", token, entry["inputs"]):
                self._account.kubernetes.remove(entry)
                if entry["inputs"]["kind"] == "Namespace":
                    self._empty_namespace(entry["cluster"], id)

    def invoke(self, config: Config, token: str, args: dict[str, Any]) -> dict[str, Any]:
        raise Refusal("NotSimulated", f"the simulated Kubernetes has no function {token}")

    def _cluster(self, config: Config) -> str:
        """The name of the cluster that the kubeconfig points at."""
        server = _server(config.get("kubeconfig"))
        for record in self._account.records(CLUSTER):
            if record.outputs.get("endpoint") == server:
                return record.id
        raise Refusal(
            "Unreachable",
            f"configured Kubernetes cluster is unreachable: no cluster of the account answers at {server}",
        )

    def _find(self, cluster: str, token: str, id: str) -> dict[str, Any] | None:
        wanted = (cluster, token, id)
        entries = self._account.kubernetes
        return next((each for each in entries if (each["cluster"], each["type"], each["id"]) == wanted), None)

    def _id(self, cluster: str, inputs: dict[str, Any]) -> str:
        """`namespace/name`, or the name alone. Raises Refusal for a kind or a namespace the cluster does not
        have.
        """
        existing = [each["inputs"] for each in self._account.kubernetes if each["cluster"] == cluster]
        namespace, name = _names(inputs)
        if not kinds.is_namespaced(inputs["apiVersion"], inputs["kind"], existing):
            return name
        namespaces = {_names(each)[1] for each in existing if each["kind"] == "Namespace"}
        if namespace not in namespaces | BUILT_IN_NAMESPACES:
            raise Refusal("NotFound", f'namespaces "{namespace}" not found')
        return f"{namespace}/{name}"

    def _empty_namespace(self, cluster: str, namespace: str) -> None:
        self._account.kubernetes[:] = [
            each
            for each in self._account.kubernetes
            if each["cluster"] != cluster or not each["id"].startswith(f"{namespace}/")
        ]


def _auto_name(call: CheckCall) -> str:
    if _is_autonamed(call.old):
        return str(call.old["metadata"]["name"])
    digits = random.Random(call.random_seed).choices("0123456789abcdef", k=RANDOM_DIGITS)
    return f"{call.name}-{''.join(digits)}"


def _is_autonamed(inputs: dict[str, Any]) -> bool:
    metadata = inputs.get("metadata", {})
    return bool(metadata != UNKNOWN and metadata.get("annotations", {}).get(AUTONAMED) == "true")


def _names(inputs: dict[str, Any]) -> tuple[str, str]:
    """Namespace and name."""
    metadata = inputs.get("metadata", {})
    return ("", UNKNOWN) if metadata == UNKNOWN else (metadata.get("namespace", "default"), metadata["name"])


def _of_kind(inputs: dict[str, Any]) -> str:
    """The kind as the API server writes it: `storageclass.storage.k8s.io`."""
    group, _, _ = inputs["apiVersion"].rpartition("/")
    kind = str(inputs["kind"]).lower()
    return f"{kind}.{group}" if group else kind


def _server(kubeconfig: Any) -> str:
    """The API server of a kubeconfig's current context."""
    try:
        document = kubeconfig if isinstance(kubeconfig, dict) else yaml.safe_load(kubeconfig or "")
        current = _by_name(document["contexts"], document["current-context"])["context"]
        return str(_by_name(document["clusters"], current["cluster"])["cluster"]["server"])
    except (yaml.YAMLError, AttributeError, KeyError, TypeError, StopIteration):
        given = json.dumps(kubeconfig)[:60] if kubeconfig else "none"
        raise Refusal(
            "InvalidKubeconfig", f"the kubernetes provider needs the contents of a kubeconfig; it has {given}"
        ) from None


def _by_name(entries: list[dict[str, Any]], name: str) -> dict[str, Any]:
    return next(entry for entry in entries if entry["name"] == name)


def _live(entry: dict[str, Any]) -> dict[str, Any]:
    """The object as the API server would return it."""
    inputs = entry["inputs"]
    metadata = {**inputs["metadata"], "uid": entry["uid"], "creationTimestamp": entry["createdAt"]}
    if "/" in entry["id"]:
        metadata.setdefault("namespace", entry["id"].split("/")[0])
    return {**inputs, "metadata": metadata}
