"""Items that resemble what a member cares about: nearest vectors, interest by interest."""

from __future__ import annotations

import numpy as np

from recsys.indexes import Bits, Indexes, bits_of
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
        self._published = np.sort(pool.published)
        self._existing: tuple[int, Bits | None] = (len(pool), None)

    def fetch(self, query: Query) -> Found:
        """Half of the places are shared evenly among the interests, half by their weight."""
        vectors, shares = self._wanted(query)
        places = np.maximum(1, (query.limit * shares).astype(np.intp))
        most = int(places.max(initial=0)) if query.limit > 0 else 0
        rows, similarity = self._index.nearest(vectors, most, self._allowed(query.now))
        within = (np.arange(rows.shape[1]) < places[:, None]) & (rows >= 0)
        found, scores = rows[within], similarity[within]
        order = np.lexsort((-scores, found))
        found, scores = found[order], scores[order]
        once = np.diff(found, prepend=-1) > 0  # of an item near two interests, the nearer
        return best_first(self.name, self._pool, found[once], scores[once], query.limit)

    def _allowed(self, now: float) -> Bits | None:
        """A bit for each item that exists at `now`; None where all do.

        How many exist says which, so what was worked out last mostly serves again.
        """
        count = int(np.searchsorted(self._published, now, side="right"))
        known = self._existing
        if known[0] != count:
            known = self._existing = (count, bits_of(self._pool.published <= now))
        return known[1]

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
