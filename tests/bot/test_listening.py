"""What the bot overhears: kept only of those who agreed, changed and forgotten with its message."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.emulator import Conversation, Person
from bot.policy.purposes import OPENERS
from bot.ports import Arrival
from bot.store import tables
from bot.store.channels import Channels
from bot.store.consents import Consents
from bot.store.items import Items
from recsys.types import Audience, ChannelId
from tests.bot.conversation_scene import ADA, GENERAL, GRACE, GUEST, ITEM, Scene, staged
from tests.bot.slack.conftest import NOW

PHRASE = "zanzibar quicksilver"


@pytest.fixture
def scene(tmp_path: Path, sqlite_url: str) -> Iterator[Scene]:
    with staged(tmp_path, sqlite_url, sealing=False) as made:  # so that the search finds words
        general = made.emulator.workspace.conversation(GENERAL)
        assert general is not None
        members = (*general.members, GUEST)
        made.emulator.workspace.put_conversation(replace(general, members=members))
        yield made


def kept(scene: Scene, phrase: str = PHRASE) -> bool:
    """Whether the phrase stands anywhere in the database's files."""
    path = Path(str(scene.app.store.engine.url.database))
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint")
    files = (path, *path.parent.glob(f"{path.name}-*"))
    return any(phrase.encode() in file.read_bytes() for file in files if file.exists())


def test_a_member_who_agreed_is_heard(scene: Scene) -> None:
    scene.agree(ADA)
    ts = scene.emulator.say(ADA, GENERAL, PHRASE)
    scene.drain()
    (signal,) = scene.rows(tables.Signal)
    assert (signal.member_id, signal.kind, signal.text) == (ADA, "posted", PHRASE)
    assert (signal.key, signal.purpose) == (f"{GENERAL}/{ts}", "channel_messages")
    assert kept(scene)


def test_a_reply_knows_the_item_it_belongs_to(scene: Scene) -> None:
    scene.agree(ADA)
    root = scene.emulator.say(GRACE, GENERAL, "Who uses left joins?")
    _item_of(scene, root, "Who uses left joins?")
    scene.emulator.say(ADA, GENERAL, "I do", root)
    scene.drain()
    (signal,) = scene.rows(tables.Signal)
    assert (signal.kind, signal.item_id) == ("replied", ITEM.id)


@pytest.mark.parametrize("purposes", [(), (OPENERS, "reactions")])
def test_words_of_who_did_not_agree_are_kept_nowhere(
    scene: Scene, purposes: tuple[str, ...]
) -> None:
    if purposes:
        scene.agree(GRACE, *purposes)
    ts = scene.emulator.say(GRACE, GENERAL, PHRASE)
    scene.emulator.edit(GRACE, GENERAL, ts, f"{PHRASE} again")
    scene.drain()
    assert scene.rows(tables.Signal) == []
    assert scene.rows(tables.Inbox) == []
    assert not kept(scene)


def test_words_of_a_guest_and_of_a_bot_are_kept_nowhere(scene: Scene) -> None:
    scene.agree(GUEST)
    scene.emulator.say(GUEST, GENERAL, PHRASE)
    payload = {"member": "U4ROBOT", "address": GENERAL, "message_ref": "1.1", "thread": None,
               "text": PHRASE, "direct": False, "at": NOW}  # fmt: skip
    scene.app.receive(Arrival("event:bot", "message", GENERAL, payload))
    scene.app.receive(Arrival("event:who", "message", GENERAL, {**payload, "member": "U9NOBODY"}))
    scene.drain()
    assert scene.rows(tables.Inbox) == []
    assert not kept(scene)


def test_consent_that_ends_meanwhile_ends_the_hearing(scene: Scene) -> None:
    scene.agree(ADA)
    scene.emulator.say(ADA, GENERAL, PHRASE)
    with scene.writing() as unit:
        Consents(unit).withdraw(ADA, at=scene.clock.now())
    scene.drain()
    assert scene.rows(tables.Signal) == []
    assert [row.payload for row in scene.rows(tables.Inbox)] == [{}]


def test_an_edit_changes_what_is_kept(scene: Scene) -> None:
    scene.agree(ADA)
    ts = scene.emulator.say(ADA, GENERAL, "first words")
    scene.drain()
    scene.emulator.edit(ADA, GENERAL, ts, "second words")
    scene.drain()
    assert [signal.text for signal in scene.rows(tables.Signal)] == ["second words"]


def test_an_edit_after_consent_ended_is_kept_nowhere(scene: Scene) -> None:
    scene.agree(ADA)
    ts = scene.emulator.say(ADA, GENERAL, "first words")
    scene.drain()
    with scene.writing() as unit:
        Consents(unit).withdraw(ADA, at=scene.clock.now())
    scene.emulator.edit(ADA, GENERAL, ts, PHRASE)
    scene.drain()
    assert not kept(scene)


