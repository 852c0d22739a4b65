"""Items that were written for one member."""

from __future__ import annotations

import numpy as np

from recsys.indexes import Indexes
from recsys.types import Found, Pool, Query


class Addressed:
    """Newest first."""

    name = "addressed"

    def __init__(self, pool: Pool, indexes: Indexes) -> None:
        self._pool = pool
        self._position = {member: at for at, member in enumerate(pool.addressees)}

    def fetch(self, query: Query) -> Found:
        """Scores are minus the age in hours."""
        position = self._position.get(query.member.member, -2)
        mine = (self._pool.addressee == position) & (self._pool.published <= query.now)
        rows = np.flatnonzero(mine).astype(np.int32)
        age = (query.now - self._pool.published[rows]) / 3600.0
        order = np.lexsort((rows, age))[: max(0, query.limit)]
        return Found(self.name, rows[order], -age[order].astype(np.float32))
