"""One effect, whatever breaks around a call; each promise with its control."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from bot.delivery.tally import Report
from bot.store.database import Store
from bot.store.outbox import OutboxRows
from bot.store.owners import be_owner
from tests.bot.outbox_bench import (
    START,
    WINDOW,
    WORKSPACE,
    Blind,
    opener_of,
    outbox,
    put_opener,
    row_of,
)
from tests.bot.outbox_scene import Scene, staged

SETTLED = timedelta(seconds=30 + 2 + 120 + 1)
"""a pass, the call's deadline with its grace, the settle time, and a little"""


@pytest.fixture
def scene(store: Store) -> Iterator[Scene]:
    with staged(store) as made:
        yield made


def test_committed_and_then_dropped_is_found_and_not_sent_again(scene: Scene) -> None:
    box = outbox(scene.store, scene.channel)
    put_opener(scene.store, "a")
    scene.fault("drop_after_commit")
    assert box.work(START) == Report(waiting=1)
    assert opener_of(scene.store, "a").state == "sending"
    assert box.work(scene.clock.later(seconds=6)) == Report(sent=1)
    assert scene.posts() == 1
    assert opener_of(scene.store, "a").sent_at == START


def test_dropped_before_is_sent_again_once_its_absence_is_certain(scene: Scene) -> None:
    box = outbox(scene.store, scene.channel)
    put_opener(scene.store, "a")
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
    put_opener(scene.store, "a")
    scene.fault("drop_after_commit")
    box.work(START)
    for seconds in (6, 160, 11):
        box.work(scene.clock.later(seconds=seconds))
    assert scene.posts() == 2
    assert scene.emulator.journal.doubles("delivery") == {row_of(scene.store, "a").id: 2}


def test_history_that_lags_is_waited_for(scene: Scene) -> None:
    box = outbox(scene.store, scene.channel)
    put_opener(scene.store, "a")
    scene.fault("drop_after_commit")
    scene.fault("history_lag", "conversations.history", seconds=60)
    box.work(START)
    assert box.work(scene.clock.later(seconds=6)) == Report(waiting=1)
    assert box.work(scene.clock.later(seconds=150)) == Report(sent=1)
    assert scene.posts() == 1


def test_what_cannot_be_read_is_left_to_a_person(scene: Scene) -> None:
    box = outbox(scene.store, scene.channel)
    put_opener(scene.store, "a")
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
    put_opener(scene.store, "a")
    box.work(START)
    thread = opener_of(scene.store, "a").message_ref
    with scene.store.writing(WORKSPACE) as unit:
        OutboxRows(unit).add(
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
    put_opener(scene.store, "a")
    _killed(scene, database_url, where)
    assert scene.posts() == before_restart
    assert row_of(scene.store, "a").called_at == START
    assert box.work(scene.clock.later(seconds=60)) == Report(waiting=1)  # the lease still runs
    sent = sum(box.work(scene.clock.later(seconds=60)).sent for _ in range(6))
    assert (sent, scene.posts()) == (1, 1)


def test_killed_without_reconciliation_it_arrives_twice(scene: Scene, database_url: str) -> None:
    box = outbox(scene.store, Blind(scene.channel), owner="restarted")
    put_opener(scene.store, "a")
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
    put_opener(scene.store, "a")
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
    put_opener(scene.store, "a")
    _killed(scene, database_url, "after_call")
    assert sum(box.work(scene.clock.later(seconds=60)).sent for _ in range(3)) == 1
    owner.close()
    assert scene.posts() == 1
