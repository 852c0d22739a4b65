"""What the page gets and does: one member's view of the workspace, behind the token."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import httpx
import pytest

from bot.emulator import Emulator
from tests.bot.emulator.conftest import (
    BOT,
    StoppedClock,
    actions,
    button,
    client_of,
    small_workspace,
)
from tests.bot.emulator.test_socket_mode import Link, until

HOSTILE = '<img src=x onerror="alert(1)"><script>alert(1)</script>'


def work(progress: Callable[[str, float], None]) -> Mapping[str, Any]:
    progress("Closing outcomes", 0.5)
    time.sleep(0.2)
    return {"promoted": True}


def fail(progress: Callable[[str, float], None]) -> Mapping[str, Any]:
    raise ValueError("no labels yet")


@pytest.fixture
def desk() -> Iterator[Emulator]:
    with Emulator(
        small_workspace(),
        clock=StoppedClock(),
        controls={"run_night": work, "fail": fail},
        notice="Simulated",
    ) as running:
        yield running


@pytest.fixture
def page(desk: Emulator) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=desk.page_url.partition("/?")[0]) as browser:
        browser.get("/", params={"token": desk.page_token})
        yield browser


def get(page: httpx.Client, path: str, **params: str) -> dict[str, Any]:
    response = page.get(f"/page/{path}", params=params)
    assert response.status_code == 200, response.text
    answer = response.json()
    assert isinstance(answer, dict)
    return answer


def act(page: httpx.Client, kind: str, user: str = "U1", **more: Any) -> dict[str, Any]:
    answer = page.post("/page/act", json={"user": user, "kind": kind, **more}).json()
    assert isinstance(answer, dict)
    return answer


def events_of(page: httpx.Client, user: str, got: list[dict[str, Any]]) -> threading.Event:
    """Collect the user's events in a thread; set when the stream has opened."""
    opened = threading.Event()

    def read() -> None:
        with (
            contextlib.suppress(httpx.HTTPError),
            page.stream("GET", "/page/events", params={"user": user}, timeout=20) as response,
        ):
            for line in response.iter_lines():
                opened.set()
                if line.startswith("data: "):
                    got.append(json.loads(line[6:]))

    threading.Thread(target=read, daemon=True).start()
    assert opened.wait(3)
    return opened


def test_boot_tells_who_and_what_there_is(page: httpx.Client) -> None:
    boot = get(page, "boot")
    assert boot["notice"] == "Simulated"
    assert boot["bot_user"] == BOT
    assert boot["controls"][0] == {"name": "run_night", "label": "Run night"}
    people = {p["id"]: p for p in boot["people"]}
    assert people["U4"]["is_guest"] is True
    assert people["U2"]["presence"] == "away"
    assert boot["busy"] is None


def test_the_sidebar_counts_what_is_unread_until_it_is_read(
    desk: Emulator, page: httpx.Client
) -> None:
    client_of(desk).chat_postMessage(channel="U1", text="Good morning")
    [dm] = get(page, "sidebar", user="U1")["dms"]
    assert (dm["user"], dm["unread"]) == (BOT, 1)
    [message] = get(page, "messages", user="U1", channel=dm["id"])["messages"]
    assert message["text"] == "Good morning"
    assert get(page, "sidebar", user="U1")["dms"][0]["unread"] == 0
    channels = get(page, "sidebar", user="U2")["channels"]
    assert [c["name"] for c in channels] == ["elsewhere", "general"]


def test_nobody_reads_where_they_are_not_a_member(desk: Emulator, page: httpx.Client) -> None:
    dm = desk.open_dm("U1")
    response = page.get("/page/messages", params={"user": "U2", "channel": dm})
    assert (response.status_code, response.json()["error"]) == (403, "not_in_channel")
    assert page.get("/page/sidebar", params={"user": "U999"}).status_code == 404


def test_an_ephemeral_message_is_for_one_alone(desk: Emulator, page: httpx.Client) -> None:
    client_of(desk).chat_postEphemeral(channel="C1", user="U1", text="psst")
    [mine] = get(page, "messages", user="U1", channel="C1")["messages"]
    assert (mine["text"], mine["ephemeral"]) == ("psst", True)
    assert get(page, "messages", user="U2", channel="C1")["messages"] == []


def test_acts_go_through_and_refusals_are_named(desk: Emulator, page: httpx.Client) -> None:
    said = act(page, "message", channel="C1", text="Hello")
    assert said["ok"] is True
    assert desk.messages("C1")[0]["ts"] == said["ts"]
    assert act(page, "edit", channel="C1", ts=said["ts"], text="Hi")["ok"] is True
    assert act(page, "react", channel="C1", ts=said["ts"], name="eyes")["ok"] is True
    assert desk.messages("C1")[0]["reactions"][0]["count"] == 1
    assert act(page, "react", channel="C1", ts=said["ts"], name="eyes")["ok"] is True
    assert desk.messages("C1")[0].get("reactions", []) == []
    assert act(page, "delete", channel="C1", ts=said["ts"])["ok"] is True
    assert desk.messages("C1") == []
    assert act(page, "message", channel="C1")["error"] == "invalid_arguments"
    assert act(page, "dance")["error"] == "unknown_kind"
    assert act(page, "message", user="U999", channel="C1", text="x")["error"] == "user_not_found"


