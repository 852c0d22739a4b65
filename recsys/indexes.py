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

RECALL_AT = 1_000
RECALL = 0.955
"""share of the true nearest 1,000 that an approximate index must find; it probes until it does.
A little above what is promised, for it is measured on a sample"""

_FAISS: Any = faiss
"""its own type hints do not know the keyword arguments that it takes"""

_PROBE_SAMPLE = 400
_TRAIN_PER_CELL = 48
_ROUNDS = 8
"""of k-means; more of them move recall by less than the sample's noise"""

Bits = NDArray[np.uint8]


@dataclass(frozen=True)
class VectorIndex:
    """The rows of a pool by their vectors; the latest rows may stand in an index of their own.

    `late` holds the rows from ``main.ntotal`` on, and is always exact.
    """

    main: faiss.Index
    late: faiss.Index | None = None
    recall: float = 1.0
    """share of the true nearest `RECALL_AT` that `main` finds, as measured when it was built"""

    def __len__(self) -> int:
        return int(self.main.ntotal) + (0 if self.late is None else int(self.late.ntotal))

    def nearest(self, vectors: Floats, k: int, allowed: Bits | None = None) -> tuple[Rows, Floats]:
        """Rows (q, k) of the nearest to each of (q, d) vectors and their cosines, nearest first.

        Fewer than k are filled up with row -1. `allowed`, a bit for each row as `bits_of` makes
        them, leaves rows out before the search, so that they take nobody's place.
        """
        n = int(self.main.ntotal)
        k = min(k, len(self))
        if k <= 0 or not len(vectors):
            return np.zeros((len(vectors), 0), np.int32), np.zeros((len(vectors), 0), np.float32)
        vectors = np.ascontiguousarray(vectors, dtype=np.float32)
        similarity, rows = _search(self.main, vectors, min(k, n), allowed)
        if self.late is None or not self.late.ntotal:
            return rows.astype(np.int32), similarity
        there = None if allowed is None else bits_of(_flags(allowed, len(self))[n:])
        late_similarity, late = _search(self.late, vectors, min(k, self.late.ntotal), there)
        rows = np.hstack([rows, np.where(late >= 0, late + n, -1)])
        similarity = np.where(rows >= 0, np.hstack([similarity, late_similarity]), -np.inf)
        order = np.argsort(-similarity, axis=1, kind="stable")[:, :k]
        return (
            np.take_along_axis(rows, order, 1).astype(np.int32),
            np.take_along_axis(similarity, order, 1).astype(np.float32),
        )


@dataclass(frozen=True)
class Indexes:
    """Indexes over the rows of one pool."""

    dense: VectorIndex
    keywords: KeywordIndex


def build_indexes(pool: Pool, items: Sequence[Item], *, exact_below: int = EXACT_BELOW) -> Indexes:
    """Index a pool; `items` are those it was built from, in the same order.

    Raises ValueError where they are not.
    """
    if tuple(item.id for item in items) != pool.ids:
        raise ValueError("the items are not those of the pool; index what the pool was built from")
    return Indexes(
        index_vectors(pool.vectors, exact_below=exact_below),
        build_keywords(item_text(item) for item in items),
    )


def index_vectors(vectors: Floats, *, exact_below: int = EXACT_BELOW) -> VectorIndex:
    """Exact below a size, approximate from there on, with its recall measured."""
    return exact(vectors) if len(vectors) < exact_below else approximate(vectors)


def exact(vectors: Floats) -> VectorIndex:
    """Compares a query with every vector."""
    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(vectors)
    return VectorIndex(index)


def approximate(vectors: Floats) -> VectorIndex:
    """Looks only into the nearest cells (IVF) at vectors of a byte a dimension.

    It probes as few cells as reach `RECALL` on a sample, or all of them.
    """
    n, width = vectors.shape
    cells = 1 << int(np.log2(max(1.0, 4 * np.sqrt(n))))
    while cells > 1 and n < cells * _TRAIN_PER_CELL:
        cells //= 2
    quantizer = faiss.IndexFlatIP(width)
    index = faiss.IndexIVFScalarQuantizer(
        quantizer, width, cells, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT
    )
    index.cp.seed, index.cp.niter = 1, _ROUNDS
    index.train(np.ascontiguousarray(vectors[:: max(1, n // (cells * _TRAIN_PER_CELL))]))
    index.add(vectors)
    return VectorIndex(index, recall=_probe(index, vectors, cells))


def recall(index: faiss.Index, vectors: Floats, k: int = RECALL_AT) -> float:
    """Share of the true nearest `k` that an index finds, over a fixed sample of `vectors`."""
    queries, true = _truth(vectors, k)
    return _found(index, queries, true)


def bits_of(flags: Flags) -> Bits:
    """(n,) flags as (n / 8,) bits, the form in which `VectorIndex.nearest` takes them."""
    return np.packbits(flags, bitorder="little")


def _flags(bits: Bits, n: int) -> Flags:
    return np.unpackbits(bits, count=n, bitorder="little").astype(np.bool_)


def _probe(index: Any, vectors: Floats, cells: int) -> float:
    """Set the smallest number of cells that reaches `RECALL`; returns the recall reached."""
    queries, true = _truth(vectors, RECALL_AT)
    low, high = 0, cells  # too few; enough, or all there are
    while high - low > max(1, high // 16):
        index.nprobe = (low + high) // 2 if low else min(cells, max(1, high // 8))
        if _found(index, queries, true) >= RECALL:
            high = index.nprobe
        else:
            low = index.nprobe
        if not low and high <= 1:
            break
    index.nprobe = high
    return _found(index, queries, true)


def _truth(vectors: Floats, k: int) -> tuple[Floats, Rows]:
    """A fixed sample of the vectors, and the true nearest k of each."""
    picked = np.random.default_rng(0).permutation(len(vectors))[:_PROBE_SAMPLE]
    queries = np.ascontiguousarray(vectors[np.sort(picked)])
    _, rows = _FAISS.knn(queries, vectors, min(k, len(vectors)), metric=faiss.METRIC_INNER_PRODUCT)
    return queries, rows


def _found(index: faiss.Index, queries: Floats, true: Rows) -> float:
    _, found = index.search(queries, true.shape[1])
    hits = sum(np.isin(mine, his).sum() for mine, his in zip(found, true, strict=True))
    return float(hits / true.size)


def _search(
    index: faiss.Index, vectors: Floats, k: int, allowed: Bits | None
) -> tuple[Floats, NDArray[np.int64]]:
    if k <= 0:
        nothing = np.zeros((len(vectors), 0), np.float32)
        return nothing, nothing.astype(np.int64)
    params = None
    if allowed is not None:
        chosen = _FAISS.IDSelectorBitmap(allowed)
        params = (
            _FAISS.SearchParametersIVF(sel=chosen, nprobe=index.nprobe)
            if hasattr(index, "nprobe")
            else _FAISS.SearchParameters(sel=chosen)
        )
    similarity, rows = index.search(vectors, k, params=params)
    return similarity, rows
