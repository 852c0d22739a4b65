"""Open TCP connections, so that a fault can close one without an answer."""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol


class _NoAnswer(Response):
    """What is returned once there is nobody left to answer."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        return


class ConnectionTable:
    """Transports by the client's address, kept by the HTTP protocol that `protocol` makes."""

    def __init__(self) -> None:
        self._open: dict[tuple[str, int], asyncio.Transport] = {}

    def protocol(self) -> type[asyncio.Protocol]:
        """uvicorn's HTTP protocol, noting its connections in this table."""
        table = self._open

        class Noted(H11Protocol):
            def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
                super().connection_made(transport)
                if self.client is not None:
                    table[self.client] = transport

            def connection_lost(self, exc: Exception | None) -> None:
                if self.client is not None:
                    table.pop(self.client, None)
                super().connection_lost(exc)

        return Noted

    async def drop(self, request: Request) -> Response:
        """Close the connection of a request and wait until it is gone."""
        client = request.client
        transport = self._open.get((client.host, client.port)) if client else None
        if transport is not None:
            transport.close()
            while not await request.is_disconnected():
                await asyncio.sleep(0.001)
        return _NoAnswer()
