"""The newest items of the pool."""

from __future__ import annotations

import numpy as np

from recsys.indexes import Indexes
from recsys.types import Found, Pool, Query


class Recent:
    """Newest first; what is published later than the query's moment does not exist yet."""

    name = "recent"

    def __init__(self, pool: Pool, indexes: Indexes) -> None:
        order = np.lexsort((pool.order, -pool.published))
        self._newest_first = order[np.isfinite(pool.published[order])].astype(np.int32)
        self._age_order = -pool.published[self._newest_first]

    def fetch(self, query: Query) -> Found:
        """Scores are minus the age in hours."""
        start = int(np.searchsorted(self._age_order, -query.now, side="left"))
        end = start + max(0, query.limit)
        hours = (-query.now - self._age_order[start:end]) / 3600.0
        return Found(self.name, self._newest_first[start:end], hours.astype(np.float32))
