"""Intervals by resampling whole groups: decisions of one member are not independent."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

ROUNDS = 1_000


@dataclass(frozen=True, slots=True)
class Interval:
    """A value with its percentile interval; all nan where there was nothing to resample."""

    value: float
    low: float
    high: float

    def as_json(self) -> dict[str, float | None]:
        return {name: x if np.isfinite(x) else None for name, x in asdict(self).items()}


def mean_interval(
    values: Values,
    groups: Sequence[Hashable],
    *,
    seed: int,
    weights: Values | None = None,
    rounds: int = ROUNDS,
    level: float = 0.95,
) -> Interval:
    """The weighted mean of (n,) values, resampled by group. Values that are nan do not count.

    For a paired comparison pass the differences: the same draw then hits both sides.
    """
    weights = np.ones_like(values) if weights is None else weights
    known = np.isfinite(values) & (weights > 0)
    if not known.any():
        return Interval(np.nan, np.nan, np.nan)
    position: dict[Hashable, int] = {}
    of = np.array([position.setdefault(g, len(position)) for g in groups], np.intp)[known]
    total = np.bincount(of, values[known] * weights[known], minlength=len(position))
    mass = np.bincount(of, weights[known], minlength=len(position))
    total, mass = total[mass > 0], mass[mass > 0]
    dice = np.random.default_rng(seed)
    size = total.size
    draws = dice.multinomial(size, np.full(size, 1.0 / size), size=rounds).astype(np.float64)
    means = (draws @ total) / (draws @ mass)
    tail = (1.0 - level) / 2
    low, high = np.quantile(means, [tail, 1.0 - tail])
    return Interval(float(total.sum() / mass.sum()), float(low), float(high))


def difference_interval(
    values: Values,
    first: NDArray[np.bool_],
    groups: Sequence[Hashable],
    *,
    seed: int,
    rounds: int = ROUNDS,
    level: float = 0.95,
) -> Interval:
    """The mean of the (n,) values where `first`, less that of the others, resampled by group.

    A draw that holds only one side says nothing of the difference and does not count.
    """
    if not first.any() or first.all():
        return Interval(np.nan, np.nan, np.nan)
    position: dict[Hashable, int] = {}
    of = np.array([position.setdefault(g, len(position)) for g in groups], np.intp)
    size = len(position)
    sums = [np.bincount(of[side], values[side], size) for side in (first, ~first)]
    counts = [np.bincount(of[side], minlength=size) for side in (first, ~first)]
    dice = np.random.default_rng(seed)
    draws = dice.multinomial(size, np.full(size, 1.0 / size), size=rounds).astype(np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        means = [(draws @ s) / (draws @ c) for s, c in zip(sums, counts, strict=True)]
    found = means[0] - means[1]
    tail = (1.0 - level) / 2
    low, high = np.quantile(found[np.isfinite(found)], [tail, 1.0 - tail])
    value = float(values[first].mean() - values[~first].mean())
    return Interval(value, float(low), float(high))
