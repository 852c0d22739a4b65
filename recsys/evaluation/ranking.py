"""Ranking metrics of one slate, and their mean over slates.

Equal scores are worth their expectation over a random order of the tied: no metric can be
helped by the order in which candidates happened to be given.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

Values = NDArray[np.float64]


def auc(labels: Values, scores: Values) -> float:
    """Chance that a positive (label ≥ .5) outscores a negative, ties half; nan without both."""
    positive = labels >= 0.5
    hits, misses = int(positive.sum()), int((~positive).sum())
    if not hits or not misses:
        return float("nan")
    ranks = rankdata(scores)
    return float((ranks[positive].sum() - hits * (hits + 1) / 2) / (hits * misses))


def mrr(labels: Values, scores: Values) -> float:
    """Mean of 1/rank over the positives, as MIND defines it; nan without a positive."""
    positive = labels >= 0.5
    if not positive.any():
        return float("nan")
    worth = _by_score(1.0 / np.arange(1, labels.size + 1), scores)
    return float(worth[positive].mean())


def ndcg(labels: Values, scores: Values, k: int) -> float:
    """Normalised discounted cumulative gain at k, gains ``2^label − 1``; nan without a gain."""
    gains = np.exp2(labels) - 1.0
    discounts = 1.0 / np.log2(np.arange(2, labels.size + 2))
    discounts[k:] = 0.0
    best = float(np.sort(gains)[::-1] @ discounts)
    if best <= 0:
        return float("nan")
    return float(gains @ _by_score(discounts, scores)) / best


def _by_score(worth: Values, scores: Values) -> Values:
    """What each candidate's place is worth; the tied share theirs equally."""
    _, group, count = np.unique(-scores, return_inverse=True, return_counts=True)
    order = np.argsort(group, kind="stable")
    shared = np.bincount(group[order], worth, minlength=count.size) / count
    return np.asarray(shared[group])


METRICS = ("auc", "mrr", "ndcg@5", "ndcg@10")


def per_slate(slates: Iterable[tuple[Values, Values]]) -> dict[str, Values]:
    """Each metric for each slate of (labels, scores), (slates,); nan where it is undefined."""
    rows = [
        (auc(y, s), mrr(y, s), ndcg(y, s, 5), ndcg(y, s, 10)) if y.size else (np.nan,) * 4
        for y, s in slates
    ]
    table = np.array(rows, np.float64).reshape(-1, len(METRICS))
    return {name: table[:, position] for position, name in enumerate(METRICS)}


def mean_over_slates(slates: Iterable[tuple[Values, Values]]) -> dict[str, float]:
    """The mean of each metric over the slates where it is defined; nan where there is none."""
    return {
        name: float(values[np.isfinite(values)].mean()) if np.isfinite(values).any() else np.nan
        for name, values in per_slate(slates).items()
    }
