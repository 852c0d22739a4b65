"""The way to a person: context only with consent, taken by one, repeated until somebody does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.conversation.handing import TOLD_ALREADY
from bot.store import tables
from recsys.types import Audience, ItemId
from tests.bot.conversation_scene import (
    ADA,
    GENERAL,
    GRACE,
    ITEM,
    Scene,
    actions_of,
    notes_of,
    said_in,
    staged,
)


@pytest.fixture
def scene(tmp_path: Path, sqlite_url: str) -> Iterator[Scene]:
    with staged(tmp_path, sqlite_url, person=GRACE) as made:
        made.agree(ADA)
        made.agree(GRACE)
        yield made


def asked(scene: Scene) -> dict[str, Any]:
    """Ada asked something, and then for a person; what the bot said to the latter."""
    scene.reply("what does count skip?")
    scene.reply("a person please")
    opener = scene.opener()
    return scene.below(str(opener.address), str(opener.message_ref))[-1]


def told(scene: Scene) -> list[str]:
    return [said_in(message) for message in scene.dm(GRACE)]


def press(scene: Scene, member: str, message: dict[str, Any], action: str) -> dict[str, Any]:
    """Press, and see the message as it stands then."""
    address = scene.emulator.open_dm(member)
    (pressed,) = (a for a in actions_of(message) if a.startswith(action))
    scene.emulator.press(member, address, message["ts"], pressed)
    scene.drain()
    rows = scene.emulator.messages(address, message.get("thread_ts") or message["ts"])
    return next(row for row in rows if row["ts"] == message["ts"])


def test_what_was_said_is_shared_only_with_consent(scene: Scene) -> None:
    scene.speak()
    answer = asked(scene)
    assert "May I share what we said" in said_in(answer)
    assert told(scene) == [f"ada asks for a person about “{ITEM.title}”."]
    shown = press(scene, ADA, answer, "share_yes")
    assert notes_of(shown) == "I have shared what we said."
    assert actions_of(shown) == []
    assert "ada: what does count skip?" in told(scene)[-1]
    assert "count skips nulls" in told(scene)[-1]


def test_without_consent_nothing_is_shared(scene: Scene) -> None:
    scene.speak()
    shown = press(scene, ADA, asked(scene), "share_no")
    assert notes_of(shown) == "I have shared nothing of what we said."
    assert len(told(scene)) == 1


def test_what_not_all_may_read_is_not_quoted_to_the_taker(scene: Scene) -> None:
    scene.speak(item=replace(ITEM, audience=Audience("channels", frozenset({GENERAL}))))
    press(scene, ADA, asked(scene), "share_yes")
    assert "ada: what does count skip?" in told(scene)[-1]
    assert "nulls" not in " ".join(told(scene))
    assert ITEM.title not in " ".join(told(scene))


def test_one_takes_it_and_the_member_is_told_who(scene: Scene) -> None:
    scene.speak()
    asked(scene)
    (message,) = scene.dm(GRACE)
    shown = press(scene, GRACE, message, "take")
    assert notes_of(shown) == "Taken by grace. ada knows, and waits to hear from them."
    assert actions_of(shown) == []
    assert scene.thread()[-1] == "grace takes your question from here."
    (row,) = scene.rows(tables.Handoff)
    assert (row.taken_by, row.taken_at is not None) == (GRACE, True)


def remind(scene: Scene, **later: float) -> int:
    with scene.writing() as unit:
        count = scene.app.handing.remind(unit, scene.clock.later(**later))
    scene.drain()
    return count


def test_it_is_repeated_until_somebody_takes_it(scene: Scene) -> None:
    scene.speak()
    asked(scene)
    assert remind(scene, minutes=10) == 0
    assert [remind(scene, minutes=31) for _ in range(4)] == [1, 1, 1, 0]
    assert len(told(scene)) == 4
    assert "Nobody has taken up your question so far" in scene.thread()[-1]
    assert remind(scene, minutes=31) == 0
    assert len(scene.thread()) == 3


def test_it_is_not_repeated_once_it_is_taken_nor_at_night(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.speak()
    asked(scene)
    with monkeypatch.context() as patched:
        patched.setattr("bot.conversation.handing.Handing._is_working", lambda *given: False)
        assert remind(scene, minutes=31) == 0
    press(scene, GRACE, scene.dm(GRACE)[0], "take")
    assert remind(scene, minutes=31) == 0


def test_who_waits_is_counted(scene: Scene) -> None:
    scene.speak()
    asked(scene)
    scene.clock.later(minutes=5)
    read = scene.app.metrics.read().decode()
    assert "overture_handoffs_waiting 1.0" in read
    age = next(line for line in read.splitlines() if line.startswith("overture_handoffs_oldest"))
    assert timedelta(minutes=5).total_seconds() <= float(age.split()[-1]) < 330


def test_a_person_is_asked_for_under_an_answer_about_no_opener(scene: Scene) -> None:
    address, ref = scene.write("where do I get a new badge?")
    (nothing_open,) = scene.below(address, ref)
    press(scene, ADA, nothing_open, "person")
    answer = scene.below(address, ref)[-1]
    assert "May I share what we said here with them?" in said_in(answer)
    assert told(scene) == ["ada asks for a person."]
    press(scene, ADA, answer, "share_yes")
    assert "ada: where do I get a new badge?" in told(scene)[-1]


def test_who_waits_already_is_told_so_and_nobody_is_told_twice(scene: Scene) -> None:
    scene.speak()
    asked(scene)
    assert scene.reply("a person please") == [TOLD_ALREADY]
    assert len(told(scene)) == 1


def test_who_waits_and_asks_about_something_else_waits_for_that(scene: Scene) -> None:
    scene.speak()
    asked(scene)
    remind(scene, minutes=31)
    scene.speak("two", item=replace(ITEM, id=ItemId("sums"), title="Sums", url=None))
    scene.reply("a person please", "two")
    assert told(scene)[-1] == "ada asks for a person about “Sums”."
    (row,) = scene.rows(tables.Handoff)
    assert (row.opener_id, row.reminders, row.shared) == ("op_two", 0, None)


def test_a_person_asked_for_again_under_a_later_answer_is_answered_there(scene: Scene) -> None:
    scene.speak()
    scene.choose("person")
    scene.reply("still waiting, this does not work!")
    opener = scene.opener()
    upset = scene.below(str(opener.address), str(opener.message_ref))[-1]
    for _ in range(2):
        scene.press("person", ref=upset["ts"])
    assert [text for text in scene.thread() if text == TOLD_ALREADY] == [TOLD_ALREADY]
    assert len(told(scene)) == 1
