"""Items that curators pinned: considered for everybody, however few resemble them."""

from __future__ import annotations

import numpy as np

from recsys.indexes import Indexes
from recsys.sources.order import best_first
from recsys.types import Found, Pool, Query


class Pinned:
    """Newest first. Considered is not chosen: filters and ranker judge them like any other."""

    name = "pinned"

    def __init__(self, pool: Pool, indexes: Indexes) -> None:
        self._pool = pool

    def fetch(self, query: Query) -> Found:
        """Scores are minus the age in hours."""
        row_of = self._pool.row_of
        rows = np.array([row_of[one] for one in query.pinned if one in row_of], dtype=np.int32)
        rows = rows[self._pool.published[rows] <= query.now]
        age = (query.now - self._pool.published[rows]) / 3600.0
        return best_first(self.name, self._pool, rows, -age, query.limit)
