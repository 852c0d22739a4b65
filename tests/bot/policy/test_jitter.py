"""Openers that are ready at once do not leave at once."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.policy.facts import Facts
from bot.policy.moment import JITTER_MINUTES, jitter
from tests.bot.policy.facts import facts

TEN = datetime(2026, 9, 7, 10, 0, tzinfo=UTC)


def at(local: datetime, seed: int = 1, starts: int = 540, ends: int = 1080) -> Facts:
    made = facts()
    limits = replace(made.standing.limits, day_starts=starts, day_ends=ends)
    standing = replace(made.standing, local=local, now=local, limits=limits)
    return replace(made, standing=standing, seed=seed)


def test_a_thousand_members_do_not_get_theirs_in_one_second() -> None:
    waits = [jitter(at(TEN, seed)) for seed in range(1000)]
    assert min(waits) >= timedelta(0)
    assert max(waits) < timedelta(minutes=JITTER_MINUTES)
    assert max(Counter(waits).values()) < 15, "of six hundred seconds"
    assert waits == [jitter(at(TEN, seed)) for seed in range(1000)], "the seed decides"


@pytest.mark.parametrize("minute", [50, 57, 58, 59])
def test_it_never_reaches_past_the_working_day(minute: int) -> None:
    late = TEN.replace(hour=17, minute=minute)
    leaves = [late + jitter(at(late, seed)) for seed in range(200)]
    assert max(leaves) < TEN.replace(hour=18)
    assert max(leaves) > late or minute == 59


def test_a_day_over_midnight_ends_where_it_ends() -> None:
    night = TEN.replace(hour=3, minute=55)
    leaves = [night + jitter(at(night, seed, starts=20 * 60, ends=4 * 60)) for seed in range(200)]
    assert max(leaves) < TEN.replace(hour=4, minute=0)