def test_a_deletion_forgets(scene: Scene) -> None:
    scene.agree(ADA)
    ts = scene.emulator.say(ADA, GENERAL, PHRASE)
    scene.drain()
    scene.emulator.delete(ADA, GENERAL, ts)
    scene.drain()
    assert scene.rows(tables.Signal) == []
    assert not any(PHRASE in str(row.payload) for row in scene.rows(tables.Inbox))


def test_an_edited_message_makes_its_item_wait_for_approval(scene: Scene) -> None:
    ts = scene.emulator.say(GRACE, GENERAL, "Who uses left joins?")
    _item_of(scene, ts, "Who uses left joins?")
    scene.emulator.edit(GRACE, GENERAL, ts, "Who uses right joins? And why?")
    scene.drain()
    item = _stored(scene)
    assert item.text == "Who uses right joins? And why?"
    assert (item.title, item.approved_at) == ("Who uses right joins?", None)


def test_a_deleted_message_withdraws_its_item_for_good(scene: Scene) -> None:
    ts = scene.emulator.say(GRACE, GENERAL, "Who uses left joins?")
    _item_of(scene, ts, "Who uses left joins?")
    scene.emulator.delete(GRACE, GENERAL, ts)
    scene.drain()
    assert _stored(scene).withdrawn_at is not None


def test_an_edit_withdraws_an_opener_that_has_not_left_yet(scene: Scene) -> None:
    scene.agree(ADA)
    ts = scene.emulator.say(GRACE, GENERAL, "Who uses left joins?")
    _item_of(scene, ts, "Who uses left joins?")
    scene.emulator.edit(GRACE, GENERAL, ts, "Never mind.")
    scene.app.inbox.work(scene.clock.now())
    kept_as = scene.put_item
    scene.put_item = lambda item: None  # type: ignore[method-assign]
    assert scene.speak().state == "withdrawn"
    scene.put_item = kept_as  # type: ignore[method-assign]
    assert scene.dm() == []


def test_who_joins_a_channel_reads_it(scene: Scene) -> None:
    scene.emulator.workspace.put_conversation(Conversation("C2NEW", "new"))
    with scene.writing() as unit:
        Channels(unit).set_members(GENERAL, [])
    payload = {"member": ADA, "channel": GENERAL, "at": NOW}
    scene.app.receive(Arrival("event:j", "joined", GENERAL, payload))
    scene.app.receive(Arrival("event:k", "joined", "C9", {**payload, "channel": "C9"}))
    scene.drain()
    rows = [(row.channel_id, row.member_id) for row in scene.rows(tables.ChannelMember)]
    assert rows == [(GENERAL, ADA)]


def test_people_come_change_and_leave(scene: Scene) -> None:
    scene.emulator.workspace.add_person(Person("U9NEW", "new", "New Comer", tz="Asia/Tokyo"))
    changes: tuple[dict[str, Any], ...] = (
        {"name": "New", "zone": "Asia/Tokyo"},
        {"name": "Newer", "zone": "Mars/Olympus"},
        {"name": "Newer", "zone": "Asia/Tokyo", "busy_until": NOW + 60},
        {"name": "Newer", "zone": "Asia/Tokyo", "is_restricted": True},
        {"name": "Newer", "zone": "Asia/Tokyo", "deleted": True},
    )
    for number, change in enumerate(changes):
        payload = {"member": "U9NEW", "title": "", "deleted": False, "is_bot": False,
                   "is_restricted": False, "at": NOW, **change}  # fmt: skip
        scene.app.receive(Arrival(f"event:u{number}", "user", "user:U9NEW", payload))
        scene.drain()
        member = scene.member("U9NEW")
        assert (member.name, member.zone) == (change["name"], "Asia/Tokyo")
        assert member.is_guest is bool(change.get("is_restricted"))
        assert (member.busy_until is not None) is bool(change.get("busy_until"))
        assert (member.deactivated_at is not None) is bool(change.get("deleted"))


def _item_of(scene: Scene, ts: str, text: str) -> None:
    item = replace(
        ITEM, kind="thread", title=text, summary="", text=text, url=None,
        channel=ChannelId(GENERAL), audience=Audience("channels", frozenset({GENERAL})),
    )  # fmt: skip
    with scene.writing() as unit:
        Items(unit).save(
            [item], at=scene.clock.now(), approved_by="curator", message_refs={item.id: ts}
        )


def _stored(scene: Scene) -> tables.Item:
    with scene.app.store.reading(scene.app.workspace) as unit:
        found = Items(unit).get(ITEM.id)
    assert found is not None
    return found
