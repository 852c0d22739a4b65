"""Intervals cover what they should, and groups widen them."""

from __future__ import annotations

import numpy as np
import pytest

from recsys.evaluation.bootstrap import mean_interval


def test_covers_the_true_mean_about_as_often_as_it_says() -> None:
    dice = np.random.default_rng(0)
    inside = 0
    for seed in range(200):
        found = mean_interval(dice.normal(1.0, 2.0, 60), range(60), seed=seed, rounds=300)
        inside += found.low <= 1.0 <= found.high
    assert 0.88 <= inside / 200 <= 0.99


def test_one_member_twice_is_not_two_members() -> None:
    values = np.random.default_rng(1).normal(size=40)
    alone = mean_interval(values, range(40), seed=2)
    doubled = np.repeat(values, 2)
    honest = mean_interval(doubled, np.repeat(np.arange(40), 2).tolist(), seed=2)
    naive = mean_interval(doubled, range(80), seed=2)
    assert honest.high - honest.low == pytest.approx(alone.high - alone.low)
    assert naive.high - naive.low < 0.85 * (honest.high - honest.low)


def test_same_seed_same_interval_and_weights_count() -> None:
    values = np.array([0.0, 1.0, np.nan])
    found = mean_interval(values, range(3), seed=5, weights=np.array([3.0, 1.0, 9.0]))
    assert found == mean_interval(values, range(3), seed=5, weights=np.array([3.0, 1.0, 9.0]))
    assert found.value == pytest.approx(0.25)


def test_nothing_to_resample_is_said_as_null() -> None:
    found = mean_interval(np.array([np.nan]), ["a"], seed=0)
    assert found.as_json() == {"value": None, "low": None, "high": None}
