"""Wishes in words: asked back first, done on a yes, and seen by nobody else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.conversation.proposing import LAPSED, NOTHING_CHANGED
from bot.conversation.wishes import Wish, goal, reminder
from bot.openers.brief import About
from bot.ports import Arrival
from bot.settings import PolicySettings
from bot.store import tables
from bot.store.topics import Topics
from recsys.types import ItemId
from tests.bot.conversation.test_asking import asked as recommending
from tests.bot.conversation_scene import (
    ADA,
    ANY_HOUR,
    GRACE,
    ITEM,
    START,
    Scene,
    actions_of,
    notes_of,
    said_in,
    staged,
)


@pytest.fixture
def scene(tmp_path: Path, sqlite_url: str) -> Iterator[Scene]:
    with staged(tmp_path, sqlite_url) as made:
        made.agree(ADA)
        made.speak()
        yield made


def asked(scene: Scene, words: str) -> dict[str, Any]:
    """What the bot asks back."""
    scene.reply(words)
    opener = scene.opener()
    return scene.below(str(opener.address), str(opener.message_ref))[-1]


def press(scene: Scene, message: dict[str, Any], answer: str) -> str:
    (pressed,) = (a for a in actions_of(message) if a.startswith(f"propose_{answer}"))
    opener = scene.opener()
    scene.emulator.press(ADA, str(opener.address), message["ts"], pressed)
    scene.drain()
    rows = scene.below(str(opener.address), str(opener.message_ref))
    return notes_of(next(row for row in rows if row["ts"] == message["ts"]))


def stances(scene: Scene) -> tuple[list[str], list[str]]:
    with scene.app.store.reading(scene.app.workspace) as unit:
        chosen = Topics(unit).choices(ADA)
    return sorted(chosen.follows), sorted(chosen.mutes)


def own_items(scene: Scene) -> list[Any]:
    return [item for item in scene.rows(tables.Item) if item.addressed_to is not None]


def test_steering_is_asked_back_and_then_done(scene: Scene) -> None:
    message = asked(scene, "More about SQL, no more rust, nothing on Fridays, only mornings")
    assert said_in(message) == (
        "Shall I follow SQL, leave out Rust, write on Monday, Tuesday, Wednesday, Thursday,"
        " Saturday and Sunday only and write between 00:00 and 12:00?"
    )
    assert (stances(scene), scene.member().weekdays) == (([], []), None)
    assert press(scene, message, "yes").startswith("Done: I follow SQL")
    assert stances(scene) == (["sql"], ["rust"])
    member = scene.member()
    assert (member.weekdays, member.day_starts, member.day_ends) == ("012356", 0, 720)


def test_no_changes_nothing(scene: Scene) -> None:
    message = asked(scene, "less often please")
    assert press(scene, message, "no") == "All right, then everything stays as it is."
    assert scene.member().weekly_cap is None
    assert scene.reply("yes") != []
    assert scene.member().weekly_cap is None


@pytest.mark.parametrize(("answer", "cap"), [("yes please", 2), ("no thanks", None)])
def test_words_answer_as_well_as_buttons(scene: Scene, answer: str, cap: int | None) -> None:
    asked(scene, "at most two a week please")
    (said,) = scene.reply(answer)
    assert scene.member().weekly_cap == cap
    assert said.startswith("Done" if cap else "All right")
    assert scene.outcomes() == [("replied", "")]


def test_a_question_of_ours_is_not_answered_days_later(scene: Scene) -> None:
    message = asked(scene, "at most two a week please")
    scene.clock.later(days=3)
    assert press(scene, message, "yes") == LAPSED
    assert press(scene, asked(scene, "less often please"), "no") == NOTHING_CHANGED
    assert scene.member().weekly_cap is None


def test_a_yes_beside_the_thread_answers_what_was_asked_last(scene: Scene) -> None:
    address, ref = scene.write("at most two a week please")
    assert said_in(scene.below(address, ref)[-1]).startswith("Shall I")
    _, yes = scene.write("yes")
    assert said_in(scene.below(address, yes)[-1]).startswith("Done")
    assert scene.member().weekly_cap == 2


def test_a_yes_after_a_newer_opener_is_about_that(scene: Scene) -> None:
    scene.write("at most two a week please")
    scene.speak("two")
    scene.write("yes")
    assert scene.member().weekly_cap is None
    assert scene.outcomes("two") == [("accepted", "")]


def test_an_unknown_topic_is_named_with_those_there_are(scene: Scene) -> None:
    (said,) = scene.reply("more about knitting")
    assert said == "I know no topic that is called “knitting”. The topics here are: Rust, SQL."


def test_a_reminder_is_an_item_for_one_member_that_goes_by_itself(scene: Scene) -> None:
    message = asked(scene, "remind me tomorrow")
    assert ITEM.title in said_in(message)
    assert own_items(scene) == []
    press(scene, message, "yes")
    (item,) = own_items(scene)
    assert (item.addressed_to, item.kind, item.title) == (ADA, "reminder", ITEM.title)
    assert ITEM.text not in item.text
    assert item.approved_at is not None
    assert item.not_before > scene.clock.now()
    assert item.expires_at - item.not_before == timedelta(days=7)


def test_a_goal_is_kept_in_the_members_words(scene: Scene) -> None:
    press(scene, asked(scene, "I want to sleep better"), "yes")
    (item,) = own_items(scene)
    assert (item.kind, item.title) == ("goal", "Sleep better")
    assert item.expires_at > scene.clock.now() + timedelta(days=80)


@pytest.mark.parametrize(
    ("words", "thing"),
    [
        ("remind me to look at the logs tomorrow", "Look at the logs"),
        ("remind me to check in on the release on Friday", "Check in on the release"),
        ("remind me tomorrow to call Bob about the audit", "Call Bob about the audit"),
        ("remind me to send the report by the end of the month, please", "Send the report"),
        ("remind me in two weeks to renew it all", "Renew it all"),
        ("remind me to read this next week", ITEM.title),
        ("remind me about it on 3 December at 9:00", ITEM.title),
    ],
)
def test_a_reminder_is_of_what_was_said_and_of_nothing_cut_short(words: str, thing: str) -> None:
    about = About(kind="lesson", title=ITEM.title)
    wish = reminder(words, about, START, ZoneInfo("UTC"))
    assert isinstance(wish, Wish)
    assert f"“{thing}”" in wish.asks


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("I want to improve my English", "you want to improve your English"),
        ("I wish I was better at SQL", "you want to be better at SQL"),
        ("I'd like to see where I am needed", "you want to see where you are needed"),
    ],
)
def test_a_goal_is_said_back_to_whose_it_is(words: str, wanted: str) -> None:
    wish = goal(words)
    assert isinstance(wish, Wish)
    assert wanted in wish.asks


def test_a_topic_that_there_is_not_is_named_beside_what_is_done(scene: Scene) -> None:
    message = asked(scene, "more about SQL, nothing about knitting")
    assert said_in(message) == (
        "I know no topic that is called “knitting”. The topics here are: Rust, SQL."
        " Shall I follow SQL?"
    )


NEVER = ANY_HOUR.model_copy(update={"threshold": 1.0, "holdout": 0.9})


@pytest.mark.parametrize("policy", [ANY_HOUR, NEVER], ids=["usual", "speaks of nothing else"])
def test_a_reminder_comes_back_though_its_item_was_told(
    tmp_path: Path, sqlite_url: str, policy: PolicySettings
) -> None:
    with recommending(tmp_path, sqlite_url, policy) as scene:
        scene.speak(item=replace(ITEM, id=ItemId("joins-0"), title="Left joins, part 0"))
        scene.reply("remind me tomorrow")
        scene.reply("yes")
        scene.app.refresh(scene.clock.later(days=1, hours=2))
        scene.app.plan(scene.clock.now())
        scene.drain()
        told = scene.dm()[-1]["text"]
    assert "“Left joins, part 0”" in told
    assert "You asked me on 9 October to come back to this." in told


def test_what_is_kept_stands_on_the_home_tab_and_is_forgotten_by_a_press(scene: Scene) -> None:
    press(scene, asked(scene, "I want to sleep better"), "yes")
    press(scene, asked(scene, "remind me on Friday to call Bob"), "yes")
    shown = home(scene)
    assert "Call Bob" in shown
    assert "I come back to it on Friday, 10 October" in shown
    assert "A goal of yours, until" in shown
    bob, sleep = own_items(scene)[::-1]
    scene.emulator.press_home(ADA, f"forget:{bob.id}")
    scene.drain()
    left = [item.title for item in own_items(scene) if item.withdrawn_at is None]
    assert left == [sleep.title] == ["Sleep better"]
    assert "Call Bob" not in home(scene)


def test_nobody_forgets_what_is_kept_for_others(scene: Scene) -> None:
    press(scene, asked(scene, "I want to sleep better"), "yes")
    (item,) = own_items(scene)
    payload = {"member": GRACE, "action": "forget", "value": item.id, "at": 0.0}
    scene.app.receive(Arrival("forged", "press", "home:x", payload))
    scene.drain()
    assert own_items(scene)[0].withdrawn_at is None


def home(scene: Scene) -> str:
    scene.emulator.open_home(ADA, wait=0)
    scene.drain()
    return json.dumps(scene.emulator.home(ADA), ensure_ascii=False)


def test_save_for_later_is_an_outcome(scene: Scene) -> None:
    (said,) = scene.reply("save this for later")
    assert "home tab" in said
    assert scene.outcomes() == [("saved", "")]
