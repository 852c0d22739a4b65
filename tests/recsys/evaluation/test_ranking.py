"""Ranking metrics against values worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from recsys.evaluation.ranking import auc, mean_over_slates, mrr, ndcg, per_slate


def values(*numbers: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.array(numbers, np.float64)


LABELS = values(0, 1, 0, 1)
SCORES = values(0.9, 0.8, 0.7, 0.1)
"""positives stand second and fourth of four"""


def test_auc_counts_the_pairs_in_order() -> None:
    assert auc(LABELS, SCORES) == pytest.approx(1 / 4)
    assert auc(LABELS, -SCORES) == pytest.approx(3 / 4)
    assert auc(LABELS, np.zeros(4)) == 0.5


def test_mrr_is_the_mean_over_positives() -> None:
    assert mrr(LABELS, SCORES) == pytest.approx((1 / 2 + 1 / 4) / 2)


def test_ndcg_discounts_by_place_and_stops_at_k() -> None:
    best = 1 + 1 / np.log2(3)
    assert ndcg(LABELS, SCORES, 10) == pytest.approx((1 / np.log2(3) + 1 / np.log2(5)) / best)
    assert ndcg(LABELS, SCORES, 3) == pytest.approx((1 / np.log2(3)) / best)
    graded = ndcg(values(0.5, 1.0), values(2, 1), 2)
    assert graded == pytest.approx((0.41421356 + 1 / np.log2(3)) / (1 + 0.41421356 / np.log2(3)))


@pytest.mark.parametrize("labels", [values(1, 0, 0, 0), values(0, 0, 0, 1), values(0, 1, 0, 0)])
def test_ties_are_worth_their_expectation_wherever_the_positive_was_given(
    labels: np.ndarray[tuple[int], np.dtype[np.float64]],
) -> None:
    tied = np.zeros(4)
    assert mrr(labels, tied) == pytest.approx((1 + 1 / 2 + 1 / 3 + 1 / 4) / 4)
    assert ndcg(labels, tied, 1) == pytest.approx(1 / 4)


def test_a_slate_of_one_kind_has_no_metric() -> None:
    assert np.isnan(auc(values(1, 1), values(0, 1)))
    assert np.isnan(mrr(values(0, 0), values(0, 1)))
    assert np.isnan(ndcg(values(0, 0), values(0, 1), 5))


def test_the_mean_leaves_out_slates_without_the_metric() -> None:
    slates = [(LABELS, SCORES), (values(0, 0), values(1, 2)), (values(1, 0), values(1, 0))]
    assert per_slate(slates)["auc"].shape == (3,)
    assert mean_over_slates(slates)["auc"] == pytest.approx((1 / 4 + 1) / 2)
    assert np.isnan(mean_over_slates([])["auc"])
