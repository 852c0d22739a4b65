"""The ears as a server: signed requests over real HTTP, stored before they are acknowledged."""

from __future__ import annotations

import json
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from pydantic import SecretStr
from slack_sdk.signature import SignatureVerifier

from bot.emulator import Emulator
from bot.ports import Refused
from bot.settings import SlackSettings
from bot.slack import http_mode
from bot.slack.app import SlackApp
from tests.bot.slack.test_app import CHOICES, Fixed, Kept

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
SIGNED = SignatureVerifier(SECRET)


@pytest.fixture
def settings(emulator: Emulator) -> SlackSettings:
    return SlackSettings(
        bot_token=SecretStr(emulator.bot_token),
        signing_secret=SecretStr(SECRET),
        http_port=0,
        api_url=emulator.api_url,
    )


@pytest.fixture
def kept() -> Kept:
    return Kept()


@pytest.fixture
def app(settings: SlackSettings, kept: Kept) -> Iterator[SlackApp]:
    made = SlackApp(settings, kept, lambda asked: CHOICES, Fixed())
    made.start()
    yield made
    made.stop()


def post(app: SlackApp, body: str, **headers: str) -> tuple[int, str]:
    stamp = headers.pop("stamp", str(int(time.time())))
    signature = SIGNED.generate_signature(timestamp=stamp, body=body) or ""
    given = {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": signature, **headers}
    asked = urllib.request.Request(app.url or "", body.encode(), given, method="POST")
    try:
        with urllib.request.urlopen(asked, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode()


def said(app: SlackApp, text: str, event_id: str = "Ev1", **headers: str) -> tuple[int, str]:
    event = {"type": "message", "channel_type": "im", "channel": "D1", "user": "U1ADA"}
    body: dict[str, Any] = {
        "type": "event_callback",
        "event_id": event_id,
        "event_time": 1_760_000_000,
        "team_id": app._ears.us.team,
        "event": {**event, "text": text, "ts": "1760000000.000100"},
    }
    kind = {"Content-Type": "application/json", **headers}
    return post(app, json.dumps(body), **kind)


def test_an_event_is_stored_and_acknowledged(app: SlackApp, kept: Kept) -> None:
    assert app.connected
    assert said(app, "hello")[0] == 200
    (arrival,) = kept.arrivals
    assert "Ev1" in arrival.key
    assert "hello" in str(arrival.payload)


def test_the_apps_secrets_in_the_environment_take_nothing_from_us(
    settings: SlackSettings, kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bolt takes both for a wish that it install the app, and ask its own files for tokens."""
    monkeypatch.setenv("SLACK_CLIENT_ID", "1.2")
    monkeypatch.setenv("SLACK_CLIENT_SECRET", "hush")
    made = SlackApp(settings, kept, lambda asked: CHOICES, Fixed())
    made.start()
    assert said(made, "hello")[0] == 200
    made.stop()
    assert len(kept.arrivals) == 1


def test_a_command_comes_as_a_form(app: SlackApp, kept: Kept) -> None:
    form = {"command": "/overture", "text": "help", "user_id": "U1ADA", "channel_id": "D1",
            "team_id": app._ears.us.team, "trigger_id": "1.2",
            "response_url": "https://x"}  # fmt: skip
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    assert post(app, urlencode(form), **kind)[0] == 200
    assert [one.kind for one in kept.arrivals] == ["command"]


def test_slack_checks_that_the_address_is_ours(app: SlackApp) -> None:
    body = json.dumps({"type": "url_verification", "challenge": "c0ffee"})
    status, answer = post(app, body, **{"Content-Type": "application/json"})
    assert status == 200
    assert "c0ffee" in answer


def test_what_could_not_be_stored_is_not_acknowledged(app: SlackApp, kept: Kept) -> None:
    kept.fail = 1
    assert said(app, "hello")[0] == 500
    assert said(app, "hello")[0] == 200
    assert len(kept.arrivals) == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Slack-Signature": "v0=" + "0" * 64},
        {"stamp": "1"},
        {"X-Slack-Signature": ""},
    ],
)
def test_what_is_not_signed_now_by_slack_is_refused(
    app: SlackApp, kept: Kept, headers: dict[str, str]
) -> None:
    assert said(app, "hello", **headers)[0] == 401
    assert kept.arrivals == []


def test_a_body_that_is_too_large_is_refused_unread(app: SlackApp, kept: Kept) -> None:
    head = f"POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Length: {http_mode.MOST_BYTES + 1}"
    assert b"413" in _answer(app, f"{head}\r\n\r\n")
    assert said(app, "x" * 4000)[0] == 200
    assert len(kept.arrivals) == 1


def test_a_body_that_drips_is_cut(app: SlackApp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_mode, "BODY_SECONDS", 0.2)
    head = "POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Length: 50"
    assert b"408" in _answer(app, f"{head}\r\n\r\nabc")


def _answer(app: SlackApp, request: str) -> bytes:
    """The first line of what is answered to raw bytes."""
    there = urlsplit(app.url or "")
    with socket.create_connection((there.hostname or "", there.port or 0), timeout=5) as line:
        line.sendall(request.encode())
        return line.recv(200).split(b"\r\n")[0]


def test_slack_checks_our_certificate_and_tells_what_it_holds_back(
    app: SlackApp, kept: Kept, caplog: pytest.LogCaptureFixture
) -> None:
    with urllib.request.urlopen(f"{app.url}?ssl_check=1&token=z", timeout=5) as answer:
        assert answer.status == 200
    body = {"type": "app_rate_limited", "team_id": "T1", "api_app_id": "A1", "token": "z",
            "minute_rate_limited": 1_760_000_000}  # fmt: skip
    assert post(app, json.dumps(body), **{"Content-Type": "application/json"})[0] == 200
    assert "holds events back" in caplog.text
    assert not kept.arrivals


def test_other_paths_and_methods_are_not_there(app: SlackApp) -> None:
    for url in (app.url or "", (app.url or "").replace("/slack/events", "/")):
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(url, timeout=5)
        assert refused.value.code in (404, 405)


def test_a_port_that_is_taken_is_named(settings: SlackSettings, kept: Kept) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        made = SlackApp(
            settings.model_copy(update={"http_port": port}), kept, lambda asked: CHOICES, Fixed()
        )
        with pytest.raises(Refused, match="OVERTURE_SLACK__HTTP_PORT"):
            made.start()


def test_after_it_stopped_nobody_answers(settings: SlackSettings, kept: Kept) -> None:
    made = SlackApp(settings, kept, lambda asked: CHOICES, Fixed())
    made.start()
    there = urlsplit(made.url or "")
    assert said(made, "hello")[0] == 200
    made.stop()
    assert not made.connected
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((there.hostname or "", there.port or 0), timeout=1)
