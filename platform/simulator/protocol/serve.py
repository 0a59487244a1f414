"""Serving the packages to the Pulumi engine, each on a free port of 127.0.0.1."""

from __future__ import annotations

import asyncio
import functools
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

import grpc
from pulumi.runtime.proto.provider_pb2_grpc import add_ResourceProviderServicer_to_server

from simulator.account import Account
from simulator.protocol.plain_provider import Package, PlainProvider

if TYPE_CHECKING:
    from simulator.cluster.control_plane import ControlPlane

PACKAGES = ("aws", "eks", "kubernetes")
ADDRESS = "127.0.0.1:0"
THREADS = 16
GRPC_OPTIONS = [("grpc.max_receive_message_length", 400 << 20), ("grpc.max_send_message_length", 400 << 20)]
"""The engine's own limit is as large; gRPC's default of 4 MiB is not enough for every state."""


def engine_environment(providers: str) -> dict[str, str]:
    """The environment of a Pulumi engine that uses these providers.

    Without the second variable the engine tries to download the plugins that a stack's state names, which it
    has no use for: seconds of waiting offline, the real provider's hundreds of megabytes online.
    """
    return {
        "PULUMI_DEBUG_PROVIDERS": providers,
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
    }


@contextmanager
def served(
    account: Account, packages: Sequence[str] = PACKAGES, control_plane: ControlPlane | None = None
) -> Iterator[str]:
    """Serve the packages out of this process, and yield the value for PULUMI_DEBUG_PROVIDERS.

    The objects of the account's cluster are kept by the control plane, or without one in the account file.
    """
    servers: dict[str, Callable[[], AbstractContextManager[int]]] = {
        "aws": lambda: _plain_server(_aws(account)),
        "eks": lambda: _component_server(_eks_servicer),
        "kubernetes": lambda: _component_server(functools.partial(_kubernetes_servicer, account, control_plane)),
    }
    with ExitStack() as stack:
        yield ",".join(f"{name}:{stack.enter_context(servers[name]())}" for name in packages)


def _aws(account: Account) -> Package:
    from simulator.aws import INVOKES, RESOURCE_TYPES
    from simulator.aws.package import AwsPackage

    return AwsPackage(account, RESOURCE_TYPES, INVOKES)


def _eks_servicer() -> Any:
    from simulator.eks.component import EksProvider
    from simulator.protocol.component_provider import ComponentProvider

    return ComponentProvider(EksProvider())


def _kubernetes_servicer(account: Account, control_plane: ControlPlane | None) -> Any:
    from simulator.kubernetes.config_group import KubernetesComponents
    from simulator.kubernetes.definitions import definition_at
    from simulator.protocol.mixed_provider import MixedProvider

    return MixedProvider(_kubernetes(account, control_plane), KubernetesComponents(definition_at))


def _kubernetes(account: Account, control_plane: ControlPlane | None) -> Package:
    if control_plane is None:
        from simulator.kubernetes.package import KubernetesPackage

        return KubernetesPackage(account)

    from simulator.kubernetes.live import LiveKubernetesPackage

    return LiveKubernetesPackage(account, control_plane)


@contextmanager
def _plain_server(package: Package) -> Iterator[int]:
    server = grpc.server(ThreadPoolExecutor(max_workers=THREADS), options=GRPC_OPTIONS)
    add_ResourceProviderServicer_to_server(PlainProvider(package), server)
    port: int = server.add_insecure_port(ADDRESS)
    server.start()
    try:
        yield port
    finally:
        server.stop(grace=None).wait()


@contextmanager
def _component_server(make_servicer: Callable[[], Any]) -> Iterator[int]:
    """A server for what is built with pulumi's SDK, which wants an event loop of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=_run, args=(loop,), daemon=True)
    thread.start()
    server, port = asyncio.run_coroutine_threadsafe(_start_component_server(make_servicer), loop).result()
    try:
        yield port
    finally:
        asyncio.run_coroutine_threadsafe(server.stop(grace=None), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()


def _run(loop: asyncio.AbstractEventLoop) -> None:
    """Run the loop until it is stopped. pulumi's SDK calls sys.exit when the engine of a run has gone; the
    next run finds the server alive all the same.
    """
    asyncio.set_event_loop(loop)
    while True:
        try:
            loop.run_forever()
            return
        except SystemExit:
            continue


async def _start_component_server(make_servicer: Callable[[], Any]) -> tuple[Any, int]:
    """The methods of the servicer that are no coroutines run in threads."""
    server = grpc.aio.server(options=GRPC_OPTIONS, migration_thread_pool=ThreadPoolExecutor(max_workers=THREADS))
    add_ResourceProviderServicer_to_server(make_servicer(), server)
    port: int = server.add_insecure_port(ADDRESS)
    await server.start()
    return server, port
