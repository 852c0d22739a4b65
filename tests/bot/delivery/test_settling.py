"""What cannot be read, how long it is waited for, and readings that are rationed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from bot.delivery import histories
from bot.delivery.tally import Report
from bot.store import tables
from bot.store.database import Store
from bot.store.sightings import Sightings
from tests.bot.outbox_bench import START, WORKSPACE, outbox, put_opener, row_of
from tests.bot.outbox_scene import Scene, staged

AGES = 10**6
HISTORY = "conversations.history"
DAY = timedelta(days=1)


@pytest.fixture
def scene(store: Store) -> Iterator[Scene]:
    with staged(store) as made:
        yield made


def test_one_failed_read_after_hours_away_leaves_nothing_to_a_person(scene: Scene) -> None:
    """Whoever was away for hours has not tried for hours."""
    box = outbox(scene.store, scene.channel)
    put_opener(scene.store, "a")
    scene.fault("drop_after_commit")
    box.work(START)
    scene.fault("status", HISTORY)
    assert box.work(scene.clock.later(hours=5)) == Report(waiting=1)
    assert row_of(scene.store, "a").unread_since == scene.clock.now
    assert box.work(scene.clock.later(minutes=10)) == Report(sent=1)
    assert scene.posts() == 1


def test_a_lag_is_waited_for_from_when_it_was_noticed(scene: Scene) -> None:
    box = outbox(scene.store, scene.channel)
    put_opener(scene.store, "a")
    scene.fault("drop_before")
    box.work(START)
    put_opener(scene.store, "b", "m-grace", now=START + timedelta(seconds=30))
    assert box.work(scene.clock.later(seconds=30)).sent == 1
    scene.fault("history_lag", HISTORY, times=AGES, seconds=AGES)
    assert box.work(scene.clock.later(minutes=100)) == Report(waiting=1)
    assert box.work(scene.clock.later(minutes=59)) == Report(waiting=1)
    assert box.work(scene.clock.later(minutes=2)) == Report(unresolved=1)


def looked_for(scene: Scene, minutes: int) -> int:
    """Four messages to two members may have arrived; one read a minute. How many are settled.

    Two of them did, and two did not.
    """
    box = outbox(scene.store, scene.channel)
    for number, kind in enumerate(("drop_after_commit", "drop_before") * 2):
        name, member = f"m{number}", ("m-ada", "m-grace")[number % 2]
        put_opener(scene.store, name, member, now=scene.clock.now, expires_at=START + DAY)
        scene.fault(kind)
        box.work(scene.clock.later(seconds=2))
    put_opener(scene.store, "later", now=scene.clock.later(seconds=30))
    box.work(scene.clock.now)
    scene.clock.later(minutes=3)
    for _ in range(minutes):
        scene.emulator.faults.clear()
        scene.fault("rate_limited", HISTORY, times=AGES, retry_after=60, skip=1)
        for _ in range(4):
            box.work(scene.clock.later(seconds=15))
    with scene.store.reading(WORKSPACE) as unit:
        return unit.session.query(tables.Outbox).filter_by(state="sent").count() - 1


def test_with_one_read_a_minute_rows_and_witnesses_share_what_is_read(scene: Scene) -> None:
    assert looked_for(scene, 12) == 4
    assert not scene.emulator.journal.doubles("delivery")
    assert scene.posts() == 5


def test_with_one_read_a_minute_nobody_gets_on_who_reads_anew_for_each(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(histories, "KEPT", 0)
    monkeypatch.setattr(Sightings, "note", lambda self, ids, now: None)
    assert looked_for(scene, 12) < 4


def test_a_long_conversation_is_read_on_where_a_pause_cut_it_short(scene: Scene) -> None:
    box = outbox(scene.store, scene.channel)
    put_opener(scene.store, "a")
    scene.fault("drop_after_commit")
    box.work(START)
    address = row_of(scene.store, "a").address
    for number in range(40):  # three pages; the message in question is on the last of them
        scene.emulator.say("U1ADA", str(address), f"word {number}")
    for minute in range(3):
        scene.emulator.faults.clear()
        scene.fault("rate_limited", HISTORY, times=AGES, retry_after=60, skip=1)
        sent = box.work(scene.clock.later(seconds=61)).sent
        assert sent == (minute == 2)
    assert scene.posts() == 1


def test_a_pause_of_readings_holds_those_of_others_and_no_message(scene: Scene) -> None:
    one, other = (outbox(scene.store, scene.channel, owner=name) for name in ("one", "other"))
    put_opener(scene.store, "a")
    scene.fault("drop_after_commit")
    one.work(START)
    scene.fault("rate_limited", HISTORY, retry_after=60)
    one.work(scene.clock.later(seconds=6))
    put_opener(scene.store, "b", "m-grace", now=scene.clock.now)
    scene.fault("status", HISTORY, times=AGES)
    assert other.work(scene.clock.later(seconds=30)) == Report(sent=1, waiting=1)
    assert len(scene.emulator.faults.fired()) == 2  # nobody has asked since the pause
    scene.emulator.faults.clear()
    assert other.work(scene.clock.later(seconds=31)) == Report(sent=1)
    assert scene.posts() == 2
