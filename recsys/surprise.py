"""Beyond what was expected: how gladly openers were taken up, beside how likely that was held.

A rate says as much about the items that somebody was told of as about themselves. What was
expected of each opener is kept with it, so that the rest can be told apart: a rating in logits, as
chess players have one (Elo 1978). Each answer moves it by what came less what was expected, the
less the more is known. Expectations that hold the rating already move it no further.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recsys.calibration import sigmoid
from recsys.clocks import DAY
from recsys.labels import target
from recsys.types import Exposures

MEMBER_SPREAD = 1.0
"""logits by which members differ in how gladly they hear of anything (standard deviation)"""
ITEM_SPREAD = 0.5
"""the same for items: most of what they differ in is whom they suit"""
STYLE_SPREAD = 0.5
"""the same for what styles are to one member, before any answer tells how much they differ"""
STYLE_SPREAD_OF_ALL = 0.3
"""the same for what styles are to a whole workspace"""
SPREAD_BELIEF = 50.0
"""squared information, summed over members and styles, that the spread above is worth"""
LEVEL_SPREAD = 0.5
"""logits by which expectations are off from day to day (standard deviation)"""
LEAST_SPREAD = 0.3
"""share of a believed spread below which no data bring it: an estimate of nothing is a chance"""
_LEAST = 0.01
"""expectations are held to be at least so far from certain"""

Ratings = NDArray[np.float64]


def ratings(
    exposures: Exposures, group: NDArray[np.integer], groups: int, spread: float
) -> Ratings:
    """(groups,) a rating in logits for each group; 0 for one of which nothing is known.

    `group` (m,) says whose each exposure is, -1 for nobody's. Those that are open, or of which
    nothing was expected, say nothing. `spread` is how far ratings are believed to lie apart.
    """
    came = target(exposures.outcome).astype(np.float64)
    known = np.flatnonzero((group >= 0) & np.isfinite(came) & np.isfinite(exposures.expected))
    known = known[np.argsort(group[known], kind="stable")]
    whose = group[known].astype(np.intp)
    said = np.clip(exposures.expected[known], _LEAST, 1.0 - _LEAST)
    told = said * (1.0 - said)
    starts = np.flatnonzero(np.diff(whose, prepend=-1))
    so_far = np.cumsum(told)
    before = np.repeat(so_far[starts] - told[starts], np.diff(np.append(starts, whose.size)))
    gain = 1.0 / (1.0 / spread**2 + so_far - before)
    moved = np.bincount(whose, gain * (came[known] - said), minlength=groups)
    return np.asarray(moved, np.float64)


@dataclass(frozen=True, slots=True)
class Level:
    """How far expectations were off on each day, over all members: what is nobody's own."""

    first: int
    """the first day, in days since 1970 (UTC)"""
    shift: Ratings
    """(days,) logits to add to what was expected"""

    def expected(self, exposures: Exposures) -> Ratings:
        """(m,) what was expected of each, put right by its day; a day of which none is as it is."""
        said = np.clip(exposures.expected, _LEAST, 1.0 - _LEAST)
        day = (exposures.at // DAY).astype(np.intp) - self.first
        known = (day >= 0) & (day < self.shift.size)
        shift = np.zeros(len(exposures))
        shift[known] = self.shift[day[known]]
        return sigmoid(np.log(said / (1.0 - said)) + shift)


def level(exposures: Exposures, now: float) -> Level:
    """The level of a workspace's openers, by what had become of them before `now`."""
    first = int(exposures.at[0] // DAY) if len(exposures) else 0
    day = (exposures.at // DAY).astype(np.intp) - first
    past = np.where(exposures.outcome_at < now, day, -1)
    found = evidence(exposures, exposures.expected, past, int(day.max(initial=-1)) + 1)
    return Level(first, found.beyond / (1.0 / LEVEL_SPREAD**2 + found.told))


@dataclass(frozen=True, slots=True)
class Evidence:
    """What openers of each group say beside what was expected of them; each (groups,)."""

    beyond: Ratings
    """taken up, less how often that was expected"""
    told: Ratings
    """how much they tell: the variance of what comes if all goes as expected"""


def evidence(
    exposures: Exposures, expected: Ratings, group: NDArray[np.integer], groups: int
) -> Evidence:
    """All openers of a group at once, for expectations (m,) that know nothing of the group.

    `group` (m,) says whose each exposure is, -1 for nobody's.
    """
    came = target(exposures.outcome).astype(np.float64)
    known = (group >= 0) & np.isfinite(came) & np.isfinite(expected)
    said = np.clip(expected[known], _LEAST, 1.0 - _LEAST)
    whose = group[known].astype(np.intp)
    return Evidence(
        np.bincount(whose, came[known] - said, minlength=groups).astype(np.float64),
        np.bincount(whose, said * (1.0 - said), minlength=groups).astype(np.float64),
    )


def spread_within(beyond: Ratings, told: Ratings, believed: float) -> float:
    """How far the columns of one row lie apart, in logits (standard deviation).

    `beyond` and `told` are those of `Evidence`, (rows, columns). What a row has in common says
    nothing of it. By moments: of squares, what chance alone would give is taken off, and the rest
    is drawn to `believed` (Morris 1983, "Parametric empirical Bayes").
    """
    whole = told.sum(axis=1, keepdims=True)
    share = np.divide(told, whole, out=np.zeros_like(told), where=whole > 0)
    apart = beyond - share * beyond.sum(axis=1, keepdims=True)
    chance = (told * (1.0 - share)).sum()
    squares = (told**2).sum(axis=1, keepdims=True) - told**2
    signal = (share**2 * ((whole - told) ** 2 + squares)).sum()
    found = ((apart**2).sum() - chance + SPREAD_BELIEF * believed**2) / (signal + SPREAD_BELIEF)
    return float(np.sqrt(max(found, (believed * LEAST_SPREAD) ** 2)))
