"""When: the item's age, and the member's day."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recsys.features.tally import DAY, PRIOR_SHOWN
from recsys.features.view import View
from recsys.types import Floats

OLDEST_HOURS = 60 * 24.0
HOUR_PRIOR = 6.0
"""Signals spread evenly over the day that every member starts with."""
PRESENCE_FROM, PRESENCE_TO = -1.0, 3.0
"""Hours around a moment within which somebody who is about would have been seen."""
RHYTHM_SHIFT, RHYTHM_WIDTH = 0.7, 1.5
"""Hours after a moment that matter most to what begins then, and their standard deviation."""
RHYTHM_HALF_LIFE = 30 * DAY
RHYTHM_BELIEF = 3.0
"""Signals spread evenly over the day that every member starts with."""
PRESENCE_DAYS = 42
PRESENCE_PRIOR, PRESENCE_BELIEF = 0.05, 1.0
"""Days out of a hundred on which anybody is about at any given time, and days it is worth."""
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
    """How active the member is in the item's own hour and the two after it (1 is average).

    Nan where it is not known when the item began.
    """
    hours = view.published_hours
    return np.where(hours >= 0, _share(view, (0, 1, 2))[hours], np.nan).astype(np.float32)


def _share(view: View, offsets: tuple[int, ...]) -> Floats:
    hours = view.hours_spent + HOUR_PRIOR / 24.0
    around = hours[(np.arange(24)[:, None] + offsets) % 24].sum(axis=1)
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


def rhythm(view: View) -> Floats:
    """How much of what they do falls around this time of day, lately: log of it beside an even day.

    Smooth where an hour's count is not, so that few signals say as much as they can.
    """
    clocks, where = view.clocks
    later = (view.signals.at[None, :] - clocks[:, None]) / 3600.0 - RHYTHM_SHIFT
    apart = np.mod(later + 12.0, 24.0) - 12.0
    worth = 0.5 ** (view.ages / RHYTHM_HALF_LIFE)
    near = np.exp(-0.5 * (apart / RHYTHM_WIDTH) ** 2) * worth
    even = RHYTHM_WIDTH * np.sqrt(2 * np.pi) / 24.0  # what a signal is worth on average
    share = (near.sum(axis=1) / even + RHYTHM_BELIEF) / (worth.sum() + RHYTHM_BELIEF)
    return np.asarray(np.log(share), np.float32)[where]


def presence(view: View) -> Floats:
    """On how many of the last days they were about at this time of day: log of the share."""
    return _presence(view, PRESENCE_FROM, PRESENCE_TO, 1, 14.0)


def presence_lately(view: View) -> Floats:
    """The same, yesterday counting twice as much as three days ago."""
    return _presence(view, PRESENCE_FROM, PRESENCE_TO, 1, 2.0)


def presence_weekly(view: View) -> Floats:
    """In how many of the last weeks they came by within a day of this moment: log of the share."""
    return _presence(view, 0.0, 24.0, 7, 21.0)


def _presence(view: View, first: float, last: float, every: int, half_life: float) -> Floats:
    """Looks from each candidate's clock back by whole days, a window of hours on each."""
    clocks, where = view.clocks
    ago = np.arange(every, PRESENCE_DAYS + 1, every, dtype=np.float64)
    start = clocks[:, None] - ago * DAY
    at = view.signals.at
    begun, ended = start + first * 3600.0, np.minimum(start + last * 3600.0, view.now)
    came = np.searchsorted(at, ended) > np.searchsorted(at, begun)
    worth = 0.5 ** (ago / half_life)
    share = (np.where(came, worth, 0.0).sum(axis=1) + PRESENCE_BELIEF * PRESENCE_PRIOR) / (
        worth.sum() + PRESENCE_BELIEF
    )
    return np.asarray(np.log(share), np.float32)[where]
