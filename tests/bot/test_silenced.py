"""Silence that begins and ends while openers wait for their moments: nothing of it leaves later."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from bot.conversation.agreeing import Agreeing
from bot.conversation.home import Home
from bot.deciding.brake import Brake, kill, resume, revive
from bot.delivery.recheck import Recheck
from bot.outbox import Outbox
from bot.ports import Channel, Delivery, Receipt
from bot.settings import PolicySettings
from bot.store import tables
from bot.store.database import Store, Unit, connect
from bot.store.outbox import OutboxRows
from tests.bot.scene import NOW, WORKSPACE, Scene, policy, populate, shown

SOON = NOW + timedelta(minutes=1)
TICK = timedelta(minutes=15)
DAY = timedelta(days=1)
PEOPLE = ("ana", "bo")
BRAKE = Brake(PolicySettings(optout_least=1))


@dataclass
class Counting:
    """A channel by which everything arrives; it counts what each conversation got."""

    name: str = "slack"
    call_deadline: float = 5.0
    got: Counter[str] = field(default_factory=Counter)

    def address_of(self, external_id: str) -> str:
        return external_id

    def send(self, delivery: Delivery) -> Receipt:
        self.got[delivery.address] += 1
        return Receipt(delivery.address, delivery.id)


@dataclass
class Day:
    """Two members, each with an opener that waits for its moment."""

    scene: Scene
    channel: Counting

    def write(self, change: Callable[[Unit], object]) -> None:
        with self.scene.store.writing(WORKSPACE) as unit:
            change(unit)
            unit.commit()

    def goes_on(self, begins: datetime) -> int:
        """Plan and send for eight hours from then; how many left in that time."""
        before = self.channel.got.total()
        outbox = Outbox(
            self.scene.store,
            WORKSPACE,
            cast(Channel, self.channel),
            recheck=Recheck(self.scene.store, WORKSPACE, self.scene.standings),
            closes_at=lambda at: at + DAY / 2,
            owner="one",
        )
        for tick in range(32):
            now = begins + tick * TICK
            if tick % 8 == 0:
                for member in PEOPLE:
                    self.scene.outreach().attempt(member, now)
            outbox.work(now)
        return self.channel.got.total() - before


@pytest.fixture
def day(sqlite_url: str, tmp_path: Path) -> Iterator[Day]:
    kept = Store(connect(sqlite_url))
    populate(kept, members=(*PEOPLE, "cy"))
    shown(kept, "t-cy", "cy", at=NOW - DAY)
    made = Day(Scene(kept, tmp_path, policy()), Counting())
    waits = made.scene.outreach(jitter=lambda facts: timedelta(minutes=10))
    assert all(waits.attempt(member, NOW).speaks for member in PEOPLE)
    yield made
    kept.close()


def killed(unit: Unit) -> None:
    kill(unit, by="ada", now=SOON)


def revived(unit: Unit) -> None:
    revive(unit, by="ada", now=SOON)


def too_many_left(unit: Unit) -> None:
    unit.session.get_one(tables.Member, (WORKSPACE, "cy")).left_at = SOON
    unit.session.flush()
    assert BRAKE.check(unit, SOON) is not None


def resumed(unit: Unit) -> None:
    resume(unit, by="ada", now=SOON)


def paused_by_members(unit: Unit) -> None:
    conversing = SimpleNamespace(home=Home(PolicySettings(), "UTC"))
    agreeing = Agreeing("slack", cast(Any, conversing), BRAKE)
    for name in PEOPLE:
        agreeing.pause(unit, unit.session.get_one(tables.Member, (WORKSPACE, name)), SOON)


def resumed_by_members(unit: Unit) -> None:
    for name in PEOPLE:
        unit.session.get_one(tables.Member, (WORKSPACE, name)).paused_until = None


SILENCES = {
    "workspace_stopped": (killed, revived),
    "workspace_paused": (too_many_left, resumed),
    "paused": (paused_by_members, resumed_by_members),
}


@pytest.mark.parametrize("reason", SILENCES)
def test_what_waited_is_not_sent_later_and_the_next_slot_is_an_ordinary_one(
    day: Day, reason: str
) -> None:
    begins, ends = SILENCES[reason]
    day.write(begins)
    rows = day.scene.rows(tables.Outbox)
    assert [(row.state, row.reason) for row in rows] == [("withdrawn", reason)] * 2
    day.write(ends)
    assert day.goes_on(SOON) == 0
    assert day.goes_on(NOW + DAY) == len(PEOPLE)
    assert set(day.channel.got.values()) == {1}


@pytest.mark.parametrize("reason", SILENCES)
def test_without_withdrawing_it_leaves_once_the_silence_is_over(
    day: Day, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: within the minutes of the wait nothing else notices the silence."""
    begins, ends = SILENCES[reason]
    monkeypatch.setattr(OutboxRows, "withdraw", lambda self, *what, **more: 0)
    day.write(begins)
    day.write(ends)
    assert day.goes_on(SOON) == len(PEOPLE)


def test_the_switch_takes_answers_as_well_and_the_pause_leaves_them(day: Day) -> None:
    def answered(unit: Unit) -> None:
        OutboxRows(unit).add(
            member="ana", kind="answer", dedupe_key="a", content={"text": "hello"},
            expires_at=NOW + DAY, now=NOW,
        )  # fmt: skip

    day.write(answered)
    day.write(too_many_left)
    day.write(resumed)
    assert day.goes_on(SOON) == 1
    day.write(lambda unit: OutboxRows(unit).add(
        member="bo", kind="answer", dedupe_key="b", content={"text": "hello"},
        expires_at=NOW + DAY, now=NOW,
    ))  # fmt: skip
    day.write(killed)
    day.write(revived)
    assert day.goes_on(SOON + DAY / 3) == 0
