"""A Slack that says no more than its documentation promises: the fewest fields, nothing optional.

Answers and payloads are as docs.slack.dev shows them, less all that it calls optional or that only
our own emulator adds.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

import pytest
from pydantic import SecretStr
from slack_bolt import BoltRequest

from bot.inbox import moment
from bot.ports import Arrival, Delivery, Refused, Transient
from bot.settings import SlackSettings
from bot.slack.arrivals.commands import from_command
from bot.slack.arrivals.events import from_event
from bot.slack.arrivals.presses import from_press
from bot.slack.arrivals.us import Us
from bot.slack.delivery import SlackChannel
from bot.slack.directory import Directory
from bot.slack.identity import identify
from bot.slack.listeners import Ears, Listeners, Sender, sender_of
from bot.slack.presence import SlackPresences
from bot.slack.transport import BoundedClient

NOW = datetime(2026, 9, 7, 9, tzinfo=UTC)
US = Us("T1", "U0BOT")
OK: dict[str, Any] = {"ok": True}


@dataclass
class Bare:
    """Answers by method; more than one answer for a method is given in turn."""

    answers: dict[str, list[tuple[int, dict[str, str], dict[str, Any]]]] = field(
        default_factory=dict
    )
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    url: str = ""

    def says(self, method: str, *bodies: Mapping[str, Any], status: int = 200) -> None:
        self.answers.setdefault(method, []).extend((status, {}, dict(body)) for body in bodies)


@pytest.fixture
def slack() -> Iterator[Bare]:
    bare = Bare()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            self.do_GET(dict(parse_qsl(body)))

        def do_GET(self, form: Mapping[str, str] | None = None) -> None:
            path, _, query = self.path.partition("?")
            method = path.removeprefix("/api/")
            bare.asked.append((method, {**dict(parse_qsl(query)), **(form or {})}))
            left = bare.answers.get(method) or [(200, {}, {"ok": False, "error": "unknown_method"})]
            status, headers, body = left.pop(0) if len(left) > 1 else left[0]
            told = json.dumps(body).encode()
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(told))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(told)

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    bare.url = f"http://127.0.0.1:{server.server_address[1]}/api"
    bare.says("auth.test", {**OK, "team_id": "T1", "user_id": "U0BOT"})
    yield bare
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(params=["", "/"], ids=["without a slash", "with a slash"])
def settings(slack: Bare, request: pytest.FixtureRequest) -> SlackSettings:
    return SlackSettings(bot_token=SecretStr("xoxb-1"), api_url=slack.url + request.param)


def test_auth_test_may_say_two_ids_and_no_more(slack: Bare, settings: SlackSettings) -> None:
    known = identify(settings)
    assert (known.us, known.granted, known.missing_scopes) == (US, None, frozenset())


def test_a_token_that_is_nobodys_is_refused_in_words(slack: Bare, settings: SlackSettings) -> None:
    slack.answers["auth.test"] = [(200, {}, {**OK, "team_id": "T1"})]
    with pytest.raises(Refused, match="named no user"):
        identify(settings)


def test_people_and_channels_of_the_fewest_words(slack: Bare, settings: SlackSettings) -> None:
    slack.says("users.list", {**OK, "members": [{"id": "U1"}, {"id": "U2", "name": "two"}],
                              "response_metadata": {"next_cursor": "n"}},
               {**OK, "members": [{"id": "U3", "deleted": True, "new_field": {}}]})  # fmt: skip
    slack.says("conversations.list", {**OK, "channels": [{"id": "C1", "name": "one"}, {"id": "C2"}],
                                      "response_metadata": {"next_cursor": ""}})  # fmt: skip
    slack.says("conversations.members", {**OK, "members": ["U1"]},
               {"ok": False, "error": "channel_not_found"})  # fmt: skip
    found = Directory(settings, sleep=lambda seconds: None).read()
    assert [(one.id, one.name) for one in found.people] == [
        ("U1", "U1"),
        ("U2", "two"),
        ("U3", "U3"),
    ]
    assert [one.deleted for one in found.people] == [False, False, True]
    assert [(one.id, one.members) for one in found.channels] == [("C1", ("U1",)), ("C2", ())]


def test_a_message_leaves_with_an_id_and_a_time(slack: Bare, settings: SlackSettings) -> None:
    slack.says("conversations.open", {**OK, "channel": {"id": "D1"}})
    slack.says("chat.postMessage", {**OK, "ts": "1.2"})
    channel = SlackChannel(settings)
    address = channel.address_of("U1")
    receipt = channel.send(Delivery("dl_1", address, "answer", {"text": "Hello."}))
    assert (receipt.address, receipt.message_ref) == ("D1", "1.2")


def test_a_pause_without_a_number_is_a_short_one(slack: Bare, settings: SlackSettings) -> None:
    slack.says("chat.postMessage", {"ok": False, "error": "ratelimited"}, status=429)
    with pytest.raises(Transient) as raised:
        SlackChannel(settings).send(Delivery("dl_1", "D1", "answer", {"text": "Hello."}))
    assert raised.value.retry_after == 1.0


def test_what_is_not_said_of_do_not_disturb_is_not_known(
    slack: Bare, settings: SlackSettings
) -> None:
    slack.says("dnd.teamInfo", {**OK, "users": {"U1": {"dnd_enabled": False}}})
    slack.says("users.info", {**OK, "user": {"id": "U1"}})
    presences = SlackPresences(settings)
    seen = presences.look("U1", NOW, closely=True)
    assert seen is not None
    assert (seen.dnd, seen.busy) == (False, False)
    assert presences.look("U2", NOW) is None


def test_a_single_workspaces_token_names_no_team(slack: Bare, settings: SlackSettings) -> None:
    slack.says("dnd.teamInfo", {**OK, "users": {}})
    SlackPresences(settings).look("U1", NOW)
    assert "team_id" not in slack.asked[-1][1]


def test_an_organisations_token_names_the_workspace(slack: Bare, settings: SlackSettings) -> None:
    class Token:
        team = "T7"

        def __call__(self) -> str:
            return "xoxb-org"

    slack.answers["auth.test"] = [(200, {}, {**OK, "team_id": "E1", "user_id": "U0BOT"})]
    slack.says("users.list", {**OK, "members": []})
    slack.says("conversations.list", {**OK, "channels": []})
    slack.says("dnd.teamInfo", {**OK, "users": {}})
    token = Token()
    assert identify(settings, token).us.team == "T7"
    Directory(settings, token=token).read()
    SlackPresences(settings, token).look("U1", NOW)
    about = {method: args.get("team_id") for method, args in slack.asked}
    assert {about[one] for one in ("users.list", "conversations.list", "dnd.teamInfo")} == {"T7"}
    assert BoundedClient(settings).team is None


def envelope(event: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "event_callback", "team_id": "T1", "event_id": "Ev1",
            "event_time": int(NOW.timestamp()), "event": dict(event), **more}  # fmt: skip


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        ({"type": "app_uninstalled"}, "uninstalled"),
        ({"type": "tokens_revoked", "tokens": {"bot": ["U0BOT"]}}, "uninstalled"),
        ({"type": "member_joined_channel", "user": "U1", "channel": "C1"}, "joined"),
        ({"type": "team_join", "user": {"id": "U1"}}, "user"),
        ({"type": "user_change", "user": {"id": "U1", "deleted": True}}, "user"),
        ({"type": "app_home_opened", "user": "U1", "channel": "D1"}, "home"),
    ],
    ids=lambda one: one["type"] if isinstance(one, dict) else None,
)
def test_an_event_that_does_not_say_when_happened_when_it_was_sent(
    event: dict[str, Any], kind: str
) -> None:
    arrival = from_event(envelope(event), US)
    assert arrival is not None
    assert arrival.kind == kind
    assert moment(arrival.payload, NOW) == NOW


def test_without_an_id_the_same_event_is_known_by_its_content() -> None:
    said = {"type": "message", "user": "U1", "channel": "D1", "ts": "1788771600.1", "text": "hi"}
    bare = {"type": "event_callback", "event": said}
    again, other = from_event(bare, US), from_event({**bare, "event": {**said, "ts": "2.2"}}, US)
    first = from_event(bare, US)
    assert first is not None
    assert again is not None
    assert other is not None
    assert first.key == again.key != other.key
    assert first.payload["direct"] is True, "its channel's id says so"


def test_a_press_and_a_command_without_what_is_optional() -> None:
    body = {"type": "block_actions", "user": {"id": "U1"}, "trigger_id": "1.2.3",
            "actions": [{"action_id": "why", "value": "why|op_1"}]}  # fmt: skip
    press = from_press(body, US)
    assert press is not None
    assert moment(press.payload, NOW) == NOW
    command = {"command": "/overture", "user_id": "U1", "channel_id": "D1"}
    assert from_command(command, US, 7.0) is not None


class Still:
    def now(self) -> datetime:
        return NOW


@pytest.mark.parametrize(
    "event",
    [
        {"type": "message", "user": "U1", "text": "no channel, no time"},
        {"type": "user_change", "user": "U1"},
        {"type": "never_heard_of", "a": [1]},
        {"type": "message", "subtype": "message_changed"},
    ],
)
def test_a_shape_that_nobody_knows_is_acknowledged_and_left(event: dict[str, Any]) -> None:
    kept: list[Arrival] = []
    settings = SlackSettings(bot_token=SecretStr("xoxb-1"))
    ears = Ears(US, kept.append, lambda asked: None, BoundedClient(settings))
    listeners = Listeners(lambda sender: ears, Still())
    listeners._event(envelope(event), {"overture_ears": ears})  # type: ignore[arg-type]
    assert kept == []


@pytest.mark.parametrize(
    ("body", "sender"),
    [
        (envelope({"type": "x"}), Sender("T1", None, None)),
        ({"type": "block_actions", "team": None, "user": {"id": "U1", "team_id": "T1"},
          "enterprise": {"id": "E1"}}, Sender("T1", "E1", "U1")),
        ({"type": "event_callback", "team_id": "T1", "event": {"type": "x"}, "authorizations": [
            {"enterprise_id": "E1", "team_id": None, "is_enterprise_install": True}]},
         Sender("T1", "E1", None)),
        ({"type": "event_callback", "event": {"type": "x"}}, Sender(None, None, None)),
    ],
    ids=["a workspace's", "an organisation's press", "an organisation's event", "nobody's"],
)  # fmt: skip
def test_whom_a_payload_is_about(body: dict[str, Any], sender: Sender) -> None:
    request = BoltRequest(body=body, mode="socket_mode")
    assert sender_of(request.context, body) == sender
