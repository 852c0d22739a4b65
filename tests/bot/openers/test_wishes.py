"""What members want changed, and when they mean, from their words."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.openers.steering import Steering, read_steering
from bot.openers.when import read_when

LISBON = ZoneInfo("Europe/Lisbon")
NOW = datetime(2026, 11, 18, 15, 30, tzinfo=UTC)  # a Wednesday


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("More about SQL, nothing on Fridays.",
         Steering(more=("sql",), not_days=frozenset({4}))),
        ("only mornings please", Steering(ends=12 * 60)),
        ("Only in the afternoon, at most two a week",
         Steering(starts=12 * 60, weekly=2)),
        ("less often", Steering(rather=-1)),
        ("no more about football and hockey", Steering(less=("football", "hockey"))),
        ("only on Tuesdays, Wednesdays and Fridays", Steering(only_days=frozenset({1, 2, 4}))),
        ("weekdays only", Steering(only_days=frozenset(range(5)))),
        ("nothing before 10 and nothing after 4", Steering(starts=600, ends=960)),
        ("between 9:30 and 11", Steering(starts=570, ends=660)),
        ("between 9 and 3", Steering(starts=540, ends=900)),
        ("once a day is fine", Steering(daily=1)),
        ("I'm not interested in football, but more about Rust would be good",
         Steering(more=("rust",), less=("football",))),
        ("no more messages", Steering()),
        ("more about this", Steering()),
        ("we met on Friday", Steering()),
        ("I only have one question", Steering()),
    ],
)  # fmt: skip
def test_steering(words: str, wanted: Steering) -> None:
    assert read_steering(words) == wanted


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("remind me tomorrow", "2026-11-19 09:00"),
        ("remind me tomorrow afternoon", "2026-11-19 14:00"),
        ("next week", "2026-11-23 09:00"),
        ("on Monday", "2026-11-23 09:00"),
        ("on Wednesday", "2026-11-25 09:00"),
        ("this Friday at 4pm", "2026-11-20 16:00"),
        ("next Friday", "2026-11-27 09:00"),
        ("in two days", "2026-11-20 09:00"),
        ("in 3 weeks", "2026-12-09 09:00"),
        ("in a month", "2026-12-18 09:00"),
        ("in an hour", "2026-11-18 16:30"),
        ("at 4:15 pm", "2026-11-18 16:15"),
        ("at 9", "2026-11-19 09:00"),
        ("on 3 December", "2026-12-03 09:00"),
        ("on January 5th", "2027-01-05 09:00"),
        ("2026-12-24", "2026-12-24 09:00"),
        ("at the end of the month", "2026-11-30 09:00"),
        ("the day after tomorrow", "2026-11-20 09:00"),
        ("next month", "2026-12-01 09:00"),
        ("on 31 February", None),
        ("2024-01-01", None),
        ("2029-01-01", None),
        ("some day", None),
    ],
)
def test_when(words: str, wanted: str | None) -> None:
    found = read_when(words, NOW, LISBON)
    shown = None if found is None else f"{found.astimezone(LISBON):%Y-%m-%d %H:%M}"
    assert shown == wanted


def test_nine_at_home_stays_nine_when_the_clocks_change() -> None:
    zone = ZoneInfo("America/New_York")
    before = datetime(2026, 10, 30, 12, tzinfo=UTC)
    found = read_when("next week", before, zone)
    assert found is not None
    assert found.astimezone(UTC) == datetime(2026, 11, 2, 14, tzinfo=UTC)
