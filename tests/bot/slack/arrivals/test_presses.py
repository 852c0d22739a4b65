"""Presses, modals and commands as Slack sends them become arrivals, or nothing."""

from __future__ import annotations

from typing import Any

import pytest

from bot.slack.arrivals.commands import from_command
from bot.slack.arrivals.presses import from_press
from bot.slack.arrivals.views import from_view
from tests.bot.slack.arrivals.test_events import TS, US


def press(**action: Any) -> dict[str, Any]:
    """A block_actions payload as in docs.slack.dev/reference/interaction-payloads."""
    return {
        "type": "block_actions",
        "user": {"id": "U061F7AUR", "username": "ada", "name": "ada", "team_id": "T061EG9R6"},
        "api_app_id": "A02",
        "container": {"type": "message", "message_ts": TS, "channel_id": "D1"},
        "trigger_id": "12321423423.333649436676.d8c1bb837935619ccad0f624c448ffb3",
        "team": {"id": "T061EG9R6", "domain": "workspace"},
        "channel": {"id": "D1", "name": "directmessage"},
        "message": {"ts": TS, "text": "Seen this?", "bot_id": "B0OVERTURE"},
        "actions": [
            {
                "action_id": "more",
                "block_id": "=qXel",
                "type": "button",
                "value": "more|op_1",
                "action_ts": "1712345690.100000",
                **action,
            }
        ],
    }


def test_a_button() -> None:
    arrival = from_press(press(), US)
    assert arrival is not None
    assert arrival.kind == "press"
    assert arrival.conversation == "D1"
    assert arrival.payload == {
        "member": "U061F7AUR",
        "action": "more",
        "value": "",
        "opener": "op_1",
        "address": "D1",
        "message_ref": TS,
        "at": 1712345690.1,
    }


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("undo|op_1|dismissed", ("undo", "op_1", "dismissed")),
        ("reason|op_1|topic", ("reason", "op_1", "topic")),
        ("consent_yes", ("consent_yes", "", "")),
        ("a|b|c|d", ("a", "b", "c|d")),
    ],
)
def test_what_a_value_says(value: str, expected: tuple[str, str, str]) -> None:
    arrival = from_press(press(value=value), US)
    assert arrival is not None
    found = tuple(arrival.payload[name] for name in ("action", "opener", "value"))
    assert found == expected


def test_a_menu_says_what_was_chosen() -> None:
    option = {"text": {"type": "plain_text", "text": "Pause"}, "value": "pause|op_1"}
    body = press(action_id="menu", type="overflow", selected_option=option)
    del body["actions"][0]["value"]
    arrival = from_press(body, US)
    assert arrival is not None
    assert (arrival.payload["action"], arrival.payload["opener"]) == ("pause", "op_1")


def test_a_press_on_the_home_tab_has_no_message() -> None:
    body = press(value="resume")
    for name in ("channel", "message"):
        del body[name]
    body["container"] = {"type": "view", "view_id": "V1"}
    arrival = from_press(body, US)
    assert arrival is not None
    assert arrival.conversation == "home:U061F7AUR"
    assert (arrival.payload["address"], arrival.payload["message_ref"]) == ("", "")


def test_the_same_press_has_the_same_key_and_another_has_not() -> None:
    keys = {
        arrival.key
        for body in (press(), press(), press(action_ts="1712345691.1"), press(action_id="x"))
        if (arrival := from_press(body, US)) is not None
    }
    assert len(keys) == 3


@pytest.mark.parametrize("action", [{"value": "choose"}, {"action_id": "open", "value": ""}])
def test_presses_that_change_nothing_are_not_kept(action: dict[str, Any]) -> None:
    assert from_press(press(**action), US) is None


def test_a_press_by_a_stranger_is_nobodys() -> None:
    body = press()
    body["user"]["team_id"] = "T0OTHER"
    assert from_press(body, US) is None


def test_a_modal_that_is_saved() -> None:
    chosen = [{"text": {"type": "plain_text", "text": "R"}, "value": "reactions"}]
    body = {
        "type": "view_submission",
        "team": {"id": "T061EG9R6"},
        "user": {"id": "U1", "team_id": "T061EG9R6"},
        "view": {
            "id": "VNHU13V36",
            "hash": "156663117.cd33ad1f",
            "callback_id": "choose",
            "state": {
                "values": {
                    "purposes": {"purposes": {"type": "checkboxes", "selected_options": chosen}},
                    "topics": {"topics": {"type": "multi_static_select", "selected_options": []}},
                }
            },
        },
    }
    arrival = from_view(body, US, at=7.0)
    assert arrival is not None
    assert arrival.payload == {
        "member": "U1",
        "callback": "choose",
        "subject": "",
        "address": "",
        "message_ref": "",
        "values": {"purposes": ["reactions"], "topics": []},
        "at": 7.0,
        "view": "VNHU13V36",
    }
    assert from_view({**body, "view": {"callback_id": "other", "id": "V"}}, US, 7.0) is None


def test_a_command() -> None:
    body = {
        "command": "/overture",
        "text": " pause ",
        "team_id": "T061EG9R6",
        "channel_id": "C1",
        "user_id": "U1",
        "trigger_id": "13345224609.738474920.8088930838d88f008e0",
    }
    arrival = from_command(body, US, at=7.0)
    assert arrival is not None
    assert arrival.payload == {"member": "U1", "text": "pause", "address": "C1", "at": 7.0}
    assert arrival == from_command(dict(body), US, at=7.0)
    assert "stranger" not in arrival.payload
    assert from_command({**body, "team_id": "T0OTHER"}, US, 7.0).payload["stranger"] is True
