"""Beyond what was expected: how gladly openers were taken up, beside how likely that was held.

A rate says as much about the items that somebody was told of as about themselves. What was
expected of each opener is kept with it, so that the rest can be told apart: a rating in logits, as
chess players have one (Elo 1978). Each answer moves it by what came less what was expected, the
less the more is known. Expectations that hold the rating already move it no further.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recsys.labels import target
from recsys.types import Exposures

MEMBER_SPREAD = 1.0
"""logits by which members differ in how gladly they hear of anything (standard deviation)"""
ITEM_SPREAD = 0.5
"""the same for items: most of what they differ in is whom they suit"""
STYLE_SPREAD = 0.5
"""the same for what styles are to one member"""
STYLE_SPREAD_OF_ALL = 0.3
"""the same for what styles are to a whole workspace"""
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
