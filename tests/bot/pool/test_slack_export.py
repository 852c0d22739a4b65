"""Exports of Slack: what counts, what stays out, and every way in which one may be wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.pool.leftout import Sieve
from bot.pool.slack_export import Export, read
from bot.pool.slack_messages import reactions, signal, thread
from bot.ports import BadInput
from recsys.types import Audience, ItemId
from tests.bot.pool.zips import CHANNELS, USERS, export, said

DAY = "general/2026-03-02.json"
Make = Callable[[dict[str, Any]], Export]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    def build(files: dict[str, Any]) -> Export:
        return read(export(tmp_path / "export.zip", files), Sieve())

    return build


def test_people(make: Make) -> None:
    found = make({})
    people = {one.id: one for one in found.people}
    assert (people["U1"].name, people["U1"].title, people["U1"].zone) == ("Ana", "Engineer", None)
    assert (people["U2"].name, people["U2"].zone, people["U2"].is_bot) == (
        "Ben",
        "Europe/Lisbon",
        None,
    )
    assert people["U3"].is_bot
    assert people["U4"].is_guest
    assert people["U4"].deactivated
    assert people["U5"].is_stranger
    assert found.strangers() == ("U9",)


def test_the_workspace_is_the_users_team_or_follows_from_the_channels(make: Make) -> None:
    assert make({}).team == make({DAY: [said("1772442000.000100")]}).team
    assert make({"users.json": [{**user, "team_id": "T77"} for user in USERS]}).team == "T77"
    other = [{"id": "C2", "name": "general"}]
    assert make({"channels.json": other}).team != make({}).team


def test_what_people_said_counts_and_nothing_else(make: Make) -> None:
    root = "1772442000.000100"
    messages = [
        said(root),
        said("1772442001.000100", "U2", thread_ts=root),
        said("1772442002.000100", subtype="channel_join"),
        said("1772442003.000100", "U3"),
        said("1772442004.000100", subtype="bot_message", bot_id="B1", user=None),
        said("1772442005.000100", bot_id="B1"),
        said("1772442006.000100", subtype="thread_broadcast", thread_ts=root),
        said("1772442007.000100", "USLACKBOT"),
        said(root, text="the same again"),
    ]
    found = make({DAY: messages, "general/notes.txt": "x", "canvases.json": "{"})
    assert [(one.ts[:10], one.root) for one in found.messages] == [
        ("1772442000", None),
        ("1772442001", root),
        ("1772442006", root),
    ]
    assert found.left_out == {"notices and messages of bots": 5}


def test_private_places_are_counted_and_never_opened(make: Make) -> None:
    broken = "this is no JSON and is never read"
    found = make(
        {
            "groups.json": [{"id": "G1", "name": "secret"}],
            "dms.json": [{"id": "D1", "members": ["U1", "U2"]}],
            "mpims.json": [{"id": "G2", "name": "mpdm-a--b-1"}],
            "channels.json": [
                *CHANNELS,
                {"id": "C2", "name": "hidden", "is_private": True},
                {"id": "G1", "name": "twice"},
            ],
            "secret/2026-03-02.json": broken,
            "D1/2026-03-02.json": broken,
            "mpdm-a--b-1/2026-03-02.json": broken,
            "hidden/2026-03-02.json": broken,
            "unlisted/2026-03-02.json": broken,
            "twice/2026-03-02.json": broken,
            DAY: [said("1772442000.000100")],
        }
    )
    assert [one.place.id for one in found.channels] == ["C1"]
    assert len(found.messages) == 1
    assert found.left_out == {
        "private channels": 3,
        "direct messages": 1,
        "group messages": 1,
        "days of conversations that are not public": 6,
    }


def test_a_private_channel_that_is_listed_as_public_too_stays_out(make: Make) -> None:
    found = make({"groups.json": [{"id": "G9", "name": "general"}], DAY: "not read"})
    assert found.messages == ()


def test_a_thread_says_what_its_root_said_and_nothing_later(make: Make) -> None:
    later: dict[str, Any] = {
        "reply_count": 9,
        "latest_reply": "1772449999.0",
        "replies": [{"user": "U2"}],
    }
    text = "Hi! How do I decode `this`, <@U2>? See <https://a.org?t=xoxe-1-2|the docs>."
    reply = said("1772442001.5", "U2", "Like so.", thread_ts="1772442000.000100")
    found = make({DAY: [said("1772442000.000100", text=text, **later), reply]})
    item = thread(found.messages[0], found.names())
    assert item is not None
    assert (item.id, item.kind) == ("thread-C1-1772442000.000100", "thread")
    assert item.title == "How do I decode this, Ben?"
    assert item.text == "Hi! How do I decode this, Ben? See the docs."
    assert (item.author, item.channel, item.source) == ("U1", "C1", "slack:#general")
    assert item.mentions == ("U2",)
    assert item.audience == Audience("channels", frozenset({"C1"}))
    assert item.expires - item.published == timedelta(days=7).total_seconds()
    assert not item.approved


def test_signals(make: Make) -> None:
    faces = [
        {"name": "tada", "users": ["U1", "U3", "U1"], "count": 3},
        {"name": "eyes", "count": 1},
    ]
    messages = [
        said("1772442000.000100", text="Root with xoxb-1-2-secret"),
        said("1772442001.000200", "U2", "Reply", thread_ts="1772442000.000100", reactions=faces),
        said("1772442002.000300", "U2", "Lost", thread_ts="1772000000.000100"),
    ]
    found = make({DAY: messages})
    threads = {"thread-C1-1772442000.000100": ItemId("thread-C1-1772442000.000100")}
    signals = [signal(one, found.names(), threads) for one in found.messages]
    assert [(one.key, one.kind, one.item is not None) for one in signals] == [
        ("C1/1772442000.000100", "posted", True),
        ("C1/1772442001.000200", "replied", True),
        ("C1/1772442002.000300", "replied", False),
    ]
    assert signals[0].text == "Root with"
    assert signals[1].at == datetime(2026, 3, 2, 9, 0, 1, 200, tzinfo=UTC)
    assert {one.purpose for one in signals} == {"imported_history"}
    end = found.messages[-1].at
    [reacted] = reactions(found.messages[1], threads, end)
    assert (reacted.key, reacted.member) == ("C1/1772442001.000200/tada/U1", "U1")
    assert (reacted.kind, reacted.at, reacted.text) == ("reacted", end, "")


def test_an_export_within_a_folder(tmp_path: Path, make: Make) -> None:
    inside = {"my export/users.json": USERS, "my export/channels.json": CHANNELS}
    files = {**inside, f"my export/{DAY}": [said("1772442000.000100")]}
    found = make({"users.json": None, "channels.json": None, **files})
    assert len(found.messages) == 1


BAD: list[tuple[dict[str, Any], str]] = [
    ({"users.json": None}, "is no Slack export"),
    ({"channels.json": None}, "is no Slack export"),
    ({"users.json": ""}, r"users\.json, line 1: is empty"),
    ({"users.json": "{}"}, r"users\.json, line 1: is no JSON array"),
    ({"users.json": '[\n{"id": "U1"},\n{"id": 7}]'}, r"users\.json, line 3: id should be an id"),
    ({"users.json": [*USERS, USERS[0]]}, "lists U1 more than once"),
    ({"users.json": [{"id": "U1", "is_bot": "yes"}]}, "is_bot should be true or false"),
    ({"users.json": [{"id": "U1", "profile": []}, {"id": "U2", "profile": 3}]}, "profile should"),
    ({"channels.json": [{"id": "C1", "name": "../x"}]}, "name should be a channel's name"),
    ({"channels.json": [{"id": "C1", "name": "x", "members": "U1"}]}, "members should be a list"),
    ({DAY: "[\n  {},\n  oops\n]"}, r"2026-03-02\.json, line 3: is not JSON"),
    ({DAY: "[1] 2"}, "something follows"),
    ({DAY: "[" * 100_000}, "nested too deeply"),
    ({DAY: "[{}, 3]"}, "line 1: ts should be a timestamp"),
    ({DAY: [7]}, "line 2: should be an object"),
    ({DAY: [said("soon")]}, "ts should be a timestamp"),
    ({DAY: [said("99999999999999.1")]}, "ts should be a timestamp"),
    ({DAY: [said("1772442000.1", thread_ts=5)]}, "thread_ts should be"),
    ({DAY: [said("1772442000.1", user="../U1")]}, "user should be an id"),
    ({DAY: [said("1772442000.1", text=["x"])]}, "text should be text"),
    ({DAY: [said("1772442000.1", text="x" * 100_001)]}, "100,001 characters"),
    ({DAY: [said("1772442000.1", reactions={})]}, "reactions should be a list"),
    ({DAY: [said("1772442000.1", reactions=[{"name": "a/b"}])]}, "a reaction should be"),
    ({"../evil.json": "[]"}, "leaves the archive"),
]


@pytest.mark.parametrize(("files", "message"), BAD, ids=[message for _, message in BAD])
def test_bad_exports_are_refused_by_name_and_place(
    make: Make, files: dict[str, Any], message: str
) -> None:
    with pytest.raises(BadInput, match=message) as raised:
        make(files)
    assert "export.zip" in str(raised.value) or "users.json" in str(raised.value)


def test_what_is_bad_can_be_left_out(tmp_path: Path) -> None:
    files = {
        DAY: [said("1772442000.1"), said("never"), said("1772442001.1")],
        "general/2026-03-03.json": "[\n{},\n oops",
        "general/2026-03-04.json": [said("1772542001.1")],
        "../evil.json": "[]",
    }
    sieve = Sieve(skip_bad=True)
    found = read(export(tmp_path / "export.zip", files), sieve)
    assert len(found.messages) == 3
    assert [one.line for one in sieve.left_out] == [None, 8, 3]
    assert "2026-03-02.json, line 8: ts should be" in str(sieve.left_out[1])


def test_without_its_lists_nothing_is_imported_whatever_is_skipped(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"users\.json, line 1: is not JSON"):
        read(export(tmp_path / "export.zip", {"users.json": "[oops]"}), Sieve(skip_bad=True))


def test_progress_is_told(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    days = {f"general/2026-03-0{day}.json": json.dumps([]) for day in (1, 2, 3)}
    path = export(tmp_path / "export.zip", days)
    read(path, Sieve(), lambda what, done, total: told.append((done, total)))
    assert told == [(1, 3), (2, 3), (3, 3)]
