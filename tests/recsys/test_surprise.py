"""Ratings tell what people and items are like apart from how much was asked of them."""

from __future__ import annotations

import numpy as np
import pytest

from recsys.surprise import evidence, level, ratings, spread_within
from recsys.types import Exposures, OutcomeKind
from tests.recsys.builders import DAY, NOW, exposures

YES, NO, OPEN = OutcomeKind.REPLIED, OutcomeKind.DISMISSED, OutcomeKind.OPEN


def told(kinds: list[OutcomeKind], expected: list[float]) -> Exposures:
    last = len(kinds)
    return exposures(
        [(NOW - (last - n) * DAY, 0, kind, NOW - (last - n - 0.5) * DAY)
         for n, kind in enumerate(kinds)],
        expected=expected,
    )  # fmt: skip


def rated(kinds: list[OutcomeKind], expected: list[float], spread: float = 1.0) -> float:
    return float(ratings(told(kinds, expected), np.zeros(len(kinds), np.intp), 1, spread)[0])


def test_what_was_expected_moves_less_than_what_was_not() -> None:
    assert 0 < rated([YES], [0.9]) < rated([YES], [0.1])
    assert rated([NO], [0.9]) < rated([NO], [0.1]) < 0
    assert rated([], []) == 0


def test_the_more_is_known_the_less_an_answer_moves() -> None:
    first = rated([YES], [0.5])
    later = rated([YES, NO] * 10 + [YES], [0.5] * 21) - rated([YES, NO] * 10, [0.5] * 20)
    assert 0 < later < first / 3


def test_what_is_believed_to_differ_little_moves_little() -> None:
    assert rated([YES], [0.5], 0.2) < rated([YES], [0.5], 1.0) / 5


def test_open_ones_and_those_of_whom_nothing_was_expected_say_nothing() -> None:
    assert rated([OPEN, YES], [0.5, np.nan]) == 0


def test_each_is_rated_by_its_own_alone() -> None:
    kinds, expected = [YES, NO, YES, YES], [0.5, 0.4, 0.3, 0.2]
    groups = np.array([1, 0, 1, -1], np.int32)
    found = ratings(told(kinds, expected), groups, 3, 1.0)
    apart = [rated([NO], [0.4]), rated([YES, YES], [0.5, 0.3]), 0.0]
    assert found.tolist() == pytest.approx(apart)


@pytest.mark.parametrize("gladness", [-1.0, 0.0, 1.5])
def test_a_rating_that_expectations_take_in_comes_near_the_truth(gladness: float) -> None:
    """Three hundred answers of somebody who is so much gladder than others, each foreseen."""
    dice = np.random.default_rng(4)
    kinds: list[OutcomeKind] = []
    expected: list[float] = []
    for base in dice.normal(-0.5, 1.0, 300):
        rating = rated(kinds, expected)
        expected.append(float(1 / (1 + np.exp(-base - rating))))
        kinds.append(YES if dice.random() < 1 / (1 + np.exp(-base - gladness)) else NO)
    assert rated(kinds, expected) == pytest.approx(gladness, abs=0.4)
    assert abs(np.mean([kind is YES for kind in kinds]) - np.mean(expected)) < 0.06


def test_what_is_known_of_a_group_is_all_that_came_beside_all_that_was_expected() -> None:
    groups = np.array([0, 0, 1, -1, 0], np.int32)
    one = told([YES, NO, YES, YES, OPEN], [0.5, 0.2, 0.9, 0.1, 0.5])
    found = evidence(one, one.expected, groups, 3)
    assert found.beyond.tolist() == pytest.approx([0.3, 0.1, 0.0])
    assert found.told.tolist() == pytest.approx([0.41, 0.09, 0.0])


@pytest.mark.parametrize(("truth", "low", "high"), [(0, 0, 0.2), (0.5, 0.3, 0.6), (1.5, 0.8, 2)])
def test_how_far_columns_lie_apart_is_read_off_the_answers(
    truth: float, low: float, high: float
) -> None:
    """Two hundred members answer twelve openers in each of three styles.

    Some members are gladder of everything than expected, which says nothing of styles. What lies
    far apart is underestimated, for a share of answers is no logit.
    """
    dice = np.random.default_rng(5)
    gladness = dice.normal(0.0, 0.7, (200, 1)) + dice.normal(0.0, truth, (200, 3))
    came = dice.binomial(12, 1 / (1 + np.exp(-gladness))).astype(np.float64)
    found = spread_within(came - 6.0, np.full((200, 3), 3.0), 0.5)
    assert low <= found <= high


def test_without_answers_a_spread_is_what_was_believed() -> None:
    assert spread_within(np.zeros((0, 3)), np.zeros((0, 3)), 0.5) == pytest.approx(0.5)
    assert spread_within(np.zeros((4, 3)), np.zeros((4, 3)), 0.5) == pytest.approx(0.5)


def test_a_day_on_which_all_was_overrated_is_put_right() -> None:
    """Forty openers of a day, of which a tenth came and most had been expected to."""
    kinds = [YES, *[NO] * 9] * 4
    day = exposures([(NOW, 0, kind, NOW + 60) for kind in kinds], expected=[0.7] * 40)
    before = exposures([(NOW - 5 * DAY, 0, YES, NOW)], expected=[0.7])
    found = level(day, NOW + DAY)
    assert 0.1 < found.expected(day).max() < 0.35
    assert found.expected(before) == pytest.approx([0.7])
    assert level(before, NOW + DAY).expected(day) == pytest.approx([0.7] * 40)
    assert level(day, NOW).expected(day) == pytest.approx([0.7] * 40)
