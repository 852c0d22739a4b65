"""The outbox against the emulator: one effect, whatever breaks; each with its control."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from sqlalchemy import delete

from bot.emulator import Emulator, Fault
from bot.outbox import Report
from bot.ports import Channel
from bot.store import tables
from bot.store.database import Store
from bot.store.outbox import Row
from bot.store.owners import be_owner
from tests.bot.outbox_bench import (
    START,
    WINDOW,
    WORKSPACE,
    Blind,
    opener_of,
    outbox,
    populate,
    put_opener,
    row_of,
    slack,
)
from tests.bot.slack.conftest import workspace

SETTLED = timedelta(seconds=30 + 2 + 120 + 1)
"""a pass, the call's deadline with its grace, the settle time, and a little"""


@dataclass
class Ticking:
    """The time that the emulator and the outbox share."""

    now: datetime = START

    def __call__(self) -> float:
        return self.now.timestamp()

    def later(self, **more: float) -> datetime:
        self.now += timedelta(**more)
        return self.now


@dataclass
class Scene:
    """A store with members, an emulator, and what it committed."""

    store: Store
    emulator: Emulator
    clock: Ticking
    channel: Channel = field(init=False)

    def __post_init__(self) -> None:
        self.channel = slack(self.emulator.api_url, self.emulator.bot_token)

    def posts(self) -> int:
        return len(self.emulator.journal.entries("chat.postMessage"))

    def fault(self, kind: str, method: str = "chat.postMessage", **more: object) -> None:
        self.emulator.faults.add(Fault(method, kind, **more))  # type: ignore[arg-type]


@pytest.fixture
def scene(store: Store) -> Iterator[Scene]:
    populate(store)
    clock = Ticking()
    with Emulator(workspace(), clock=clock) as emulator:
        yield Scene(store, emulator, clock)


def test_an_opener_leaves_once_and_says_where_it_went(scene: Scene) -> None:
    box = outbox(scene.store, scene.channel)
    put_opener(scene.store, box, "a")
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
    assert put_opener(scene.store, box, "a")
    assert not put_opener(scene.store, box, "a")
    assert box.work(START).sent == 1


