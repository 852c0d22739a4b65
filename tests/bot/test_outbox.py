"""The outbox on good days, and when the policy or Slack says no."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from threading import Barrier, Thread

import pytest
from sqlalchemy import delete

from bot.delivery.tally import Report
from bot.store import tables
from bot.store.database import Store
from bot.store.outbox import OutboxRows, Row
from tests.bot.outbox_bench import (
    START,
    WINDOW,
    WORKSPACE,
    opener_of,
    outbox,
    put_opener,
    row_of,
    slack,
)
from tests.bot.outbox_scene import Scene, staged


@pytest.fixture
def scene(store: Store) -> Iterator[Scene]:
    with staged(store) as made:
        yield made


def test_an_opener_leaves_once_and_says_where_it_went(scene: Scene) -> None:
    box = outbox(scene.store, scene.channel)
    put_opener(scene.store, "a")
    assert box.work(START) == Report(sent=1)
    assert box.work(START) == Report()
    row, opener = row_of(scene.store, "a"), opener_of(scene.store, "a")
    assert (row.state, row.owner, row.lease_until, row.sent_at) == ("sent", None, None, START)
    assert (opener.state, opener.sent_at) == ("sent", START)
    assert (opener.address, opener.message_ref) == ("D1ADA", row.message_ref)
    assert opener.window_closes_at == START + WINDOW
    assert scene.posts() == 1


def test_a_slot_has_one_row(scene: Scene) -> None:
    box = outbox(scene.store, scene.channel)
    assert put_opener(scene.store, "a")
    assert not put_opener(scene.store, "a")
    assert box.work(START).sent == 1


def test_what_the_caller_rolls_back_never_leaves(scene: Scene) -> None:
    box = outbox(scene.store, scene.channel)
    with scene.store.writing(WORKSPACE) as unit:
        OutboxRows(unit).add(
            member="m-ada",
            kind="answer",
            dedupe_key="k",
            content={"text": "No."},
            expires_at=START + WINDOW,
            now=START,
        )
    assert box.work(START) == Report()


def test_a_row_waits_for_its_time_and_expires(scene: Scene) -> None:
    box = outbox(scene.store, scene.channel)
    put_opener(scene.store, "a", not_before=START + timedelta(minutes=5))
    assert box.work(START) == Report(waiting=1)
    assert box.work(START + timedelta(hours=3)) == Report(expired=1)
    assert opener_of(scene.store, "a").state == "expired"
    assert scene.posts() == 0


def test_policy_is_asked_again_at_the_moment_of_sending(scene: Scene) -> None:
    asked: list[tuple[str, datetime]] = []

    def quiet(row: Row, now: datetime) -> str | None:
        asked.append((row.member, now))
        return "quiet_hours" if row.member == "m-ada" else None

    box = outbox(scene.store, scene.channel, recheck=quiet)
    put_opener(scene.store, "a")
    put_opener(scene.store, "b", member="m-grace")
    assert box.work(START) == Report(sent=1, withdrawn=1)
    assert asked == [("m-ada", START), ("m-grace", START)]
    assert row_of(scene.store, "a").reason == "quiet_hours"
    assert opener_of(scene.store, "a").state == "withdrawn"
    assert [e.channel for e in scene.emulator.journal.entries("chat.postMessage")] == ["D2GRACE"]


def test_a_definite_refusal_fails(scene: Scene) -> None:
    box = outbox(scene.store, scene.channel)
    put_opener(scene.store, "a")
    scene.fault("error", error="is_archived")
    assert box.work(START) == Report(failed=1)
    assert "is_archived" in row_of(scene.store, "a").reason
    assert opener_of(scene.store, "a").state == "failed"


def test_a_member_without_an_identity_fails(scene: Scene) -> None:
    box = outbox(scene.store, scene.channel)
    with scene.store.writing(WORKSPACE) as unit:
        unit.session.execute(delete(tables.Identity))
        unit.commit()
    put_opener(scene.store, "a")
    assert box.work(START) == Report(failed=1)


def test_a_pause_that_slack_asks_for_holds_the_workspace(scene: Scene) -> None:
    box = outbox(scene.store, scene.channel)
    put_opener(scene.store, "a")
    put_opener(scene.store, "b", member="m-grace")
    scene.fault("rate_limited", retry_after=40)
    assert box.work(START) == Report(waiting=2)
    assert box.work(scene.clock.later(seconds=39)) == Report(waiting=2)
    assert scene.posts() == 0
    assert box.work(scene.clock.later(seconds=2)) == Report(sent=2)


def test_one_message_a_second_an_address(scene: Scene) -> None:
    box = outbox(scene.store, scene.channel)
    for name in "abc":
        put_opener(scene.store, name)
    put_opener(scene.store, "other", member="m-grace")
    assert box.work(START) == Report(sent=2, waiting=2)
    assert box.work(scene.clock.later(seconds=1)) == Report(sent=1, waiting=1)
    assert box.work(scene.clock.later(seconds=1)) == Report(sent=1)


def test_a_call_that_never_began_is_tried_again(scene: Scene) -> None:
    away = outbox(scene.store, slack("http://127.0.0.1:9/api/", "xoxb-x"), owner="away")
    put_opener(scene.store, "a")
    assert away.work(START) == Report(waiting=1)
    assert row_of(scene.store, "a").state == "queued"
    here = outbox(scene.store, scene.channel, owner="here")
    assert here.work(scene.clock.later(seconds=60)) == Report(sent=1)


def test_several_owners_share_the_rows_without_doubles(scene: Scene) -> None:
    names = [f"n{number}" for number in range(12)]
    boxes = [outbox(scene.store, scene.channel, owner=f"owner {n}") for n in range(4)]
    for name in names:
        put_opener(scene.store, name)
    barrier, reports = Barrier(len(boxes)), []

    def work(number: int) -> None:
        barrier.wait()
        for second in range(60):
            reports.append(boxes[number].work(START + timedelta(seconds=second)))

    threads = [Thread(target=work, args=(number,)) for number in range(len(boxes))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(report.sent for report in reports) == len(names) == scene.posts()
    assert scene.emulator.journal.doubles("delivery") == {}
