"""A model server on localhost that does what a test tells it to, well or badly."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from pydantic import SecretStr

from bot.settings import ModelSettings

Request = dict[str, Any]
Behaviour = Callable[["Exchange"], None]


class Exchange:
    """One request, and the ways to answer it."""

    def __init__(self, handler: BaseHTTPRequestHandler, request: Request, stopping: Any) -> None:
        self.handler = handler
        self.request = request
        self.stopping = stopping

    def send(self, status: int, body: bytes, **headers: str) -> None:
        self.handler.send_response(status)
        self.handler.send_header("content-type", headers.pop("content_type", "application/json"))
        self.handler.send_header("content-length", str(len(body)))
        for name, value in headers.items():
            self.handler.send_header(name.replace("_", "-"), value)
        self.handler.end_headers()
        self.handler.wfile.write(body)

    def say(self, content: str | None, finish: str = "stop", **extra: Any) -> None:
        self.send(200, json.dumps(completion(content, finish, **extra)).encode())

    def stream(
        self, pieces: Iterable[str], pause: float = 0.0, finish: str | None = "stop"
    ) -> None:
        """Say something piece by piece; without `finish` the stream just ends."""
        self.handler.send_response(200)
        self.handler.send_header("content-type", "text/event-stream")
        self.handler.end_headers()
        for piece in pieces:
            self._event({"delta": {"content": piece}, "finish_reason": None})
            self.stopping.wait(pause)
        if finish is None:
            return
        self._event({"delta": {}, "finish_reason": finish})
        if (self.request.get("stream_options") or {}).get("include_usage"):
            self._event(
                None, usage={"prompt_tokens": 50, "completion_tokens": 9, "total_tokens": 59}
            )
        self.handler.wfile.write(b"data: [DONE]\n\n")

    def lines(self, *lines: str) -> None:
        """Say these lines as a stream, in which nothing but they and their ends is there."""
        self.handler.send_response(200)
        self.handler.send_header("content-type", "text/event-stream; charset=utf-8")
        self.handler.end_headers()
        self.handler.wfile.write("".join(lines).encode())

    def _event(self, choice: dict[str, Any] | None, **extra: Any) -> None:
        choices = [] if choice is None else [{"index": 0, **choice}]
        chunk = {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "scripted"}
        data = json.dumps({**chunk, "choices": choices, **extra})
        self.handler.wfile.write(f"data: {data}\n\n".encode())
        self.handler.wfile.flush()

    def fail(self, status: int, param: str | None = None, **headers: str) -> None:
        body = {"error": {"message": "no", "type": "x", "param": param, "code": None}}
        self.send(status, json.dumps(body).encode(), **headers)

    def drip(self, piece: bytes = b" ", pause: float = 0.05, head: bool = True) -> None:
        """Send a little, again and again, for as long as anybody listens."""
        if head:
            self.handler.send_response(200)
            self.handler.send_header("content-type", "application/json")
            self.handler.end_headers()
        else:
            self.handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
        while not self.stopping.is_set():
            self.handler.wfile.write(piece)
            self.handler.wfile.flush()
            time.sleep(pause)


def completion(content: str | None, finish: str = "stop", **extra: Any) -> dict[str, Any]:
    """A completion in the shape that OpenAI documents."""
    message = {"role": "assistant", "content": content, "refusal": extra.pop("refusal", None)}
    return {
        "id": "c1",
        "object": "chat.completion",
        "created": 1,
        "model": "scripted",
        "choices": [{"index": 0, "finish_reason": finish, "message": message}],
        "usage": {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120},
        **extra,
    }


class ModelServer:
    """Answers each request by `behaviour`; keeps what it was asked."""

    def __init__(self, behaviour: Behaviour) -> None:
        self.behaviour = behaviour
        self.requests: list[Request] = []
        self.headers: list[dict[str, str]] = []
        self.paths: list[str] = []
        self.stopping = threading.Event()
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                request = json.loads(body)
                server.requests.append(request)
                server.paths.append(self.path)
                server.headers.append({k.lower(): v for k, v in self.headers.items()})
                self.close_connection = True
                with suppress(BrokenPipeError, ConnectionResetError):
                    server.behaviour(Exchange(self, request, server.stopping))

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.http.server_address[1]}/v1"

    def settings(self, **more: Any) -> ModelSettings:
        return ModelSettings(base_url=self.url, api_key=SecretStr("k"), name="scripted", **more)


@contextmanager
def serving(behaviour: Behaviour) -> Iterator[ModelServer]:
    """A server for the time of one test."""
    server = ModelServer(behaviour)
    thread = threading.Thread(target=server.http.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.stopping.set()
        server.http.shutdown()
        server.http.server_close()
        thread.join()


def wanted(request: Request) -> str:
    """Which structure a request asks for."""
    return str(request.get("response_format", {}).get("type", "text"))
