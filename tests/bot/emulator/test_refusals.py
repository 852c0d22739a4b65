"""Slack's errors by their names, each with the call that causes it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.emulator import Emulator
from tests.bot.emulator.conftest import (
    StoppedClock,
    actions,
    button,
    client_of,
    refused,
    section,
    small_workspace,
)

Call = Callable[[WebClient], Any]


@pytest.fixture(scope="module")
def shared() -> Iterator[Emulator]:
    with Emulator(small_workspace(), clock=StoppedClock()) as running:
        yield running


CASES: list[tuple[str, Call]] = [
    ("unknown_method", lambda c: c.api_call("chat.shout")),
    ("not_authed", lambda c: WebClient(base_url=c.base_url).users_list()),
    ("invalid_auth", lambda c: WebClient("xoxb-no", base_url=c.base_url).auth_test()),
    ("not_allowed_token_type", lambda c: c.apps_connections_open(app_token=str(c.token))),
    ("channel_not_found", lambda c: c.chat_postMessage(channel="C999", text="x")),
    ("channel_not_found", lambda c: c.conversations_info(channel="C3")),
    ("not_in_channel", lambda c: c.chat_postMessage(channel="C2", text="x")),
    ("not_in_channel", lambda c: c.conversations_history(channel="C2")),
    ("is_archived", lambda c: c.chat_postMessage(channel="C4", text="x")),
    ("user_not_found", lambda c: c.users_info(user="U999")),
    ("user_not_found", lambda c: c.conversations_open(users="U999")),
    ("user_disabled", lambda c: c.conversations_open(users="U3")),
    ("cannot_dm_bot", lambda c: c.conversations_open(users="U5")),
    ("cannot_dm_bot", lambda c: c.chat_postMessage(channel="U5", text="x")),
    ("users_list_not_supplied", lambda c: c.api_call("conversations.open")),
    ("invalid_types", lambda c: c.conversations_list(types="secret")),
    ("invalid_arguments", lambda c: c.api_call("chat.postMessage", json={"text": "x"})),
    ("invalid_arguments", lambda c: c.api_call("users.info")),
    ("no_text", lambda c: c.api_call("chat.postMessage", json={"channel": "C1"})),
    ("msg_too_long", lambda c: c.chat_postMessage(channel="C1", text="x" * 40_001)),
    ("invalid_blocks", lambda c: c.chat_postMessage(channel="C1", blocks=[section("x" * 3_001)])),
    (
        "invalid_blocks_format",
        lambda c: c.api_call("chat.postMessage", params={"channel": "C1", "blocks": "[{"}),
    ),
    (
        "invalid_metadata_format",
        lambda c: c.chat_postMessage(channel="C1", text="x", metadata={"event_type": "e"}),
    ),
    (
        "metadata_too_large",
        lambda c: c.chat_postMessage(
            channel="C1",
            text="x",
            metadata={"event_type": "e", "event_payload": {"x": "y" * 20_000}},
        ),
    ),
    ("thread_not_found", lambda c: c.chat_postMessage(channel="C1", text="x", thread_ts="1.2")),
    ("thread_not_found", lambda c: c.conversations_replies(channel="C1", ts="1.2")),
    ("message_not_found", lambda c: c.chat_update(channel="C1", ts="1.2", text="x")),
    ("message_not_found", lambda c: c.chat_delete(channel="C1", ts="1.2")),
    ("user_not_in_channel", lambda c: c.chat_postEphemeral(channel="C1", user="U3", text="x")),
    ("invalid_limit", lambda c: c.conversations_history(channel="C1", limit=5_000)),
    ("invalid_ts_oldest", lambda c: c.conversations_history(channel="C1", oldest="soon")),
    ("invalid_trigger_id", lambda c: c.views_open(trigger_id="1.2", view=_form())),
    ("invalid_arguments", lambda c: c.views_publish(user_id="U1", view={"type": "home"})),
    ("not_found", lambda c: c.views_update(view_id="V999", view=_form())),
    ("invalid_name", lambda c: c.reactions_add(channel="C1", timestamp="1.2", name="no way")),
]


def _form() -> dict[str, Any]:
    title = {"type": "plain_text", "text": "T"}
    return {"type": "modal", "title": title, "blocks": []}


@pytest.mark.parametrize(("error", "call"), CASES)
def test_the_refusal_has_slacks_name(shared: Emulator, error: str, call: Call) -> None:
    assert refused(lambda: call(client_of(shared)))["error"] == error


def test_a_refused_call_commits_nothing(shared: Emulator) -> None:
    for _, call in CASES:
        with pytest.raises(SlackApiError):
            call(client_of(shared))
    assert len(shared.journal) == 0


def test_the_limits_themselves_are_allowed(shared: Emulator) -> None:
    client = client_of(shared)
    assert client.chat_postMessage(channel="C1", text="x" * 40_000)["ok"]
    assert client.chat_postMessage(channel="C1", text="x", blocks=[section("x" * 3_000)])["ok"]


def test_invalid_blocks_say_where(shared: Emulator) -> None:
    blocks = [section(), actions(button("go", "x" * 76))]
    answer = refused(lambda: client_of(shared).chat_postMessage(channel="C1", blocks=blocks))
    assert answer["response_metadata"]["messages"] == [
        "[ERROR] must be less than 76 characters [json-pointer:/blocks/1/elements/0/text/text]"
    ]


def test_arguments_come_as_json_as_form_and_in_the_address(shared: Emulator) -> None:
    url, token = f"{shared.api_url}users.info", shared.bot_token
    header = {"Authorization": f"Bearer {token}"}
    answers = [
        httpx.post(url, json={"user": "U1"}, headers=header),
        httpx.post(url, data={"user": "U1", "token": token}),
        httpx.get(url, params={"user": "U1"}, headers=header),
    ]
    assert [a.json()["user"]["id"] for a in answers] == ["U1"] * 3


@pytest.mark.parametrize(
    ("body", "error"), [(b"{", "invalid_json"), (b"[]", "json_not_object")], ids=["cut", "array"]
)
def test_a_broken_body_is_named(shared: Emulator, body: bytes, error: str) -> None:
    headers = {"Authorization": f"Bearer {shared.bot_token}", "Content-Type": "application/json"}
    answer = httpx.post(f"{shared.api_url}users.info", content=body, headers=headers)
    assert answer.json()["error"] == error
