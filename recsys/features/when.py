"""When: the item's age, and the member's day."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recsys.features.tally import PRIOR_SHOWN
from recsys.features.view import View
from recsys.types import Floats

OLDEST_HOURS = 60 * 24.0
HOUR_PRIOR = 6.0
"""Signals spread evenly over the day that every member starts with."""
HOUR_WIDTH = 1.5
"""Hours around a moment whose openers say something about it (standard deviation)."""


def freshness_hours(view: View) -> Floats:
    """Hours from publication to the moment the item could be brought up, at most 60 days."""
    age = (view.clock - view.pool.published[view.rows]) / 3600.0
    return np.clip(age, 0.0, OLDEST_HOURS).astype(np.float32)


def local_hour_of_day(view: View) -> Floats:
    """The member's local hour at the candidate's clock."""
    return view.clock_hours.astype(np.float32)


def hour_activity(view: View) -> Floats:
    """How active the member is around this local hour, beside an even day (1 is average)."""
    return np.asarray(_share(view, (-1, 0, 1))[view.clock_hours], np.float32)


def root_hour_match(view: View) -> Floats:
    """How active the member is in the item's own hour and the two after it (1 is average)."""
    return np.asarray(_share(view, (0, 1, 2))[view.published_hours], np.float32)


def _share(view: View, offsets: tuple[int, ...]) -> Floats:
    hours = view.hours_spent + HOUR_PRIOR / 24.0
    around = sum((np.roll(hours, -offset) for offset in offsets), np.zeros(24))
    return np.asarray(around / hours.sum() * 24.0 / len(offsets), np.float32)


def weekday_activity(view: View) -> Floats:
    """How active the member is on this day of the week, beside an even week (1 is average)."""
    days = np.bincount(view.signal_weekdays, minlength=7) + HOUR_PRIOR / 7.0
    return np.asarray((days / days.sum() * 7.0)[view.clock_weekdays], np.float32)


def receptivity(view: View) -> Floats:
    """Share of openers around this local hour that the member took up, smoothed."""
    e = view.exposures
    apart = _circular(np.arange(24)[:, None] - e.hour[view.closed].astype(np.intp)[None, :])
    near = np.exp(-0.5 * (apart / HOUR_WIDTH) ** 2)
    hits = near @ view.engaged[view.closed].astype(np.float64)
    rate = (hits + PRIOR_SHOWN * view.tally.rate) / (near.sum(axis=1) + PRIOR_SHOWN)
    return np.asarray(rate[view.clock_hours], np.float32)


def _circular(hours: NDArray[np.intp]) -> NDArray[np.intp]:
    apart = np.abs(hours) % 24
    return np.asarray(np.minimum(apart, 24 - apart))
