"""A round of the inbox ends: at its limit, after its time, and when it is told to stop."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.inbox import Act, Inbox, Worked
from bot.ports import Arrival
from bot.store.database import Store
from tests.bot.inbox_bench import START, arrival, box, noting, populate, rows


def put(inbox: Inbox, *keys: str) -> None:
    for key in keys:
        assert inbox.receive(arrival(key), START)


def test_a_round_ends_at_its_limit(store: Store) -> None:
    populate(store)
    inbox = box(store)
    put(inbox, "a1", "a2", "a3")
    assert inbox.work(START, limit=2).done == 2
    assert inbox.work(START + timedelta(seconds=1)).done == 1


def test_a_round_ends_however_much_arrives_meanwhile(store: Store) -> None:
    """Each answer takes 12 s, and by then the next one waits; every one knows what time it is."""
    populate(store)
    passed, seen = [0.0], []
    note = noting()

    def handle(found: Arrival, now: datetime) -> Act:
        seen.append(now - START)
        passed[0] += 12
        put(inbox, f"after {found.key}")
        return note(found, now)

    inbox = box(store, handle, elapsed=lambda: passed[0])
    put(inbox, "a1")
    assert inbox.work(START, limit=10) == Worked(done=3)
    assert seen == [timedelta(seconds=seconds) for seconds in (0, 12, 24)]
    assert [row.done_at for row in rows(store)[:3]] == [
        START + timedelta(seconds=seconds) for seconds in (12, 24, 36)
    ]
    assert inbox.waiting()["waiting"] == 1


def test_once_stopped_it_takes_up_nothing_more(store: Store) -> None:
    populate(store)
    inbox = box(store, noting(think=lambda found: inbox.stop()))
    put(inbox, "a1", "a2")
    assert inbox.work(START).done == 1
    assert inbox.waiting()["waiting"] == 1
    assert [row.owner for row in rows(store)] == [None, None]
