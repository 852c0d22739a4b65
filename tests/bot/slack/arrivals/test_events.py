"""Payloads as Slack sends them become arrivals, or nothing."""

from __future__ import annotations

from typing import Any

import pytest

from bot.slack.arrivals.events import from_event
from bot.slack.arrivals.us import Us
from bot.slack.arrivals.words import readable

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


RICH = [
    {"type": "rich_text", "elements": [
        {"type": "rich_text_section", "elements": [
            {"type": "text", "text": "please pause "}, {"type": "user", "user_id": "U2"},
            {"type": "emoji", "name": "wave"}]},
        {"type": "rich_text_list", "style": "bullet", "elements": [
            {"type": "rich_text_section", "elements": [{"type": "text", "text": "for a week"}]},
            {"type": "rich_text_section", "elements": [
                {"type": "link", "url": "https://example.org/a"}]}]},
        {"type": "rich_text_of_tomorrow"}]},
    {"type": "image"},
]  # fmt: skip


def test_words_may_stand_in_rich_text_alone() -> None:
    said = {"type": "message", "channel": "D1", "user": "U1", "ts": TS, "blocks": RICH}
    arrival = from_event(envelope(said), US)
    assert arrival is not None
    words = "please pause @U2:wave:\nfor a week\nhttps://example.org/a"
    assert " ".join(arrival.payload["text"].split()) == " ".join(words.split())
    both = from_event(envelope({**said, "text": "plain"}), US)
    assert both is not None
    assert both.payload["text"] == "plain"


def test_an_edit_of_rich_text_alone_is_one() -> None:
    new = {"type": "message", "user": "U1", "ts": TS, "blocks": RICH}
    event = {"type": "message", "subtype": "message_changed", "channel": "D1", "event_ts": TS,
             "message": new, "previous_message": {**new, "blocks": []}}  # fmt: skip
    arrival = from_event(envelope(event), US)
    assert arrival is not None
    assert arrival.payload["text"].startswith("please pause")
    same = {**event, "previous_message": new}
    assert from_event(envelope(same), US) is None


def test_an_edit() -> None:
    arrival = from_event(envelope(changed(message(text="new &amp; true"), message())), US)
    assert arrival is not None
    assert arrival.kind == "edit"
    assert arrival.payload == {
        "member": "U061F7AUR",
        "direct": False,
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


def test_the_home_tab_is_drawn_and_in_the_messages_tab_questions_are_suggested() -> None:
    event = {"type": "app_home_opened", "user": "U1", "channel": "D1", "event_ts": "15.5"}
    arrival = from_event(envelope({**event, "tab": "home"}), US)
    assert arrival is not None
    assert (arrival.kind, arrival.payload) == ("home", {"member": "U1", "at": 15.5})
    opened = from_event(envelope({**event, "tab": "messages"}), US)
    assert opened is not None
    assert (opened.kind, opened.payload["address"]) == ("opened", "D1")


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
        "locale": "",
        "deleted": False,
        "is_bot": False,
        "is_admin": False,
        "is_restricted": True,
        "at": 15.5,
        "busy_until": None,
    }
    user["profile"] = {"status_text": "Focus time", "status_expiration": 99}
    arrival = from_event(envelope({"type": "user_change", "user": user, "event_ts": "15.5"}), US)
    assert arrival is not None
    assert arrival.payload["busy_until"] == 99.0
    stranger = {"type": "user_change", "user": {**user, "team_id": "T2"}, "event_ts": "1.0"}
    assert from_event(envelope(stranger), US) is None


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
