"""A small workspace, and slack_sdk's client as its judge."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.emulator import Conversation, EmulatedWorkspace, Emulator, Person

BOT = "U0OVERTURE"
NOON = 1_763_636_400.0  # 2025-11-20 11:00 UTC, a Thursday


class StoppedClock:
    """A clock that moves only when told."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> float:
        return self.now


def small_workspace() -> EmulatedWorkspace:
    return EmulatedWorkspace(
        people=[
            Person("U1", "ann", "Ann Lee", tz="Europe/Berlin", title="Engineer", email="a@x.org"),
            Person("U2", "bo", "Bo Chen", tz="America/New_York", presence="away"),
            Person("U3", "cy", "Cy Roe", deleted=True),
            Person("U4", "dee", "Dee Fox", is_restricted=True, dnd_daily=("22:00", "08:00")),
            Person("U5", "otherbot", "Other Bot", is_bot=True),
        ],
        conversations=[
            Conversation("C1", "general", members=("U1", "U2", "U4", BOT)),
            Conversation("C2", "elsewhere", members=("U1", "U2")),
            Conversation("C3", "secret", "private", members=("U1",)),
            Conversation("C4", "old", members=("U1", BOT), is_archived=True),
        ],
    )


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock()


@pytest.fixture
def emulator(clock: StoppedClock) -> Iterator[Emulator]:
    with Emulator(small_workspace(), clock=clock) as running:
        yield running


@pytest.fixture
def client(emulator: Emulator) -> WebClient:
    return client_of(emulator)


def client_of(emulator: Emulator, timeout: int = 5) -> WebClient:
    return WebClient(emulator.bot_token, emulator.api_url, timeout=timeout, retry_handlers=[])


def refused(call: Callable[[], Any]) -> dict[str, Any]:
    """The answer to a call that Slack refuses."""
    with pytest.raises(SlackApiError) as caught:
        call()
    answer = caught.value.response.data
    assert isinstance(answer, dict)
    assert answer["ok"] is False
    return answer


def button(action_id: str, text: str = "Go", **more: Any) -> dict[str, Any]:
    label = {"type": "plain_text", "text": text}
    return {"type": "button", "action_id": action_id, "text": label, **more}


def actions(*elements: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "actions", "elements": list(elements), **more}


def section(text: str = "Hello", **more: Any) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}, **more}


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def modal(*blocks: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "type": "modal",
        "callback_id": "form",
        "title": plain("A form"),
        "submit": plain("Send"),
        "blocks": list(blocks),
        **more,
    }


def text_input(block_id: str = "why", action_id: str = "reason", **more: Any) -> dict[str, Any]:
    element = {"type": "plain_text_input", "action_id": action_id}
    return {
        "type": "input",
        "block_id": block_id,
        "label": plain("Why?"),
        "element": element,
        **more,
    }
