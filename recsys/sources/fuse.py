"""Reciprocal-rank fusion: lists whose scores cannot be compared, merged by their ranks."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from recsys.types import Candidates, Found

K = 60.0
"""damping of the first ranks (Cormack, Clarke and Büttcher, SIGIR 2009)"""


def fuse(found: Iterable[Found], limit: int, order: NDArray[np.int64] | None = None) -> Candidates:
    """Merge what the sources found; a row scores the sum of 1 / (60 + rank) over its sources.

    Best first, equal ones by `order` (a number for each row of the pool, by default the row); no
    row twice; at most `limit`. Each candidate keeps its rank in every source, 1-based, 0 where a
    source did not propose it.
    """
    lists = list(found)
    proposed = np.concatenate([each.rows for each in lists]) if lists else np.zeros(0, np.int32)
    by_row = np.argsort(proposed, kind="stable")
    first = np.diff(proposed[by_row], prepend=-1) > 0
    rows = proposed[by_row][first].astype(np.int32)
    place = np.empty(proposed.size, dtype=np.intp)
    place[by_row] = np.cumsum(first) - 1
    ranks = np.zeros((rows.size, len(lists)), dtype=np.int32)
    end = 0
    for column, each in enumerate(lists):
        start, end = end, end + len(each.rows)
        # Written from the last to the first: of a repeated row, the better rank stays.
        ranks[place[start:end][::-1], column] = np.arange(len(each.rows), 0, -1)
    longest = max((len(each.rows) for each in lists), default=0)
    gain = np.append(0.0, 1.0 / (K + np.arange(1, 1 + longest)))
    gains = gain[ranks]
    gains.sort(axis=1)  # the sources' order must not round
    fused = gains.sum(axis=1)
    ties = rows if order is None else order[rows]
    best = np.lexsort((ties, -fused))[: max(0, limit)]
    return Candidates(
        rows[best],
        fused[best].astype(np.float32),
        tuple(each.source for each in lists),
        ranks[best],
    )
