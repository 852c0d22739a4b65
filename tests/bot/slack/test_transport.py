"""The deadline and the absence of retries, beside what slack_sdk does by itself."""

from __future__ import annotations

import contextlib
import logging
import socket
import time

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.emulator import Emulator, Fault
from bot.ports import Ambiguous, Permanent, Transient
from bot.settings import SlackSettings
from bot.slack.errors import refusal
from bot.slack.transport import Attempt, BoundedClient
from tests.bot.slack.conftest import settings_for


def _posts(emulator: Emulator) -> int:
    return len(emulator.journal.entries("chat.postMessage"))


def test_a_dropped_connection_is_not_retried(emulator: Emulator, settings: SlackSettings) -> None:
    emulator.faults.add(Fault("chat.postMessage", "drop_after_commit"))
    client = BoundedClient(settings)
    with pytest.raises(Ambiguous):
        client.within("post", lambda c: c.chat_postMessage(channel="C1GENERAL", text="hi"))
    assert _posts(emulator) == 1


def test_slack_sdk_by_itself_posts_twice_then(emulator: Emulator) -> None:
    emulator.faults.add(Fault("chat.postMessage", "drop_after_commit"))
    plain = WebClient(token=emulator.bot_token, base_url=emulator.api_url)
    plain.chat_postMessage(channel="C1GENERAL", text="hi")
    assert _posts(emulator) == 2


def test_a_dripping_answer_is_cut(emulator: Emulator) -> None:
    emulator.faults.add(Fault("auth.test", "drip", seconds=4.0))
    client = BoundedClient(settings_for(emulator, call_deadline=0.5))
    began = time.monotonic()
    with pytest.raises(Ambiguous, match=r"auth\.test"):
        client.within("auth.test", lambda c: c.auth_test())
    assert time.monotonic() - began < 2.0


def test_slack_sdk_by_itself_waits_for_all_of_it(emulator: Emulator) -> None:
    emulator.faults.add(Fault("auth.test", "drip", seconds=2.5))
    plain = WebClient(token=emulator.bot_token, base_url=emulator.api_url, timeout=1)
    began = time.monotonic()
    plain.auth_test()
    assert time.monotonic() - began > 2.0


def test_loopback_knows_no_proxy(
    emulator: Emulator, settings: SlackSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    BoundedClient(settings).within("auth.test", lambda c: c.auth_test())


def test_elsewhere_a_proxy_is_used_and_its_refusal_is_certain(
    settings: SlackSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    away = settings.model_copy(update={"api_url": "https://slack.invalid/api/"})
    with pytest.raises(Transient, match="nothing was sent"):
        BoundedClient(away).within("auth.test", lambda c: c.auth_test())


def test_bodies_and_tokens_stay_out_of_the_log(
    emulator: Emulator, settings: SlackSettings, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        client = BoundedClient(settings)
        client.within("post", lambda c: c.chat_postMessage(channel="C1GENERAL", text="a secret"))
        emulator.faults.add(Fault("chat.postMessage", "drop_before"))
        with pytest.raises(Ambiguous):
            client.within("p", lambda c: c.chat_postMessage(channel="C1GENERAL", text="a secret"))
    assert "a secret" not in caplog.text
    assert emulator.bot_token not in caplog.text


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (200, "channel_not_found", Permanent),
        (200, "account_inactive", Permanent),
        (200, "is_archived", Permanent),
        (200, "invalid_blocks", Permanent),
        (200, "ratelimited", Transient),
        (200, "invalid_auth", Transient),
        (200, "missing_scope", Transient),
        (200, "internal_error", Ambiguous),
        (200, "fatal_error", Ambiguous),
        (200, "an_error_of_tomorrow", Ambiguous),
        (200, "Received a response in a non-JSON format: <html>xoxb-secret", Ambiguous),
        (429, "", Transient),
        (500, "channel_not_found", Ambiguous),
        (403, "", Ambiguous),
    ],
)
def test_every_refusal_has_its_meaning(status: int, code: str, kind: type[Exception]) -> None:
    class Answer(dict[str, str]):
        status_code = status
        headers = {"Retry-After": "3"}  # noqa: RUF012

    error = refusal("method", SlackApiError("no", Answer(error=code)))  # type: ignore[no-untyped-call]
    assert type(error) is kind
    assert "secret" not in str(error)
    if status == 429:
        assert isinstance(error, Transient)
        assert error.retry_after == 3.0


@pytest.mark.parametrize("cuts", [True, False])
def test_what_was_cut_does_not_arrive_afterwards(cuts: bool) -> None:
    """The kernel would go on sending what it holds; without the cut, all of it arrives."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        ours = socket.create_connection(server.getsockname())
        theirs, _ = server.accept()
    with ours, theirs:
        attempt = Attempt()
        attempt.begin(ours)
        ours.setblocking(False)
        sent = 0
        with contextlib.suppress(BlockingIOError):
            while True:
                sent += ours.send(b"x" * 65536)
        if cuts:
            assert attempt.cut()
        else:
            ours.shutdown(socket.SHUT_RDWR)
        ours.close()
        arrived = 0
        with contextlib.suppress(ConnectionResetError):
            while got := theirs.recv(1 << 20):
                arrived += len(got)
    assert (arrived < sent) == cuts
