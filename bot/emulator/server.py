"""The HTTP server: routes, and a thread that serves them on the loopback address."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
import socket
import threading
import time
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute

from bot.emulator.connections import ConnectionTable
from bot.emulator.event_stream import stream
from bot.emulator.extension import Extension
from bot.emulator.oauth import AuthorizePage
from bot.emulator.page_api import PageApi
from bot.emulator.responding import respond
from bot.emulator.security import Door, PageToken
from bot.emulator.site import Site
from bot.emulator.web_api.dispatch import WebApi

PAGE = Path(__file__).parent / "page"
LOOPBACK = "127.0.0.1"
_START_SECONDS = 10.0
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
}
_log = logging.getLogger(__name__)


class Routes:
    """Endpoints that are neither the Web API nor the page API."""

    def __init__(self, site: Site, token: PageToken, extension: Extension | None) -> None:
        self._site, self._token, self._extension = site, token, extension

    async def index(self, request: Request) -> Response:
        if not self._token.admits(request):
            return PlainTextResponse("Open the address that was printed, token too.", 403)
        response = _file("index.html")
        if request.query_params.get("token"):
            response.set_cookie(
                self._token.cookie, self._token.value, httponly=True, samesite="strict", path="/"
            )
        return response

    async def static(self, request: Request) -> Response:
        path = str(request.path_params["path"])
        return PlainTextResponse("not found", 404) if path.endswith(".html") else _file(path)

    async def extension(self, request: Request) -> Response:
        if self._extension is None:
            return PlainTextResponse("not found", 404)
        return _file(str(request.path_params["path"]), self._extension.folder)

    async def events(self, request: Request) -> Response:
        user = request.query_params.get("user", "")
        if not self._token.admits(request) or (user and not self._site.workspace.person(user)):
            return JSONResponse({"error": "forbidden", "message": "no token or user"}, 403)
        return StreamingResponse(
            stream(self._site.feed, user, self._site.clock), media_type="text/event-stream"
        )

    async def response_url(self, request: Request) -> Response:
        target = self._site.response_urls.use(str(request.path_params["secret"]))
        if isinstance(target, str):
            return JSONResponse({"ok": False, "error": target}, 404)
        try:
            body = await request.json()
        except ValueError:
            return JSONResponse({"ok": False, "error": "invalid_payload"}, 400)
        problem = respond(self._site, target, body) if isinstance(body, dict) else "invalid_payload"
        if problem is not None:
            return JSONResponse({"ok": False, "error": problem}, 400)
        return PlainTextResponse("ok")

    async def upload(self, request: Request) -> Response:
        held = self._site.uploads.get(str(request.path_params["file_id"]))
        if held is None or held["secret"] != request.path_params["secret"]:
            return PlainTextResponse("no such upload", 404)
        body = await request.body()
        held["received"] = len(body) == held["size"]
        held["data"] = body
        return PlainTextResponse("OK", 200 if held["received"] else 400)


def _file(path: str, folder: Path = PAGE) -> Response:
    """A file of the page's folder; names that could lead elsewhere do not match."""
    if not re.fullmatch(r"(?:[A-Za-z0-9_-]+/)*[A-Za-z0-9_.-]*[A-Za-z0-9_-]\.[a-z]+", path):
        return PlainTextResponse("not found", 404)
    found = folder / path
    if not found.is_file() or found.suffix not in _TYPES:
        return PlainTextResponse("not found", 404)
    return Response(found.read_bytes(), media_type=_TYPES[found.suffix])


