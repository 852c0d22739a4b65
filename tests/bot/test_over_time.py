"""Whatever comes in whatever order: no cap is exceeded, and nothing leaves in quiet hours.

The real attempt and the real re-check, on a real database, over days that hypothesis makes
up: several members in zones with and without daylight saving, days that cross midnight, leap days,
clocks that go back (the zone's, and that of the machine), consents that come and go, outcomes, and
rows that leave late or never.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot.delivery.recheck import Recheck
from bot.policy.purposes import OPENERS
from bot.ports import Receipt
from bot.store import tables
from bot.store.consents import Consents
from bot.store.database import Store, connect
from bot.store.due import Due
from bot.store.openers import Openers, Told
from bot.store.outbox import OutboxRows, Row
from bot.store.outcomes import Outcomes
from bot.store.signals import Signals
from recsys.types import OutcomeKind
from tests.bot.scene import BEST_ONLY, WORKSPACE, Scene, item, policy, populate, said

ZONES = ("UTC", "Europe/Lisbon", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu",
         "Pacific/Auckland", "Africa/Casablanca")  # fmt: skip
BEGINS = {
    "a plain week": datetime(2026, 9, 7, tzinfo=UTC),
    "a leap day": datetime(2028, 2, 28, tzinfo=UTC),
    "clocks go back in Lisbon": datetime(2026, 10, 24, tzinfo=UTC),
    "clocks go forward in New York": datetime(2027, 3, 13, tzinfo=UTC),
    "clocks go back in Auckland": datetime(2027, 4, 3, tzinfo=UTC),
}
ACTS = ("attempt", "attempt", "attempt", "send", "send", "withdraw", "agree", "dismissed",
        "replied", "ignored", "wait")  # fmt: skip

MEMBERS = ("ana", "bo", "cy")
ITEM_CAP = 2
"""members whom one item may reach on a UTC day"""

steps = st.one_of(st.integers(0, 40), st.integers(-12, 0))
"""quarters of an hour; the machine's clock may be put back by up to three hours"""
events = st.lists(
    st.tuples(st.sampled_from(ACTS), steps, st.sampled_from(MEMBERS)), min_size=6, max_size=18
)
hours = st.sampled_from([(9 * 60, 18 * 60), (20 * 60, 4 * 60), (0, 24 * 60), (22 * 60, 30)])


Act = tuple[str, int, str]


@dataclass(frozen=True)
class Left:
    """One opener that left."""

    member: str
    at: datetime
    item: str


@dataclass
class Days:
    """Some members' days: what is done to them, and what left."""

    scene: Scene
    now: datetime
    limits: dict[str, Any]
    zones: dict[str, str]
    checks: bool = True
    sent: list[Left] = field(default_factory=list)

    def live(self, acts: list[Act]) -> None:
        for act, quarters, member in acts:
            self.now += timedelta(minutes=15 * quarters)
            if act in ("dismissed", "replied", "ignored"):
                self.write(self.outcome(act, member))
            elif act in ("withdraw", "agree"):
                self.write(self.consent(act == "agree", member))
            elif act == "attempt":
                self.scene.outreach().attempt(member, self.now)
            elif act == "send":
                self.send()

    def write(self, change: Callable[[Any], object]) -> None:
        with self.scene.store.writing(WORKSPACE) as unit:
            change(unit)
            unit.commit()

    def consent(self, agrees: bool, member: str) -> Callable[[Any], object]:
        if agrees:
            return lambda u: Consents(u).grant(member, [OPENERS], at=self.now, origin="member")
        return lambda u: Consents(u).withdraw(member, [OPENERS], at=self.now)

    def outcome(self, kind: str, member: str) -> Callable[[Any], object]:
        def change(unit: Any) -> None:
            for last in Openers(unit).recent(member, 1):
                Outcomes(unit).record(last, OutcomeKind[kind.upper()], self.now)

        return change

    def send(self) -> None:
        """What is due, claimed, checked again and marked, as the worker does it."""
        recheck = Recheck(self.scene.store, WORKSPACE, self.scene.standings)
        with self.scene.store.writing(WORKSPACE) as unit:
            Due(unit).expire(self.now)
            until = self.now + timedelta(minutes=2)
            rows = Due(unit).claim("me", self.now, until, lambda owner: True, len(MEMBERS))
            unit.commit()
        for row in rows:
            refused = recheck(row, self.now) if self.checks else None
            with self.scene.store.writing(WORKSPACE) as unit:
                self.end(unit, row, refused)
                unit.commit()

    def end(self, unit: Any, row: Row, refused: str | None) -> None:
        outbox = OutboxRows(unit)
        if refused is not None:
            outbox.end(row, "me", "withdrawn", refused)
            return
        outbox.mark_called(row, "me", "D1", self.now)
        closes = self.now + timedelta(hours=12)
        outbox.mark_sent(row, "me", Receipt("D1", f"{len(self.sent)}.0"), self.now, closes)
        opener = Openers(unit).get(row.opener or "")
        assert opener is not None
        self.sent.append(Left(row.member, self.now, opener.item_id))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("over-time")


