"""How every source orders what it proposes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from recsys.types import Found


def best_first(
    source: str, rows: NDArray[np.integer[Any]], scores: NDArray[np.floating[Any]], limit: int
) -> Found:
    """The `limit` rows with the highest scores; equal ones by row, so that runs agree.

    `rows` (k,) are distinct; `scores` (n,) are those of the whole pool.
    """
    mine = scores[rows]
    order = np.lexsort((rows, -mine))[: max(0, limit)]
    return Found(source, rows[order].astype(np.int32), mine[order].astype(np.float32))
