"""The inbox's promises, on both databases: kept before it is acknowledged, done once, in order."""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime, timedelta
from threading import Event, Thread

import pytest

from bot.inbox import ATTEMPTS, LEASE, Act, After, Inbox, Worked
from bot.ports import Arrival
from bot.store.database import Store, Unit, connect
from bot.store.inbox import FIRST_PAUSE
from bot.store.owners import be_owner
from tests.bot.inbox_bench import START, Think, arrival, box, effects, noting, populate, rows


@pytest.fixture
def ours(store: Store) -> Store:
    populate(store)
    return store


def put(inbox: Inbox, *keys: str, conversation: str = "D1") -> None:
    for key in keys:
        assert inbox.receive(arrival(key, conversation), START)


def test_what_was_received_is_safe_before_anything_is_done(ours: Store) -> None:
    put(box(ours), "a1")
    again = Store(connect(ours.engine.url.render_as_string(hide_password=False)))
    (row,) = rows(again)
    again.close()
    assert (row.key, row.payload, row.done_at) == ("a1", {"text": "words of a1"}, None)
    assert effects(ours) == []


def test_the_same_key_twice_is_done_once(ours: Store) -> None:
    inbox = box(ours)
    put(inbox, "a1")
    assert not inbox.receive(arrival("a1"), START)
    assert inbox.work(START).done == 1
    assert not inbox.receive(arrival("a1"), START)
    assert inbox.work(START).done == 0
    assert effects(ours) == ["a1"]


def test_rows_are_worked_off_in_order(ours: Store) -> None:
    inbox = box(ours)
    put(inbox, "a1", "a2")
    put(inbox, "b1", conversation="D2")
    put(inbox, "a3")
    assert inbox.work(START) == Worked(done=4)
    assert effects(ours) == ["a1", "a2", "b1", "a3"]


def test_a_row_that_is_done_keeps_its_key_and_not_its_words(ours: Store) -> None:
    inbox = box(ours)
    put(inbox, "a1")
    inbox.work(START)
    (row,) = rows(ours)
    assert (row.key, row.payload, row.done_at) == ("a1", {}, START)


def test_a_failing_row_holds_up_its_own_conversation_alone(ours: Store) -> None:
    inbox = box(ours, noting(think=_failing("a1")))
    put(inbox, "a1", "a2")
    put(inbox, "b1", conversation="D2")
    worked = inbox.work(START)
    assert (worked.done, worked.failed) == (1, 1)
    assert worked.errors == ["inbox row 1: ValueError: cannot read a1"]
    assert effects(ours) == ["b1"]
    assert inbox.waiting() == {"waiting": 2, "set_aside": 0}


def test_a_row_that_fails_too_often_is_set_aside_with_its_words(ours: Store) -> None:
    inbox = box(ours, noting(think=_failing("a1")))
    put(inbox, "a1", "a2")
    now = START
    for pause in (5, 20, 80, 320):
        assert inbox.work(now).failed == 1
        now += timedelta(seconds=pause)
        assert inbox.work(now - timedelta(seconds=1)) == Worked(), "it rests, and what follows it"
    assert effects(ours) == []
    assert inbox.work(now).failed == 1
    assert inbox.work(now).done == 1
    assert effects(ours) == ["a2"]
    first = rows(ours)[0]
    assert (first.attempts, first.error) == (ATTEMPTS, "ValueError")
    assert first.payload == {"text": "words of a1"}
    assert inbox.waiting() == {"waiting": 0, "set_aside": 1}


def test_a_row_that_fails_once_is_done_at_the_next_round(ours: Store) -> None:
    failures = iter([ValueError("the model is away")])

    def once(found: Arrival) -> None:
        for failure in failures:
            raise failure

    inbox = box(ours, noting(think=once))
    put(inbox, "a1", "a2")
    assert inbox.work(START).failed == 1
    assert inbox.work(START + FIRST_PAUSE) == Worked(done=2)
    assert effects(ours) == ["a1", "a2"]
    assert [row.error for row in rows(ours)] == ["", ""]


def test_effects_and_completion_are_one_commit(ours: Store) -> None:
    inbox = box(ours, noting(inside=_failing("a1")))
    put(inbox, "a1")
    assert inbox.work(START).failed == 1
    assert effects(ours) == []
    assert rows(ours)[0].done_at is None
    assert box(ours).work(START + FIRST_PAUSE) == Worked(done=1)
    assert effects(ours) == ["a1"]


def test_the_proof_would_find_effects_that_are_committed_by_themselves(ours: Store) -> None:
    def handle(found: Arrival, now: datetime) -> Act:
        def act(unit: Unit) -> After | None:
            noting()(found, now)(unit)
            unit.commit()  # what `Inbox` forbids: an effect without its completion
            raise ValueError("and then it fails")

        return act

    put(box(ours, handle), "a1")
    box(ours, handle).work(START)
    assert effects(ours) == ["a1"]
    assert rows(ours)[0].done_at is None