@pytest.fixture(scope="module")
def empty(home: Path) -> Path:
    """A database without rows, to be copied."""
    engine = connect(f"sqlite:///{home / 'empty.db'}")
    tables.Table.metadata.create_all(engine)
    engine.dispose()
    return home / "empty.db"


@contextmanager
def days(
    empty: Path, begins: datetime, zone: str, starts: int, ends: int, **limits: Any
) -> Iterator[Days]:
    place = empty.parent / uuid4().hex
    place.mkdir()
    shutil.copy(empty, place / "days.db")
    store = Store(connect(f"sqlite:///{place / 'days.db'}"))
    pool = [item(f"i{n}", published=(begins - timedelta(days=9)).timestamp()) for n in range(8)]
    populate(store, members=MEMBERS, pool=pool)
    with store.writing(WORKSPACE) as unit:
        for member in MEMBERS:
            Signals(unit).save([said(member, n, key=f"{member}{n}", at=begins) for n in range(2)])
        unit.commit()
    capped = BEST_ONLY.model_copy(update={"item_daily_cap": ITEM_CAP})
    scene = Scene(store, place, policy(weekdays="0123456", fatigue=1000, **limits), capped)
    scene.recommender.refresh(WORKSPACE, begins + timedelta(days=60))
    first = ZONES.index(zone)
    zones = {one: ZONES[(first + n) % len(ZONES)] for n, one in enumerate(MEMBERS)}
    for member, own in zones.items():
        scene.change(member, zone=own, day_starts=starts, day_ends=ends)
    yield Days(scene, begins, limits, zones)
    store.close()


def held_to(made: Days, starts: int, ends: int) -> Iterator[str]:
    """Every promise that was broken."""
    for member, zone in made.zones.items():
        moments = sorted(one.at for one in made.sent if one.member == member)
        yield from _held_to(moments, made.limits, ZoneInfo(zone), starts, ends)
    for one in made.sent:
        same = [other for other in made.sent if other.item == one.item]
        told = {other.member for other in same if other.at.date() == one.at.date()}
        if len(told) > ITEM_CAP:
            yield f"{one.item} told to {sorted(told)} on {one.at.date()}"


def _held_to(
    moments: list[datetime], limits: dict[str, Any], place: ZoneInfo, starts: int, ends: int
) -> Iterator[str]:
    local = [one.astimezone(place) for one in moments]
    for one in local:
        minute = one.hour * 60 + one.minute
        awake = starts <= minute < ends if starts <= ends else minute >= starts or minute < ends
        if not awake:
            yield f"left at {one}"
    dates = [one.date() for one in local]
    for date in set(dates):
        if dates.count(date) > limits["daily_cap"]:
            yield f"{dates.count(date)} on {date}"
    for first in moments:
        week = sum(first <= one < first + timedelta(days=7) for one in moments)
        if week > limits["weekly_cap"]:
            yield f"{week} in the week from {first}"
    for before, after in pairwise(moments):
        if after - before < timedelta(hours=limits["cooldown_hours"]):
            yield f"{after} too soon after {before}"


