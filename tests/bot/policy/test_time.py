"""Whatever the clocks do: never in quiet hours, and a slot opens inside the member's day."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.policy.facts import Standing
from bot.policy.gate import judge
from bot.policy.moment import SPREAD_MINUTES, TICK_MINUTES, best_moment
from bot.policy.reach import Cooldown, WakingHours, WorkingDay
from bot.policy.rules import REACH_RULES, WELCOME_RULES
from recsys.types import Exposures, OutcomeKind, Signals
from tests.bot.policy.facts import NOW, facts, hours, limits, standing

ZONES = (
    "UTC", "Europe/Lisbon", "America/New_York", "America/Sao_Paulo", "Asia/Kolkata",
    "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Kiritimati", "Pacific/Pago_Pago",
    "Africa/Casablanca", "America/St_Johns", "Antarctica/Troll",
)  # fmt: skip
BACK = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
"""Lisbon's clocks went back half an hour ago: 01:30 comes for the second time"""

moments = st.datetimes(
    datetime(2024, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC)  # noqa: DTZ001
)  # fmt: skip
minutes = st.integers(0, 24 * 60)
days = st.frozensets(st.integers(0, 6))
zones = st.sampled_from(ZONES)


def by_the_wall(where: Standing) -> bool:
    """The same question asked otherwise: is this minute of the wall clock in the working day?"""
    starts, ends = where.limits.day_starts, where.limits.day_ends
    shown = where.local.strftime("%H:%M")
    day = range(starts, ends) if starts <= ends else [*range(starts, 24 * 60), *range(ends)]
    return shown in {f"{m // 60:02}:{m % 60:02}" for m in day}


@given(moments, zones, minutes, minutes, days)
@example(BACK, "Europe/Lisbon", 60, 90, frozenset(range(7)))
@example(BACK - timedelta(hours=1), "Europe/Lisbon", 60, 90, frozenset(range(7)))
@example(BACK + timedelta(minutes=29), "Europe/Lisbon", 60, 120, frozenset(range(7)))
def test_never_in_quiet_hours_nor_on_quiet_days(
    now: datetime, zone: str, starts: int, ends: int, weekdays: frozenset[int]
) -> None:
    wishes = limits(day_starts=starts, day_ends=ends, weekdays=weekdays)
    where = standing(now, zone, limits=wishes)
    for rules in (REACH_RULES, WELCOME_RULES):
        if judge(rules, where).allowed:
            assert by_the_wall(where)
            assert where.local.strftime("%a") in {
                ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"][day] for day in weekdays
            }
    assert (WakingHours().refuses(where) is None) == by_the_wall(where)
    assert (WorkingDay().refuses(where) is None) == (where.local.isoweekday() - 1 in weekdays)


@given(moments, zones, st.integers(0, 4), st.integers(0, 12), st.integers(0, 4), st.integers(0, 12))
def test_caps_are_never_exceeded(
    now: datetime, zone: str, today: int, week: int, daily: int, weekly: int
) -> None:
    wishes = limits(daily_cap=daily, weekly_cap=weekly, cooldown_hours=0)
    where = standing(now, zone, sent_today=today, sent_week=week, limits=wishes)
    if judge(REACH_RULES, where).allowed:
        assert today + 1 <= daily
        assert week + 1 <= weekly


@given(moments, st.floats(0, 100), st.floats(0, 100))
def test_a_cooldown_is_counted_in_hours_that_passed(
    now: datetime, ago: float, cooldown: float
) -> None:
    last = now - timedelta(hours=ago)
    where = standing(now, last_sent_at=last, limits=limits(cooldown_hours=cooldown))
    passed = (now - last).total_seconds() >= timedelta(hours=cooldown).total_seconds()
    assert (Cooldown().refuses(where) is None) == passed


def test_a_night_of_25_hours_makes_no_cooldown_shorter() -> None:
    sent = datetime(2026, 10, 24, 22, 0, tzinfo=ZoneInfo("Europe/Lisbon"))
    wishes = limits(cooldown_hours=12, day_starts=0, day_ends=24 * 60, weekdays=frozenset(range(7)))
    by_the_clock = datetime(2026, 10, 25, 9, 0, tzinfo=ZoneInfo("Europe/Lisbon")).astimezone(UTC)
    for later, reason in ((0, ""), (-0.1, "cooldown")):
        now = by_the_clock + hours(later)
        where = standing(now, "Europe/Lisbon", last_sent_at=sent.astimezone(UTC), limits=wishes)
        assert judge(REACH_RULES, where).reason == reason


windows = st.tuples(minutes, minutes).filter(
    lambda day: (day[1] - day[0] if day[0] <= day[1] else 24 * 60 - day[0]) > TICK_MINUTES
)


