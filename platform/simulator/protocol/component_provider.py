"""Serves a component package to the engine: what pulumi's own server lacks when the engine attaches to it."""

from __future__ import annotations

from typing import Any

import grpc
from google.protobuf import empty_pb2
from pulumi import InputPropertiesError
from pulumi.provider import Provider
from pulumi.provider.server import ProviderServicer
from pulumi.runtime.proto import provider_pb2 as pb


class ComponentProvider(ProviderServicer):
    """pulumi's server for components, attachable, and telling the user reasons instead of tracebacks."""

    def __init__(self, provider: Provider) -> None:
        super().__init__(provider, [], engine_address="")

    async def Attach(self, request: Any, context: Any) -> Any:
        self.engine_address = request.address
        return empty_pb2.Empty()

    async def Handshake(self, request: Any, context: Any) -> Any:
        self.engine_address = request.engine_address
        return pb.ProviderHandshakeResponse(accept_secrets=True, accept_resources=True, accept_outputs=True)

    async def CheckConfig(self, request: Any, context: Any) -> Any:
        return pb.CheckResponse(inputs=request.news)

    async def DiffConfig(self, request: Any, context: Any) -> Any:
        return pb.DiffResponse(changes=pb.DiffResponse.DIFF_NONE)

    async def Construct(self, request: Any, context: Any) -> Any:
        try:
            return await self._construct(request, context)
        except InputPropertiesError as refusal:
            status = self.create_grpc_invalid_properties_status(refusal.message, refusal.errors)
            await context.abort_with_status(status)
        except Exception as failure:
            await context.abort(grpc.StatusCode.UNKNOWN, str(failure))
