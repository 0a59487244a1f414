"""A cluster of which the Kubernetes package sees nothing but the endpoint, and objects for it."""

from __future__ import annotations

import json
from typing import Any

from simulator.account import CLUSTER, Account
from simulator.account.resource import Resource, ResourceType
from simulator.eks.kubeconfig import kubeconfig


class Cluster(ResourceType):
    """A control plane of which nothing but the endpoint matters."""

    token = CLUSTER

    def create(self, account: Account, inputs: dict[str, Any]) -> Resource:
        return Resource(id=inputs["name"], outputs={**inputs, "endpoint": _endpoint(inputs["name"])})

    def read(self, account: Account, id: str, inputs: dict[str, Any], outputs: dict[str, Any]) -> Resource | None:
        return Resource(id=id, outputs=outputs)

    def update(
        self, account: Account, id: str, old: dict[str, Any], new: dict[str, Any], outputs: dict[str, Any]
    ) -> dict[str, Any]:
        return {**outputs, **new}

    def delete(self, account: Account, id: str, inputs: dict[str, Any], outputs: dict[str, Any]) -> None:
        """Nothing but the record."""


def _endpoint(cluster: str) -> str:
    return f"https://{cluster}.example"


def config(cluster: str) -> dict[str, Any]:
    document = kubeconfig(
        name=cluster,
        endpoint=_endpoint(cluster),
        certificate="",
        region="us-east-1",
        credentials={},
        with_profile=False,
    )
    return {"kubeconfig": json.dumps(document)}


def kubernetes_object(kind: str, name: str, api_version: str = "v1", **rest: Any) -> dict[str, Any]:
    return {"apiVersion": api_version, "kind": kind, "metadata": {"name": name}, **rest}