@given(moments, zones, windows, st.integers(0, 2**61))
@example(NOW, "UTC", (22 * 60, 6 * 60), 5)
@example(NOW, "UTC", (9 * 60, 9 * 60 + 30), 9)
@example(NOW, "UTC", (0, 24 * 60), 9)
def test_a_slot_opens_inside_the_day_early_enough_for_a_tick(
    now: datetime, zone: str, day: tuple[int, int], seed: int
) -> None:
    wishes = limits(day_starts=day[0], day_ends=day[1])
    where = standing(now, zone, limits=wishes)
    best = best_moment(facts(where, seed=seed))
    assert best == best_moment(facts(where, seed=seed))
    assert best.date() == where.local.date()
    assert best.tzinfo == where.local.tzinfo
    minute = best.hour * 60 + best.minute
    ends = day[1] if day[0] <= day[1] else 24 * 60
    assert day[0] <= minute <= ends - TICK_MINUTES
    assert minute < day[0] + max(SPREAD_MINUTES, wishes.slot_hours * 60)
    arrives = best.astimezone(UTC).astimezone(best.tzinfo)
    exists = arrives.replace(tzinfo=None) == best.replace(tzinfo=None)
    if exists:  # else the clocks jumped over it, and the rules judge the hour that came instead
        assert WakingHours().refuses(standing(best.astimezone(UTC), zone, limits=wishes)) is None


@given(moments, zones, st.integers(0, 2**61))
def test_the_moment_does_not_move_as_the_day_goes_on(now: datetime, zone: str, seed: int) -> None:
    where = standing(now, zone)
    midnight = datetime.combine(where.local.date(), time(), where.local.tzinfo)
    early = standing(midnight.astimezone(UTC), zone)
    assert best_moment(facts(where, seed=seed)) == best_moment(facts(early, seed=seed))


def active_at(hour: int, zone: str, days: int = 20) -> Signals:
    place = ZoneInfo(zone)
    first = date(2026, 8, 3)
    at = [
        datetime.combine(first + timedelta(days=n), time(hour, 20), place).timestamp()
        for n in range(days)
    ]
    n = len(at)
    none = np.full(n, -1, np.int32)
    return Signals(np.array(at), np.zeros(n, np.int8), none, none, np.zeros((n, 4), np.float32))


def told_at(hour: int, outcome: OutcomeKind) -> Exposures:
    """Twenty openers at this hour, in UTC, all with the same outcome."""
    first = datetime(2026, 8, 3, hour, 20, tzinfo=UTC)
    at = np.array([(first + timedelta(days=n)).timestamp() for n in range(20)])
    none = np.full(at.size, -1, np.int32)
    kinds = np.full(at.size, int(outcome), np.int8)
    where = np.full(at.size, hour, np.int8)
    unknown = np.full(at.size, np.nan)
    return Exposures(at, none, none.astype(np.int8), kinds, at + 60, none, where, unknown)


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Kathmandu"])
@pytest.mark.parametrize(("active", "opens"), [(9, 9), (11, 11), (12, 12), (15, 12), (3, 9)])
def test_the_best_quarter_is_when_they_are_about(zone: str, active: int, opens: int) -> None:
    """They write at twenty past; what lies outside the slot's hours draws to its edge."""
    now = datetime(2026, 9, 7, 0, 0, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    made = facts(standing(now, zone), signals=active_at(active, zone))
    assert best_moment(made).hour == opens


def test_a_slot_may_open_in_more_hours_where_the_workspace_says_so() -> None:
    where = standing(NOW, limits=limits(slot_hours=9))
    made = facts(where, signals=active_at(15, "UTC"))
    assert best_moment(made).hour == 15


def test_openers_taken_up_draw_to_their_hour_and_ignored_ones_away() -> None:
    """Somebody writes at twenty past ten, and was told of things at eleven."""
    made = facts(standing(NOW), signals=active_at(10, "UTC"))
    minutes = []
    for outcome in (OutcomeKind.IGNORED, OutcomeKind.OPEN, OutcomeKind.REPLIED):
        state = replace(made.query.member, exposures=told_at(11, outcome))
        best = best_moment(replace(made, query=replace(made.query, member=state)))
        minutes.append(60 * best.hour + best.minute)
    assert minutes == sorted(set(minutes))


def test_what_hours_are_to_all_speaks_where_a_member_said_little() -> None:
    """Ten members, each glad of what comes at noon and of nothing at nine.

    The control: members who are glad of everything, and hear of it at noon, say nothing of noon.
    """
    for at_nine, hour in ((OutcomeKind.IGNORED, 12), (None, 9)):
        parts = [told_at(12, OutcomeKind.REPLIED)] + ([told_at(9, at_nine)] if at_nine else [])
        of_all = [replace(one, member=one.member + 1 + n) for one in parts for n in range(10)]
        told = Exposures(
            *(
                np.concatenate([getattr(one, field.name) for one in of_all])
                for field in fields(Exposures)
            )
        )
        made = facts(standing(NOW), signals=active_at(9, "UTC", days=1))
        workspace = replace(made.query.workspace, exposures=told)
        made = replace(made, query=replace(made.query, workspace=workspace))
        assert best_moment(made).hour == hour


def test_not_everybody_hears_at_once() -> None:
    opened = {best_moment(facts(seed=seed)).minute for seed in range(400)}
    assert opened == set(range(SPREAD_MINUTES))
