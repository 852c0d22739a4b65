"""Socket Mode, judged by slack_sdk's own client: acknowledgement, redelivery, several links."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from slack_sdk.socket_mode import SocketModeClient
from slack_sdk.socket_mode.client import BaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web import WebClient
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from bot.emulator import Emulator, NotAcknowledgedError
from tests.bot.emulator.conftest import (
    StoppedClock,
    actions,
    button,
    client_of,
    refused,
    small_workspace,
)


class Link:
    """One connection that notes what it gets and acknowledges when `judge` says so."""

    def __init__(self, emulator: Emulator, judge: Callable[[SocketModeRequest], bool]) -> None:
        self.got: list[SocketModeRequest] = []
        self.came = threading.Event()
        self._judge = judge
        self.client = SocketModeClient(
            emulator.app_token, web_client=WebClient(base_url=emulator.api_url)
        )
        self.client.socket_mode_request_listeners.append(self._listen)
        self.client.connect()

    def _listen(self, client: BaseSocketModeClient, request: SocketModeRequest) -> None:
        self.got.append(request)
        if self._judge(request):
            client.send_socket_mode_response(SocketModeResponse(request.envelope_id))
        self.came.set()

    def close(self) -> None:
        self.client.close()


@pytest.fixture
def quick() -> Iterator[Emulator]:
    """An emulator that repeats after 0.15 s."""
    with Emulator(
        small_workspace(), clock=StoppedClock(), redeliver_after=0.15, ack_timeout=2.0
    ) as running:
        yield running


def until(condition: Callable[[], bool], seconds: float = 3.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


def test_an_acknowledged_event_comes_once(quick: Emulator) -> None:
    link = Link(quick, lambda request: True)
    until(lambda: quick.connections == 1)
    quick.say("U1", "C1", "Hello")
    time.sleep(0.5)
    assert len(link.got) == 1
    [request] = link.got
    assert (request.type, request.retry_attempt) == ("events_api", 0)
    event = request.payload["event"]
    assert (event["text"], event["user"], event["channel_type"]) == ("Hello", "U1", "channel")
    link.close()


def test_an_unacknowledged_event_is_repeated_until_it_is(quick: Emulator) -> None:
    link = Link(quick, lambda request: (request.retry_attempt or 0) >= 2)
    until(lambda: quick.connections == 1)
    quick.say("U1", "C1", "Hello")
    time.sleep(0.4)
    assert [r.retry_attempt for r in link.got] == [0, 1, 2]
    assert len({r.payload["event_id"] for r in link.got}) == 1
    assert [r.retry_reason for r in link.got] == ["", "timeout", "timeout"]
    assert quick.envelopes_given_up() == 0
    link.close()


def test_after_three_repetitions_it_is_given_up(quick: Emulator) -> None:
    link = Link(quick, lambda request: False)
    until(lambda: quick.connections == 1)
    quick.say("U1", "C1", "Hello")
    until(lambda: quick.envelopes_given_up() == 1)
    assert [r.retry_attempt for r in link.got] == [0, 1, 2, 3]
    link.close()


def test_a_press_without_acknowledgement_tells_the_person(quick: Emulator) -> None:
    ts = client_of(quick).chat_postMessage(channel="C1", text="x", blocks=[actions(button("go"))])
    with pytest.raises(NotAcknowledgedError, match="no Socket Mode connection"):
        quick.press("U1", "C1", ts["ts"], "go")
    link = Link(quick, lambda request: request.type == "events_api")
    until(lambda: quick.connections == 1)
    with pytest.raises(NotAcknowledgedError, match="never acknowledged"):
        quick.press("U1", "C1", ts["ts"], "go")
    assert len(link.got) == 4
    link.close()


def test_slacks_own_habit_of_repeating_events_alone_can_be_set() -> None:
    with Emulator(
        small_workspace(), clock=StoppedClock(), redeliver_after=0.1, redeliver={"events_api"}
    ) as running:
        posted = client_of(running).chat_postMessage(
            channel="C1", text="x", blocks=[actions(button("go"))]
        )
        link = Link(running, lambda request: False)
        until(lambda: running.connections == 1)
        with pytest.raises(NotAcknowledgedError):
            running.press("U1", "C1", posted["ts"], "go")
        assert len(link.got) == 1
        link.close()


def test_what_is_said_while_nobody_listens_arrives_later(quick: Emulator) -> None:
    quick.say("U1", "C1", "Anyone?")
    link = Link(quick, lambda request: True)
    assert link.came.wait(3)
    assert link.got[0].payload["event"]["text"] == "Anyone?"
    link.close()


def test_any_one_of_several_links_gets_an_event(quick: Emulator) -> None:
    links = [Link(quick, lambda request: True) for _ in range(2)]
    until(lambda: quick.connections == 2)
    for n in range(6):
        quick.say("U1", "C1", str(n))
    texts = sorted(r.payload["event"]["text"] for link in links for r in link.got)
    assert texts == list("012345")
    assert all(link.got for link in links)
    for link in links:
        link.close()


def test_a_link_that_slack_refreshes_comes_back(quick: Emulator) -> None:
    link = Link(quick, lambda request: True)
    until(lambda: quick.connections == 1)
    old = link.client.session_id()
    quick.disconnect_sockets("refresh_requested")
    until(lambda: quick.connections == 1 and link.client.session_id() != old, 5)
    quick.say("U1", "C1", "Still there?")
    assert link.got[-1].payload["event"]["text"] == "Still there?"
    link.close()


def test_hello_comes_first_and_a_ticket_works_once(emulator: Emulator) -> None:
    url = WebClient(base_url=emulator.api_url).apps_connections_open(app_token=emulator.app_token)
    assert url["url"].startswith("ws://127.0.0.1:")
    with connect(url["url"]) as first:
        hello = json.loads(first.recv(timeout=2))
        assert (hello["type"], hello["num_connections"]) == ("hello", 1)
        with pytest.raises(InvalidStatus), connect(url["url"]):
            pass


def test_an_eleventh_link_is_refused(emulator: Emulator) -> None:
    web = WebClient(base_url=emulator.api_url)

    def url() -> str:
        return str(web.apps_connections_open(app_token=emulator.app_token)["url"])

    with contextlib.ExitStack() as links:
        for _ in range(10):
            links.enter_context(connect(url()))
        with pytest.raises(InvalidStatus), connect(url()):
            pass


def test_only_an_app_token_opens_a_link(emulator: Emulator) -> None:
    web = WebClient(base_url=emulator.api_url)
    answer = refused(lambda: web.apps_connections_open(app_token=emulator.bot_token))
    assert answer["error"] == "not_allowed_token_type"


def test_stopping_says_goodbye_and_leaves_no_thread() -> None:
    emulator = Emulator(small_workspace(), clock=StoppedClock())
    before = {t.ident for t in threading.enumerate()}
    emulator.start()
    web = WebClient(base_url=emulator.api_url)
    with connect(web.apps_connections_open(app_token=emulator.app_token)["url"]) as link:
        link.recv(timeout=2)
        started = time.monotonic()
        emulator.stop()
        assert time.monotonic() - started < 1.5
        assert json.loads(link.recv(timeout=2))["type"] == "disconnect"
    left = [t for t in threading.enumerate() if t.ident not in before and t.is_alive()]
    assert [t.name for t in left if "slack" in t.name] == []
