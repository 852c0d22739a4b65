"""Payloads as Slack sends them become arrivals, or nothing."""

from __future__ import annotations

from typing import Any

import pytest

from bot.slack.actions import Us, from_command, from_event, from_press, from_view, readable

US = Us(team="T061EG9R6", user="U0OVERTURE", bot="B0OVERTURE", enterprise="E0ORG")
TS = "1712345678.000200"


def envelope(event: dict[str, Any]) -> dict[str, Any]:
    """The outer body around one event, as in docs.slack.dev/apis/events-api."""
    return {
        "token": "one-long-verification-token",
        "team_id": "T061EG9R6",
        "api_app_id": "A0PNCHHK2",
        "event": event,
        "type": "event_callback",
        "event_id": "Ev08MFMKH6",
        "event_time": 1712345678,
        "authorizations": [{"team_id": "T061EG9R6", "user_id": "U0OVERTURE", "is_bot": True}],
        "is_ext_shared_channel": False,
    }


def message(**more: Any) -> dict[str, Any]:
    return {
        "type": "message",
        "user": "U061F7AUR",
        "team": "T061EG9R6",
        "text": "tell me &lt;more&gt; about <https://example.org|this> &amp; that",
        "ts": TS,
        "event_ts": TS,
        "channel": "D0PNCRP9N",
        "channel_type": "im",
        **more,
    }


def test_a_direct_message() -> None:
    arrival = from_event(envelope(message(thread_ts="1712345600.000100")), US)
    assert arrival is not None
    assert (arrival.key, arrival.kind) == ("event:Ev08MFMKH6", "message")
    assert arrival.conversation == "D0PNCRP9N"
    assert arrival.payload == {
        "member": "U061F7AUR",
        "address": "D0PNCRP9N",
        "thread": "1712345600.000100",
        "message_ref": TS,
        "text": "tell me <more> about this & that",
        "direct": True,
        "at": 1712345678.0002,
    }


def test_a_message_in_a_channel_is_not_direct() -> None:
    arrival = from_event(envelope(message(channel="C1", channel_type="channel")), US)
    assert arrival is not None
    assert arrival.payload["direct"] is False
    assert arrival.payload["thread"] is None


@pytest.mark.parametrize(
    "more",
    [
        {"bot_id": "B1", "subtype": "bot_message"},
        {"bot_id": "B0OVERTURE", "user": "U0OVERTURE"},
        {"user": "U0OVERTURE"},
        {"user": "USLACKBOT"},
        {"user_team": "T0OTHER"},
        {"team": "T0OTHER"},
        {"subtype": "channel_join"},
        {"subtype": "channel_topic"},
        {"subtype": "message_replied"},
    ],
)
def test_bots_strangers_and_notices_are_nobody(more: dict[str, Any]) -> None:
    assert from_event(envelope(message(**more)), US) is None


def test_a_person_of_our_organisation_is_one_of_us() -> None:
    assert from_event(envelope(message(team="E0ORG")), US) is not None


def changed(new: dict[str, Any], old: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "message",
        "subtype": "message_changed",
        "message": new,
        "previous_message": old,
        "channel": "C1",
        "hidden": True,
        "ts": "1712345700.000300",
        "event_ts": "1712345700.000300",
        "channel_type": "channel",
    }


def test_an_edit() -> None:
    arrival = from_event(envelope(changed(message(text="new &amp; true"), message())), US)
    assert arrival is not None
    assert arrival.kind == "edit"
    assert arrival.payload == {
        "address": "C1",
        "message_ref": TS,
        "text": "new & true",
        "at": 1712345700.0003,
    }


def test_a_change_that_changes_no_words_is_no_edit() -> None:
    assert from_event(envelope(changed(message(reply_count=1), message())), US) is None


def test_a_bots_own_redrawing_is_no_edit() -> None:
    bots = message(bot_id="B0OVERTURE", user="U0OVERTURE")
    assert from_event(envelope(changed({**bots, "text": "new"}, bots)), US) is None


def test_a_deletion_and_a_tombstone() -> None:
    deleted = {
        **changed({}, message()),
        "subtype": "message_deleted",
        "deleted_ts": TS,
    }
    tombstone = changed({"subtype": "tombstone", "ts": TS, "user": "USLACKBOT"}, message())
    for event in (deleted, tombstone):
        arrival = from_event(envelope(event), US)
        assert arrival is not None
        assert arrival.kind == "delete"
        assert (arrival.payload["address"], arrival.payload["message_ref"]) == ("C1", TS)
        assert arrival.payload["text"] == ""


def test_the_home_tab_but_not_the_messages_tab() -> None:
    event = {"type": "app_home_opened", "user": "U1", "channel": "D1", "event_ts": "15.5"}
    arrival = from_event(envelope({**event, "tab": "home"}), US)
    assert arrival is not None
    assert (arrival.kind, arrival.payload) == ("home", {"member": "U1", "at": 15.5})
    assert from_event(envelope({**event, "tab": "messages"}), US) is None


def test_joining() -> None:
    event = {
        "type": "member_joined_channel",
        "user": "U1",
        "channel": "C1",
        "channel_type": "C",
        "team": "T061EG9R6",
        "event_ts": "15.5",
    }
    arrival = from_event(envelope(event), US)
    assert arrival is not None
    assert arrival.payload == {"member": "U1", "channel": "C1", "at": 15.5}
    assert from_event(envelope({**event, "team": "T0OTHER"}), US) is None


def test_a_profile_that_changes() -> None:
    user = {
        "id": "U1",
        "team_id": "T061EG9R6",
        "name": "spengler",
        "deleted": False,
        "real_name": "Egon Spengler",
        "tz": "America/Los_Angeles",
        "profile": {"title": "Ghosts", "display_name": "Egon", "real_name": "Egon Spengler"},
        "is_bot": False,
        "is_restricted": False,
        "is_ultra_restricted": True,
        "updated": 1502138686,
    }
    arrival = from_event(envelope({"type": "user_change", "user": user, "event_ts": "15.5"}), US)
    assert arrival is not None
    assert arrival.payload == {
        "member": "U1",
        "name": "Egon",
        "title": "Ghosts",
        "zone": "America/Los_Angeles",
        "deleted": False,
        "is_bot": False,
        "is_restricted": True,
        "at": 15.5,
    }
    stranger = {"type": "user_change", "user": {**user, "team_id": "T2"}, "event_ts": "1.0"}
    assert from_event(envelope(stranger), US) is None


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
        "values": {"purposes": ["reactions"], "topics": []},
        "at": 7.0,
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
    assert from_command({**body, "team_id": "T0OTHER"}, US, 7.0) is None


@pytest.mark.parametrize(
    ("slack", "words"),
    [
        ("<@U1> <@U1|ada>", "@U1 @ada"),
        ("<#C1|general>", "#general"),
        ("<!here> <!subteam^S1|@team>", "@here @team"),
        ("<https://e.org> <mailto:a@e.org|a@e.org>", "https://e.org a@e.org"),
        ("&lt;@U1&gt; &amp;amp;", "<@U1> &amp;"),
    ],
)
def test_words_are_read_as_typed(slack: str, words: str) -> None:
    assert readable(slack) == words
