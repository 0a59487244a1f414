"""What pulumi-kubernetes does before a cluster is asked, wherever the cluster's objects are kept."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable, Mapping
from importlib.metadata import version
from typing import Any

import yaml

from simulator.account import CLUSTER, Account
from simulator.account.resource import UNKNOWN, Refusal
from simulator.kubernetes import kinds
from simulator.protocol.plain_provider import CheckCall, Checked, Config, Package, Problems

RANDOM_DIGITS = 8
"""The length of the random end of an auto-name, after a dash; as in pulumi-kubernetes."""
AUTONAMED = "pulumi.com/autonamed"


class ObjectPackage(Package):
    """Objects of any kind, each in the cluster of the account whose endpoint the provider's kubeconfig names."""

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

    def replaces(self, config: Config, token: str) -> Callable[[tuple[str | int, ...]], bool]:
        kind = token.rsplit(":", 1)[1]
        mutable = config.get("enableConfigMapMutable") is True
        return lambda keys: kinds.is_immutable(kind, keys, config_map_mutable=mutable)

    def deletes_first(self, token: str, old: dict[str, Any], new: dict[str, Any], defaults: list[str]) -> bool:
        """As pulumi-kubernetes: a name that the program fixed and did not change cannot be there twice."""
        return not _is_autonamed(new) and namespace_and_name(old) == namespace_and_name(new)

    def preview(self, token: str, inputs: dict[str, Any]) -> dict[str, Any]:
        return inputs

    def changing_outputs(self, token: str) -> frozenset[str]:
        return frozenset()

    def invoke(self, config: Config, token: str, args: dict[str, Any]) -> dict[str, Any]:
        raise Refusal("NotSimulated", f"the simulated Kubernetes has no function {token}")

    def cluster(self, config: Config) -> str:
        """The name of the cluster that the kubeconfig points at. The caller holds the account's lock."""
        server = _server(config.get("kubeconfig"))
        for record in self._account.records(CLUSTER):
            if record.outputs.get("endpoint") == server:
                return record.id
        raise Refusal(
            "Unreachable",
            f"configured Kubernetes cluster is unreachable: no cluster of the account answers at {server}",
        )


def namespace_and_name(inputs: Mapping[str, Any]) -> tuple[str, str]:
    """Of an object as the program gave it, which may be unknown yet."""
    metadata = inputs.get("metadata", {})
    return ("", UNKNOWN) if metadata == UNKNOWN else (metadata.get("namespace", "default"), metadata["name"])


def _auto_name(call: CheckCall) -> str:
    if _is_autonamed(call.old):
        return str(call.old["metadata"]["name"])
    digits = random.Random(call.random_seed).choices("0123456789abcdef", k=RANDOM_DIGITS)
    return f"{call.name}-{''.join(digits)}"


def _is_autonamed(inputs: Mapping[str, Any]) -> bool:
    metadata = inputs.get("metadata", {})
    return bool(metadata != UNKNOWN and metadata.get("annotations", {}).get(AUTONAMED) == "true")


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
