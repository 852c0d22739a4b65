"""A pool as it serves: its columns, its indexes, its items, and what tells it from any other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b

import numpy as np

from recsys.indexes import Indexes, build_indexes
from recsys.pool import build
from recsys.stored_items import Bytes, prints_of
from recsys.types import Floats, Item, Pool


@dataclass(frozen=True, eq=False)
class Catalogue:
    """One version of the pool. Rows are those of `pool`; some may be empty, where items were."""

    pool: Pool
    indexes: Indexes
    items: Sequence[Item]
    """by row"""
    encoder: str
    """whose vectors these are"""
    snapshot: str = ""
    """the name of the snapshot that it stands on; empty for one that is in memory alone"""

    def __len__(self) -> int:
        """How many items there are."""
        return len(self.pool.row_of)

    @cached_property
    def prints(self) -> Bytes:
        """(n, 16): what tells each row's item from any other version of it."""
        return prints_of(self.items)

    @cached_property
    def fingerprint(self) -> str:
        """A hash of all that the stages may read of the items, wherever their rows stand."""
        rows = np.fromiter(self.pool.row_of.values(), np.intp, len(self))
        rows = rows[np.argsort(self.pool.order[rows])]
        told = blake2b(self.encoder.encode(), digest_size=16)
        told.update(np.ascontiguousarray(self.prints[rows]).tobytes())
        return told.hexdigest()


def lay_out(items: Sequence[Item], vectors: Floats, encoder: str) -> Catalogue:
    """Columns and indexes of these items, in memory."""
    pool = build(items, vectors)
    return Catalogue(pool, build_indexes(pool, items), items, encoder)
