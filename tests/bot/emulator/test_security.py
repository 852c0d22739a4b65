"""The door: Host, Origin, token, headers, and files that are nobody's business."""

from __future__ import annotations

import socket
import urllib.parse
from collections.abc import Iterator

import httpx
import pytest

from bot.emulator import Emulator
from tests.bot.emulator.conftest import StoppedClock, small_workspace


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator(small_workspace(), clock=StoppedClock()) as running:
        yield running


PAGES = ("/", "/page/boot", "/page/sidebar?user=U1", "/page/events?user=U1")


def origin_of(emulator: Emulator) -> str:
    return emulator.page_url.partition("/?")[0]


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "127.0.0.1:1", ""])
@pytest.mark.parametrize("path", ["/", "/api/auth.test", "/static/main.js"])
def test_a_foreign_host_is_refused(emulator: Emulator, host: str, path: str) -> None:
    headers = {"Host": host, "Authorization": f"Bearer {emulator.bot_token}"}
    assert httpx.get(origin_of(emulator) + path, headers=headers).status_code == 403


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1"])
def test_a_foreign_origin_is_refused(emulator: Emulator, origin: str) -> None:
    params = {"token": emulator.page_token}
    url = f"{origin_of(emulator)}/page/boot"
    assert httpx.get(url, params=params, headers={"Origin": origin}).status_code == 403
    own = httpx.get(url, params=params, headers={"Origin": origin_of(emulator)})
    assert own.status_code == 200


def test_localhost_is_the_same_place(emulator: Emulator) -> None:
    port = urllib.parse.urlsplit(emulator.page_url).port
    url = f"{origin_of(emulator)}/page/boot?token={emulator.page_token}"
    assert httpx.get(url, headers={"Host": f"localhost:{port}"}).status_code == 200


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("token", [None, "guess", ""])
def test_the_page_needs_its_token(emulator: Emulator, path: str, token: str | None) -> None:
    join = "&" if "?" in path else "?"
    query = "" if token is None else f"{join}token={token}"
    assert httpx.get(origin_of(emulator) + path + query).status_code == 403


@pytest.mark.parametrize("path", ["/page/act", "/page/control"])
def test_acts_need_the_token_too(emulator: Emulator, path: str) -> None:
    body = {"user": "U1", "kind": "message", "channel": "C1", "text": "x", "name": "x"}
    assert httpx.post(origin_of(emulator) + path, json=body).status_code == 403
    assert emulator.messages("C1") == []


def test_the_token_becomes_a_strict_cookie(emulator: Emulator) -> None:
    with httpx.Client(base_url=origin_of(emulator)) as browser:
        first = browser.get("/", params={"token": emulator.page_token})
        cookie = first.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=strict" in cookie
        assert browser.get("/page/boot").status_code == 200


def test_every_answer_forbids_inline_scripts_and_sniffing(emulator: Emulator) -> None:
    for path in ("/", "/api/api.test", "/static/none.js"):
        headers = httpx.get(origin_of(emulator) + path).headers
        assert "default-src 'self'" in headers["content-security-policy"]
        assert "unsafe-inline" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize(
    "path",
    [
        "/static/../server.py",
        "/static/%2e%2e/server.py",
        "/static/..%2fserver.py",
        "/static//etc/passwd",
        "/static/index.html",
        "/../pyproject.toml",
        "/static/.hidden.js",
    ],
)
def test_no_file_outside_the_pages_folder_is_served(emulator: Emulator, path: str) -> None:
    parts = urllib.parse.urlsplit(emulator.page_url)
    with socket.create_connection((parts.hostname, parts.port), timeout=3) as raw:
        raw.sendall(
            f"GET {path} HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\n\r\n".encode()
        )
        status = raw.makefile("rb").readline()
    assert b" 404 " in status


def test_the_pages_own_files_are_served(emulator: Emulator) -> None:
    with httpx.Client(base_url=origin_of(emulator)) as browser:
        page = browser.get("/", params={"token": emulator.page_token})
        assert page.status_code == 200
        assert page.headers["content-type"].startswith("text/html")
        for path in ("/main.js", "/static/main.js"):
            assert browser.get(path).headers["content-type"].startswith("text/javascript")


def test_it_listens_on_127_0_0_1_alone(emulator: Emulator) -> None:
    port = urllib.parse.urlsplit(emulator.page_url).port or 0
    socket.create_connection(("127.0.0.1", port), timeout=2).close()
    with pytest.raises(OSError, match=r".*"):
        socket.create_connection(("127.0.0.2", port), timeout=2)


def test_a_taken_port_is_named(emulator: Emulator) -> None:
    port = urllib.parse.urlsplit(emulator.page_url).port or 0
    with pytest.raises(OSError, match=str(port)):
        Emulator(emulator.workspace, clock=lambda: 0.0, port=port)
