"""The `kubernetes` package on a real API server: the account names the cluster, the control plane keeps its objects."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from simulator.account import Account
from simulator.account.resource import Refusal, Resource
from simulator.cluster.control_plane import ControlPlane, ControlPlaneError
from simulator.kubernetes.api import Api, Kind, Object
from simulator.kubernetes.definitions import SOURCE, source
from simulator.kubernetes.follower import Follower
from simulator.kubernetes.objects import ObjectPackage, namespace_and_name
from simulator.kubernetes.projection import projected
from simulator.kubernetes.readiness import missing
from simulator.protocol.plain_provider import Config

WAIT_SECONDS = 180.0
"""Nothing is pulled or booted here: what takes longer never comes."""
BOOKKEEPING = ("managedFields", "resourceVersion")


class LiveKubernetesPackage(ObjectPackage):
    """Objects of the account's cluster, applied to the control plane as pulumi-kubernetes applies them.

    The nodes, EKS's own addons and the operator's program follow the account and the cluster while an object is
    waited for and after each change.
    """

    def __init__(self, account: Account, control_plane: ControlPlane) -> None:
        super().__init__(account)
        self._control_plane = control_plane
        self._api = Api(control_plane.api)
        self._cluster_of = Follower(account, control_plane)

    def create(self, config: Config, token: str, inputs: dict[str, Any], urn: str) -> Resource:
        self._begin(config, "create", token, inputs)
        kind, namespace, name = self._address(inputs)
        if self._api.get(kind, namespace, name):
            raise Refusal("AlreadyExists", f'{kind.plural} "{name}" already exists')
        id = f"{namespace}/{name}" if kind.namespaced else name
        return Resource(id=id, outputs=self._apply_and_wait(inputs))

    def read(
        self, config: Config, token: str, id: str, known: Mapping[str, Any] | None = None
    ) -> tuple[dict[str, Any], Resource] | None:
        with self._account.lock:
            self.cluster(config)
        where = self._of_id(token, id)
        live = self._api.get(*where) if where else None
        if live is None:
            return None
        reported = _reported(live, known or {})
        return projected(dict(known), reported) if known else reported, Resource(id=id, outputs=reported)

    def update(self, config: Config, token: str, id: str, new: dict[str, Any], old: dict[str, Any]) -> dict[str, Any]:
        self._begin(config, "update", token, new)
        if self._api.get(*self._address(new)) is None:
            raise Refusal("NotFound", f'{new["kind"]} "{id}" not found')
        return self._apply_and_wait(new)

    def delete(self, config: Config, token: str, id: str) -> None:
        self._begin(config, "delete", token, {})
        if where := self._of_id(token, id):
            self._api.delete(*where)
            self._wait(lambda: "it is still there" if self._api.get(*where) else None, f"The end of {id}")
        self._cluster_of.follow()

    def _begin(self, config: Config, operation: str, token: str, inputs: Mapping[str, Any]) -> None:
        """The cluster must be in the account, whose faults are played."""
        with self._account.lock:
            self._account.faults.before(operation, token, inputs)
            self.cluster(config)

    def _apply_and_wait(self, inputs: dict[str, Any]) -> Object:
        """The object once it is ready."""
        address = self._address(inputs)
        live = self._api.apply(self._to_apply(inputs))

        def lacks() -> str | None:
            nonlocal live
            live = self._api.get(*address) or live
            return missing(live)

        self._wait(lacks, f'The readiness of {inputs["kind"]} "{inputs["metadata"]["name"]}"')
        self._cluster_of.follow()
        return _reported(live, inputs)

    def _to_apply(self, inputs: dict[str, Any]) -> dict[str, Any]:
        """The object itself; for a definition that stands for one of KubeRay's the real one."""
        address = source(inputs)
        if address is None:
            return inputs
        real = self._control_plane.crd(address.rpartition("/")[2])
        annotations = {**real["metadata"].get("annotations", {}), SOURCE: address}
        return {**real, "metadata": {**real["metadata"], "annotations": annotations}}

    def _wait(self, lacks: Callable[[], str | None], what: str) -> None:
        """Until nothing lacks. Raises Refusal, with what was lacking last, when that never comes."""
        last: str | None = None

        def is_complete() -> bool:
            nonlocal last
            if last := lacks():
                self._cluster_of.follow_unless_at_it()
            return last is None

        try:
            self._control_plane.wait_until(is_complete, what=what, seconds=WAIT_SECONDS)
        except ControlPlaneError as error:
            raise Refusal("Timeout", f"{error} The last seen: {last}.") from None

    def _address(self, inputs: Mapping[str, Any]) -> tuple[Kind, str, str]:
        return self._api.kind(inputs["apiVersion"], inputs["kind"]), *namespace_and_name(inputs)

    def _of_id(self, token: str, id: str) -> tuple[Kind, str, str] | None:
        """Where the object of a resource is: its type tells the kind, its id the names.

        None when the definition of its kind has gone, and all its objects with it.
        """
        group_version, _, kind = token.removeprefix("kubernetes:").partition(":")
        namespace, _, name = id.rpartition("/")
        try:
            return self._api.kind(group_version.removeprefix("core/"), kind), namespace, name
        except Refusal as refusal:
            if refusal.code == "NoKindMatch":
                return None
            raise


def _reported(live: Mapping[str, Any], known: Mapping[str, Any]) -> Object:
    """The object without the bookkeeping that changes by itself, so that a refresh finds what has changed.

    A definition that stands for another is told as the program knows it.
    """
    metadata = {key: value for key, value in live["metadata"].items() if key not in BOOKKEEPING}
    stands_for = source(live)
    spec = {"spec": known["spec"]} if stands_for and known and source(known) == stands_for else {}
    return {**live, "metadata": metadata, **spec}
