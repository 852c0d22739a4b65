"""What a member asked to be reminded of: once its time has come, it goes before anything likelier.

No chance decides about it, and it says nothing about what would be welcome unasked.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recsys.types import Flags, MemberId, Pool, Query, Rows

KIND = "reminder"
SOURCE = "member"
"""what a member asked us to come back to"""


def is_promise(kind: str, source: str) -> bool:
    """Whether an item of this kind and source is one."""
    return kind == KIND and source == SOURCE


def addressed(pool: Pool, member: MemberId, rows: Rows) -> Flags:
    """(n,), which of `rows` are addressed to a member."""
    theirs: Flags = pool.addressee[rows] == pool.addressee_at.get(member, -2)
    return theirs


def by_others(pool: Pool, member: MemberId) -> Rows:
    """Rows of what is addressed to a member by anybody but themselves."""
    rows = np.flatnonzero(addressed(pool, member, np.arange(len(pool), dtype=np.int32)))
    own = pool.sources.index(SOURCE) if SOURCE in pool.sources else -2
    others: Rows = rows[pool.source[rows] != own].astype(np.int32)
    return others


def promised(query: Query, pool: Pool, rows: Rows) -> NDArray[np.intp]:
    """Places in `rows` of what was promised to the query's member, in the order of `rows`."""
    if KIND not in pool.kinds or SOURCE not in pool.sources:
        return np.zeros(0, dtype=np.intp)
    mine = addressed(pool, query.member.member, rows)
    mine &= pool.kind[rows] == pool.kinds.index(KIND)
    return np.flatnonzero(mine & (pool.source[rows] == pool.sources.index(SOURCE)))