def test_a_press_without_a_bot_times_out_honestly(desk: Emulator, page: httpx.Client) -> None:
    ts = client_of(desk).chat_postMessage(channel="C1", text="x", blocks=[actions(button("go"))])
    pressed = act(page, "press", channel="C1", message_ts=ts["ts"], action_id="go")
    assert (pressed["ok"], pressed["error"]) == (False, "operation_timeout")
    link = Link(desk, lambda request: True)
    until(lambda: desk.connections == 1)
    assert act(page, "press", channel="C1", message_ts=ts["ts"], action_id="go") == {"ok": True}
    link.close()


def test_opening_the_home_tab_tells_the_bot_once_a_moment(
    desk: Emulator, page: httpx.Client
) -> None:
    link = Link(desk, lambda request: True)
    until(lambda: desk.connections == 1)
    assert get(page, "home", user="U1") == {"view": None}
    get(page, "home", user="U1")
    get(page, "home", user="U1", peek="1")
    assert [r.payload["event"]["type"] for r in link.got] == ["app_home_opened"]
    link.close()


def test_events_reach_those_whom_they_concern(desk: Emulator, page: httpx.Client) -> None:
    mine: list[dict[str, Any]] = []
    others: list[dict[str, Any]] = []
    events_of(page, "U1", mine)
    events_of(page, "U2", others)
    ts = client_of(desk).chat_postMessage(channel="U1", text="x")["ts"]
    client_of(desk).views_publish(user_id="U1", view={"type": "home", "blocks": []})
    until(lambda: {"type": "home"} in mine)
    [message] = [e for e in mine if e["type"] == "message"]
    assert (message["ts"], message["thread_ts"]) == (ts, None)
    assert [e["type"] for e in others] == ["clock"]
    assert others[0]["clock"] == desk.clock()


def test_a_control_runs_alone_and_reports(desk: Emulator, page: httpx.Client) -> None:
    got: list[dict[str, Any]] = []
    events_of(page, "U1", got)
    assert page.post("/page/control", json={"name": "run_night"}).json() == {"ok": True}
    assert page.post("/page/control", json={"name": "run_night"}).status_code == 409
    assert page.post("/page/control", json={"name": "nothing"}).status_code == 404
    until(lambda: get(page, "boot")["busy"] is not None)
    until(lambda: any(e["type"] == "done" for e in got))
    assert {"type": "progress", "text": "Closing outcomes", "fraction": 0.5} in got
    assert got[-1] == {"type": "done", "name": "run_night", "result": {"promoted": True}}
    assert get(page, "boot")["busy"] is None


def test_a_control_that_fails_says_so(page: httpx.Client) -> None:
    got: list[dict[str, Any]] = []
    events_of(page, "U1", got)
    page.post("/page/control", json={"name": "fail"})
    until(lambda: any(e["type"] == "done" for e in got))
    assert got[-1]["error"] == "ValueError: no labels yet"


def test_set_up_work_shows_its_progress_to_a_page_that_comes_late(
    desk: Emulator, page: httpx.Client
) -> None:
    desk.progress("Installing", 3.0)
    got: list[dict[str, Any]] = []
    events_of(page, "", got)
    until(lambda: {"type": "progress", "text": "Installing", "fraction": 1.0} in got)
    desk.announce("set-up", {"members": 40})
    until(lambda: {"type": "done", "name": "set-up", "result": {"members": 40}} in got)


def test_hostile_text_travels_as_data(desk: Emulator, page: httpx.Client) -> None:
    desk.workspace.amend("U2", real_name=HOSTILE)
    act(page, "message", channel="C1", text=HOSTILE)
    response = page.get("/page/messages", params={"user": "U1", "channel": "C1"})
    assert response.headers["content-type"] == "application/json"
    assert "<" not in response.json()["messages"][0]["text"]
    boot = page.get("/page/boot")
    assert boot.headers["content-type"] == "application/json"
    assert HOSTILE in [p["real_name"] for p in boot.json()["people"]]


def test_suggestions_of_the_bot_are_shown_where_it_made_them(
    desk: Emulator, page: httpx.Client
) -> None:
    address = desk.open_dm("U1")
    prompts = [{"title": "Why?", "message": "Why did you write?"}]
    client_of(desk).assistant_threads_setSuggestedPrompts(channel_id=address, prompts=prompts)
    assert get(page, "messages", user="U1", channel=address)["prompts"] == prompts
    assert desk.prompts("U1") == prompts
    assert desk.prompts("U2") == []


def test_a_file_is_for_those_in_its_conversation_alone(desk: Emulator, page: httpx.Client) -> None:
    client = client_of(desk)
    address = desk.open_dm("U1")
    client.files_upload_v2(channel=address, filename="a b.txt", content="mine", title="Mine")
    (message,) = get(page, "messages", user="U1", channel=address)["messages"]
    (file,) = message["files"]
    found = page.get("/page/file", params={"user": "U1", "id": file["id"]})
    assert (found.status_code, found.content) == (200, b"mine")
    assert "attachment" in found.headers["content-disposition"]
    other = page.get("/page/file", params={"user": "U2", "id": file["id"]})
    assert other.status_code == 404
