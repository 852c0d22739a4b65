"""Items that were written for one member."""

from __future__ import annotations

import numpy as np

from recsys.indexes import Indexes
from recsys.sources.order import best_first
from recsys.types import Found, Pool, Query


class Addressed:
    """Newest first."""

    name = "addressed"

    def __init__(self, pool: Pool, indexes: Indexes) -> None:
        self._pool = pool
        addressed = np.flatnonzero(pool.addressee >= 0)
        self._rows = addressed[np.argsort(pool.addressee[addressed], kind="stable")]
        self._addressee = pool.addressee[self._rows]

    def fetch(self, query: Query) -> Found:
        """Scores are minus the age in hours."""
        position = self._pool.addressee_at.get(query.member.member, -2)
        start, end = np.searchsorted(self._addressee, [position, position + 1])
        rows = self._rows[start:end]
        rows = rows[self._pool.published[rows] <= query.now]
        age = (query.now - self._pool.published[rows]) / 3600.0
        return best_first(self.name, self._pool, rows, -age, query.limit)
