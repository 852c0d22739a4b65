"""Several openers are composed at once, and what is decided is as if each were through first."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from structlog.contextvars import get_contextvars

from bot import planning
from bot.deciding.facts import NOTHING
from bot.openers.brief import Brief, Composed, Withheld
from bot.store import tables
from bot.store.database import Store, connect
from tests.bot.scene import NOW, Scene, composer, policy, populate

MANY = tuple(f"m{n:02}" for n in range(12))
TOGETHER = 4


@pytest.fixture
def crowd(sqlite_url: str, tmp_path: Path) -> Iterator[Scene]:
    store = Store(connect(sqlite_url))
    populate(store, members=MANY)
    yield Scene(store, tmp_path, policy(explore_per_day=3))
    store.close()


class Meeting:
    """A composer that goes on once so many are composing, and notes whom the log would name."""

    def __init__(self, together: int) -> None:
        self.barrier = threading.Barrier(together)
        self.named: list[dict[str, Any]] = []
        self.inner = composer()

    def compose(self, brief: Brief) -> Composed | Withheld:
        self.barrier.wait(20)
        self.named.append(get_contextvars())
        return self.inner.compose(brief)


class Slow:
    """A composer that takes longer than it takes to decide about a few members."""

    def compose(self, brief: Brief) -> Composed | Withheld:
        time.sleep(0.2)
        return composer().compose(brief)


def kept(scene: Scene) -> list[tuple[Any, ...]]:
    rows = sorted(scene.rows(tables.Decision), key=lambda row: row.member_id)
    return [(row.member_id, row.verdict, row.reason, row.item_id, row.arm) for row in rows]


def planned(scene: Scene, at_once: int, wrote: Any = None) -> list[str]:
    more = {} if wrote is None else {"composer": wrote}
    done = scene.planner(at_once=at_once, **more).plan(MANY, NOW, wait_for_moment=False)
    assert done.failed == 0
    return [attempt.decision.member_id for attempt in done.attempts]


def test_so_many_are_composed_at_one_time_and_each_names_its_decision(crowd: Scene) -> None:
    meeting = Meeting(TOGETHER)
    assert sorted(planned(crowd, TOGETHER, meeting)) == sorted(MANY)
    assert {one["decision"] for one in meeting.named} == {
        row.id for row in crowd.rows(tables.Decision)
    }
    assert {one["member"] for one in meeting.named} == set(MANY)


@pytest.mark.parametrize("forgets", [False, True])
def test_it_comes_out_as_one_after_the_other(
    crowd: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, forgets: bool
) -> None:
    """Item caps and the budget of exploration hold; the control forgets what is under way."""
    crowd.policy = policy(threshold=0.99, explore_floor=0.0, explore_per_day=3)
    beside = _beside(crowd, tmp_path)
    order, expected = planned(beside, 1), kept(beside)
    beside.store.close()
    if forgets:
        monkeypatch.setattr(planning, "used_up", lambda *_: NOTHING)
    assert planned(crowd, TOGETHER, Slow()) == order
    assert (kept(crowd) == expected) is not forgets


def _beside(scene: Scene, folder: Path) -> Scene:
    """The same members and items in a database of its own."""
    store = Store(connect(f"sqlite:///{folder / 'beside.db'}"))
    tables.Table.metadata.create_all(store.engine)
    populate(store, members=MANY)
    return Scene(store, folder, scene.policy)
