"""A provider as the Pulumi engine calls it over gRPC, generic over the package it serves."""

from __future__ import annotations

import abc
import json
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import grpc
from google.protobuf import any_pb2, empty_pb2
from pulumi.runtime.proto import plugin_pb2, status_pb2
from pulumi.runtime.proto import provider_pb2 as pb
from pulumi.runtime.proto.provider_pb2_grpc import ResourceProviderServicer

from simulator.account import AccountError
from simulator.account.moto_cloud import ClientError
from simulator.account.resource import HalfMade, Refusal, Resource
from simulator.protocol.diff import changes
from simulator.protocol.preview import outputs_after_update
from simulator.protocol.wire import decode, encode, secrets

# Where gRPC has the details of an error.
DETAILS = "grpc-status-details-bin"
DEFAULTS = "__defaults"
"""The input property in which the provider notes what it filled in itself, as bridged providers do."""

Config = Mapping[str, Any]
Problems = list[tuple[str, str]]


@dataclass(frozen=True, kw_only=True)
class CheckCall:
    """What a package checks: the inputs of one resource before and now, without `__defaults`."""

    token: str
    name: str
    old: dict[str, Any]
    old_defaults: frozenset[str]
    new: dict[str, Any]
    random_seed: bytes


@dataclass(frozen=True, kw_only=True)
class Checked:
    inputs: dict[str, Any]
    problems: Problems
    defaults: tuple[str, ...] = ()


class Package(abc.ABC):
    """The types and functions of a package. `config` is the configuration of the provider that calls.

    Every method may raise Refusal, AccountError or a botocore ClientError, of which the user sees the
    message.
    """

    version: str

    @abc.abstractmethod
    def check_config(self, config: Config) -> Problems: ...

    @abc.abstractmethod
    def configured(self, config: Config) -> None: ...

    @abc.abstractmethod
    def check(self, config: Config, call: CheckCall) -> Checked: ...

    @abc.abstractmethod
    def replaces(self, config: Config, token: str) -> Callable[[tuple[str | int, ...]], bool]:
        """Judges the keys that lead to a changed input: does the change make a new resource?"""

    @abc.abstractmethod
    def deletes_first(self, token: str, old: dict[str, Any], new: dict[str, Any], defaults: list[str]) -> bool:
        """Whether a replacement has to delete the old resource before it creates the new one."""

    @abc.abstractmethod
    def preview(self, token: str, inputs: dict[str, Any]) -> dict[str, Any]:
        """The outputs that are known before the resource is made. Those left out are unknown."""

    @abc.abstractmethod
    def changing_outputs(self, token: str) -> frozenset[str]:
        """Outputs that are unknown before an update is made."""

    @abc.abstractmethod
    def create(self, config: Config, token: str, inputs: dict[str, Any], urn: str) -> Resource: ...

    @abc.abstractmethod
    def read(
        self, config: Config, token: str, id: str, known: Mapping[str, Any] | None = None
    ) -> tuple[dict[str, Any], Resource] | None:
        """The inputs that would make the resource as it is now, and the resource; None when it is gone.

        ``known`` are the inputs that the engine has of it, none for an import.
        """

    @abc.abstractmethod
    def update(self, config: Config, token: str, id: str, new: dict[str, Any], old: dict[str, Any]) -> dict[str, Any]:
        """``old`` are the inputs that the engine takes for the present ones."""

    @abc.abstractmethod
    def delete(self, config: Config, token: str, id: str) -> None: ...

    @abc.abstractmethod
    def invoke(self, config: Config, token: str, args: dict[str, Any]) -> dict[str, Any]: ...


