"""Trouble on request: what happened is in the journal, whatever the client heard."""

from __future__ import annotations

import time
from http.client import RemoteDisconnected
from urllib.error import URLError

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.emulator import Emulator, Fault
from tests.bot.emulator.conftest import StoppedClock, client_of, refused, small_workspace

META = {"event_type": "delivery", "event_payload": {"delivery_id": "d-1"}}


def test_a_drop_after_the_commit_leaves_one_message(emulator: Emulator, client: WebClient) -> None:
    emulator.faults.add(Fault("chat.postMessage", "drop_after_commit"))
    with pytest.raises((RemoteDisconnected, URLError, ConnectionError)):
        client.chat_postMessage(channel="C1", text="x", metadata=META)
    assert len(emulator.journal.entries("chat.postMessage")) == 1
    assert len(emulator.messages("C1")) == 1
    assert client.chat_postMessage(channel="C1", text="next")["ok"]


def test_slack_sdks_own_retry_posts_twice_and_the_journal_sees_it(emulator: Emulator) -> None:
    emulator.faults.add(Fault("chat.postMessage", "drop_after_commit"))
    retrying = WebClient(emulator.bot_token, emulator.api_url)
    retrying.chat_postMessage(channel="C1", text="x", metadata=META)
    assert emulator.journal.doubles("delivery_id") == {"d-1": 2}


def test_a_drop_before_leaves_nothing(emulator: Emulator, client: WebClient) -> None:
    emulator.faults.add(Fault("chat.postMessage", "drop_before"))
    with pytest.raises((RemoteDisconnected, URLError, ConnectionError)):
        client.chat_postMessage(channel="C1", text="x")
    assert len(emulator.journal) == 0


def test_429_tells_how_long_to_wait(emulator: Emulator, client: WebClient) -> None:
    emulator.faults.add(Fault("chat.postMessage", "rate_limited", retry_after=7))
    with pytest.raises(SlackApiError) as caught:
        client.chat_postMessage(channel="C1", text="x")
    response = caught.value.response
    assert (response.status_code, response["error"]) == (429, "ratelimited")
    assert {k.lower(): v for k, v in response.headers.items()}["retry-after"] == "7"
    assert len(emulator.journal) == 0


@pytest.mark.parametrize(("committed", "count"), [(False, 0), (True, 1)])
def test_a_500_may_hide_a_commit(
    emulator: Emulator, client: WebClient, committed: bool, count: int
) -> None:
    emulator.faults.add(Fault("chat.postMessage", "status", status=503, after_commit=committed))
    with pytest.raises(SlackApiError) as caught:
        client.chat_postMessage(channel="C1", text="x")
    assert caught.value.response.status_code == 503
    assert len(emulator.journal) == count


@pytest.mark.parametrize("after_commit", [False, True])
def test_a_delay_outlives_the_client(emulator: Emulator, after_commit: bool) -> None:
    emulator.faults.add(Fault("chat.postMessage", "delay", seconds=1.3, after_commit=after_commit))
    with pytest.raises((TimeoutError, URLError)):
        client_of(emulator, timeout=1).chat_postMessage(channel="C1", text="x")
    assert len(emulator.journal) == int(after_commit)
    deadline = time.monotonic() + 3
    while len(emulator.journal) == 0 and time.monotonic() < deadline:
        time.sleep(0.02)
    assert len(emulator.journal) == 1


def test_a_dripping_answer_outlives_a_timeout_per_read(emulator: Emulator) -> None:
    emulator.faults.add(Fault("chat.postMessage", "drip", seconds=1.4))
    started = time.monotonic()
    assert client_of(emulator, timeout=1).chat_postMessage(channel="C1", text="x")["ok"]
    assert time.monotonic() - started > 1.2


def test_a_lagging_history_shows_the_message_only_later(
    emulator: Emulator, client: WebClient
) -> None:
    client.chat_postMessage(channel="C1", text="x")
    emulator.faults.add(Fault("conversations.history", "history_lag", seconds=0.3, times=99))
    assert client.conversations_history(channel="C1")["messages"] == []
    time.sleep(0.35)
    assert len(client.conversations_history(channel="C1")["messages"]) == 1


def test_faults_are_counted_skipped_and_aimed(emulator: Emulator, client: WebClient) -> None:
    aimed = Fault(
        "*", "error", error="fatal_error", skip=1, times=2, when=lambda a: a.get("channel") == "C1"
    )
    emulator.faults.add(aimed)
    outcomes = []
    for channel in ("C1", "U1", "C1", "C1", "C1"):
        try:
            client.chat_postMessage(channel=channel, text="x")
            outcomes.append("ok")
        except SlackApiError as refusal:
            outcomes.append(refusal.response["error"])
    assert outcomes == ["ok", "ok", "fatal_error", "fatal_error", "ok"]
    assert emulator.faults.fired() == [aimed, aimed]


def test_rate_limits_hold_one_message_a_second_a_channel() -> None:
    with Emulator(small_workspace(), clock=StoppedClock(), rate_limits=True) as strict:
        client = client_of(strict)
        for _ in range(3):
            client.chat_postMessage(channel="C1", text="burst")
        refusal = refused(lambda: client.chat_postMessage(channel="C1", text="too much"))
        assert refusal["error"] == "ratelimited"
        assert client.chat_postMessage(channel="U1", text="elsewhere")["ok"]


def test_without_rate_limits_nothing_is_refused(client: WebClient) -> None:
    for _ in range(10):
        assert client.chat_postMessage(channel="C1", text="burst")["ok"]
