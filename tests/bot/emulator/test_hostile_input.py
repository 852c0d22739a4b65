"""Whatever is sent, the answer is Slack's refusal and never a broken server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.emulator import Emulator
from bot.emulator.blocks import check_blocks, check_view, elements_of, name_blocks
from tests.bot.emulator.conftest import StoppedClock, small_workspace

_KEYS = st.sampled_from(
    [
        "type",
        "text",
        "elements",
        "element",
        "accessory",
        "options",
        "option_groups",
        "fields",
        "block_id",
        "action_id",
        "value",
        "label",
        "confirm",
        "placeholder",
        "blocks",
        "title",
        "max_length",
        "icon",
        "positive_button",
        "url",
        "style",
        "submit",
        "private_metadata",
    ]
)
_TYPES = st.sampled_from(
    [
        "section",
        "actions",
        "context",
        "input",
        "button",
        "overflow",
        "static_select",
        "header",
        "plain_text",
        "mrkdwn",
        "markdown",
        "image",
        "feedback_buttons",
        "icon_button",
        "modal",
        "context_actions",
        "plain_text_input",
        "card",
        "rich_text",
        "home",
        "radio_buttons",
    ]
)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | _TYPES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=5),
    max_leaves=25,
)
_METHODS = (
    "chat.postMessage",
    "chat.update",
    "chat.postEphemeral",
    "chat.startStream",
    "conversations.open",
    "conversations.history",
    "conversations.replies",
    "dnd.teamInfo",
    "views.publish",
    "views.open",
    "views.update",
    "assistant.threads.setSuggestedPrompts",
    "files.completeUploadExternal",
    "reactions.add",
)
_ARGS = st.dictionaries(
    st.sampled_from(
        [
            "channel",
            "channel_id",
            "user",
            "users",
            "user_id",
            "ts",
            "thread_ts",
            "limit",
            "cursor",
            "oldest",
            "blocks",
            "metadata",
            "view",
            "files",
            "prompts",
            "text",
            "name",
            "chunks",
        ]
    ),
    _JSON | st.sampled_from(["C1", "U1", "1.2"]),
    max_size=6,
)


@pytest.fixture(scope="module")
def web() -> Iterator[httpx.Client]:
    with Emulator(small_workspace(), clock=StoppedClock()) as running:
        headers = {"Authorization": f"Bearer {running.bot_token}"}
        with httpx.Client(base_url=running.api_url, headers=headers) as client:
            yield client


@given(_JSON)
@settings(max_examples=400, deadline=None)
def test_checking_blocks_never_breaks(given_blocks: Any) -> None:
    for surface in ("message", "home", "modal"):
        if check_blocks(given_blocks, surface) == []:
            named = name_blocks(given_blocks, lambda: "id")
            assert all("block_id" in block for block in named)
            list(elements_of(named))
    assert isinstance(check_view({"type": "modal", "blocks": given_blocks}), list)
    assert isinstance(check_view(given_blocks), list)


@given(st.sampled_from(_METHODS), _ARGS)
@settings(max_examples=300, deadline=None)
def test_no_argument_breaks_a_method(web: httpx.Client, method: str, args: dict[str, Any]) -> None:
    response = web.post(method, json=args)
    assert response.status_code == 200
    assert isinstance(response.json()["ok"], bool)


@pytest.mark.parametrize("body", [b'{"text": "\\ud800", "channel": "C1"}', b"\xff\xfe", b"null"])
def test_broken_text_is_taken_or_refused(web: httpx.Client, body: bytes) -> None:
    header = {"Content-Type": "application/json"}
    response = web.post("chat.postMessage", content=body, headers=header)
    assert response.status_code == 200
    history = web.post("conversations.history", json={"channel": "C1"})
    assert "\ud800" not in json.dumps(history.json(), ensure_ascii=False)
