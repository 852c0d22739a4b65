"""Items that colleagues welcome: engagements over exposures, smoothed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recsys.clocks import DAY
from recsys.indexes import Indexes
from recsys.remembered import remembered
from recsys.sources.order import best_first
from recsys.state import closed, engaged
from recsys.types import Found, Pool, Query, Rows, WorkspaceState

PRIOR_SHOWN = 10.0
"""exposures that the workspace's own rate counts for"""

PRIOR_RATE = 0.2
"""the rate of a workspace that has seen nothing yet"""

TOUCH_WINDOW = 14 * DAY
TOUCH_GAIN = 0.25

Scores = NDArray[np.float64]


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
        rows, scores = _welcomed(query.workspace, self._pool, query.now)
        return best_first(self.name, self._pool, rows, scores, query.limit)


@remembered(4)
def _welcomed(state: WorkspaceState, pool: Pool, now: float) -> tuple[Rows, Scores]:
    """Rows (k,) that somebody welcomed or took part in before `now`, and their scores (k,).

    The same for all members of a pass, so it is worked out once.
    """
    exposures = state.exposures
    known = closed(exposures) & (exposures.outcome_at < now) & (exposures.row >= 0)
    touched, people = _people(state, len(pool), now)
    rows, place = np.unique(np.concatenate([exposures.row[known], touched]), return_inverse=True)
    told, came = place[: int(known.sum())], place[int(known.sum()) :]
    liked = np.bincount(told, weights=engaged(exposures)[known], minlength=rows.size)
    shown = np.bincount(told, minlength=rows.size)
    drew = np.bincount(came, weights=people, minlength=rows.size)
    rate = (liked.sum() + PRIOR_RATE * PRIOR_SHOWN) / (shown.sum() + PRIOR_SHOWN)
    scores = (liked + rate * PRIOR_SHOWN) / (shown + PRIOR_SHOWN)
    scores *= 1 + TOUCH_GAIN * np.log1p(drew)
    proposed = ((liked > 0) | (drew > 0)) & (pool.published[rows] <= now)
    return rows[proposed].astype(np.int32), scores[proposed]


def _people(state: WorkspaceState, n: int, now: float) -> tuple[Rows, Scores]:
    """Rows that were touched lately, and by how many different members."""
    start, end = np.searchsorted(state.touches_at, [now - TOUCH_WINDOW, now])
    rows = state.touches_row[start:end].astype(np.int64)
    there = (rows >= 0) & (rows < n)
    width = max(1, len(state.members))
    pairs = np.unique(rows[there] * width + state.touches_member[start:end][there])
    touched, people = np.unique(pairs // width, return_counts=True)
    return touched.astype(np.int32), people.astype(np.float64)