def test_what_follows_the_commit_follows_it_and_may_fail(ours: Store) -> None:
    seen: list[str] = []

    def handle(found: Arrival, now: datetime) -> Act:
        def act(unit: Unit) -> After | None:
            noting()(found, now)(unit)

            def after() -> None:
                seen.extend(effects(ours))
                raise KeyError("a drawing")

            return after

        return act

    put(box(ours), "a1", "a2")
    worked = box(ours, handle).work(START)
    assert (worked.done, worked.failed, len(worked.errors)) == (2, 0, 2)
    assert seen == ["a1", "a1", "a2"]
    assert box(ours).waiting() == {"waiting": 0, "set_aside": 0}


def test_a_failure_beside_a_worker_that_succeeds_leaves_the_row_done(ours: Store) -> None:
    faster = box(ours)

    def overtaken(found: Arrival) -> None:
        assert faster.work(START + LEASE).done == 1
        raise ValueError("too late")

    inbox = box(ours, noting(think=overtaken))
    put(inbox, "a1")
    assert inbox.work(START).failed == 1
    assert [row.error for row in rows(ours)] == [""]
    assert inbox.waiting() == {"waiting": 0, "set_aside": 0}


def test_a_worker_that_was_overtaken_writes_and_counts_nothing(ours: Store) -> None:
    faster, overtakes = box(ours), iter([True])

    def overtaken(found: Arrival) -> None:
        for _ in overtakes:
            faster.work(START + LEASE)

    inbox = box(ours, noting(think=overtaken))
    put(inbox, "a1")
    assert inbox.work(START) == Worked()
    assert effects(ours) == ["a1"]


def test_threads_that_receive_the_same_at_once_keep_it_once(ours: Store) -> None:
    inbox, problems = box(ours), []

    def receive() -> None:
        try:
            for number in range(10):
                inbox.receive(arrival(f"a{number}"), START)
        except Exception as error:
            problems.append(error)

    threads = [Thread(target=receive) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert len(rows(ours)) == 10


def test_two_processes_do_each_row_once_and_in_order(ours: Store) -> None:
    inbox = box(ours)
    keys = [f"a{number}" for number in range(10, 40)]
    put(inbox, *keys)
    put(inbox, "b1", "b2", conversation="D2")
    processes = [_process(ours, "never") for _ in range(2)]
    told = [process.communicate(timeout=60)[0].split() for process in processes]
    assert sum(int(done) for done, *_ in told) == 32
    assert [failed for _, failed, *_ in told] == ["0", "0"]
    done = effects(ours)
    assert [key for key in done if key.startswith("a")] == keys
    assert sorted(done) == [*keys, "b1", "b2"]


@pytest.mark.parametrize("where", ["before", "inside"])
def test_a_process_that_is_killed_loses_nothing_and_doubles_nothing(
    ours: Store, where: str
) -> None:
    inbox = box(ours)
    put(inbox, "a1", "a2", "a3", "a4")
    killed = _process(ours, where)
    killed.communicate(timeout=60)
    assert killed.returncode == -9
    assert effects(ours) == ["a1", "a2"]
    assert inbox.waiting() == {"waiting": 2, "set_aside": 0}
    assert inbox.work(START) == Worked()  # who asks nobody's death waits for the lease to end
    owner = be_owner(ours.engine, "restarted")
    assert box(ours, owner=owner).work(START).done == 2
    owner.close()
    assert effects(ours) == ["a1", "a2", "a3", "a4"]


def test_while_one_thinks_nobody_else_does_about_the_same(ours: Store) -> None:
    asked: list[str] = []
    second = box(ours, noting(think=lambda found: asked.append(f"second {found.key}")))

    def slowly(found: Arrival) -> None:
        asked.append(f"first {found.key}")
        if found.key == "a1":
            assert second.work(START).done == 1

    inbox = box(ours, noting(think=slowly))
    put(inbox, "a1", "a2")
    put(inbox, "b1", conversation="D2")
    assert inbox.work(START) == Worked(done=2)
    assert asked == ["first a1", "second b1", "first a2"]


def test_a_slow_answer_holds_up_its_own_conversation_alone(ours: Store) -> None:
    other_done = Event()

    def think(found: Arrival) -> None:
        if found.key == "a1":
            assert other_done.wait(20), "it would wait for the slow one"
        if found.key == "b2":
            other_done.set()

    inbox = box(ours, noting(think=think))
    put(inbox, "a1", "a2")
    put(inbox, "b1", "b2", conversation="D2")
    assert inbox.work(START, threads=2) == Worked(done=4)
    assert [key for key in effects(ours) if key.startswith("a")] == ["a1", "a2"]
    assert effects(ours).index("b1") < effects(ours).index("a1")


def _failing(key: str) -> Think:
    def think(found: Arrival) -> None:
        if found.key == key:
            raise ValueError(f"cannot read {key}")

    return think


def _process(store: Store, where: str) -> subprocess.Popen[str]:
    url = store.engine.url.render_as_string(hide_password=False)
    command = [sys.executable, "-m", "tests.bot.inbox_bench", url, where]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
