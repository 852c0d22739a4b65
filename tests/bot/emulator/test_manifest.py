"""What the manifest does not ask for is not there."""

from __future__ import annotations

from typing import Any

import pytest
from slack_sdk.errors import SlackApiError

from bot.emulator import ActError, Emulator
from tests.bot.emulator.conftest import StoppedClock, client_of, refused, small_workspace
from tests.bot.emulator.test_socket_mode import until

CALLS: list[tuple[str, str, dict[str, Any]]] = [
    ("chat.postMessage", "chat:write", {"channel": "C1", "text": "x"}),
    ("users.info", "users:read", {"user": "U1"}),
    ("dnd.teamInfo", "dnd:read", {"users": "U1"}),
    ("team.info", "team:read", {}),
    ("conversations.open", "im:write", {"users": "U1"}),
    ("conversations.open", "mpim:write", {"users": "U1,U2"}),
    ("conversations.list", "channels:read", {}),
    ("conversations.list", "groups:read", {"types": "private_channel"}),
    ("conversations.history", "channels:history", {"channel": "C1"}),
    ("conversations.history", "im:history", {"channel": "DM"}),
    ("assistant.threads.setSuggestedPrompts", "assistant:write", {"channel_id": "DM"}),
    ("reactions.add", "reactions:write", {}),
    ("files.getUploadURLExternal", "files:write", {}),
]


def manifest(*scopes: str, events: tuple[str, ...] = (), **features: Any) -> dict[str, Any]:
    return {
        "oauth_config": {"scopes": {"bot": list(scopes)}},
        "settings": {"event_subscriptions": {"bot_events": list(events)}},
        "features": features,
    }


@pytest.mark.parametrize(("method", "scope", "args"), CALLS)
def test_a_scope_that_is_not_asked_for_is_missing(
    method: str, scope: str, args: dict[str, Any]
) -> None:
    others = sorted({s for _, s, _ in CALLS} - {scope})
    for granted in (others, [*others, scope]):
        with Emulator(
            small_workspace(), clock=StoppedClock(), manifest=manifest(*granted)
        ) as running:
            given = {k: running.open_dm("U1") if v == "DM" else v for k, v in args.items()}
            error, needed = None, None
            try:
                client_of(running).api_call(method, params=given)
            except SlackApiError as refusal:
                error, needed = refusal.response["error"], refusal.response.get("needed")
            if scope in granted:
                assert error != "missing_scope"
            else:
                assert (error, needed) == ("missing_scope", scope)


def test_an_email_needs_its_own_scope() -> None:
    for scopes, expected in (
        (("users:read",), None),
        (("users:read", "users:read.email"), "a@x.org"),
    ):
        with Emulator(
            small_workspace(), clock=StoppedClock(), manifest=manifest(*scopes)
        ) as running:
            profile = client_of(running).users_info(user="U1")["user"]["profile"]
            assert profile.get("email") == expected


def test_a_messages_tab_that_is_off_or_read_only_keeps_both_sides_silent() -> None:
    off = manifest("chat:write", app_home={"messages_tab_enabled": False})
    with Emulator(small_workspace(), clock=StoppedClock(), manifest=off) as running:
        answer = refused(lambda: client_of(running).chat_postMessage(channel="U1", text="x"))
        assert answer["error"] == "messages_tab_disabled"
    read_only = manifest(
        "chat:write",
        app_home={"messages_tab_enabled": True, "messages_tab_read_only_enabled": True},
    )
    with Emulator(small_workspace(), clock=StoppedClock(), manifest=read_only) as running:
        assert client_of(running).chat_postMessage(channel="U1", text="x")["ok"]
        with pytest.raises(ActError, match="read_only"):
            running.say("U1", running.open_dm("U1"), "Hello?")


def test_a_command_that_is_not_declared_does_not_exist() -> None:
    with (
        Emulator(small_workspace(), clock=StoppedClock(), manifest=manifest()) as running,
        pytest.raises(ActError, match="not a command"),
    ):
        running.command("U1", "C1", "/overture")


def test_only_subscribed_events_are_sent() -> None:
    subscribed = manifest(events=("message.channels",))
    with Emulator(small_workspace(), clock=StoppedClock(), manifest=subscribed) as running:
        running.say("U1", running.open_dm("U1"), "private")
        running.say("U1", "C1", "public")
        until(lambda: bool(running.waiting_events()))
        [waiting] = running.waiting_events()
        assert waiting["text"] == "public"
