"""Presses on an opener, end to end: what is recorded, what the member sees, and the way back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.emulator import ActError, Fault
from bot.openers.because import clause
from bot.ports import Arrival
from bot.store import tables
from bot.store.items import Items
from recsys.types import Audience, ChannelId, ItemId
from tests.bot.conversation_scene import (
    ADA,
    GENERAL,
    GRACE,
    ITEM,
    WHY,
    Scene,
    actions_of,
    notes_of,
    said_in,
    staged,
)
from tests.bot.slack.conftest import NOW

FIRST_CHOICES = ["more", "not_for_me", "open", "menu"]


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


def test_an_opener_offers_its_choices(spoken: Scene) -> None:
    assert actions_of(spoken.shown()) == FIRST_CHOICES
    assert notes_of(spoken.shown()) == f"About {ITEM.title}"


def test_more_tells_the_item_in_the_thread(spoken: Scene) -> None:
    spoken.press("more")
    assert spoken.outcomes() == [("followed_up", "")]
    assert spoken.thread() == [f"{ITEM.summary}\n\n{ITEM.text}"]
    assert "You asked for more" in notes_of(spoken.shown())
    assert f"About {ITEM.title}" in notes_of(spoken.shown())
    assert actions_of(spoken.shown()) == ["undo:followed_up", "open"]


@pytest.mark.parametrize(
    ("entry", "outcome", "note"),
    [
        ("not_now", ("dismissed", "timing"), "All right, not now"),
        ("pause", ("dismissed", "frequency"), "silent for a week"),
        ("person", ("handed_off", ""), "asked for a person"),
    ],
)
def test_an_entry_of_the_menu(
    spoken: Scene, entry: str, outcome: tuple[str, str], note: str
) -> None:
    spoken.choose(entry)
    assert spoken.outcomes() == [outcome]
    assert note in notes_of(spoken.shown())
    assert any(action.startswith("undo:") for action in actions_of(spoken.shown()))


@pytest.mark.parametrize("reason", ["topic", "timing", "frequency", "facts"])
def test_not_for_me_asks_what_was_wrong(spoken: Scene, reason: str) -> None:
    spoken.press("not_for_me")
    assert spoken.outcomes() == [("dismissed", "")]
    assert "What was wrong?" in notes_of(spoken.shown())
    spoken.press(f"reason:{reason}")
    assert spoken.outcomes() == [("dismissed", reason)]
    assert actions_of(spoken.shown()) == ["undo:dismissed", "open"]
    assert spoken.member().paused_until is None


def test_why_says_why_and_counts_as_nothing(spoken: Scene) -> None:
    spoken.choose("why")
    assert spoken.outcomes() == []
    assert clause(WHY) in spoken.thread()[0]
    assert actions_of(spoken.shown()) == FIRST_CHOICES


def test_a_pause_holds_and_withdraws_what_waits(spoken: Scene) -> None:
    spoken.choose("pause")
    until = spoken.member().paused_until
    assert until is not None
    assert timedelta(days=6, hours=23) < until - spoken.clock.now() <= timedelta(days=7)
    sent = len(spoken.dm())
    assert spoken.speak("two").state == "withdrawn"
    assert len(spoken.dm()) == sent


@pytest.mark.parametrize("press", ["more", "not_for_me"])
def test_undo_takes_it_back_and_offers_everything_again(spoken: Scene, press: str) -> None:
    spoken.press(press)
    (kind, _) = spoken.outcomes()[0]
    spoken.press(f"undo:{kind}")
    assert spoken.outcomes() == []
    assert "Taken back." in notes_of(spoken.shown())
    assert actions_of(spoken.shown()) == FIRST_CHOICES
    spoken.choose("not_now")
    assert spoken.outcomes()[0][1] == "timing"


def test_undo_of_a_pause_ends_it(spoken: Scene) -> None:
    spoken.choose("pause")
    spoken.press("undo:pause")
    assert spoken.outcomes() == []
    assert spoken.member().paused_until is None


def test_undo_of_a_dismissal_leaves_a_pause_alone(spoken: Scene) -> None:
    spoken.emulator.command(ADA, GENERAL, "/overture", "pause")
    spoken.press("not_for_me")
    spoken.press("reason:frequency")
    spoken.press("undo:dismissed")
    assert spoken.outcomes() == []
    assert spoken.member().paused_until is not None


def test_a_late_undo_does_not_undo_what_came_after(spoken: Scene) -> None:
    undo = _pressed(spoken, "undo", "dismissed", key="late")
    spoken.press("not_for_me")
    spoken.press("undo:dismissed")
    spoken.press("more")
    shown = spoken.shown()
    spoken.app.receive(undo)
    spoken.drain()
    assert spoken.outcomes() == [("followed_up", "")]
    assert spoken.shown()["blocks"] == shown["blocks"]


def test_pressing_twice_counts_once_and_tells_once(spoken: Scene) -> None:
    for key in ("first", "second"):
        spoken.app.receive(_pressed(spoken, "more", key=key))
    spoken.drain()
    assert spoken.outcomes() == [("followed_up", "")]
    assert len(spoken.thread()) == 1


def test_that_helped_is_thanked_once(spoken: Scene) -> None:
    spoken.press("more")
    answer = spoken.below(str(spoken.opener().address), str(spoken.opener().message_ref))[0]
    assert actions_of(answer) == ["helped", "person", "open"]
    spoken.press("helped", ref=answer["ts"])
    shown = spoken.below(str(spoken.opener().address), str(spoken.opener().message_ref))[0]
    assert "You said: that helped." in notes_of(shown)
    assert actions_of(shown) == ["person", "open"]
    spoken.app.receive(_pressed(spoken, "helped"))
    spoken.drain()
    assert ("resolved", "") in spoken.outcomes()
    assert len(spoken.thread()) == 2


def test_a_redelivered_press_counts_once(spoken: Scene) -> None:
    arrival = _pressed(spoken, "not_for_me")
    spoken.app.receive(arrival)
    spoken.drain()
    spoken.app.receive(arrival)
    spoken.drain()
    assert len(spoken.rows(tables.Outcome)) == 1
    assert len(spoken.rows(tables.Inbox)) == 1


def test_a_press_on_somebody_elses_opener_is_nobodys(spoken: Scene) -> None:
    opener = spoken.opener()
    with pytest.raises(ActError):
        spoken.emulator.press(GRACE, str(opener.address), str(opener.message_ref), "more")
    posts = len(spoken.emulator.journal)
    spoken.app.receive(_pressed(spoken, "more", member=GRACE))
    spoken.drain()
    assert spoken.outcomes() == []
    assert len(spoken.emulator.journal) == posts


def test_what_was_withdrawn_is_told_no_more(spoken: Scene) -> None:
    with spoken.writing() as unit:
        Items(unit).withdraw([ITEM.id], at=spoken.clock.now())
    spoken.press("more")
    assert spoken.outcomes() == [("followed_up", "")]
    assert "not there for us any more" in spoken.thread()[0]
    assert ITEM.title not in notes_of(spoken.shown())
    assert actions_of(spoken.shown()) == ["undo:followed_up"]


def test_what_is_said_where_a_member_can_read_no_more_is_told_no_more(scene: Scene) -> None:
    hidden = replace(ITEM, id=ItemId("hidden"), audience=Audience("members", frozenset({ADA})))
    scene.speak(item=hidden)
    scene.put_item(replace(hidden, audience=Audience("members", frozenset({GRACE}))))
    scene.press("more")
    assert ITEM.text not in "".join(scene.thread())
    assert "not there for us any more" in scene.thread()[0]


def test_what_was_edited_waits_for_its_approval(scene: Scene) -> None:
    thread = replace(ITEM, channel=ChannelId(GENERAL))
    scene.speak(item=thread)
    with scene.writing() as unit:
        Items(unit).reword(ITEM.id, "New", "Words that nobody has approved", at=scene.clock.now())
    scene.press("more")
    assert "nobody has approved" not in "".join(scene.thread())


def test_a_drawing_that_fails_loses_nothing(spoken: Scene) -> None:
    spoken.emulator.faults.add(Fault("chat.update", "error", error="internal_error"))
    spoken.press("not_for_me")
    assert spoken.outcomes() == [("dismissed", "")]
    assert actions_of(spoken.shown()) == FIRST_CHOICES
    spoken.press("not_for_me")
    assert spoken.outcomes() == [("dismissed", "")]
    assert "undo:dismissed" in actions_of(spoken.shown())


def test_a_person_is_told_and_told_when_it_is_over(tmp_path: Path, sqlite_url: str) -> None:
    with staged(tmp_path, sqlite_url, person=GRACE) as scene:
        scene.agree(ADA)
        scene.speak()
        scene.choose("person")
        assert "passing this on" in scene.thread()[0]
        assert said_in(scene.dm(GRACE)[-1]) == f"ada asks for a person about “{ITEM.title}”."
        assert [row.opener_id for row in scene.rows(tables.Handoff)] == ["op_one"]
        scene.press("undo:handed_off")
        assert scene.rows(tables.Handoff) == []
        assert "needs no person" in said_in(scene.dm(GRACE)[-1])


def test_a_channel_takes_hand_offs_and_learns_nothing_private(
    tmp_path: Path, sqlite_url: str
) -> None:
    with staged(tmp_path, sqlite_url, person=GENERAL) as scene:
        scene.agree(ADA)
        scene.speak(item=replace(ITEM, audience=Audience("members", frozenset({ADA}))))
        scene.choose("person")
        (told,) = scene.emulator.messages(GENERAL)
        assert said_in(told) == "ada asks for a person."


def test_without_a_person_nobody_is_promised(spoken: Scene) -> None:
    spoken.choose("person")
    assert "nobody here has been named" in spoken.thread()[0]
    assert spoken.dm(GRACE) == []


def _pressed(scene: Scene, action: str, value: str = "", **more: str) -> Arrival:
    """A press as Bolt hands it on; Slack's client lets nobody press what they do not see."""
    opener = scene.opener()
    return Arrival(
        key=f"press:{more.get('key', 'x')}",
        kind="press",
        conversation=str(opener.address),
        payload={
            "member": more.get("member", ADA),
            "action": action,
            "value": value,
            "opener": opener.id,
            "address": opener.address,
            "message_ref": opener.message_ref,
            "at": NOW,
        },
    )


def test_a_press_on_an_opener_whose_words_are_not_kept_leaves_it_as_it_is(spoken: Scene) -> None:
    with spoken.writing() as unit:
        for row in unit.session.query(tables.Outbox):
            row.payload = {}
        unit.session.get_one(tables.Opener, "op_one").text = ""
    before = spoken.shown()
    spoken.press("not_for_me")
    assert spoken.outcomes() == [("dismissed", "")]
    assert spoken.shown()["blocks"] == before["blocks"]
