"""The demo's clock."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta, timezone

import pytest

from bot.ports import Clock
from bot.simulating.clock import SimulatedClock

START = datetime(2026, 9, 7, 4, 0, tzinfo=UTC)


def test_it_stands_until_it_is_moved_and_never_goes_back() -> None:
    clock: Clock = SimulatedClock(START)
    assert clock.now() == clock.now() == START
    moved = SimulatedClock(START)
    assert moved.advance_to(START + timedelta(hours=5)) == START + timedelta(hours=5)
    assert moved.advance_to(START) == moved.now() == START + timedelta(hours=5)


def test_it_speaks_utc_and_wants_a_zone() -> None:
    east = datetime(2026, 9, 7, 9, 30, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    assert SimulatedClock(east).now().tzinfo is UTC
    assert SimulatedClock(east).now() == START
    naive = datetime(2026, 9, 7)  # noqa: DTZ001 - what is refused
    with pytest.raises(ValueError, match="time zone"):
        SimulatedClock(naive)
    with pytest.raises(ValueError, match="time zone"):
        SimulatedClock(START).advance_to(naive)


def test_many_threads_move_it_forward_only() -> None:
    clock = SimulatedClock(START)
    seen: list[list[datetime]] = [[] for _ in range(8)]

    def push(number: int) -> None:
        for step in range(500):
            clock.advance_to(START + timedelta(seconds=step * (number + 1)))
            seen[number].append(clock.now())

    threads = [threading.Thread(target=push, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(own == sorted(own) for own in seen)
    assert clock.now() == START + timedelta(seconds=499 * 8)
