"""Precision where it is surest, under a cap, by values worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from recsys.clocks import DAY
from recsys.evaluation.speaking import Picks, spoken

MONDAY = 1_767_571_200.0
ONCE = np.ones((1, 2))


def picks(
    confidence: list[float], right: list[float], days: list[int], who: str, seed: int = 0
) -> Picks:
    return Picks(
        np.array(confidence), np.array(right), MONDAY + np.array(days) * DAY, list(who), seed
    )


def test_the_surest_share_of_all_days_is_judged() -> None:
    found = picks([0.9, 0.8, 0.1, 0.2], [1, 0, 1, 1], [0, 1, 2, 3], "abab")
    assert found.precision(0.25, ONCE)[0] == 1.0
    assert found.precision(0.5, ONCE)[0] == 0.5
    assert found.reached(0.25) == 1
    assert found.reached(0.5) == 2


def test_nobody_gets_more_than_three_a_calendar_week() -> None:
    sure = [0.9, 0.8, 0.7, 0.6, 0.5]
    same_week = picks(sure, [0, 0, 0, 1, 1], [0, 1, 2, 3, 4], "aaaab")
    assert list(same_week.order) == [0, 1, 2, 4]
    # Sunday belongs to the week before, Monday to the next
    over_two = picks(sure, [0, 0, 0, 1, 1], [4, 5, 6, 7, 4], "aaaab")
    assert list(over_two.order) == [0, 1, 2, 3, 4]


def test_the_area_is_the_mean_risk_over_coverage() -> None:
    found = picks([0.9, 0.8], [1, 0], [0, 1], "ab")
    assert found.aurc() == pytest.approx(1 - (1.0 + 0.5) / 2)


def test_ties_fall_by_the_seed_and_not_by_their_order() -> None:
    orders = {tuple(picks([0.5] * 4, [1] * 4, [0] * 4, "abcd", seed).order) for seed in range(9)}
    assert len(orders) > 3


def test_a_resampled_member_counts_as_often_as_drawn() -> None:
    found = picks([0.9, 0.8, 0.1, 0.2], [1, 0, 0, 0], [0, 1, 2, 3], "abab")
    twice_a, twice_b = np.array([[2.0, 0.0]]), np.array([[0.0, 2.0]])
    assert found.precision(0.5, twice_a)[0] == 1.0
    assert found.precision(0.5, twice_b)[0] == 0.0


def test_surer_is_better_than_random_and_says_by_how_much() -> None:
    dice = np.random.default_rng(0)
    chance = dice.random(2_000) * 0.2
    right = (dice.random(2_000) < chance).astype(float)
    who = [f"U{n % 200}" for n in range(2_000)]
    at = np.asarray(MONDAY + (np.arange(2_000) // 200) * DAY, np.float64)
    found = spoken(
        Picks(chance, right, at, who),
        {"random": Picks(dice.random(2_000), right, at, who)},
    )
    assert found["precision@5%"]["value"] > found["baselines"]["random"]["precision@5%"]["value"]
    assert found["ece"] < 0.02
    assert found["best_baseline"] == "random"
    assert found["ratio@2%"]["value"] > 1
    assert found["aurc"] < found["baselines"]["random"]["aurc"]
