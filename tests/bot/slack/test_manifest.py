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
    assert asked == set(EVENTS)


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