class PlainProvider(ResourceProviderServicer):
    """Serves a package with the smallest protocol: no outputs or resource references, and secrets only if they come.

    An attached server gets the calls of every provider resource of its package, each over its own connection:
    the connection tells whose configuration holds.
    """

    def __init__(self, package: Package) -> None:
        self._package = package
        self._configs: dict[str, Config] = {}

    def Handshake(self, request: Any, context: Any) -> Any:
        return pb.ProviderHandshakeResponse()

    def Attach(self, request: Any, context: Any) -> Any:
        return empty_pb2.Empty()

    def GetPluginInfo(self, request: Any, context: Any) -> Any:
        return plugin_pb2.PluginInfo(version=self._package.version)

    def Cancel(self, request: Any, context: Any) -> Any:
        return empty_pb2.Empty()

    def CheckConfig(self, request: Any, context: Any) -> Any:
        with _answered(context):
            problems = self._package.check_config(_config(request.news))
            return pb.CheckResponse(inputs=request.news, failures=_failures(problems))

    def DiffConfig(self, request: Any, context: Any) -> Any:
        changed = decode(request.old_inputs) != decode(request.news)
        return pb.DiffResponse(changes=pb.DiffResponse.DIFF_SOME if changed else pb.DiffResponse.DIFF_NONE)

    def Configure(self, request: Any, context: Any) -> Any:
        with _answered(context):
            config = _config(request.args)
            self._package.configured(config)
            self._configs[context.peer()] = config
            return pb.ConfigureResponse()

    def Check(self, request: Any, context: Any) -> Any:
        with _answered(context):
            old, new = decode(request.olds), decode(request.news)
            call = CheckCall(
                token=request.type,
                name=request.name,
                old_defaults=frozenset(old.pop(DEFAULTS, ())),
                old=old,
                new=new,
                random_seed=request.randomSeed,
            )
            checked = self._package.check(self._config(context), call)
            inputs = {**checked.inputs, DEFAULTS: list(checked.defaults)}
            return pb.CheckResponse(inputs=encode(inputs, secrets(request.news)), failures=_failures(checked.problems))

    def Diff(self, request: Any, context: Any) -> Any:
        with _answered(context):
            old, new = decode(request.old_inputs), decode(request.news)
            old.pop(DEFAULTS, None)
            defaults = new.pop(DEFAULTS, [])
            found = changes(old, new, self._package.replaces(self._config(context), request.type))
            replaced = sorted({str(change.keys[0]) for change in found if change.replaces})
            return pb.DiffResponse(
                changes=pb.DiffResponse.DIFF_SOME if found else pb.DiffResponse.DIFF_NONE,
                diffs=sorted({str(change.keys[0]) for change in found}),
                replaces=replaced,
                deleteBeforeReplace=bool(replaced) and self._package.deletes_first(request.type, old, new, defaults),
                detailedDiff={
                    change.path: pb.PropertyDiff(
                        kind=pb.PropertyDiff.Kind.Value(change.kind + ("_REPLACE" if change.replaces else "")),
                        inputDiff=True,
                    )
                    for change in found
                },
                hasDetailedDiff=True,
            )

    def Create(self, request: Any, context: Any) -> Any:
        with _answered(context):
            inputs, hidden = _inputs(request.properties), secrets(request.properties)
            if request.preview:
                return pb.CreateResponse(properties=encode(self._package.preview(request.type, inputs), hidden))
            made = self._package.create(self._config(context), request.type, inputs, request.urn)
            return pb.CreateResponse(id=made.id, properties=encode(made.outputs, hidden))

    def Read(self, request: Any, context: Any) -> Any:
        with _answered(context):
            known, hidden = decode(request.inputs), secrets(request.inputs)
            defaults = known.pop(DEFAULTS, [])
            found = self._package.read(self._config(context), request.type, request.id, known)
            if found is None:
                return pb.ReadResponse()
            inputs, resource = found
            return pb.ReadResponse(
                id=resource.id,
                properties=encode(resource.outputs, hidden),
                inputs=encode({**inputs, DEFAULTS: defaults}, hidden),
            )

    def Update(self, request: Any, context: Any) -> Any:
        with _answered(context):
            new, hidden = _inputs(request.news), secrets(request.news)
            if request.preview:
                changing = self._package.changing_outputs(request.type)
                known = outputs_after_update(decode(request.olds), _inputs(request.old_inputs), new, changing)
                return pb.UpdateResponse(properties=encode(known, hidden))
            old = _inputs(request.old_inputs)
            outputs = self._package.update(self._config(context), request.type, request.id, new, old)
            return pb.UpdateResponse(properties=encode(outputs, hidden))

    def Delete(self, request: Any, context: Any) -> Any:
        with _answered(context):
            self._package.delete(self._config(context), request.type, request.id)
            return empty_pb2.Empty()

    def Invoke(self, request: Any, context: Any) -> Any:
        with _answered(context):
            found = self._package.invoke(self._config(context), request.tok, decode(request.args))
            return pb.InvokeResponse(**{"return": encode(found)})

    def _config(self, context: Any) -> Config:
        return self._configs.get(context.peer(), {})


def _inputs(properties: Any) -> dict[str, Any]:
    inputs = decode(properties)
    inputs.pop(DEFAULTS, None)
    return inputs


def _config(properties: Any) -> dict[str, Any]:
    """Provider configuration: whatever is not a string comes as JSON in a string."""
    return {key: _from_json(value) for key, value in decode(properties).items()}


def _from_json(value: Any) -> Any:
    try:
        return json.loads(value) if isinstance(value, str) and value[:1] in "{[tf" else value
    except ValueError:
        return value


def _failures(problems: Problems) -> list[Any]:
    return [pb.CheckFailure(property=path, reason=reason) for path, reason in problems]


@contextmanager
def _answered(context: Any) -> Iterator[None]:
    """Tell the user what AWS would say; keep the traceback of our own faults in the simulator's log."""
    try:
        yield
    except HalfMade as failed:
        context.set_trailing_metadata(((DETAILS, _details(failed)),))
        context.abort(grpc.StatusCode.UNKNOWN, str(failed))
    except (Refusal, AccountError, ClientError) as refusal:
        context.abort(grpc.StatusCode.UNKNOWN, str(refusal))
    except Exception as fault:
        traceback.print_exc()
        context.abort(grpc.StatusCode.INTERNAL, f"fault of the simulator, see its log: {fault!r}")


def _details(failed: HalfMade) -> bytes:
    """What lets the engine keep a resource whose create has failed, as the Terraform bridge tells it
    (pulumi-terraform-bridge, pkg/tfbridge/provider.go, Create; read 2026-11-23).
    """
    known = pb.ErrorResourceInitFailed(
        id=failed.resource.id, properties=encode(failed.resource.outputs), reasons=[str(failed)]
    )
    packed = any_pb2.Any()
    packed.Pack(known)
    status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=str(failed), details=[packed])
    return bytes(status.SerializeToString())
