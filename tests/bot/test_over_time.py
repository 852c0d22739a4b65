"""Whatever comes in whatever order: no cap is exceeded, and nothing leaves in quiet hours.

The real attempt and the real re-check, on a real database, over days that hypothesis makes
up: zones with and without daylight saving, days that cross midnight, leap days, clocks that go
back, consents that come and go, outcomes, and rows that leave late or never.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
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
from bot.store.openers import Openers
from bot.store.outbox import OutboxRows, Row
from bot.store.outcomes import Outcomes
from bot.store.signals import Signals
from recsys.types import OutcomeKind
from tests.bot.scene import WORKSPACE, Scene, item, policy, populate, said

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

events = st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 40)), min_size=6, max_size=16)
hours = st.sampled_from([(9 * 60, 18 * 60), (20 * 60, 4 * 60), (0, 24 * 60), (22 * 60, 30)])


@dataclass
class Days:
    """One member's days: what is done to them, and what left."""

    scene: Scene
    now: datetime
    limits: dict[str, Any]
    checks: bool = True
    sent: list[datetime] = None  # type: ignore[assignment]

    def __post_init__(self) -> None:
        self.sent = []

    def live(self, acts: list[tuple[str, int]]) -> None:
        for act, quarters in acts:
            self.now += timedelta(minutes=15 * quarters)
            if act in ("dismissed", "replied", "ignored"):
                self.write(self.outcome(act))
            elif act in ("withdraw", "agree"):
                self.write(self.consent(act == "agree"))
            elif act == "attempt":
                self.scene.outreach().attempt("ana", self.now)
            elif act == "send":
                self.send()

    def write(self, change: Callable[[Any], object]) -> None:
        with self.scene.store.writing(WORKSPACE) as unit:
            change(unit)
            unit.commit()

    def consent(self, agrees: bool) -> Callable[[Any], object]:
        if agrees:
            return lambda u: Consents(u).grant("ana", [OPENERS], at=self.now, origin="member")
        return lambda u: Consents(u).withdraw("ana", [OPENERS], at=self.now)

    def outcome(self, kind: str) -> Callable[[Any], object]:
        def change(unit: Any) -> None:
            for last in Openers(unit).recent("ana", 1):
                Outcomes(unit).record(last, OutcomeKind[kind.upper()], self.now)

        return change

    def send(self) -> None:
        """One row, claimed, checked again and marked, as the worker does it."""
        recheck = Recheck(self.scene.store, WORKSPACE, self.scene.standings)
        with self.scene.store.writing(WORKSPACE) as unit:
            Due(unit).expire(self.now)
            until = self.now + timedelta(minutes=2)
            rows = Due(unit).claim("me", self.now, until, lambda owner: True)
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
        self.sent.append(self.now)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("over-time")


def days(home: Path, begins: datetime, zone: str, starts: int, ends: int, **limits: Any) -> Days:
    place = home / uuid4().hex
    place.mkdir()
    engine = connect(f"sqlite:///{place / 'days.db'}")
    tables.Table.metadata.create_all(engine)
    store = Store(engine)
    pool = [item(f"i{n}", published=(begins - timedelta(days=9)).timestamp()) for n in range(8)]
    populate(store, members=("ana",), pool=pool)
    with store.writing(WORKSPACE) as unit:
        Signals(unit).save([said("ana", n, key=f"n{n}", at=begins) for n in range(2)])
        unit.commit()
    given = policy(weekdays="0123456", fatigue=1000, **limits)
    scene = Scene(store, place, given)
    scene.recommender.refresh(WORKSPACE, begins + timedelta(days=60))
    scene.change("ana", zone=zone, day_starts=starts, day_ends=ends)
    return Days(scene, begins, limits)


def held_to(made: Days, zone: str, starts: int, ends: int) -> Iterator[str]:
    """Every promise that was broken."""
    place = ZoneInfo(zone)
    local = [one.astimezone(place) for one in made.sent]
    limits = made.limits
    for one in local:
        minute = one.hour * 60 + one.minute
        awake = starts <= minute < ends if starts <= ends else minute >= starts or minute < ends
        if not awake:
            yield f"left at {one}"
    dates = [one.date() for one in local]
    for date in set(dates):
        if dates.count(date) > limits["daily_cap"]:
            yield f"{dates.count(date)} on {date}"
    for first in made.sent:
        week = sum(first <= one < first + timedelta(days=7) for one in made.sent)
        if week > limits["weekly_cap"]:
            yield f"{week} in the week from {first}"
    for before, after in pairwise(made.sent):
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
EVERY_TWO_HOURS = [("attempt", 8), ("send", 0)] * 12


@settings(max_examples=10, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(sorted(BEGINS)), st.sampled_from(ZONES), hours, CAPS, events)
@example("clocks go back in Lisbon", "Europe/Lisbon", (9 * 60, 18 * 60), TIGHT, EVERY_TWO_HOURS)
@example("clocks go back in Auckland", "Pacific/Auckland", (20 * 60, 240), LOOSE, EVERY_TWO_HOURS)
@example("a leap day", "UTC", (0, 24 * 60), LOOSE, EVERY_TWO_HOURS)
def test_no_cap_is_exceeded_and_nothing_leaves_in_quiet_hours(
    home: Path,
    begins: str,
    zone: str,
    day: tuple[int, int],
    caps: dict[str, Any],
    acts: list[tuple[str, int]],
) -> None:
    made = days(home, BEGINS[begins], zone, *day, **caps)
    made.live(acts)
    assert list(held_to(made, zone, *day)) == []


def test_something_is_sent_at_all(home: Path) -> None:
    made = days(home, BEGINS["a plain week"], "UTC", 9 * 60, 18 * 60, **TIGHT)
    made.live(EVERY_TWO_HOURS * 3)
    assert len(made.sent) == 3


def test_without_the_check_at_sending_it_would_leave_in_the_evening(home: Path) -> None:
    """The negative control: queued at 17:30, sent at 18:30."""
    for checks, sent in ((True, 0), (False, 1)):
        made = days(home, BEGINS["a plain week"], "UTC", 9 * 60, 18 * 60, **TIGHT)
        made.checks = checks
        made.live([("attempt", 70), ("send", 4)])
        assert len(made.sent) == sent
        assert len(list(held_to(made, "UTC", 9 * 60, 18 * 60))) == sent
