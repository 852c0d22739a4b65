"""The manifest asks for what the code uses, and the docs say why for every part of it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from bot.emulator import EmulatedWorkspace, Emulator
from bot.ports import BadInput, Delivery, Transient
from bot.slack import manifest
from bot.slack.arrivals.events import EVENTS
from bot.slack.arrivals.organisations import GRANTED, REVOKED
from bot.slack.delivery import SlackChannel
from bot.slack.identity import identify
from tests.bot.slack.conftest import NOW, PEOPLE, settings_for

DOCS = Path(__file__).resolve().parents[3] / "docs" / "slack-setup.md"


def test_members_can_reply_and_be_heard() -> None:
    whole = manifest.load()
    home = whole["features"]["app_home"]
    assert home["home_tab_enabled"] is True
    assert home["messages_tab_enabled"] is True
    assert home["messages_tab_read_only_enabled"] is False
    assert whole["settings"]["socket_mode_enabled"] is True
    assert whole["settings"]["interactivity"]["is_enabled"] is True
    assert "agent_view" in whole["features"]
    assert "assistant_view" not in whole["features"]


def test_every_event_is_heard_and_no_other_is_asked_for() -> None:
    asked = {event.partition(".")[0] for event in manifest.events()}
    assert asked == set(EVENTS) | {GRANTED, REVOKED}


def test_the_docs_show_the_manifest_and_justify_every_scope_and_event() -> None:
    text = DOCS.read_text(encoding="utf-8")
    (shown,) = re.findall(r"```json\n(.*?)```", text, re.DOTALL)
    assert json.loads(shown) == manifest.load()
    table = [line for line in text.splitlines() if line.startswith("| `")]
    justified = {line.split("`")[1] for line in table}
    assert justified == manifest.scopes() | manifest.events()


@pytest.mark.parametrize("scope", ["chat:write", "im:write"])
def test_without_a_scope_slack_refuses_and_we_say_what_to_do(scope: str) -> None:
    whole = manifest.load()
    whole["oauth_config"]["scopes"]["bot"].remove(scope)
    with Emulator(EmulatedWorkspace(people=PEOPLE), clock=lambda: NOW, manifest=whole) as emulator:
        settings = settings_for(emulator)
        assert identify(settings).missing_scopes <= {scope}
        channel = SlackChannel(settings)
        with pytest.raises(Transient, match=r"missing_scope.*deploy/manifest\.json"):
            _deliver(channel)


def _deliver(channel: SlackChannel) -> None:
    address = channel.address_of("U1ADA")
    channel.send(Delivery("dl_1", address, "opener", {"text": "Seen this?", "opener": "op"}))


@pytest.mark.parametrize("text", ["", "[]", "{"])
def test_a_broken_manifest_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "manifest.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadInput, match=str(path)):
        manifest.load(path)


NEEDS = {
    "users.list": "users:read",
    "users.info": "users:read",
    "users.getPresence": "users:read",
    "dnd.teamInfo": "dnd:read",
    "conversations.open": "im:write",
    "conversations.list": "channels:read",
    "conversations.members": "channels:read",
    "conversations.history": "im:history",
    "conversations.replies": "im:history",
    "chat.postMessage": "chat:write",
    "chat.update": "chat:write",
    "chat.startStream": "chat:write",
    "chat.appendStream": "chat:write",
    "chat.stopStream": "chat:write",
    "files.getUploadURLExternal": "files:write",
    "files.completeUploadExternal": "files:write",
    "assistant.threads.setSuggestedPrompts": "assistant:write",
    "assistant.threads.setStatus": "assistant:write",
}
"""docs.slack.dev/reference/methods: the scope that each method takes for what we do with it"""
FREE = {"auth.test", "auth.revoke", "auth.teams.list", "oauth.v2.access", "apps.connections.open",
        "views.open", "views.push", "views.update", "views.publish"}  # fmt: skip
HEARD = {"channels:history", "im:history", "channels:read", "users:read", "commands"}
"""what the events that we hear, and commands, take"""


def test_every_method_that_is_called_has_its_scope_and_no_scope_is_for_nothing() -> None:
    folder = Path(manifest.__file__).parent
    source = "\n".join(path.read_text("utf-8") for path in folder.rglob("*.py"))
    called = set(re.findall(r'"((?:[a-z]+\.)+[a-z][A-Za-z]+)"', source)) & (NEEDS.keys() | FREE)
    within = set(re.findall(r'within\(\s*"((?:[a-z]+\.)+[a-zA-Z]+)"', source))
    assert within <= NEEDS.keys() | FREE, "say what a new method needs"
    needed = {NEEDS[method] for method in called if method in NEEDS}
    agent = {"assistant:write"} if "agent_view" in manifest.load()["features"] else set()
    assert manifest.scopes() == needed | HEARD | agent


def test_the_manifest_for_requests_differs_in_nothing_but_addresses_and_rotation() -> None:
    socket, asked = manifest.load(), manifest.for_requests("https://your.host/")
    settings = asked["settings"]
    assert settings.pop("socket_mode_enabled") is False
    assert settings.pop("token_rotation_enabled") is True
    assert asked["oauth_config"].pop("redirect_urls") == ["https://your.host/slack/oauth_redirect"]
    events = "https://your.host/slack/events"
    for part in (settings["event_subscriptions"], settings["interactivity"]):
        assert part.pop("request_url") == events
    for command in asked["features"]["slash_commands"]:
        assert command.pop("url") == events
    for name in ("socket_mode_enabled", "token_rotation_enabled"):
        del socket["settings"][name]
    assert asked == socket
