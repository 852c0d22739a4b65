"""Items that resemble what a member cares about: nearest vectors, interest by interest."""

from __future__ import annotations

import numpy as np

from recsys.indexes import Indexes, nearest
from recsys.interests import interests, recent_context
from recsys.sources.order import best_first
from recsys.types import Floats, Found, Pool, Query

RECENT_SHARE = 0.25
"""share of the places for what the member is busy with these two days"""


class Dense:
    """Searches for every interest by itself, so that the largest does not crowd out the rest."""

    name = "dense"

    def __init__(self, pool: Pool, indexes: Indexes) -> None:
        self._pool = pool
        self._index = indexes.dense

    def fetch(self, query: Query) -> Found:
        """Half of the places are shared evenly among the interests, half by their weight."""
        vectors, shares = self._wanted(query)
        existing = self._pool.published <= query.now
        allowed = None if existing.all() else existing
        scores = np.full(len(self._pool), -np.inf, dtype=np.float32)
        for vector, share in zip(vectors, shares, strict=True):
            places = max(1, int(query.limit * share))
            rows, similarity = nearest(self._index, vector, places, allowed)
            scores[rows] = np.maximum(scores[rows], similarity)
        return best_first(self.name, np.flatnonzero(scores > -np.inf), scores, query.limit)

    def _wanted(self, query: Query) -> tuple[Floats, Floats]:
        vectors, weights = interests(query.member, self._pool, query.now)
        shares = 0.5 / max(1, len(weights)) + 0.5 * weights
        context = recent_context(query.member, self._pool, query.now)
        if not context.any():
            return vectors, shares
        return (
            np.concatenate([vectors, context[None, :]]),
            np.append(shares * (1 - RECENT_SHARE), np.float32(RECENT_SHARE)).astype(np.float32),
        )
