"""One package that has plain resources and components too, as pulumi-kubernetes has."""

from __future__ import annotations

from typing import Any

from pulumi.provider import Provider
from pulumi.runtime.proto import provider_pb2 as pb

from simulator.protocol.component_provider import ComponentProvider
from simulator.protocol.plain_provider import Package, PlainProvider


class MixedProvider(PlainProvider):
    """Everything but Construct as a plain provider has it; an asynchronous server runs those methods in threads.

    The engine lets only providers construct that take secrets.
    """

    def __init__(self, package: Package, components: Provider) -> None:
        super().__init__(package)
        self._components = ComponentProvider(components)

    def Handshake(self, request: Any, context: Any) -> Any:
        self._components.engine_address = request.engine_address
        return pb.ProviderHandshakeResponse(accept_secrets=True)

    def Attach(self, request: Any, context: Any) -> Any:
        self._components.engine_address = request.address
        return super().Attach(request, context)

    async def Construct(self, request: Any, context: Any) -> Any:
        return await self._components.Construct(request, context)
