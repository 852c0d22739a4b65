"""A real HTTP server on loopback with a feed that knows conditional requests."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ENTRY = """<entry><title>{title}</title><id>{url}</id><link href="{url}"/>
<updated>2025-10-01T00:00:00Z</updated><summary>{summary}</summary></entry>"""


def atom(*entries: tuple[str, str, str]) -> bytes:
    """A feed of (title, url, summary)."""
    inside = "".join(ENTRY.format(title=t, url=u, summary=s) for t, u, s in entries)
    head = '<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom">'
    return (
        f'{head}<title>News</title><link href="https://news.example.org/"/>{inside}</feed>'.encode()
    )


@dataclass
class FeedServer:
    """What it answers with, and what it was asked."""

    port: int = 0
    body: bytes = b""
    etag: str = '"one"'
    statuses: dict[str, int] = field(default_factory=dict)
    """by path; 200 for any other"""
    moved: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return self.at("/feed")

    def at(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"


@contextmanager
def feed_server() -> Iterator[FeedServer]:
    """A running one."""
    told = FeedServer(body=atom(("Vacuum often", "https://news.example.org/a", "It helps a lot.")))

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            told.asked.append((self.command, self.path, dict(self.headers.items())))
            if self.path in told.moved:
                self.send_response(302)
                self.send_header("Location", told.moved[self.path])
                self.end_headers()
                return
            status = told.statuses.get(self.path, 200)
            if told.etag and self.headers.get("If-None-Match") == told.etag:
                status = 304
            self.send_response(status)
            if told.etag:
                self.send_header("ETag", told.etag)
            self.send_header("Last-Modified", "Wed, 01 Oct 2025 00:00:00 GMT")
            self.end_headers()
            if status == 200 and self.command == "GET":
                self.wfile.write(told.body)

        do_HEAD = do_GET

        def log_message(self, format: str, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    told.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield told
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
