"""A member's own limits, as a form says them: read, or refused where it is wrong."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.policy import pauses
from bot.policy.rhythm import Rhythm, clock, problems, rhythm_of

GOOD: dict[str, Any] = {
    "daily": "1", "weekly": "3", "days": ["4", "0"], "starts": "09:30", "ends": "18:00",
    "zone": "Europe/Lisbon",
}  # fmt: skip


def test_a_form_without_problems_is_read() -> None:
    assert problems(GOOD) == {}
    assert rhythm_of(GOOD) == Rhythm(1, 3, 570, 1080, "04", "Europe/Lisbon")


def test_a_day_may_end_at_midnight() -> None:
    late = {**GOOD, "ends": "00:00"}
    assert problems(late) == {}
    assert rhythm_of(late).day_ends == 24 * 60
    assert clock(24 * 60) == "00:00"


@pytest.mark.parametrize(
    ("changes", "field", "word"),
    [
        ({"days": []}, "days", "at least one day"),
        ({"days": ["7"]}, "days", "at least one day"),
        ({"starts": "18:00"}, "ends", "after 18:00"),
        ({"starts": "20:00"}, "ends", "after 20:00"),
        ({"starts": ""}, "starts", "such as 09:00"),
        ({"starts": "9"}, "starts", "such as 09:00"),
        ({"ends": "12:60"}, "ends", "such as 18:00"),
        ({"daily": "0"}, "daily", "how many a day"),
        ({"daily": "3", "weekly": "2"}, "weekly", "at least 3"),
        ({"weekly": "x"}, "weekly", "how many a week"),
        ({"zone": "Mars/Base"}, "zone", "from the list"),
        ({"zone": ""}, "zone", "from the list"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(changes: dict[str, Any], field: str, word: str) -> None:
    wrong = problems({**GOOD, **changes})
    assert list(wrong) == [field]
    assert word in wrong[field]
    with pytest.raises(ValueError, match=field):
        rhythm_of({**GOOD, **changes})


def test_an_empty_form_says_so_everywhere() -> None:
    assert set(problems({})) == set(GOOD)


@pytest.mark.parametrize(
    ("words", "length"),
    [
        ("", "week"), ("week", "week"), ("for a week", "week"), ("a week", "week"),
        ("today", "today"), ("for today", "today"), ("Until I say so", "open"),
        ("forever", "open"), ("tomorrow", None), ("a moment", None),
    ],
)  # fmt: skip
def test_pauses_are_named_in_words(words: str, length: str | None) -> None:
    assert pauses.named(words) == length


def test_pauses_end_as_they_say() -> None:
    at, zone = datetime(2026, 9, 7, 20, 0, tzinfo=UTC), ZoneInfo("Asia/Kolkata")
    assert pauses.until("today", at, zone) == datetime(2026, 9, 8, 18, 30, tzinfo=UTC)
    assert pauses.until("week", at, zone) == datetime(2026, 9, 14, 20, 0, tzinfo=UTC)
    assert pauses.until("open", at, zone) == pauses.OPEN_END
    assert {name for name, _, _ in pauses.PAUSES} == set(pauses.SAID)
