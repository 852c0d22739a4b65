"""Many at once: calls in parallel, one conversation in order, one pace and one pause for all."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from bot.delivery.tally import Report
from bot.ports import Delivery, Receipt
from bot.store.calls import Calls
from bot.store.database import Store
from bot.store.due import FEW, SPREAD
from bot.store.outbox import OutboxRows
from tests.bot.outbox_bench import (
    START,
    WINDOW,
    WORKSPACE,
    Wrapped,
    outbox,
    put_opener,
    row_of,
)
from tests.bot.outbox_scene import Scene, staged


@pytest.fixture
def scene(store: Store) -> Iterator[Scene]:
    with staged(store) as made:
        yield made


def put_answer(store: Store, key: str, member: str = "m-ada") -> None:
    with store.writing(WORKSPACE) as unit:
        OutboxRows(unit).add(
            member=member,
            kind="answer",
            dedupe_key=key,
            content={"text": key},
            expires_at=START + WINDOW,
            now=START,
        )
        unit.commit()


def texts(scene: Scene) -> list[str]:
    return [entry.text for entry in scene.emulator.journal.entries("chat.postMessage")]


@dataclass
class Meeting(Wrapped):
    """A channel whose calls wait until so many are under way at once."""

    together: int = 2
    patience: float = 20.0
    barrier: threading.Barrier = field(init=False)

    def __post_init__(self) -> None:
        self.barrier = threading.Barrier(self.together)

    def send(self, delivery: Delivery) -> Receipt:
        self.barrier.wait(self.patience)
        return super().send(delivery)


def test_calls_to_different_conversations_are_under_way_at_once(scene: Scene) -> None:
    put_opener(scene.store, "a")
    put_opener(scene.store, "b", member="m-grace")
    box = outbox(scene.store, Meeting(scene.channel), in_flight=2)
    assert box.work(START) == Report(sent=2)


def test_one_at_a_time_they_would_never_meet(scene: Scene) -> None:
    put_opener(scene.store, "a")
    put_opener(scene.store, "b", member="m-grace")
    meeting = Meeting(scene.channel, patience=0.2)
    with pytest.raises(threading.BrokenBarrierError):
        outbox(scene.store, meeting, in_flight=1).work(START)


def test_one_conversation_stays_in_order_even_where_its_first_message_may_have_arrived(
    scene: Scene,
) -> None:
    for key in ("first", "second"):
        put_answer(scene.store, key)
    put_answer(scene.store, "elsewhere", "m-grace")
    scene.fault("drop_before")
    box = outbox(scene.store, scene.channel, in_flight=1)
    assert box.work(START) == Report(sent=1, waiting=2)
    for seconds in (6, 100, 60, 11):
        box.work(scene.clock.later(seconds=seconds))
    assert box.work(scene.clock.later(seconds=2)).waiting == 0
    assert texts(scene) == ["elsewhere", "first", "second"]


def still() -> float:
    """A pass that takes no time, however busy the machine is."""
    return 0.0


def test_all_processes_keep_one_pace(scene: Scene) -> None:
    """One message a second a channel: the other process reads when the last call began."""
    first = outbox(scene.store, scene.channel, owner="first", elapsed=still)
    second = outbox(scene.store, scene.channel, owner="second", elapsed=still)
    put_opener(scene.store, "a")
    assert first.work(START) == Report(sent=1)
    put_opener(scene.store, "b")
    assert second.work(START) == Report(waiting=1)
    assert second.work(scene.clock.later(seconds=1)) == Report(sent=1)


def test_all_processes_keep_the_pause_that_slack_asked_one_for(scene: Scene) -> None:
    first = outbox(scene.store, scene.channel, owner="first", elapsed=still)
    second = outbox(scene.store, scene.channel, owner="second", elapsed=still)
    put_opener(scene.store, "a")
    put_opener(scene.store, "b", member="m-grace")
    scene.fault("rate_limited", retry_after=40)
    assert first.work(START) == Report(waiting=2)
    assert second.work(scene.clock.later(seconds=39)) == Report(waiting=2)
    assert scene.posts() == 0
    assert second.work(scene.clock.later(seconds=2)) == Report(sent=2)


@pytest.mark.parametrize(("budget", "sent"), [(0, 0), (1, 1), (2, 2), (3, 2)])
def test_a_workspace_gets_so_many_openers_a_day(scene: Scene, budget: int, sent: int) -> None:
    put_opener(scene.store, "a")
    put_opener(scene.store, "b", member="m-grace")
    put_answer(scene.store, "asked for", "m-grace")
    box = outbox(scene.store, scene.channel, budget=budget)
    box.work(START)
    box.work(scene.clock.later(seconds=2))
    states = [row_of(scene.store, "a").state, row_of(scene.store, "b", "m-grace").state]
    assert states == ["sent"] * sent + ["withdrawn"] * (2 - sent)
    assert "asked for" in texts(scene), "an answer is no opener"
    put_opener(scene.store, "c", not_before=START, expires_at=START + timedelta(days=2))
    assert box.work(START + timedelta(days=1)).sent == min(budget, 1), "the next day is another"


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize(("locks", "sent"), [(True, 1), (False, 2)])
def test_processes_share_the_budget_of_the_day(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, locks: bool, sent: int
) -> None:
    """Each gives both the time to count before either begins."""
    both, count = threading.Barrier(2), Calls._called_today

    def counted(calls: Calls, now: datetime) -> int:
        called = count(calls, now)
        with suppress(threading.BrokenBarrierError):
            both.wait(1.0)
        return called

    monkeypatch.setattr(Calls, "_called_today", counted)
    if not locks:
        monkeypatch.setattr(Calls, "lock_budget", lambda calls: None)
    put_opener(scene.store, "a")
    put_opener(scene.store, "b", member="m-grace")
    with ThreadPoolExecutor(2) as processes:
        passes = [
            processes.submit(box.work, START, 1)
            for box in (outbox(scene.store, scene.channel, owner, budget=1) for owner in "xy")
        ]
    assert sum(one.result().sent for one in passes) == sent


def test_what_waited_through_an_outage_leaves_spread_out(scene: Scene) -> None:
    """What is still valid, that is; what is older has expired."""
    names = [f"n{number}" for number in range(3 * FEW)]
    for name in names:
        put_opener(scene.store, name)
    put_opener(scene.store, "old", expires_at=START + timedelta(minutes=30))
    back = START + timedelta(hours=1)
    box = outbox(scene.store, scene.channel)
    assert box.work(back) == Report(expired=1, waiting=len(names))
    due = sorted(row_of(scene.store, name).not_before - back for name in names)
    assert due[0] > timedelta(0)
    assert due[-1] <= SPREAD
    assert due[-1] - due[0] > SPREAD / 2
    assert len(set(due)) == len(names)


def test_a_few_that_are_late_leave_at_once(scene: Scene) -> None:
    put_opener(scene.store, "a")
    assert outbox(scene.store, scene.channel).work(START + timedelta(hours=1)) == Report(sent=1)


def test_stopped_in_the_middle_it_hands_back_what_it_claimed(scene: Scene) -> None:
    put_opener(scene.store, "a")
    put_opener(scene.store, "b", member="m-grace")
    box = outbox(scene.store, scene.channel, recheck=lambda row, now: box.stop())
    assert box.work(START) == Report(waiting=2)
    for row in (row_of(scene.store, "a"), row_of(scene.store, "b", "m-grace")):
        assert (row.state, row.owner, row.called_at) == ("queued", None, None)
    assert scene.posts() == 0
    assert outbox(scene.store, scene.channel, owner="next").work(START) == Report(sent=2)
