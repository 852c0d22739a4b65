"""The bench of delivery measures what really happened: every opener composed, sent and counted."""

from __future__ import annotations

import pytest

from bot.benching.delivery_bench import Plan, measure
from bot.benching.delivery_servers import every


def test_every_opener_is_written_by_the_model_and_leaves_once() -> None:
    told = measure(Plan(6, 0.05, False), 2, 0)
    assert (told["openers"], told["delivered"], told["doubled"]) == (6, 6, 0)
    assert (told["model"], told["fallback"], told["withheld"]) == (6, 0, 0)
    assert told["allowed_per_s"] == 40
    assert told["ratio"] == pytest.approx(told["per_s"] / 40, abs=0.002)
    assert told["own_ms"] > 0


def test_few_in_flight_are_measured_with_fewer_openers() -> None:
    plan = Plan(1000, 1.0, False)
    assert [plan.count(number) for number in (1, 8, 64)] == [30, 240, 1000]


def test_failing_calls_are_spread_evenly() -> None:
    fails = every(5)
    assert [number for number in range(1, 61) if fails({})] == [20, 40, 60]
