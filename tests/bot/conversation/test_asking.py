"""What somebody gets who asks: `/overture now`, and prompts where a conversation begins."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.conversation.asking import SURE, TELL_ME, prompt_of
from bot.conversation.commands import nearest
from bot.conversation.presses import NOTES
from bot.deciding.replaying import Replayer
from bot.settings import PolicySettings, RecommenderSettings
from bot.slack.arrivals.events import from_event
from bot.slack.arrivals.us import Us
from bot.store import tables
from bot.store.consents import Consents
from bot.store.database import Unit
from bot.store.openers import Openers
from bot.store.topics import Topics
from recsys.encoder import Encoder
from recsys.types import ItemId, Topic
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
from tests.bot.scene import hashing

EASY = PolicySettings(shelf_floor=0.0, threshold=0.05, pilot_only=False, daily_cap=0)
"""caps that let no opener through: who asks is answered all the same"""


@pytest.fixture
def scene(tmp_path: Path, sqlite_url: str) -> Iterator[Scene]:
    with asked(tmp_path, sqlite_url, EASY) as made:
        yield made


@contextmanager
def asked(folder: Path, url: str, policy: PolicySettings, epsilon: float = 0.0) -> Iterator[Scene]:
    settings = RecommenderSettings(epsilon=epsilon)
    with staged(folder, url, policy=policy, recommender=settings) as made:
        encoder = Encoder("hashing", folder / "vectors", open_model=hashing)
        made.app.__dict__["encoder"] = encoder
        made.agree(ADA)
        for n in range(4):
            item = replace(ITEM, id=ItemId(f"joins-{n}"), title=f"Left joins, part {n}")
            made.put_item(replace(item, topics=(Topic("sql"),)))
        made.app.refresh(made.clock.later(minutes=1))
        yield made


def ask(scene: Scene, words: str = "now") -> dict[str, Any]:
    scene.emulator.command(ADA, GENERAL, "/overture", words)
    scene.drain()
    return scene.dm()[-1]


def test_now_tells_one_pick_and_how_sure_we_are(scene: Scene) -> None:
    message = ask(scene)
    said = said_in(message)
    assert any(said.startswith(words) for words in SURE.values())
    assert "“Left joins, part" in said
    assert "I know little yet" in said
    assert actions_of(message) == ["more", "not_for_me"]
    (made,) = scene.rows(tables.Decision)
    assert (made.kind, made.verdict, made.arm) == ("asked", "speak", "normal")
    (opener,) = scene.rows(tables.Opener)
    assert (opener.state, opener.item_id, opener.decision_id) == ("asked", made.item_id, made.id)


def test_it_counts_for_no_cap_and_uses_no_slot(scene: Scene) -> None:
    ask(scene)
    assert scene.rows(tables.Slot) == []
    with scene.app.store.reading(scene.app.workspace) as unit:
        assert Openers(unit).lately(ADA, scene.clock.now() - timedelta(days=1)) == []
    again = said_in(ask(scene))
    told = [one.item_id for one in scene.rows(tables.Opener)]
    assert len(set(told)) == len(told) == 2, "what was told does not come again"
    assert "Left joins" in again


def test_what_is_done_with_it_is_an_outcome(scene: Scene) -> None:
    message = ask(scene)
    address = scene.emulator.open_dm(ADA)
    scene.emulator.press(ADA, address, message["ts"], "more")
    scene.drain()
    assert [one.kind for one in scene.rows(tables.Outcome)] == ["followed_up"]
    assert "A left join keeps every row" in said_in(scene.below(address, message["ts"])[-1])


def test_turning_it_down_is_seen_under_it(scene: Scene) -> None:
    message = ask(scene)
    address = scene.emulator.open_dm(ADA)
    scene.emulator.press(ADA, address, message["ts"], "not_for_me")
    scene.drain()
    shown = scene.dm()[-1]
    assert notes_of(shown) == NOTES["not_for_me"]
    scene.emulator.press(ADA, address, message["ts"], "reason:topic")
    scene.drain()
    assert [one.reason for one in scene.rows(tables.Outcome)] == ["topic"]
    assert notes_of(scene.dm()[-1]) == NOTES["reason"]


def test_it_is_made_again_by_a_replay(scene: Scene) -> None:
    ask(scene)
    (made,) = scene.rows(tables.Decision)
    app = scene.app
    replayed = Replayer(app.store, app.workspace, app.recommender, app.registry).replay(made)
    assert (replayed.result, replayed.differences) == ("same", [])


def test_nothing_is_tried_out_on_who_asks(tmp_path: Path, sqlite_url: str) -> None:
    """Where every opener that we begin is drawn from the top, they still get the first."""
    with asked(tmp_path, sqlite_url, EASY, epsilon=1.0) as scene:
        ask(scene)
        (made,) = scene.rows(tables.Decision)
        assert made.slate["ranked"] > 1
        assert (made.slate["chosen"], made.p_item) == (0, 1.0)
        app = scene.app
        replayed = Replayer(app.store, app.workspace, app.recommender, app.registry).replay(made)
        assert (replayed.result, replayed.differences) == ("same", [])


def mute(scene: Scene, unit: Unit) -> None:
    Topics(unit).choose(ADA, "sql", "mute", at=scene.clock.now())


def withdraw(scene: Scene, unit: Unit) -> None:
    for one in unit.session.query(tables.Item):
        one.withdrawn_at = scene.clock.now()


def keep_for_grace(scene: Scene, unit: Unit) -> None:
    for one in unit.session.query(tables.Item):
        one.audience_kind, one.audience_ids = "members", [GRACE]


NOTHING: dict[str, Any] = {
    "not good enough": (EASY.model_copy(update={"shelf_floor": 1.0}), lambda scene, unit: None),
    "muted": (EASY, mute),
    "gone": (EASY, withdraw),
    "not for them": (EASY, keep_for_grace),
}


@pytest.mark.parametrize("why", NOTHING)
def test_where_nothing_is_good_enough_it_says_so(why: str, tmp_path: Path, sqlite_url: str) -> None:
    policy, spoil = NOTHING[why]
    with asked(tmp_path, sqlite_url, policy) as scene:
        with scene.writing() as unit:
            spoil(scene, unit)
        said = said_in(ask(scene))
        assert said.startswith("There is nothing ")
        assert said.endswith(TELL_ME)
        assert ("near enough" in said) is (why == "not good enough")
        assert "them" not in said.split(), "it is said to whoever asked, not of them"
        assert scene.rows(tables.Opener) == []
        assert [one.verdict for one in scene.rows(tables.Decision)] == ["silent"]


def test_without_consent_nothing_about_them_is_used(scene: Scene) -> None:
    scene.emulator.say(ADA, GENERAL, "left joins and nulls, who knows?")
    scene.drain()
    scene.app.refresh(scene.clock.later(minutes=1))
    with scene.writing() as unit:
        Consents(unit).withdraw(ADA, at=scene.clock.now())
    assert "You let me use nothing about you" in said_in(ask(scene))
    (made,) = scene.rows(tables.Decision)
    assert made.inputs["prints"]["signals"]["count"] == 0


def test_before_we_are_ready_it_says_so(scene: Scene) -> None:
    scene.app.recommender._view = None
    assert "still getting ready" in said_in(ask(scene))


def test_it_answers_within_two_seconds(scene: Scene) -> None:
    began = time.monotonic()
    for _ in range(5):
        ask(scene)
    assert (time.monotonic() - began) / 5 < 2.0


def opened(scene: Scene) -> list[dict[str, str]]:
    scene.emulator.open_messages(ADA)
    scene.drain()
    return scene.emulator.prompts(ADA)


def test_prompts_are_suggested_from_the_top_of_a_slate_that_is_kept(scene: Scene) -> None:
    prompts = opened(scene)
    assert len(prompts) == 4
    titles = [one["title"] for one in prompts]
    assert all(title.startswith("Left joins, part") for title in titles[:3])
    assert titles[3] == "Why did you write last?"
    (made,) = scene.rows(tables.Decision)
    assert made.kind == "prompts"
    shown = [one["message"] for one in made.slate["prompts"]]
    assert shown == [one["message"] for one in prompts[:3]]
    assert scene.rows(tables.Opener) == [], "shown is not told"


def test_pressing_one_answers_about_that_item(scene: Scene) -> None:
    second = opened(scene)[1]
    address = scene.emulator.open_dm(ADA)
    ts = scene.emulator.say(ADA, address, second["message"])
    scene.drain()
    (answer,) = scene.below(address, ts)
    assert "A left join keeps every row" in said_in(answer)
    (opener,) = scene.rows(tables.Opener)
    made = [one for one in scene.rows(tables.Decision) if one.id == opener.decision_id]
    assert second["title"].endswith(opener.item_id[-1])
    assert [(one.kind, one.item_id) for one in made] == [("prompts", opener.item_id)]
    assert [one.kind for one in scene.rows(tables.Outcome)] == ["followed_up"]
    scene.write("And what does count do?", thread=ts)
    assert len(scene.below(address, ts)) == 2


def test_other_words_are_no_prompt(scene: Scene) -> None:
    opened(scene)
    address = scene.emulator.open_dm(ADA)
    scene.emulator.say(ADA, address, "Tell me about “something else”.")
    scene.drain()
    assert scene.rows(tables.Opener) == []


def test_who_agreed_to_nothing_is_offered_nothing_of_the_pool(scene: Scene) -> None:
    with scene.writing() as unit:
        Consents(unit).withdraw(ADA, at=scene.clock.now())
    assert [one["title"] for one in opened(scene)] == [
        "Why did you write last?",
        "Pause for a week",
    ]
    assert scene.rows(tables.Decision) == []


def test_a_thread_of_an_assistant_gets_its_own(scene: Scene) -> None:
    begun = {"user_id": ADA, "channel_id": "D1", "thread_ts": "1.2", "context": {}}
    body = {"event_id": "E1", "event": {"type": "assistant_thread_started",
            "assistant_thread": begun, "event_ts": "1.3"}}  # fmt: skip
    arrival = from_event(body, Us("T1", "U0"))
    assert arrival is not None
    assert (arrival.kind, arrival.payload["thread"]) == ("opened", "1.2")


def test_long_titles_are_cut_in_words_that_are_known_again() -> None:
    label, message = prompt_of("x" * 200)
    assert len(label) == 60
    assert message == f"Tell me about “{label}”."


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("puase week", "Did you mean `/overture pause week`?"),
        ("now!", "Did you mean `/overture now`?"),
        ("topcis list", "Did you mean `/overture topics list`?"),
        ("xyzzy", "I write first, and seldom."),
    ],
)
def test_mistyped_words_get_the_nearest_command(typed: str, said: str) -> None:
    words = ["help", "now", "pause", "resume", "stop", "topics", "why"]
    assert said in nearest(typed.split(), words, "I write first, and seldom.")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("topics follow SQL", "You follow SQL now."),
        ("topics mute “rust”", "Rust is muted"),
        ("topics drop sql", "neither followed nor muted"),
        ("topics folow SQL", "Did you mean `/overture topics follow …`?"),
        ("topics follow rusty", "Did you mean `/overture topics follow Rust`?"),
        ("topics follow zebra", "There is no topic “zebra” here."),
        ("topics follow", "Which topic?"),
        ("topics", "There is also: Rust, SQL."),
        ("stop", "my home tab is the way back"),
        ("pause until i say so", "I am silent until you say so."),
        ("pause today", "I am silent for the rest of today."),
        ("pause tomorrow", "I do not know a pause “tomorrow”."),
        ("nwo", "Did you mean `/overture now`?"),
    ],
)  # fmt: skip
def test_commands_say_what_they_did(scene: Scene, words: str, said: str) -> None:
    assert said in said_in(ask(scene, words)), json.dumps(said_in(ask(scene, words)))
