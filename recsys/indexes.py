"""What sources search in: a vector index and a word index over one pool."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from recsys.keywords import KeywordIndex, build_keywords
from recsys.pool import item_text
from recsys.types import Flags, Floats, Item, Pool, Rows

EXACT_BELOW = 50_000
"""items up to which every vector is compared; above, an approximate index"""

RECALL = 0.95
"""share of the true nearest 100 that an approximate index must find; it probes until it does"""

_FAISS: Any = faiss
"""its own type hints do not know the keyword arguments that it takes"""

_PROBE_SAMPLE = 200
_TRAIN_PER_LIST = 64


@dataclass(frozen=True)
class Indexes:
    """Indexes over the rows of one pool."""

    dense: faiss.Index
    keywords: KeywordIndex


def build_indexes(pool: Pool, items: Sequence[Item], *, exact_below: int = EXACT_BELOW) -> Indexes:
    """Index a pool; `items` are those it was built from, in the same order.

    Raises ValueError where they are not.
    """
    if tuple(item.id for item in items) != pool.ids:
        raise ValueError("the items are not those of the pool; index what the pool was built from")
    dense = exact(pool.vectors) if len(pool) < exact_below else approximate(pool.vectors)
    return Indexes(dense, build_keywords([item_text(item) for item in items]))


def exact(vectors: Floats) -> faiss.Index:
    """Compares a query with every vector."""
    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(vectors)
    return index


def approximate(vectors: Floats) -> faiss.Index:
    """Looks only into the nearest cells (IVF), as many as measured recall asks for."""
    n, width = vectors.shape
    cells = max(1, int(4 * np.sqrt(n)))
    while cells > 1 and n < cells * _TRAIN_PER_LIST:
        cells //= 2
    index = faiss.IndexIVFFlat(faiss.IndexFlatIP(width), width, cells, faiss.METRIC_INNER_PRODUCT)
    index.cp.seed = 1
    index.train(vectors[:: max(1, n // (cells * _TRAIN_PER_LIST))])
    index.add(vectors)
    index.nprobe = 1
    while index.nprobe < cells and recall(index, vectors) < RECALL:
        index.nprobe = min(cells, 2 * index.nprobe)
    return index


def recall(index: faiss.Index, vectors: Floats, k: int = 100) -> float:
    """Share of the true nearest `k` that an index finds, over a fixed sample of `vectors`."""
    k = min(k, len(vectors))
    picked = np.random.default_rng(0).permutation(len(vectors))[:_PROBE_SAMPLE]
    queries = np.ascontiguousarray(vectors[picked])
    _, found = index.search(queries, k)
    true = np.argpartition(-(queries @ vectors.T), k - 1, axis=1)[:, :k]
    hits = sum(np.isin(mine, his).sum() for mine, his in zip(found, true, strict=True))
    return float(hits / true.size)


def nearest(
    index: faiss.Index, vector: Floats, k: int, allowed: Flags | None
) -> tuple[Rows, Floats]:
    """Rows of the nearest vectors and their cosines, nearest first, at most `k`.

    `allowed` (n,) leaves rows out before the search, so that they take nobody's place.
    """
    k = min(k, index.ntotal)
    if k <= 0:
        return np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.float32)
    params = None
    if allowed is not None:
        bits: NDArray[np.uint8] = np.packbits(allowed, bitorder="little")
        chosen = _FAISS.IDSelectorBitmap(bits)
        params = (
            _FAISS.SearchParametersIVF(sel=chosen, nprobe=index.nprobe)
            if isinstance(index, faiss.IndexIVF)
            else _FAISS.SearchParameters(sel=chosen)
        )
    similarity, rows = index.search(np.ascontiguousarray(vector[None, :]), k, params=params)
    there = rows[0] >= 0
    return rows[0][there].astype(np.int32), similarity[0][there].astype(np.float32)
