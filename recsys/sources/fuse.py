"""Reciprocal-rank fusion: lists whose scores cannot be compared, merged by their ranks."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from recsys.types import Candidates, Found

K = 60.0
"""damping of the first ranks (Cormack, Clarke and Büttcher, SIGIR 2009)"""


def fuse(found: Iterable[Found], limit: int) -> Candidates:
    """Merge what the sources found; a row scores the sum of 1 / (60 + rank) over its sources.

    Best first, equal ones by row; no row twice; at most `limit`. Each candidate keeps its rank
    in every source, 1-based, 0 where a source did not propose it.
    """
    lists = list(found)
    proposed = np.concatenate([each.rows for each in lists]) if lists else np.zeros(0)
    rows = np.unique(proposed.astype(np.int32))
    ranks = np.zeros((rows.size, len(lists)), dtype=np.int32)
    for column, each in enumerate(lists):
        # Written from the last to the first: of a repeated row, the better rank stays.
        ranks[np.searchsorted(rows, each.rows[::-1]), column] = np.arange(len(each.rows), 0, -1)
    gains = np.where(ranks > 0, 1.0 / (K + ranks), 0.0)
    fused = np.sort(gains, axis=1).sum(axis=1)  # sorted: the sources' order must not round
    order = np.lexsort((rows, -fused))[: max(0, limit)]
    return Candidates(
        rows[order],
        fused[order].astype(np.float32),
        tuple(each.source for each in lists),
        ranks[order],
    )
