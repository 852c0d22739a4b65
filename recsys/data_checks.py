"""Checks of the lessons before a model learned from them may serve.

A broken importer, a feature that went silent or a flood of one label makes a model that fits its
broken data well. So the newest week is held against those before it, and an anomaly keeps the
model from being promoted, by name. Thresholds are wide: an ordinary night passes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recsys.clocks import DAY
from recsys.dataset import Dataset
from recsys.features import FEATURES

WEEK = 7 * DAY
WEEKS = 4
"""weeks before the newest that it is held against"""
ENOUGH = 60
"""labels on either side below which nothing is compared: chance alone would ring the bell"""

VOLUME = (0.2, 5.0)
"""labels of the newest week, in those of the median week before"""
PSI = 1.0
"""population stability index beyond which a feature is another one; 0.25 is commonly called a
major shift, but a young workspace shifts by that much as members settle in"""
UNUSUAL = 3.0
"""and by so many times what it moved in the week before: a running rate always moves"""
BINS = 10
LIVELY, GONE = 0.3, 0.02
"""a feature that was known (not its default) for so many labels, and keeps so small a share of
them, has gone missing"""
RATE_STEPS = 6.0
"""standard errors by which a label's rate may move"""

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Anomaly:
    """What is wrong with the data, in words that a promotion is refused with."""

    check: str
    """missing, volume, drift or labels"""
    subject: str
    detail: str

    def __str__(self) -> str:
        return f"{self.check} of {self.subject}: {self.detail}"


def check(data: Dataset) -> tuple[Anomaly, ...]:
    """All anomalies of the lessons, the gravest kind first; empty where all is well.

    The newest week is that which ends with the newest lesson.
    """
    if not len(data):
        return ()
    newest, before = _weeks(data, data.at[-1])
    found = [*_broken(data), *_volume(data)]
    if min(int(newest.sum()), int(before.sum())) >= ENOUGH:
        found += [*_features(data, before, newest), *_labels(data, before, newest)]
    return tuple(found)


def _weeks(data: Dataset, end: float) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Rows of the week that ends at `end`, and of those before it."""
    newest = (data.at > end - WEEK) & (data.at <= end)
    return newest, (data.at <= end - WEEK) & (data.at > end - (WEEKS + 1) * WEEK)


def psi(before: Values, after: Values) -> float:
    """Population stability index over the deciles of `before`; 0 where both are alike.

    Ties fall into one bin, so that a feature that is mostly zero is compared too.
    """
    edges = np.unique(np.quantile(before, np.linspace(0, 1, BINS + 1)[1:-1]))
    counts = [
        np.bincount(np.searchsorted(edges, side, side="left"), minlength=edges.size + 1)
        for side in (before, after)
    ]
    # half a value in every bin: an empty one is rare, not impossible
    then, now = ((count + 0.5) / (count.sum() + 0.5 * count.size) for count in counts)
    return float(((now - then) * np.log(now / then)).sum())


def _broken(data: Dataset) -> Iterator[Anomaly]:
    shares = 1.0 - np.isfinite(data.matrix).mean(axis=0)
    for feature, share in zip(FEATURES, shares, strict=True):
        if share > 0:
            yield Anomaly("missing", feature.name, f"{share:.1%} of its values are no number")


def _volume(data: Dataset) -> Iterator[Anomaly]:
    ages = np.floor((data.at[-1] - data.at) / WEEK).astype(np.intp)
    weeks = np.bincount(ages, minlength=WEEKS + 1)[: WEEKS + 1]
    whole = weeks[1 : 1 + int((data.at[-1] - data.at[0]) // WEEK)]
    usual = float(np.median(whole)) if whole.size >= 2 else 0.0
    if usual < ENOUGH:
        return
    share = float(weeks[0]) / usual
    if not VOLUME[0] <= share <= VOLUME[1]:
        yield Anomaly("volume", "labels", f"{weeks[0]} in the last week, usually {usual:.0f}")


def _features(
    data: Dataset, before: NDArray[np.bool_], newest: NDArray[np.bool_]
) -> Iterator[Anomaly]:
    earlier = _weeks(data, data.at[-1] - WEEK)
    for column, feature in enumerate(FEATURES):
        values = data.matrix[:, column].astype(np.float64)
        then, now = (values[side & np.isfinite(values)] for side in (before, newest))
        if min(then.size, now.size) < ENOUGH:
            continue
        known = np.mean(then != feature.default), np.mean(now != feature.default)
        if known[0] > LIVELY and known[1] < GONE * known[0]:
            told = f"known for {known[1]:.1%} of the labels in the last week, {known[0]:.1%} before"
            yield Anomaly("missing", feature.name, told)
        elif (shift := psi(then, now)) > PSI and shift > UNUSUAL * _usual(values, *earlier):
            yield Anomaly("drift", feature.name, f"its distribution moved by {shift:.2f} (PSI)")


def _usual(values: Values, week: NDArray[np.bool_], before: NDArray[np.bool_]) -> float:
    """How far the feature had moved a week ago; any shift is usual where nothing tells."""
    if min(int(week.sum()), int(before.sum())) < ENOUGH:
        return np.inf
    return psi(values[before], values[week])


def _labels(
    data: Dataset, before: NDArray[np.bool_], newest: NDArray[np.bool_]
) -> Iterator[Anomaly]:
    heads = {"engaged": data.engaged, "dismissed": data.dismissed, "opted out": data.opted_out}
    for name, target in heads.items():
        then, now = (target[side & np.isfinite(target)] for side in (before, newest))
        if min(then.size, now.size) < ENOUGH:
            continue
        rates = float(then.mean()), float(now.mean())
        pooled = float(np.concatenate([then, now]).mean())
        spread = max(pooled * (1 - pooled), 1 / min(then.size, now.size))
        error = np.sqrt(spread * (1 / then.size + 1 / now.size))
        if abs(rates[1] - rates[0]) > RATE_STEPS * error:
            yield Anomaly("labels", name, f"{rates[1]:.1%} in the last week, {rates[0]:.1%} before")
