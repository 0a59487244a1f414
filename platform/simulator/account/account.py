"""The simulated AWS account: a JSON file, and moto rebuilt from it in this process."""

from __future__ import annotations

import os
import random
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from simulator.account import file as account_file
from simulator.account import moto_cloud, network_fixture
from simulator.account.faults import Faults
from simulator.account.file import AccountError, Contents, Record
from simulator.account.resource import Failure, HalfMade, Refusal, Resource, ResourceType

__all__ = ["ACCOUNT_ID", "CLUSTER", "Account", "AccountError", "Record"]

ACCOUNT_ID = "123456789012"
CLUSTER = "aws:eks/cluster:Cluster"
DEGRADED = "DEGRADED"


class Account:
    """One AWS account in one region, open in this process. Only one can be open at a time: moto is global.

    Open it with `Account.open(...)` (a context manager) and keep `lock` for every use of a client: moto is
    not thread-safe. Every change is written to the file at once, by a rename, so a killed process leaves a
    whole file.
    """

    def __init__(
        self, path: Path, resource_types: Iterable[ResourceType], region: str | None, faults: Faults | None
    ) -> None:
        self.path = path
        self.lock = threading.RLock()
        self.faults = faults or Faults()
        self._types = {each.token: each for each in resource_types}
        self._wanted_region = region
        self._contents = self._empty()
        self._written: tuple[int, int, int] | None = None

    @classmethod
    @contextmanager
    def open(
        cls,
        path: str | os.PathLike[str],
        resource_types: Iterable[ResourceType],
        *,
        region: str | None = None,
        faults: Faults | None = None,
    ) -> Iterator[Account]:
        """Open the account file, or start an empty account there (in us-east-1 unless `region` says
        otherwise).

        Raises AccountError when the file is broken, is of another region, is held by another simulator, or
        holds a resource that the account would refuse now.
        """
        account = cls(Path(path), resource_types, region, faults)
        account.path.parent.mkdir(parents=True, exist_ok=True)
        with account_file.held(account.path), moto_cloud.running(ACCOUNT_ID):
            account._load()
            yield account

    @property
    def account_id(self) -> str:
        return self._contents.account_id

    @property
    def region(self) -> str:
        return self._contents.region

    @property
    def network(self) -> dict[str, Any]:
        """What the account holds without Pulumi: VPCs with their subnets (see network_fixture)."""
        return self._contents.network

    @property
    def kubernetes(self) -> list[dict[str, Any]]:
        """The objects of the clusters, in creation order: cluster, type, id, uid, time of creation and
        inputs.

        They go when their cluster goes.
        """
        return self._contents.kubernetes

    @property
    def quotas(self) -> dict[str, float]:
        """The limits of EC2's vCPU quotas by quota code; of one that is not there, the account has nothing."""
        return self._contents.quotas

    @property
    def prices(self) -> list[dict[str, Any]]:
        """What AWS's price list has, as `simulator.reads.prices` describes it; without any it may not be read."""
        return self._contents.prices

    def client(self, service: str) -> Any:
        """The boto3 client of a service, bound to the moto of this process."""
        return moto_cloud.client(service, self.region)

    def records(self, token: str | None = None, **inputs_equal: Any) -> list[Record]:
        """The records of a type (without a token: of all) whose inputs have these values, oldest first."""
        return [
            record
            for record in self._contents.records
            if (token is None or record.token == token)
            and all(record.inputs.get(key) == value for key, value in inputs_equal.items())
        ]

    def record(self, token: str, id: str) -> Record | None:
        return next((record for record in self.records(token) if record.id == id), None)

    def check(self, resource_type: ResourceType, inputs: dict[str, Any]) -> list[tuple[str, str]]:
        with self.lock:
            return resource_type.check(self, inputs)

    def create(self, resource_type: ResourceType, inputs: dict[str, Any], urn: str = "") -> Resource:
        """Make a resource and keep its record. Raises Refusal or a botocore ClientError; HalfMade when it is there
        and does not work.
        """
        with self.changing("create", resource_type.token, inputs):
            seed = random.SystemRandom().getrandbits(32)
            moto_cloud.seed(seed)
            made = resource_type.create(self, inputs)
            failure = self.faults.failure(resource_type.token, inputs)
            self._contents.records.append(
                Record(
                    token=resource_type.token,
                    id=made.id,
                    inputs=inputs,
                    outputs=made.outputs,
                    seed=seed,
                    urn=urn,
                    failure=failure,
                )
            )
            if failure:
                resource_type.fail(self, made.id, failure)
        if failure:
            raise HalfMade(failure, Resource(id=made.id, outputs=inputs))
        return made

    def failure(self, token: str, id: str) -> Failure | None:
        """Why a resource is there and does not work. What was DEGRADED is well again once its fault is gone."""
        record = self.record(token, id)
        if record is None or record.failure is None:
            return None
        if record.failure.status == DEGRADED and not self.faults.failure(token, record.inputs):
            record.failure = None
        return record.failure

    def read(self, resource_type: ResourceType, id: str) -> tuple[dict[str, Any], Resource] | None:
        """The inputs and the resource as the account has them now; None when it is gone."""
        with self.lock:
            record = self.record(resource_type.token, id)
            found = record and resource_type.read(self, id, record.inputs, record.outputs)
            if not record or not found:
                return None
            outputs = _with_kept(resource_type, found.outputs, record.outputs)
            inputs = resource_type.inputs_of(record.inputs, outputs)
            return inputs, Resource(id=found.id, outputs=outputs)

    def update(
        self, resource_type: ResourceType, id: str, new: dict[str, Any], planned: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """Change a resource in place. Raises Refusal, also when the account no longer holds it.

        ``planned`` are the inputs that the engine took for the present ones. A provider sends AWS what differs from
        them and nothing else, so a property that is as planned stays as it really is.
        """
        with self.changing("update", resource_type.token, new):
            record = self.record(resource_type.token, id)
            if record is None:
                raise Refusal("ResourceNotFoundException", f"{resource_type.token} {id} does not exist")
            wanted = _as_sent(new, planned or {}, record.inputs)
            record.outputs = resource_type.update(self, id, record.inputs, wanted, record.outputs)
            record.inputs = wanted
            return record.outputs

    def delete(self, resource_type: ResourceType, id: str) -> None:
        """Remove a resource. One that is gone already is no error, as with pulumi-aws."""
        with self.lock:
            record = self.record(resource_type.token, id)
            if record is None:
                return
            with self.changing("delete", resource_type.token, record.inputs):
                resource_type.delete(self, id, record.inputs, record.outputs)
                self._contents.records.remove(record)
                if record.token == CLUSTER:
                    self.kubernetes[:] = [entry for entry in self.kubernetes if entry["cluster"] != id]

    @contextmanager
    def changing(self, operation: str, token: str, inputs: Mapping[str, Any]) -> Iterator[None]:
        """Hold the lock around a change, play the faults that are set, and write the file after it."""
        with self.lock:
            if self._stamp() != self._written:
                raise AccountError(
                    f"{self.path} was changed by hand during a run: run again, so that it is read first."
                )
            self.faults.before(operation, token, inputs)
            yield
            self.save()
            self.faults.after(operation, token)

    def save(self) -> None:
        """Write the file."""
        account_file.write(self.path, self._contents)
        self._written = self._stamp()

    def reload_if_edited(self) -> None:
        """Rebuild the account when a hand has changed the file since it was last read or written."""
        with self.lock:
            if self._stamp() != self._written:
                self.rebuild()

    def rebuild(self) -> None:
        """Forget moto's resources and make them again from the file."""
        moto_cloud.reset()
        self._load()

    def _empty(self) -> Contents:
        return Contents(account_id=ACCOUNT_ID, region=self._wanted_region or "us-east-1")

    def _stamp(self) -> tuple[int, int, int] | None:
        try:
            stat = self.path.stat()
        except FileNotFoundError:
            return None
        return stat.st_mtime_ns, stat.st_size, stat.st_ino

    def _load(self) -> None:
        self._written = self._stamp()
        self._contents = account_file.read(self.path) if self._written else self._empty()
        if self._wanted_region not in (None, self.region):
            raise AccountError(
                f"{self.path} is an account in {self.region}, not in {self._wanted_region}: use another account file."
            )
        moto_cloud.seed(0)
        moto_cloud.start_services(self.account_id, self.region)
        network_fixture.rebuild(self)
        self._replay()

    def _replay(self) -> None:
        """Make every recorded resource again.

        Creation order is tried first; what is refused waits for the others, because an update may have made
        an older resource depend on a younger one.
        """
        waiting = list(self._contents.records)
        while waiting:
            refused = [(record, reason) for record in waiting if (reason := self._replay_one(record))]
            if len(refused) == len(waiting):
                record, reason = refused[0]
                raise AccountError(
                    f"{self.path}: {record.token} {record.id} cannot be rebuilt ({reason}): "
                    "mend its inputs in the file."
                )
            waiting = [record for record, _ in refused]

    def _replay_one(self, record: Record) -> str | None:
        """None, or why AWS would refuse the record now."""
        resource_type = self._types.get(record.token)
        if resource_type is None:
            return "the simulator has no such type"
        moto_cloud.seed(record.seed)
        try:
            made = resource_type.replay(self, record.inputs, record.outputs)
        except (Refusal, moto_cloud.ClientError) as refusal:
            return str(refusal)
        if made.id != record.id:
            raise AccountError(
                f"{self.path}: {record.token} {record.id} comes back as {made.id}: "
                "restore its id and its name, which other resources refer to."
            )
        record.outputs = _with_kept(resource_type, made.outputs, record.outputs)
        if record.failure:
            resource_type.fail(self, record.id, record.failure)
        return None


def _with_kept(resource_type: ResourceType, new: dict[str, Any], old: dict[str, Any]) -> dict[str, Any]:
    return {**new, **{key: old[key] for key in resource_type.kept_outputs if key in old}}


def _as_sent(new: Mapping[str, Any], planned: Mapping[str, Any], present: Mapping[str, Any]) -> dict[str, Any]:
    unchanged = {key for key in new if key in planned and key in present and new[key] == planned[key]}
    return {key: present[key] if key in unchanged else value for key, value in new.items()}
