"""Two processes at the same member at the same moment: one opener, and never more than the caps."""

from __future__ import annotations

import multiprocessing
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.deciding.facts import FactsReader
from bot.openers.brief import Brief, Composed, Withheld
from bot.store import tables
from bot.store.database import Store, connect
from bot.store.decisions import Decisions, Slots
from bot.store.items import Items
from bot.store.jobs import Jobs
from recsys.types import MemberId
from tests.bot.scene import NOW, WORKSPACE, Scene, composer, policy

LATE = datetime(2026, 9, 7, 23, 45, tzinfo=NOW.tzinfo)
EARLY = LATE + timedelta(minutes=30)
AROUND_THE_CLOCK = policy(
    day_starts="00:00", day_ends="24:00", weekdays="0123456", daily_cap=9, weekly_cap=1,
    cooldown_hours=0,
)  # fmt: skip


@dataclass
class Together:
    """A composer that waits until all have come so far: everybody has judged by then."""

    barrier: threading.Barrier

    def compose(self, brief: Brief) -> Composed | Withheld:
        self.barrier.wait(30)
        return composer().compose(brief)


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Run in threads of their own; results in order, exceptions raised."""
    results: list[Any] = [None] * len(acts)

    def run(place: int, act: Callable[[], Any]) -> None:
        try:
            results[place] = act()
        except BaseException as error:
            results[place] = error

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return results


def both(scene: Scene, *asked: tuple[str, datetime]) -> list[Any]:
    """One attempt each, from processes that know nothing of each other's until they write."""
    barrier = threading.Barrier(len(asked))
    processes = [Scene(scene.store, scene.home, scene.policy, scene.settings) for _ in asked]
    acts = []
    for process, (member, now) in zip(processes, asked, strict=True):
        outreach = process.outreach(composer=Together(barrier))
        acts.append(lambda outreach=outreach, member=member, now=now: outreach.attempt(member, now))
    return at_once(*acts)


def test_one_slot_is_used_by_one_of_two(populated: Scene) -> None:
    made = both(populated, ("ana", NOW), ("ana", NOW))
    assert sorted(attempt.speaks for attempt in made) == [False, True]
    assert sorted(attempt.counts for attempt in made) == [False, True]
    for table in (tables.Decision, tables.Opener, tables.Outbox):
        assert len(populated.rows(table)) == 1


def test_two_slots_do_not_get_around_a_cap(populated: Scene) -> None:
    """One process a quarter before midnight, one after it: each has a slot, the week has one."""
    populated.policy = AROUND_THE_CLOCK
    made = both(populated, ("ana", LATE), ("ana", EARLY))
    assert sorted(attempt.speaks for attempt in made) == [False, True]
    assert len(populated.rows(tables.Opener)) == len(populated.rows(tables.Outbox)) == 1
    silent = next(attempt.decision for attempt in made if not attempt.speaks)
    assert (silent.verdict, silent.reason) == ("silent", "weekly_cap")
    assert len(populated.rows(tables.Decision)) == 2


