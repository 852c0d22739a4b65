"""What members think of answers, and of a conversation: asked seldom, kept beside the outcomes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.conversation.presses import NOTES
from bot.store import tables
from tests.bot.conversation_scene import ADA, Scene, actions_of, notes_of, said_in, staged


@pytest.fixture
def scene(tmp_path: Path, sqlite_url: str) -> Iterator[Scene]:
    with staged(tmp_path, sqlite_url) as made:
        made.agree(ADA)
        made.speak()
        yield made


def last(scene: Scene, name: str = "one") -> dict[str, Any]:
    opener = scene.opener(name)
    return scene.below(str(opener.address), str(opener.message_ref))[-1]


@pytest.mark.parametrize(
    ("value", "rating", "offers"),
    [("good", 1, []), ("bad", -1, ["reason:facts", "reason:topic", "person"])],
)
def test_an_answer_is_rated(scene: Scene, value: str, rating: int, offers: list[str]) -> None:
    scene.reply("what does count skip?")
    scene.press("rate", f"rate|op_one|{value}", ref=last(scene)["ts"])
    turn = scene.rows(tables.Turn)[-1]
    assert (turn.author, turn.rating, turn.rated_at is not None) == ("bot", rating, True)
    shown = last(scene)
    assert notes_of(shown).split(" / ")[-1].startswith("You said:")
    assert [action for action in actions_of(shown) if action != "open"] == offers
    kinds = [block["type"] for block in shown["blocks"]]
    assert "context_actions" not in kinds
    assert kinds[-1] == "actions", "the question stands above what answers it"


def test_that_it_helped_closes_the_conversation_and_asks_how_it_was(scene: Scene) -> None:
    scene.reply("thanks, that helped")
    (conversation,) = scene.rows(tables.Conversation)
    assert conversation.closed_at is not None
    assert scene.outcomes() == [("resolved", "")]
    assert actions_of(last(scene)) == [f"score:{score}" for score in (5, 4, 3, 2, 1)]
    scene.press("score:4", ref=last(scene)["ts"])
    assert scene.opener().satisfaction == 4
    assert notes_of(last(scene)) == "You said: good. Thank you."
    scene.reply("one more thing: what does count skip?")
    (conversation,) = scene.rows(tables.Conversation)
    assert conversation.closed_at is None


def test_it_is_asked_once_a_conversation_and_once_a_week(scene: Scene) -> None:
    scene.reply("thanks")
    scene.reply("thanks")
    assert actions_of(last(scene)) == ["person"]
    scene.clock.later(days=1)
    scene.speak("two")
    scene.reply("thanks", "two")
    assert actions_of(last(scene, "two")) == ["person"]
    scene.clock.later(days=8)
    scene.speak("three")
    scene.reply("thanks", "three")
    assert len(actions_of(last(scene, "three"))) == 5


def test_what_was_wrong_with_an_answer_is_noted_under_it(scene: Scene) -> None:
    scene.reply("what does count skip?")
    scene.press("rate", "rate|op_one|bad", ref=last(scene)["ts"])
    scene.press("reason:facts", ref=last(scene)["ts"])
    assert scene.outcomes()[-1] == ("dismissed", "facts")
    assert notes_of(last(scene)).endswith(NOTES["reason"])
    assert actions_of(last(scene)) == ["open"]


@pytest.mark.parametrize("kept", [True, False])
def test_a_mark_is_kept_where_the_words_are_not_any_more(scene: Scene, kept: bool) -> None:
    scene.reply("what does count skip?")
    before = last(scene)
    if not kept:
        with scene.writing() as unit:
            for row in unit.session.query(tables.Outbox):
                row.payload = {}
    scene.press("rate", "rate|op_one|good", ref=before["ts"])
    assert scene.rows(tables.Turn)[-1].rating == 1
    assert said_in(last(scene)) == said_in(before)
    assert (last(scene)["blocks"] != before["blocks"]) is kept
