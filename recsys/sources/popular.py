"""Items that colleagues welcome: engagements over exposures, smoothed."""

from __future__ import annotations

import numpy as np

from recsys.clocks import DAY
from recsys.indexes import Indexes
from recsys.sources.order import best_first
from recsys.state import closed, engaged
from recsys.types import Found, Pool, Query

PRIOR_SHOWN = 10.0
"""exposures that the workspace's own rate counts for"""

PRIOR_RATE = 0.2
"""the rate of a workspace that has seen nothing yet"""

TOUCH_WINDOW = 14 * DAY
TOUCH_GAIN = 0.25


class Popular:
    """Ranks by rate, not by count: what was shown often is not thereby liked.

    People who took part by themselves within 14 days raise an item by a little, so that a pool
    whose items were never sent has an order too.
    """

    name = "popular"

    def __init__(self, pool: Pool, indexes: Indexes) -> None:
        self._pool = pool

    def fetch(self, query: Query) -> Found:
        """Only items that somebody welcomed or took part in."""
        n, now = len(self._pool), query.now
        exposures = query.workspace.exposures
        known = closed(exposures) & (exposures.outcome_at < now) & (exposures.row >= 0)
        rows = exposures.row[known]
        liked = np.bincount(rows, weights=engaged(exposures)[known], minlength=n)
        shown = np.bincount(rows, minlength=n)
        rate = (liked.sum() + PRIOR_RATE * PRIOR_SHOWN) / (shown.sum() + PRIOR_SHOWN)
        people = self._people(query)
        scores = (liked + rate * PRIOR_SHOWN) / (shown + PRIOR_SHOWN)
        scores *= 1 + TOUCH_GAIN * np.log1p(people)
        proposed = ((liked > 0) | (people > 0)) & (self._pool.published <= now)
        return best_first(self.name, np.flatnonzero(proposed), scores, query.limit)

    def _people(self, query: Query) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        """(n,): how many different members touched each item lately."""
        state, n = query.workspace, len(self._pool)
        start, end = np.searchsorted(state.touches_at, [query.now - TOUCH_WINDOW, query.now])
        rows = state.touches_row[start:end].astype(np.int64)
        there = (rows >= 0) & (rows < n)
        width = max(1, len(state.members))
        pairs = np.unique(rows[there] * width + state.touches_member[start:end][there])
        return np.bincount(pairs // width, minlength=n)
