"""What is added to the page: behind the same door, asked by name, failing in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.emulator import Emulator
from bot.emulator.extension import AskError, Extension, Given
from tests.bot.emulator.conftest import StoppedClock, small_workspace


def _echo(given: Given) -> Mapping[str, Any]:
    size = len(given.file)
    return {"user": given.user, "values": dict(given.values), "size": size, "name": given.file_name}


def _refuse(given: Given) -> Mapping[str, Any]:
    raise AskError("Not today.")


@pytest.fixture
def extended(clock: StoppedClock, tmp_path: Path) -> Iterator[Emulator]:
    (tmp_path / "main.js").write_text("export default {};")
    (tmp_path / "secret.txt").write_text("no")
    added = Extension(tmp_path, {"echo": _echo, "refuse": _refuse})
    with Emulator(small_workspace(), clock=clock, extension=added) as running:
        yield running


def client(emulator: Emulator, *, token: bool = True) -> httpx.Client:
    origin = emulator.page_url.partition("/?")[0]
    return httpx.Client(base_url=origin, params={"token": emulator.page_token} if token else {})


def test_a_question_is_answered_with_who_asks_values_or_a_file(extended: Emulator) -> None:
    with client(extended) as page:
        asked = page.post("/page/ask/echo", params={"user": "U1"}, json={"a": [1]}).json()
        assert asked == {"user": "U1", "values": {"a": [1]}, "size": 0, "name": ""}
        sent = page.post("/page/ask/echo", params={"name": "x.zip"}, content=b"12345").json()
        assert (sent["size"], sent["name"]) == (5, "x.zip")
        assert page.get("/page/boot").json()["extended"] is True


def test_what_cannot_be_answered_says_so(extended: Emulator) -> None:
    with client(extended) as page:
        refused = page.post("/page/ask/refuse", json={})
        assert (refused.status_code, refused.json()["message"]) == (422, "Not today.")
        assert page.post("/page/ask/nothing", json={}).status_code == 404
        assert page.post("/page/ask/echo", params={"user": "U9"}, json={}).status_code == 404
    with client(extended, token=False) as stranger:
        assert stranger.post("/page/ask/echo", json={}).status_code == 403


def test_only_files_of_the_page_leave_its_folder(extended: Emulator) -> None:
    with client(extended) as page:
        assert page.get("/extension/main.js").status_code == 200
        for path in ("secret.txt", "../conftest.py", "%2e%2e/x.js", "nothing.js"):
            assert page.get(f"/extension/{path}").status_code == 404


def test_without_an_extension_there_is_nothing_to_ask(emulator: Emulator) -> None:
    with client(emulator) as page:
        assert page.get("/page/boot").json()["extended"] is False
        assert page.post("/page/ask/echo", json={}).status_code == 404
        assert page.get("/extension/main.js").status_code == 404
