"""Consent, end to end: the welcome, the modal, the home tab and the command."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.conversation.pausing import named, pause_meant
from bot.openers.intents import Intent, intent_of
from bot.policy.purposes import NAMES, OPENERS
from bot.ports import Arrival, Asked
from bot.store import tables
from bot.store.topics import Topics
from tests.bot.conversation_scene import (
    ADA,
    ANY_HOUR,
    GENERAL,
    GRACE,
    GUEST,
    WHY,
    Scene,
    said_in,
    staged,
)
from tests.bot.slack.conftest import NOW

PILOT = ANY_HOUR.model_copy(update={"pilot_only": True, "pilot": (ADA,), "daily_cap": 2})


@pytest.fixture
def scene(tmp_path: Path, sqlite_url: str) -> Iterator[Scene]:
    with staged(tmp_path, sqlite_url, policy=PILOT) as made:
        yield made


@pytest.fixture
def welcomed(scene: Scene) -> tuple[Scene, str, str]:
    assert scene.app.welcome(scene.clock.now()) == 1
    scene.drain()
    (message,) = scene.dm()
    return scene, scene.emulator.open_dm(ADA), message["ts"]


def test_yes_agrees_to_all_and_says_the_limits_that_hold(welcomed: tuple[Scene, str, str]) -> None:
    scene, address, ref = welcomed
    scene.emulator.press(ADA, address, ref, "consent_yes")
    scene.drain()
    assert scene.granted() == frozenset(NAMES)
    (said,) = [said_in(m) for m in scene.below(address, ref)]
    assert "At most two a day and 99 a week" in said
    assert scene.member().came_at is not None


def test_no_leaves_nothing_and_is_not_asked_again(welcomed: tuple[Scene, str, str]) -> None:
    scene, address, ref = welcomed
    scene.emulator.press(ADA, address, ref, "consent_no")
    scene.drain()
    assert scene.granted() == frozenset()
    assert scene.member().left_at is not None
    assert "I will not write to you" in said_in(scene.below(address, ref)[0])
    assert scene.app.welcome(scene.clock.later(days=30)) == 0


def test_what_was_said_last_is_what_stands(welcomed: tuple[Scene, str, str]) -> None:
    scene, address, ref = welcomed
    for action in ("consent_yes", "consent_yes", "consent_no", "consent_yes"):
        scene.emulator.press(ADA, address, ref, action)
        scene.drain()
    said = ["Thank you" in said_in(message) for message in scene.below(address, ref)]
    assert said == [True, False, True]
    assert scene.granted() == frozenset(NAMES)


def test_choosing_grants_what_was_ticked_and_says_so(welcomed: tuple[Scene, str, str]) -> None:
    scene, address, ref = welcomed
    scene.emulator.press(ADA, address, ref, "choose")
    (view,) = scene.emulator.modals(ADA)
    chosen = {"purposes": [OPENERS, "reactions"], "topics": ["sql"]}
    scene.emulator.submit_view(ADA, view["id"], chosen)
    scene.drain()
    assert scene.granted() == {OPENERS, "reactions"}
    with scene.app.store.reading(scene.app.workspace) as unit:
        assert Topics(unit).choices(ADA).follows == {"sql"}
    assert "Thank you" in said_in(scene.dm()[-1])


def test_unticking_takes_it_back(scene: Scene) -> None:
    scene.agree(ADA)
    choices = scene.app.shows(Asked(ADA, "choose"))
    assert choices is not None
    assert all(purpose["granted"] for purpose in choices["purposes"])
    scene.emulator.open_home(ADA, wait=0)
    scene.drain()
    scene.emulator.press_home(ADA, "choose")
    (view,) = scene.emulator.modals(ADA)
    ticked = {"purposes": ["reactions"], "topics": []}
    scene.emulator.submit_view(ADA, view["id"], ticked)
    scene.drain()
    assert scene.granted() == {"reactions"}
    assert "I will not write to you" in said_in(scene.dm()[-1])


def test_who_chooses_where_there_are_no_topics_yet_is_heard(scene: Scene) -> None:
    with scene.writing() as unit:
        unit.session.query(tables.Topic).delete()
    scene.emulator.open_home(ADA)
    scene.drain()
    scene.emulator.press_home(ADA, "choose")
    (view,) = scene.emulator.modals(ADA)
    scene.emulator.submit_view(ADA, view["id"], {"purposes": [OPENERS]})
    scene.drain()
    assert scene.granted() == {OPENERS}


def test_a_purpose_that_does_not_exist_is_not_granted(scene: Scene) -> None:
    values = {"purposes": ["everything", OPENERS], "topics": []}
    payload = {"member": ADA, "callback": "choose", "values": values, "at": NOW}
    scene.app.receive(Arrival("view:1", "view", f"home:{ADA}", payload))
    scene.drain()
    assert scene.granted() == {OPENERS}


def test_the_home_tab_of_who_has_not_agreed(scene: Scene) -> None:
    scene.emulator.open_home(GRACE, wait=0)
    scene.drain()
    assert "I write to nobody who has not agreed" in _home(scene, GRACE)
    assert scene.member(GRACE).came_at is not None
    scene.emulator.press_home(GRACE, "consent_yes")
    scene.drain()
    assert "I may open conversations with you" in _home(scene, GRACE)
    assert scene.dm(GRACE) == []


def test_pause_resume_and_stop_on_the_home_tab(scene: Scene) -> None:
    scene.agree(ADA)
    scene.speak()
    scene.emulator.open_home(ADA, wait=0)
    scene.drain()
    assert WHY in _home(scene)
    assert "no answer yet" in _home(scene)
    scene.emulator.press_home(ADA, "pause:week")
    scene.drain()
    assert scene.member().paused_until is not None
    assert "I am silent until" in _home(scene)
    scene.emulator.press_home(ADA, "resume")
    scene.drain()
    assert scene.member().paused_until is None
    scene.emulator.press_home(ADA, "withdraw")
    scene.drain()
    assert scene.granted() == frozenset()
    assert "I write to nobody who has not agreed" in _home(scene)


def test_who_leaves_within_the_window_leaves_because_of_the_opener(scene: Scene) -> None:
    scene.agree(ADA)
    scene.speak()
    scene.emulator.command(ADA, GENERAL, "/overture", "stop")
    scene.drain()
    assert scene.outcomes() == [("opted_out", "")]


@pytest.mark.parametrize(("least", "told"), [(1, True), (2, False)], ids=["paused", "control"])
def test_whoever_takes_hand_offs_is_told_that_too_many_left(
    tmp_path: Path, sqlite_url: str, least: int, told: bool
) -> None:
    brake = ANY_HOUR.model_copy(update={"optout_least": least})
    with staged(tmp_path, sqlite_url, policy=brake, person=GRACE) as scene:
        scene.agree(ADA)
        scene.speak()
        scene.emulator.command(ADA, GENERAL, "/overture", "stop")
        scene.drain()
        said = [said_in(message) for message in scene.dm(GRACE)]
        assert [one for one in said if "paused myself: 1 of 1 members opted out" in one] == said
        assert len(said) == told


def test_who_leaves_long_after_leaves_because_of_nothing(scene: Scene) -> None:
    scene.agree(ADA)
    scene.speak()
    scene.clock.later(hours=13)
    scene.emulator.command(ADA, GENERAL, "/overture", "stop")
    scene.drain()
    assert scene.outcomes() == []
    assert scene.member().left_at is not None


def test_who_stops_below_an_older_opener_leaves_because_of_that_one(scene: Scene) -> None:
    scene.agree(ADA)
    scene.speak("one")
    scene.speak("two")
    scene.reply("stop", "one")
    assert (scene.outcomes("one"), scene.outcomes("two")) == ([("opted_out", "")], [])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("", "I write first, and seldom."),
        ("help", "I write first, and seldom."),
        ("PAUSE", "I am silent for a week."),
        ("resume", "I may write to you again."),
        ("why", "I have not written to you yet."),
        ("stop", "I will not write to you again"),
        ("dance <!channel> [now](http://x)", "I do not know “dance”."),
    ],
)
def test_the_command(scene: Scene, words: str, said: str) -> None:
    scene.agree(ADA)
    scene.emulator.command(ADA, GENERAL, "/overture", words)
    scene.drain()
    (answer,) = scene.dm()
    assert said in said_in(answer)
    assert scene.emulator.messages(GENERAL) == []


def test_the_command_tells_why_the_last_opener_came(scene: Scene) -> None:
    scene.agree(ADA)
    scene.speak()
    scene.emulator.command(ADA, GENERAL, "/overture", "why")
    scene.drain()
    assert said_in(scene.dm()[-1]) == WHY


def test_pausing_and_resuming_move_the_same_moment(scene: Scene) -> None:
    scene.agree(ADA)
    scene.emulator.command(ADA, GENERAL, "/overture", "pause")
    scene.drain()
    until = scene.member().paused_until
    assert until is not None
    assert until - scene.clock.now() > timedelta(days=6)
    scene.emulator.command(ADA, GENERAL, "/overture", "resume")
    scene.drain()
    assert scene.member().paused_until is None


@pytest.mark.parametrize("left", [True, False])
def test_resuming_is_no_consent(scene: Scene, left: bool) -> None:
    if left:
        scene.agree(ADA)
        scene.emulator.command(ADA, GENERAL, "/overture", "stop")
    scene.emulator.command(ADA, GENERAL, "/overture", "resume")
    scene.drain()
    assert "You have not agreed" in said_in(scene.dm()[-1])
    assert scene.granted() == frozenset()


def test_a_command_that_is_delivered_twice_is_obeyed_once(scene: Scene) -> None:
    payload = {"member": ADA, "text": "help", "address": GENERAL, "at": NOW}
    for _ in range(2):
        scene.app.receive(Arrival("command:1", "command", GENERAL, payload))
        scene.drain()
    assert len(scene.dm()) == 1


def test_a_guest_changes_nothing_and_sees_nothing(scene: Scene) -> None:
    scene.emulator.open_home(GUEST, wait=0)
    payload = {"member": GUEST, "text": "help", "address": GENERAL, "at": NOW}
    scene.app.receive(Arrival("command:g", "command", GENERAL, payload))
    press = {"member": GUEST, "action": "consent_yes", "value": "", "opener": "", "address": "",
             "message_ref": "", "at": NOW}  # fmt: skip
    scene.app.receive(Arrival("press:g", "press", f"home:{GUEST}", press))
    scene.drain()
    assert scene.rows(tables.Consent) == []
    assert scene.emulator.home(GUEST) is None
    assert scene.dm(GUEST) == []


def _home(scene: Scene, member: str = ADA) -> str:
    return json.dumps(scene.emulator.home(member), ensure_ascii=False)


def test_answers_that_are_due_at_once_come_in_the_order_of_their_questions(scene: Scene) -> None:
    scene.agree(ADA)
    for words in ("pause", "resume", "pause", "resume"):
        scene.emulator.command(ADA, GENERAL, "/overture", words)
    scene.drain()
    assert ["silent" in said_in(message) for message in scene.dm()] == [True, False, True, False]


@pytest.mark.parametrize(
    ("words", "until"),
    [
        ("please pause for a week", "in a week"),
        ("take a break", "in a week"),
        ("be quiet today", "2025-10-10T00:00"),
        ("be quiet until I say so", "9000-01-01T00:00"),
        ("stop writing to me until I am back from leave", "9000-01-01T00:00"),
        ("please be quiet for two weeks", "2025-10-23T09:00"),
        ("leave me alone until Monday", "2025-10-13T09:00"),
        ("no messages until 3 November please", "2025-11-03T09:00"),
    ],
)
def test_a_pause_in_words_lasts_as_long_as_they_say(words: str, until: str) -> None:
    start = datetime(2025, 10, 9, 8, tzinfo=UTC)
    zone = ZoneInfo("UTC")
    assert intent_of(words) is Intent.PAUSE
    ends, said = pause_meant(words, start, zone) or named("week", start, zone)
    wanted = start + timedelta(days=7) if until == "in a week" else datetime.fromisoformat(until)
    assert ends == wanted.replace(tzinfo=UTC)
    assert said.endswith("`/overture resume` ends that sooner.")


def test_a_pause_until_a_day_holds_and_is_said(scene: Scene) -> None:
    scene.agree(ADA)
    scene.write("be quiet for two weeks please")
    until = scene.member().paused_until
    assert until is not None
    assert until - scene.clock.now() > timedelta(days=13)
    scene.emulator.command(ADA, GENERAL, "/overture", "pause until Monday")
    scene.drain()
    assert said_in(scene.dm()[-1]).startswith("I am silent until Monday, 13 October.")
    assert scene.member().paused_until == datetime(2025, 10, 13, 8, tzinfo=UTC)  # nine where ada is