CAPS = st.fixed_dictionaries(
    {
        "daily_cap": st.integers(0, 2),
        "weekly_cap": st.integers(0, 4),
        "cooldown_hours": st.sampled_from([0, 3, 16]),
    }
)
TIGHT = {"daily_cap": 1, "weekly_cap": 3, "cooldown_hours": 16}
LOOSE = {"daily_cap": 2, "weekly_cap": 4, "cooldown_hours": 0}


def every_two_hours(times: int = 12) -> list[Act]:
    """An attempt for each, and what is due leaves."""
    tries = [("attempt", 8 if member == MEMBERS[0] else 0, member) for member in MEMBERS]
    return [*tries, ("send", 0, "")] * times


PUT_BACK = [act for n in range(6) for act in (*every_two_hours(1), ("wait", -12 * (n % 2), ""))]
"""every four hours the machine's clock loses three of them"""


@settings(max_examples=20, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(sorted(BEGINS)), st.sampled_from(ZONES), hours, CAPS, events)
@example("clocks go back in Lisbon", "Europe/Lisbon", (9 * 60, 18 * 60), TIGHT, every_two_hours())
@example("clocks go back in Auckland", "Pacific/Auckland", (20 * 60, 240), LOOSE, every_two_hours())
@example("a leap day", "UTC", (0, 24 * 60), LOOSE, every_two_hours())
@example("a plain week", "UTC", (0, 24 * 60), TIGHT, PUT_BACK)
def test_no_cap_is_exceeded_and_nothing_leaves_in_quiet_hours(
    empty: Path,
    begins: str,
    zone: str,
    day: tuple[int, int],
    caps: dict[str, Any],
    acts: list[Act],
) -> None:
    with days(empty, BEGINS[begins], zone, *day, **caps) as made:
        made.live(acts)
        assert list(held_to(made, *day)) == []


def test_something_is_sent_at_all(empty: Path) -> None:
    with days(empty, BEGINS["a plain week"], "UTC", 9 * 60, 18 * 60, **TIGHT) as made:
        made.live(every_two_hours(36))
        sent = Counter(one.member for one in made.sent)
    assert set(sent) == set(MEMBERS)
    assert sent["ana"] == 3


def test_without_the_check_at_sending_it_would_leave_in_the_evening(empty: Path) -> None:
    """The negative control: queued at 17:30, sent at 18:30."""
    for checks, sent in ((True, 0), (False, 1)):
        with days(empty, BEGINS["a plain week"], "UTC", 9 * 60, 18 * 60, **TIGHT) as made:
            made.checks = checks
            made.live([("attempt", 70, "ana"), ("send", 4, "")])
            assert len(made.sent) == sent
            assert len(list(held_to(made, 9 * 60, 18 * 60))) == sent


def test_a_clock_that_is_put_back_exceeds_a_cap_where_what_lies_ahead_is_forgotten(
    empty: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control of the clock: openers that left "later" do not count."""
    lately = Openers.lately

    def until_now(self: Openers, member: str, since: datetime, *rest: Any) -> list[Told]:
        return [one for one in lately(self, member, since, *rest) if one.at <= made.now]

    monkeypatch.setattr(Openers, "lately", until_now)
    with days(empty, BEGINS["a plain week"], "UTC", 0, 24 * 60, **TIGHT) as made:
        made.live([("attempt", 2, "ana"), ("send", 0, ""), ("attempt", -4, "ana"), ("send", 0, "")])
        broken = list(held_to(made, 0, 24 * 60))
    assert broken
