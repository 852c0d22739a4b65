"""What members write to the bot, in a thread or beside it: understood, counted once, answered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.openers.because import clause
from bot.ports import Arrival
from bot.store import tables
from bot.store.items import Items
from recsys.types import ItemId
from tests.bot.conversation_scene import (
    ADA,
    GRACE,
    GUEST,
    ITEM,
    WHY,
    Scene,
    actions_of,
    notes_of,
    said_in,
    staged,
)
from tests.bot.slack.conftest import NOW


@pytest.fixture
def scene(tmp_path: Path, sqlite_url: str) -> Iterator[Scene]:
    with staged(tmp_path, sqlite_url) as made:
        made.agree(ADA)
        made.agree(GRACE)
        yield made


@pytest.fixture
def spoken(scene: Scene) -> Scene:
    scene.speak()
    return scene


@pytest.mark.parametrize(
    ("words", "outcome", "answer"),
    [
        ("yes please", ("accepted", ""), ITEM.summary),
        ("no thanks", ("dismissed", ""), "I will leave it there"),
        ("later", ("dismissed", "timing"), "another time then"),
        ("Please pause for a week.", ("dismissed", "frequency"), "silent for a week"),
        ("stop", ("opted_out", ""), "I will not write to you again"),
        ("a person", ("handed_off", ""), "nobody here has been named"),
        ("why this?", ("replied", ""), clause(WHY)),
        ("thanks, that helped", ("resolved", ""), "glad it was of use"),
        ("what does count skip?", ("replied", ""), "count skips nulls"),
        ("who is the emperor of Peru?", ("replied", ""), "The item does not say"),
    ],
)
def test_an_answer_in_the_thread(
    spoken: Scene, words: str, outcome: tuple[str, str], answer: str
) -> None:
    said = spoken.reply(words)
    assert len(said) == 1
    assert answer in said[0]
    assert spoken.outcomes() == [outcome]
    turns = [(turn.author, turn.text) for turn in spoken.rows(tables.Turn)]
    assert turns == [("member", words), ("bot", said[0])]
    (conversation,) = spoken.rows(tables.Conversation)
    assert conversation.opener_id == "op_one"


def test_stop_ends_everything_at_once(spoken: Scene) -> None:
    spoken.reply("please stop writing to me")
    assert spoken.member().left_at is not None
    assert spoken.granted() == frozenset()
    assert spoken.speak("two").state == "withdrawn"


def test_pause_in_words_is_a_pause(spoken: Scene) -> None:
    spoken.reply("pause")
    assert spoken.member().paused_until is not None
    assert spoken.granted()


def test_saying_the_same_twice_counts_once_and_is_answered_twice(spoken: Scene) -> None:
    assert spoken.reply("yes") == spoken.reply("yes")
    assert spoken.outcomes() == [("accepted", "")]
    assert len(spoken.rows(tables.Turn)) == 4


def test_a_message_that_is_delivered_twice_is_answered_once(spoken: Scene) -> None:
    opener = spoken.opener()
    payload = {
        "member": ADA, "address": opener.address, "thread": opener.message_ref,
        "message_ref": f"{NOW + 9:.6f}", "text": "tell me more", "direct": True, "at": NOW + 9,
    }  # fmt: skip
    arrival = Arrival("event:Ev1", "message", str(opener.address), payload)
    spoken.app.receive(arrival)
    spoken.app.receive(arrival)
    spoken.drain()
    spoken.app.receive(arrival)
    spoken.drain()
    assert len(spoken.thread()) == 1
    assert len(spoken.rows(tables.Outcome)) == 1


def test_an_event_that_slack_repeats_is_answered_once(
    spoken: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    receive, failures = spoken.app.inbox.receive, iter([OSError("the disk is full")])

    def broken_once(*given: object) -> bool:
        kept = receive(*given)  # type: ignore[arg-type]
        for failure in failures:  # stored, but the acknowledgement never leaves
            raise failure
        return kept

    monkeypatch.setattr(spoken.app.inbox, "receive", broken_once)
    opener = spoken.opener()
    spoken.emulator.say(ADA, str(opener.address), "yes", opener.message_ref)
    spoken.drain()
    assert len(spoken.thread()) == 1
    assert spoken.outcomes() == [("accepted", "")]


def test_every_answer_offers_the_way_to_a_person(spoken: Scene) -> None:
    spoken.reply("what does count skip?")
    spoken.reply("later")
    opener = spoken.opener()
    first, second = spoken.below(str(opener.address), str(opener.message_ref))
    assert actions_of(first) == ["helped", "person", "open"]
    assert notes_of(first) == f"From “{ITEM.title}”"
    assert actions_of(second) == ["person"]


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("who is the emperor of Peru?", ["person"]),
        ("it doesn't work, I am stuck", ["person", "helped", "open"]),
    ],
)
def test_where_little_was_told_a_person_comes_first(
    spoken: Scene, words: str, offered: list[str]
) -> None:
    spoken.reply(words)
    opener = spoken.opener()
    (answer,) = spoken.below(str(opener.address), str(opener.message_ref))
    assert actions_of(answer) == offered


def test_words_beside_the_thread_are_about_the_last_opener(spoken: Scene) -> None:
    address, ts = spoken.write("what does count skip?")
    (answer,) = spoken.below(address, ts)
    assert "count skips nulls" in said_in(answer)
    assert spoken.outcomes() == [("replied", "")]


def test_a_conversation_goes_on_below_such_words(spoken: Scene) -> None:
    address, ts = spoken.write("tell me more")
    spoken.write("what does count skip?", thread=ts)
    assert "count skips nulls" in said_in(spoken.below(address, ts)[-1])
    assert len(spoken.rows(tables.Conversation)) == 1


def test_words_long_after_are_about_nothing(spoken: Scene) -> None:
    spoken.clock.later(days=4)
    address, ts = spoken.write("what does count skip?")
    assert "nothing open with you" in said_in(spoken.below(address, ts)[0])
    assert spoken.outcomes() == []


@pytest.mark.parametrize("words", ["hello there", "why?", "yes"])
def test_words_about_nothing(scene: Scene, words: str) -> None:
    address, ts = scene.write(words)
    assert "nothing open with you" in said_in(scene.below(address, ts)[0])
    assert scene.rows(tables.Outcome) == []
    assert scene.member().came_at is not None


def test_stop_is_heard_without_an_opener(scene: Scene) -> None:
    address, ts = scene.write("stop")
    assert "will not write" in said_in(scene.below(address, ts)[0])
    assert scene.granted() == frozenset()


def test_a_late_answer_about_what_was_withdrawn_counts_and_learns_nothing(spoken: Scene) -> None:
    with spoken.writing() as unit:
        Items(unit).withdraw([ITEM.id], at=spoken.clock.now())
    (said,) = spoken.reply("what does count skip?")
    assert "not there for us any more" in said
    assert spoken.outcomes() == [("replied", "")]


def test_an_answer_after_the_night_still_counts(spoken: Scene) -> None:
    spoken.clock.later(hours=20)
    assert spoken.app.night.close_windows(spoken.clock.now()) == 1
    spoken.reply("yes")
    assert [kind for kind, _ in spoken.outcomes()] == ["ignored", "accepted"]


def test_each_opener_keeps_its_own_thread(spoken: Scene) -> None:
    other = replace(ITEM, id=ItemId("windows"), title="Windows", text="A frame ends at its row.")
    spoken.speak("two", item=other)
    spoken.reply("no thanks", "one")
    assert spoken.outcomes("one") == [("dismissed", "")]
    assert spoken.outcomes("two") == []
    assert "frame ends" in spoken.reply("where does a frame end?", "two")[0]


def test_a_guest_is_neither_heard_nor_kept(scene: Scene) -> None:
    phrase = "the word of a guest"
    scene.write(phrase, member=GUEST)
    assert scene.dm(GUEST) == []
    assert scene.rows(tables.Inbox) == []
    assert scene.rows(tables.Turn) == []


def test_somebody_who_came_just_now_is_kept_until_they_are_known(scene: Scene) -> None:
    payload = {
        "member": "U9NEW", "address": "D9NEW", "thread": None, "message_ref": "1.1",
        "text": "hi", "direct": True, "at": NOW,
    }  # fmt: skip
    scene.app.receive(Arrival("event:new", "message", "D9NEW", payload))
    assert len(scene.rows(tables.Inbox)) == 1
    scene.drain()
    assert scene.rows(tables.Turn) == []


def test_what_a_member_deletes_is_forgotten_and_what_they_edit_is_changed(spoken: Scene) -> None:
    address, ts = spoken.write("my first words")
    spoken.emulator.edit(ADA, address, ts, "my second words")
    spoken.drain()
    assert [t.text for t in spoken.rows(tables.Turn) if t.author == "member"] == ["my second words"]
    spoken.emulator.delete(ADA, address, ts)
    spoken.drain()
    assert [t for t in spoken.rows(tables.Turn) if t.author == "member"] == []
    assert not any("words" in str(row.payload) for row in spoken.rows(tables.Inbox))


def test_an_answer_is_due_at_any_hour_but_not_in_a_stopped_workspace(spoken: Scene) -> None:
    with spoken.writing() as unit:
        workspace = unit.session.get_one(tables.Workspace, spoken.app.workspace)
        workspace.killed_at = spoken.clock.now() + timedelta(seconds=1)
    assert spoken.reply("yes") == []
    assert spoken.outcomes() == [("accepted", "")]


def test_words_under_an_answer_whose_content_is_not_kept_are_answered(spoken: Scene) -> None:
    with spoken.writing() as unit:
        spoken.app.conversing.tell(unit, ADA, "old", "Something of last month.", spoken.clock.now())
    spoken.drain()
    ref = spoken.dm()[-1]["ts"]
    with spoken.writing() as unit:
        for row in unit.session.query(tables.Outbox):
            row.payload = {}
    address, _ = spoken.write("what does count skip?", thread=ref)
    assert len(spoken.below(address, ref)) == 1
