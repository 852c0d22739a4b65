"""Slack's events as signed requests: a server behind a proxy that speaks TLS.

Bolt checks the signature and its age. What is here bounds a request before anything reads it: its
size, the time that its body may take, and how many are worked on at once.
"""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Sequence

import uvicorn
from slack_bolt import App, BoltRequest
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from bot.ports import Refused
from bot.slack.oauth import INSTALL, REDIRECT, Installer
from bot.slack.pages import COOKIE, HEADERS, Page

PATH = "/slack/events"
"""where Slack sends events, presses and commands"""
MOST_BYTES = 1 << 20
"""Slack's own payloads stay far below"""
MOST_QUERY = 2000
"""characters of one value that a browser brings back"""
BODY_SECONDS = 5.0
AT_ONCE = 100
"""requests beyond these are told to come again; Slack does"""
START_SECONDS = 10.0


class HttpMode:
    """A server in a thread of its own; with an `installer` it serves its pages as well."""

    def __init__(self, app: App, host: str, port: int, installer: Installer | None = None) -> None:
        """Raises Refused where the port cannot be had."""
        self._app = app
        self._installer = installer
        self._socket = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self._socket.bind((host, port))
        except OSError as error:
            self._socket.close()
            raise Refused(
                f"cannot listen on {host}, port {port}: {error}."
                " Set OVERTURE_SLACK__HTTP_HOST and OVERTURE_SLACK__HTTP_PORT."
            ) from None
        config = uvicorn.Config(
            Starlette(routes=self._routes()),
            loop="asyncio",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            limit_concurrency=AT_ONCE,
            timeout_keep_alive=5,
            timeout_graceful_shutdown=10,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._run, name="slack-http", daemon=True)

    @property
    def url(self) -> str:
        """Where requests go on this machine."""
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}{PATH}"

    @property
    def connected(self) -> bool:
        return self._server.started and self._thread.is_alive()

    def start(self) -> None:
        """Listen; returns when requests are answered. Raises Refused when it does not start."""
        self._thread.start()
        end = time.monotonic() + START_SECONDS
        while not self._server.started:
            if not self._thread.is_alive() or time.monotonic() > end:
                raise Refused("the server for Slack's requests did not start; see the log")
            time.sleep(0.005)

    def stop(self) -> None:
        """No new requests; those at hand are answered first."""
        self._server.should_exit = True
        if self._thread.ident is not None:
            self._thread.join()
        self._socket.close()
        self._app.listener_runner.listener_executor.shutdown(wait=True)

    def _run(self) -> None:
        asyncio.run(self._server.serve(sockets=[self._socket]))

    def _routes(self) -> list[Route]:
        routes = [
            Route(PATH, self._endpoint, methods=["POST"]),
            Route(PATH, _looked_at, methods=["GET"]),
        ]
        if self._installer is not None:
            routes += [Route(INSTALL, self._begin), Route(REDIRECT, self._end)]
        return routes

    async def _begin(self, request: Request) -> Response:
        assert self._installer is not None
        page = await run_in_threadpool(self._installer.begin, request.cookies.get(COOKIE))
        return _shown(page)

    async def _end(self, request: Request) -> Response:
        assert self._installer is not None
        query = {name: value[:MOST_QUERY] for name, value in request.query_params.items()}
        cookie = request.cookies.get(COOKIE)
        return _shown(await run_in_threadpool(self._installer.end, query, cookie))

    async def _endpoint(self, request: Request) -> Response:
        try:
            async with asyncio.timeout(BODY_SECONDS):
                body = await _body(request)
        except TimeoutError:
            return PlainTextResponse("the body took too long", 408)
        except ClientDisconnect:
            return PlainTextResponse("", 400)
        except UnicodeDecodeError:
            return PlainTextResponse("not UTF-8", 400)
        if body is None:
            return PlainTextResponse(f"more than {MOST_BYTES} bytes", 413)
        headers: dict[str, str | Sequence[str]] = dict(request.headers.items())
        bolt = BoltRequest(body=body, query=request.url.query, headers=headers)
        found = await run_in_threadpool(self._app.dispatch, bolt)  # it waits for the database
        kind = found.first_headers().get("content-type", "text/plain")
        return Response(found.body, found.status, media_type=kind.split(";")[0])


async def _looked_at(request: Request) -> Response:
    """Slack looks now and then whether a command's address has a certificate that it trusts."""
    is_check = request.query_params.get("ssl_check") == "1"
    return PlainTextResponse("", 200 if is_check else 405)


def _shown(page: Page) -> Response:
    headers = {**HEADERS, **page.headers}
    if page.cookie is not None:
        headers["Set-Cookie"] = page.cookie
    return HTMLResponse(page.html, page.status, headers=headers)


async def _body(request: Request) -> str | None:
    """The whole body; None as soon as it is too large."""
    told = request.headers.get("content-length", "0")
    if told.isdigit() and int(told) > MOST_BYTES:
        return None
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > MOST_BYTES:
            return None
        parts.append(part)
    return b"".join(parts).decode("utf-8")
