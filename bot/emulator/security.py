"""The door: which Host, Origin and token get in, and the headers on what goes out."""

from __future__ import annotations

import secrets

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Door:
    """ASGI middleware. A foreign Host (DNS rebinding) or Origin is refused before anything runs."""

    def __init__(self, app: ASGIApp, port: int) -> None:
        self._app = app
        self._hosts = {f"127.0.0.1:{port}", f"localhost:{port}"}
        self._origins = {f"http://{host}" for host in self._hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        problem = self._refusal(scope)
        if problem is not None and scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        if problem is not None:
            refusal = JSONResponse({"error": "forbidden", "message": problem}, status_code=403)
            await refusal(scope, receive, send_with_headers)
            return
        await self._app(scope, receive, send_with_headers)

    def _refusal(self, scope: Scope) -> str | None:
        headers = Headers(scope=scope)
        host, origin = headers.get("host", ""), headers.get("origin")
        # slack_sdk's own Socket Mode client leaves the port out of its handshake; a ticket, which
        # works once, protects that address.
        bare = {h.partition(":")[0] for h in self._hosts} if scope["path"] == "/link" else set()
        if host not in self._hosts | bare:
            return f"the Host header {host!r} is not this server's address"
        if origin is not None and origin not in self._origins:
            return f"the Origin {origin!r} is not this page's"
        return None


class PageToken:
    """The secret of the page: once in the address, afterwards in a cookie."""

    def __init__(self, port: int) -> None:
        self.value = secrets.token_urlsafe(24)
        self.cookie = f"overture_page_{port}"  # cookies do not know ports, so the name does

    def admits(self, connection: HTTPConnection) -> bool:
        given = (connection.query_params.get("token"), connection.cookies.get(self.cookie))
        return any(
            g is not None and secrets.compare_digest(g.encode(), self.value.encode()) for g in given
        )
