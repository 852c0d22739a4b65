"""Feeds come from the open web alone, whatever a name or a redirect says."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from bot.pool import fetch as fetching
from bot.pool.fetch import fetch, is_public
from bot.pool.imports import import_pool
from bot.ports import BadInput
from bot.store.database import Store, connect
from tests.bot.pool.test_imports import NOW

HOSTS: list[str] = []


class _Answers(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        HOSTS.append(self.headers["Host"])
        if self.path.startswith("/to/"):
            self.send_response(302)
            self.send_header("Location", self.path.removeprefix("/to/"))
            self.end_headers()
            return
        self.send_response(404 if self.path == "/none" else 200)
        self.end_headers()
        self.wfile.write(b"x" * 5_000 if self.path == "/large" else b"hello")

    def log_message(self, format: str, *args: object) -> None:
        return


@pytest.fixture
def port() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Answers)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


def _here(host: str, port: int) -> Sequence[str]:
    return ("127.0.0.1",)


def _any(address: str) -> bool:
    return True


def test_a_feed_is_fetched_from_the_address_that_was_checked(port: int) -> None:
    HOSTS.clear()
    url = f"http://feeds.example.org:{port}/feed"
    assert fetch(url, resolve=_here, allowed=_any) == b"hello"
    assert list(HOSTS) == [f"feeds.example.org:{port}"]


def test_what_is_not_on_the_open_internet_is_not_reached(port: int) -> None:
    HOSTS.clear()
    for host in ("127.0.0.1", "localhost", "[::1]", "0.0.0.0", "[::ffff:127.0.0.1]"):
        with pytest.raises(BadInput, match="not on the open internet"):
            fetch(f"http://{host}:{port}/feed")
    with pytest.raises(BadInput, match="not on the open internet"):
        fetch(f"http://innocent.example.org:{port}/feed", resolve=_here)
    assert HOSTS == []


def test_one_private_address_of_several_is_enough_to_refuse() -> None:
    def both(host: str, port: int) -> Sequence[str]:
        return ("93.184.216.34", "10.0.0.1")

    with pytest.raises(BadInput, match="not on the open internet"):
        fetch("http://feeds.example.org/", resolve=both)


def test_a_redirect_is_checked_like_the_first_address(port: int) -> None:
    def by_name(host: str, port: int) -> Sequence[str]:
        return ("127.0.0.1",) if host == "feeds.example.org" else ("169.254.169.254",)

    def only_here(address: str) -> bool:
        return address == "127.0.0.1"

    HOSTS.clear()
    url = f"http://feeds.example.org:{port}/to/http://inner.example.org/secret"
    with pytest.raises(BadInput, match=r"inner\.example\.org.*not on the open internet"):
        fetch(url, resolve=by_name, allowed=only_here)
    with pytest.raises(BadInput, match="begins with https:// or http://"):
        fetch(f"http://feeds.example.org:{port}/to/file:///etc/passwd", resolve=_here, allowed=_any)
    assert len(HOSTS) == 2
    assert fetch(f"http://a.org:{port}/to//feed", resolve=_here, allowed=_any) == b"hello"


def test_redirects_sizes_and_times_end(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def get(path: str) -> bytes:
        return fetch(f"http://a.org:{port}{path}", resolve=_here, allowed=_any)

    with pytest.raises(BadInput, match="redirects, which are too many"):
        get("/to/" * 8)
    with pytest.raises(BadInput, match="answered with 404"):
        get("/none")
    monkeypatch.setattr(fetching, "LARGEST", 4_000)
    with pytest.raises(BadInput, match="more than 4,000 bytes"):
        get("/large")
    monkeypatch.setattr(fetching, "SECONDS", 1e-9)
    with pytest.raises(BadInput, match=r"takes more than|gives no answer"):
        get("/feed")


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://a.org/x", "http://", "http://me:word@a.org/", "http://[x"]
)
def test_other_addresses_are_refused(url: str) -> None:
    with pytest.raises(BadInput):
        fetch(url, resolve=_here, allowed=_any)


def test_a_host_that_is_not_there_is_named() -> None:
    def nowhere(host: str, port: int) -> Sequence[str]:
        raise OSError

    with pytest.raises(BadInput, match=r"there is no host gone\.example\.org"):
        fetch("http://gone.example.org/", resolve=nowhere)


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1::1", True),
        ("10.1.2.3", False),
        ("100.64.0.1", False),
        ("169.254.169.254", False),
        ("224.0.0.1", False),
        ("::1", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("::ffff:10.0.0.1", False),
        ("2002:0a00:0001::1", False),
        ("64:ff9b::a00:1", False),
        ("nonsense", False),
    ],
)
def test_which_addresses_are_public(address: str, public: bool) -> None:
    assert is_public(address) is public


def test_an_import_refuses_a_private_address(sqlite_url: str, tmp_path: Path, port: int) -> None:
    store = Store(connect(sqlite_url))
    with pytest.raises(BadInput, match="not on the open internet"):
        import_pool(store, f"http://127.0.0.1:{port}/feed", workspace="T1", now=NOW)
    store.close()