def test_without_the_check_inside_the_transaction_there_would_be_two(
    populated: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    populated.policy = AROUND_THE_CLOCK

    fresh = populated.facts.gather("ana", LATE).standing
    monkeypatch.setattr(FactsReader, "again", lambda *args: fresh)
    assert [attempt.speaks for attempt in both(populated, ("ana", LATE), ("ana", EARLY))] == [
        True,
        True,
    ]
    assert len(populated.rows(tables.Opener)) == 2


def test_members_do_not_wait_for_each_other(populated: Scene) -> None:
    made = both(populated, ("ana", NOW), ("bo", NOW), ("cy", NOW))
    assert [attempt.speaks for attempt in made] == [True] * 3
    assert len(populated.rows(tables.Opener)) == 3


EXPLORING = policy(threshold=0.99, explore_floor=0.0, explore_per_day=1)


def test_the_budget_of_exploration_is_shared(populated: Scene) -> None:
    populated.policy = EXPLORING
    made = both(populated, ("ana", NOW), ("bo", NOW))
    assert [attempt.decision.arm for attempt in made] == ["explore", "explore"]
    assert sorted(attempt.decision.reason for attempt in made) == ["below_threshold", "worth_it"]
    assert len(populated.rows(tables.Opener)) == 1


def test_unless_it_is_counted_again(populated: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    populated.policy = EXPLORING
    monkeypatch.setattr(Decisions, "explored", lambda self, since: 0)
    both(populated, ("ana", NOW), ("bo", NOW))
    assert len(populated.rows(tables.Opener)) == 2


def test_a_slot_and_a_job_are_taken_by_one_of_many(populated: Scene) -> None:
    def slot() -> bool:
        with populated.store.writing(WORKSPACE) as unit:
            mine = Slots(unit).use("ana", "2026-09-07", NOW)
            unit.commit()
            return mine

    def job() -> bool:
        with populated.store.writing(WORKSPACE) as unit:
            mine = Jobs(unit).take("plan", "2026-09-07T10:00", NOW)
            unit.commit()
            return mine

    assert sum(at_once(*[slot] * 6)) == 1
    assert sum(at_once(*[job] * 6)) == 1


def test_a_slot_is_opened_by_one_of_many(populated: Scene) -> None:
    def opened() -> None:
        with populated.store.writing(WORKSPACE) as unit:
            Slots(unit).open("ana", "2026-09-07", NOW, NOW)
            unit.commit()

    at_once(*[opened] * 6)
    (slot,) = populated.rows(tables.Slot)
    assert (slot.state, slot.best_at) == ("waiting", NOW)


def _process(url: str, home: str, begin: Any, told: Any) -> None:
    store = Store(connect(url))
    scene = Scene(store, Path(home), policy())
    outreach = scene.outreach()
    begin.wait(60)
    told.put(outreach.attempt("ana", NOW).speaks)
    store.close()


def test_processes_agree_as_threads_do(populated: Scene, database_url: str) -> None:
    fresh = multiprocessing.get_context("spawn")
    begin, told = fresh.Barrier(2), fresh.Queue()
    home = str(populated.home)
    workers = [
        fresh.Process(target=_process, args=(database_url, home, begin, told)) for _ in range(2)
    ]
    for worker in workers:
        worker.start()
    spoke = sorted(told.get(timeout=90) for _ in workers)
    for worker in workers:
        worker.join(30)
    assert [worker.exitcode for worker in workers] == [0, 0]
    assert spoke == [False, True]
    assert len(populated.rows(tables.Opener)) == 1


@pytest.mark.parametrize("by", ["item", "author"])
def test_an_item_and_an_author_keep_to_their_share_of_the_day(populated: Scene, by: str) -> None:
    """Two who are told of the same item, or of two of one author, where one may be told."""
    share_alike(populated, by)
    made = both(populated, ("ana", NOW), ("bo", NOW))
    assert sorted(attempt.decision.reason for attempt in made) == ["shared_out", "worth_it"]
    assert len(populated.rows(tables.Opener)) == len(populated.rows(tables.Outbox)) == 1
    assert len(populated.rows(tables.Decision)) == 2


@pytest.mark.parametrize("by", ["item", "author"])
def test_without_counting_again_both_would_be_told(
    populated: Scene, by: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    share_alike(populated, by)
    monkeypatch.setattr(FactsReader, "shared_out", lambda *args: (frozenset(), frozenset()))
    assert [a.speaks for a in both(populated, ("ana", NOW), ("bo", NOW))] == [True, True]


def test_later_ones_hear_of_others_items(populated: Scene) -> None:
    share_alike(populated, "author")
    populated.recommender.refresh(WORKSPACE, NOW)
    assert populated.outreach().attempt("ana", NOW).speaks
    with populated.store.reading(WORKSPACE) as unit:
        theirs = set(Items(unit).of_authors(["dee"]))
    blocked = populated.facts.gather("bo", NOW).query.blocked
    assert theirs <= blocked
    assert len(theirs) > 1


def share_alike(scene: Scene, by: str) -> None:
    """One member a day for each item, and all items alike; or for each author, and all by one."""
    caps = {f"{by}_daily_cap": 1}
    scene.settings = scene.settings.model_copy(update={"epsilon": 0.0, **caps})
    with scene.store.writing(WORKSPACE) as unit:
        items = [
            replace(item, author=MemberId("dee"))
            for number, item in enumerate(Items(unit).pool())
            if by == "author" or number == 0
        ]
        if by == "item":
            others = [item.id for item in Items(unit).pool()][1:]
            Items(unit).withdraw(others, at=NOW)
        Items(unit).save(items, at=NOW, approved_by="curator")
        unit.commit()
