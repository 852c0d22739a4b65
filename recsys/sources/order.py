"""How every source orders what it proposes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from recsys.types import Found, Pool


def best_first(
    source: str,
    pool: Pool,
    rows: NDArray[np.integer[Any]],
    scores: NDArray[np.floating[Any]],
    limit: int,
) -> Found:
    """The `limit` rows with the highest scores; equal ones in the pool's order.

    `rows` (k,) are distinct, `scores` (k,) are theirs.
    """
    limit = max(0, limit)
    if 0 < limit < rows.size:
        least = np.partition(scores, rows.size - limit)[rows.size - limit]
        may = np.flatnonzero(scores >= least)
        rows, scores = rows[may], scores[may]
    order = np.lexsort((pool.order[rows], -scores))[:limit]
    return Found(source, rows[order].astype(np.int32), scores[order].astype(np.float32))