def test_what_the_caller_rolls_back_never_leaves(scene: Scene) -> None:
    box = outbox(scene.store, scene.channel)
    with scene.store.writing(WORKSPACE) as unit:
        box.enqueue(
            unit,
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
    put_opener(scene.store, box, "a", not_before=START + timedelta(minutes=5))
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
    put_opener(scene.store, box, "a")
    put_opener(scene.store, box, "b", member="m-grace")
    assert box.work(START) == Report(sent=1, withdrawn=1)
    assert asked == [("m-ada", START), ("m-grace", START)]
    assert row_of(scene.store, "a").reason == "quiet_hours"
    assert opener_of(scene.store, "a").state == "withdrawn"
    assert [e.channel for e in scene.emulator.journal.entries("chat.postMessage")] == ["D2GRACE"]


def test_a_definite_refusal_fails(scene: Scene) -> None:
    box = outbox(scene.store, scene.channel)
    put_opener(scene.store, box, "a")
    scene.fault("error", error="is_archived")
    assert box.work(START) == Report(failed=1)
    assert "is_archived" in row_of(scene.store, "a").reason
    assert opener_of(scene.store, "a").state == "failed"


def test_a_member_without_an_identity_fails(scene: Scene) -> None:
    box = outbox(scene.store, scene.channel)
    with scene.store.writing(WORKSPACE) as unit:
        unit.session.execute(delete(tables.Identity))
        unit.commit()
    put_opener(scene.store, box, "a")
    assert box.work(START) == Report(failed=1)


def test_a_pause_that_slack_asks_for_holds_the_workspace(scene: Scene) -> None:
    box = outbox(scene.store, scene.channel)
    put_opener(scene.store, box, "a")
    put_opener(scene.store, box, "b", member="m-grace")
    scene.fault("rate_limited", retry_after=40)
    assert box.work(START) == Report(waiting=2)
    assert box.work(scene.clock.later(seconds=39)) == Report(waiting=2)
    assert scene.posts() == 0
    assert box.work(scene.clock.later(seconds=2)) == Report(sent=2)


def test_one_message_a_second_an_address(scene: Scene) -> None:
    box = outbox(scene.store, scene.channel)
    for name in "abc":
        put_opener(scene.store, box, name)
    put_opener(scene.store, box, "other", member="m-grace")
    assert box.work(START) == Report(sent=2, waiting=2)
    assert box.work(scene.clock.later(seconds=1)) == Report(sent=1, waiting=1)
    assert box.work(scene.clock.later(seconds=1)) == Report(sent=1)


def test_a_call_that_never_began_is_tried_again(scene: Scene) -> None:
    away = outbox(scene.store, slack("http://127.0.0.1:9/api/", "xoxb-x"), owner="away")
    put_opener(scene.store, away, "a")
    assert away.work(START) == Report(waiting=1)
    assert row_of(scene.store, "a").state == "queued"
    here = outbox(scene.store, scene.channel, owner="here")
    assert here.work(scene.clock.later(seconds=60)) == Report(sent=1)


def test_committed_and_then_dropped_is_found_and_not_sent_again(scene: Scene) -> None:
    box = outbox(scene.store, scene.channel)
    put_opener(scene.store, box, "a")
    scene.fault("drop_after_commit")
    assert box.work(START) == Report(waiting=1)
    assert opener_of(scene.store, "a").state == "sending"
    assert box.work(scene.clock.later(seconds=6)) == Report(sent=1)
    assert scene.posts() == 1
    assert opener_of(scene.store, "a").sent_at == START


def test_dropped_before_is_sent_again_once_its_absence_is_certain(scene: Scene) -> None:
    box = outbox(scene.store, scene.channel)
    put_opener(scene.store, box, "a")
    scene.fault("drop_before")
    assert box.work(START) == Report(waiting=1)
    for seconds in (6, 100):
        assert box.work(scene.clock.later(seconds=seconds)) == Report(waiting=1)
    scene.clock.now = START + SETTLED
    assert box.work(scene.clock.now) == Report(waiting=1)
    assert row_of(scene.store, "a").absent_reads == 1
    assert box.work(scene.clock.later(seconds=1)) == Report(waiting=1)
    assert scene.posts() == 0
    assert box.work(scene.clock.later(seconds=10)) == Report(sent=1)
    assert scene.posts() == 1


def test_without_reconciliation_the_same_fault_doubles(scene: Scene) -> None:
    box = outbox(scene.store, Blind(scene.channel))
    put_opener(scene.store, box, "a")
    scene.fault("drop_after_commit")
    box.work(START)
    for seconds in (6, 160, 11):
        box.work(scene.clock.later(seconds=seconds))
    assert scene.posts() == 2
    assert scene.emulator.journal.doubles("delivery") == {row_of(scene.store, "a").id: 2}


def test_history_that_lags_is_waited_for(scene: Scene) -> None:
    box = outbox(scene.store, scene.channel)
    put_opener(scene.store, box, "a")
    scene.fault("drop_after_commit")
    scene.fault("history_lag", "conversations.history", seconds=60)
    box.work(START)
    assert box.work(scene.clock.later(seconds=6)) == Report(waiting=1)
    assert box.work(scene.clock.later(seconds=150)) == Report(sent=1)
    assert scene.posts() == 1


def test_what_cannot_be_read_is_left_to_a_person(scene: Scene) -> None:
    box = outbox(scene.store, scene.channel)
    put_opener(scene.store, box, "a")
    scene.fault("drop_after_commit")
    scene.fault("status", "conversations.history", times=1000)
    box.work(START)
    for _ in range(6):
        assert box.work(scene.clock.later(minutes=10)) == Report(waiting=1)
    assert box.work(scene.clock.later(minutes=10)) == Report(unresolved=1)
    assert opener_of(scene.store, "a").state == "unresolved"
    assert scene.posts() == 1


def test_an_answer_is_reconciled_in_its_thread(scene: Scene) -> None:
    box = outbox(scene.store, scene.channel)
    put_opener(scene.store, box, "a")
    box.work(START)
    thread = opener_of(scene.store, "a").message_ref
    with scene.store.writing(WORKSPACE) as unit:
        box.enqueue(
            unit,
            member="m-ada",
            kind="answer",
            dedupe_key="answer:1",
            content={"text": "Here.", "thread": thread},
            expires_at=START + WINDOW,
            now=START,
        )
        unit.commit()
    scene.fault("drop_after_commit")
    assert box.work(scene.clock.later(seconds=2)) == Report(waiting=1)
    assert box.work(scene.clock.later(seconds=6)) == Report(sent=1)
    assert scene.posts() == 2


@pytest.mark.parametrize(("where", "before_restart"), [("before_call", 0), ("after_call", 1)])
def test_killed_around_the_call_it_still_arrives_once(
    scene: Scene, database_url: str, where: str, before_restart: int
) -> None:
    box = outbox(scene.store, scene.channel, owner="restarted")
    put_opener(scene.store, box, "a")
    _killed(scene, database_url, where)
    assert scene.posts() == before_restart
    assert row_of(scene.store, "a").called_at == START
    assert box.work(scene.clock.later(seconds=60)) == Report(waiting=1)  # the lease still runs
    sent = sum(box.work(scene.clock.later(seconds=60)).sent for _ in range(6))
    assert (sent, scene.posts()) == (1, 1)


def test_killed_without_reconciliation_it_arrives_twice(scene: Scene, database_url: str) -> None:
    box = outbox(scene.store, Blind(scene.channel), owner="restarted")
    put_opener(scene.store, box, "a")
    _killed(scene, database_url, "after_call")
    for _ in range(6):
        box.work(scene.clock.later(seconds=60))
    assert scene.posts() == 2


def _killed(scene: Scene, database_url: str, where: str) -> None:
    with _process(scene, database_url, where) as process:
        assert process.wait(60) == -signal.SIGKILL


def _process(scene: Scene, database_url: str, where: str) -> subprocess.Popen[bytes]:
    arguments = [database_url, scene.emulator.api_url, scene.emulator.bot_token, where]
    command = [sys.executable, "-m", "tests.bot.outbox_bench", *arguments]
    return subprocess.Popen([*command, str(START.timestamp())])


@pytest.mark.parametrize(("asks", "arrives"), [(True, 1), (False, 2)])
def test_a_sleeper_that_wakes_doubles_only_where_nobody_asks_whether_it_lives(
    scene: Scene, database_url: str, asks: bool, arrives: int
) -> None:
    owner = be_owner(scene.store.engine, "other")
    more: dict[str, Any] = {"is_dead": owner.is_dead} if asks else {}
    box = outbox(scene.store, scene.channel, owner=owner.name, **more)
    put_opener(scene.store, box, "a")
    with _process(scene, database_url, "asleep") as sleeper:
        os.waitid(os.P_PID, sleeper.pid, os.WSTOPPED | os.WNOWAIT)
        for _ in range(6):
            box.work(scene.clock.later(seconds=60))
        sleeper.send_signal(signal.SIGCONT)
        assert sleeper.wait(60) == 0
    for _ in range(6):
        box.work(scene.clock.later(seconds=60))
    owner.close()
    assert scene.posts() == arrives
    assert row_of(scene.store, "a").state == "sent"


def test_a_row_of_a_dead_owner_is_taken_over(scene: Scene, database_url: str) -> None:
    owner = be_owner(scene.store.engine, "other")
    box = outbox(scene.store, scene.channel, owner=owner.name, is_dead=owner.is_dead)
    put_opener(scene.store, box, "a")
    _killed(scene, database_url, "after_call")
    assert sum(box.work(scene.clock.later(seconds=60)).sent for _ in range(3)) == 1
    owner.close()
    assert scene.posts() == 1


def test_several_owners_share_the_rows_without_doubles(scene: Scene) -> None:
    names = [f"n{number}" for number in range(12)]
    boxes = [outbox(scene.store, scene.channel, owner=f"owner {n}") for n in range(4)]
    for name in names:
        put_opener(scene.store, boxes[0], name)
    barrier, reports = Barrier(len(boxes)), []

    def work(number: int) -> None:
        barrier.wait()
        for second in range(20):
            reports.append(boxes[number].work(START + timedelta(seconds=second)))

    threads = [Thread(target=work, args=(number,)) for number in range(len(boxes))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(report.sent for report in reports) == len(names) == scene.posts()
    assert scene.emulator.journal.doubles("delivery") == {}


def test_a_sending_worker_starts_without_the_recommender() -> None:
    code = (
        "import sys, bot.outbox, bot.slack.delivery\n"
        "heavy = {'torch', 'faiss', 'lightgbm', 'sentence_transformers', 'scipy', 'recsys'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert ended.stdout.strip() == "[]"