def routes(
    site: Site,
    token: PageToken,
    web: WebApi,
    page: PageApi,
    extension: Extension | None = None,
) -> Starlette:
    """The application without its door."""
    own = Routes(site, token, extension)
    asking = AuthorizePage(lambda: web.sites)
    get = [("boot", page.boot), ("sidebar", page.sidebar), ("messages", page.messages)]
    get += [("home", page.home), ("modals", page.modals)]
    post = [("act", page.act), ("control", page.control)]
    return Starlette(
        routes=[
            Route("/", own.index),
            Route("/page/events", own.events),
            *(Route(f"/page/{n}", page.guarded(e), methods=["GET"]) for n, e in get),
            *(Route(f"/page/{n}", page.guarded(e), methods=["POST"]) for n, e in post),
            Route("/page/file", page.guarded(page.file)),
            Route("/page/ask/{name}", page.guarded(page.ask), methods=["POST"]),
            Route("/extension/{path:path}", own.extension),
            Route("/oauth/v2/authorize", asking.ask),
            Route("/oauth/v2/authorize/allow", asking.allow),
            Route("/api/{method:path}", web.endpoint, methods=["GET", "POST"]),
            Route("/actions/{secret}", own.response_url, methods=["POST"]),
            Route("/upload/{file_id}/{secret}", own.upload, methods=["POST"]),
            WebSocketRoute("/link", site.hub.serve),
            Route("/static/{path:path}", own.static),
            Route("/{path:path}", own.static),
        ]
    )


class _Uvicorn(uvicorn.Server):
    """Ends when it is told to, where uvicorn looks ten times a second whether it should."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._leaves = asyncio.Event()

    def leave(self) -> None:
        """To be called in its loop."""
        self.should_exit = True
        self._leaves.set()

    async def main_loop(self) -> None:
        while not await self.on_tick(0):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._leaves.wait(), 1.0)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        state = self.server_state
        for connection in list(state.connections):
            connection.shutdown()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self.config.timeout_graceful_shutdown):
                while state.connections or state.tasks:
                    await asyncio.sleep(0.002)
        for task in state.tasks:
            task.cancel()


class Server:
    """uvicorn in a daemon thread, on a socket of its own."""

    def __init__(self, port: int) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self._socket.bind((LOOPBACK, port))
        except OSError as taken:
            self._socket.close()
            raise OSError(
                f"the emulator cannot have port {port} of {LOOPBACK}: {taken}; "
                "give another port, or 0 for any free one"
            ) from taken
        self.port: int = self._socket.getsockname()[1]
        self.connections = ConnectionTable()
        self.thread: threading.Thread | None = None
        self._server: _Uvicorn | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def start(self, site: Site, app: Starlette) -> None:
        """Serve until `stop`. Returns when requests are answered."""
        config = uvicorn.Config(
            Door(app, self.port),
            http=self.connections.protocol(),
            ws="websockets-sansio",
            loop="asyncio",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            # Frequent pings let slack_sdk, which closes only between two frames, close at once.
            ws_ping_interval=0.25,
            ws_ping_timeout=20.0,
            timeout_graceful_shutdown=1,
        )
        server = self._server = _Uvicorn(config)

        async def serve() -> None:
            self._loop = site.hub.loop = site.feed.loop = asyncio.get_running_loop()
            await server.serve(sockets=[self._socket])

        def run() -> None:
            with asyncio.Runner() as runner:
                runner.run(serve())

        self.thread = threading.Thread(target=run, name="slack-emulator", daemon=True)
        self.thread.start()
        deadline = time.monotonic() + _START_SECONDS
        while not server.started:
            if not self.thread.is_alive() or time.monotonic() > deadline:
                raise RuntimeError("the emulator's server did not start; see the log above")
            time.sleep(0.005)

    def stop(self, site: Site) -> None:
        """Close every connection and wait for the thread's end."""
        server, thread, loop = self._server, self.thread, self._loop
        if server is None or thread is None or loop is None:
            self._socket.close()
            return

        def close() -> None:
            site.hub.stop()
            site.feed.stop()
            loop.call_later(0.02, server.leave)

        loop.call_soon_threadsafe(close)
        thread.join(_START_SECONDS)
        site.hub.loop = site.feed.loop = None
        self._socket.close()
        if thread.is_alive():
            _log.warning("the emulator's server thread did not end within %s s", _START_SECONDS)
        self._server = None
