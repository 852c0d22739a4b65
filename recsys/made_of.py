"""What a matrix is made of, as a number: what did not change need not be worked out again.

Everything that features read of a query had happened by its moment. Each item, touch, signal and
opener has a number, and what was known at a moment is the sum of theirs: two sums that are the
same stand for the same past, wherever its rows stand by now.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recsys.features import matrix
from recsys.features.what import prerequisites
from recsys.stored_items import Bytes
from recsys.types import (
    Exposures,
    Floats,
    MemberId,
    MemberState,
    Moments,
    OutcomeKind,
    Pool,
    Query,
    Rows,
    Signals,
    WorkspaceState,
)

MOST_ROWS = 200_000
"""rows of features that are kept at most: 50 MB"""

Numbers = NDArray[np.uint64]
Key = tuple[float, int, int, int, bytes]

_FIRST, _SECOND = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9)
"""odd, with bits all over: those of splitmix64 (Steele, Lea and Flood 2014)"""


@dataclass(frozen=True)
class _Past:
    """Numbers of what happened, added up by time."""

    at: Moments
    sums: Numbers

    @classmethod
    def of(cls, at: Moments, numbers: Numbers) -> _Past:
        order = np.argsort(at, kind="stable")
        return cls(at[order], np.cumsum(np.append(np.uint64(0), numbers[order])))

    def before(self, moment: float) -> int:
        return int(self.sums[np.searchsorted(self.at, moment, side="left")])

    def by(self, moment: float) -> int:
        return int(self.sums[np.searchsorted(self.at, moment, side="right")])


class Kept:
    """Gives matrices as `recsys.features.matrix` does, those of `known` without working them out.

    Nothing else is kept than what was asked for: what is not, is forgotten with `known`.
    """

    def __init__(self, made_of: MadeOf, known: Mapping[Key, Floats]) -> None:
        self._made_of, self._known = made_of, known
        self.asked: dict[Key, Floats] = {}
        self._rows = 0

    def __call__(self, query: Query, pool: Pool, rows: Rows) -> Floats:
        """The matrix; the query and the pool must be of the reading that `made_of` is of."""
        key = self._made_of.key(query, rows)
        found = self._known.get(key)
        found = matrix(query, pool, rows) if found is None else found
        if self._rows + len(found) <= MOST_ROWS:
            self.asked[key] = found
            self._rows += len(found)
        return found


class MadeOf:
    """The numbers of one reading; `prints` (n, 16) tell each row of the pool from other items.

    `states` and `workspace` are whole, as they were read: the queries that are asked about are
    cut from them.
    """

    def __init__(
        self, states: Sequence[MemberState], workspace: WorkspaceState, pool: Pool, prints: Bytes
    ) -> None:
        self._states = {state.member: state for state in states}
        self._workspace, self._pool = workspace, pool
        self._items = np.append(_of_items(pool, prints), np.uint64(0))  # the last is of none
        self._alone: dict[MemberId, tuple[_Past, _Past, int]] = {}

    def key(self, query: Query, rows: Rows) -> Key:
        """What tells the matrix of these rows, as of this query, from any other."""
        now, (said, told, chosen) = query.now, self._of_member(query.member.member)
        return (
            now,
            said.before(now) + 3 * told.before(now) + 5 * chosen,
            self._touches.before(now) + 3 * self._told.before(now),
            self._published.by(now) + self._topics,
            self._items[rows].tobytes(),
        )

    def _of_member(self, member: MemberId) -> tuple[_Past, _Past, int]:
        known = self._alone.get(member)
        if known is None:
            state = self._states[member]
            named = (state.follows, state.mutes, state.channels, state.mates)
            chosen = _number((state.member, state.zone, state.team, *map(sorted, named)))
            known = self._signals(state.signals), self._openers(state.exposures), chosen
            self._alone[member] = known
        return known

    def _signals(self, signals: Signals) -> _Past:
        places, items = self._channels[signals.channel], self._items[signals.row]
        said = _of_vectors(signals.vectors)
        return _Past.of(signals.at, _mixed(signals.at, signals.kind, items, places, said))

    def _openers(self, told: Exposures) -> _Past:
        """Each is known once it is shown, and what became of it once that had come."""
        e, who = told, self._members[told.member]
        shown = _mixed(e.at, self._items[e.row], e.style, e.hour, e.expected, who)
        came = e.outcome != int(OutcomeKind.OPEN)
        ended = _mixed(shown[came], e.outcome[came], e.outcome_at[came])
        return _Past.of(np.concatenate([e.at, e.outcome_at[came]]), np.concatenate([shown, ended]))

    @cached_property
    def _channels(self) -> Numbers:
        return np.array([*map(_number, self._pool.channels), 0], np.uint64)  # as with items

    @cached_property
    def _members(self) -> Numbers:
        return np.array([*map(_number, self._workspace.members)], np.uint64)

    @cached_property
    def _touches(self) -> _Past:
        space = self._workspace
        items, who = self._items[space.touches_row], self._members[space.touches_member]
        return _Past.of(space.touches_at, _mixed(space.touches_at, items, who))

    @cached_property
    def _told(self) -> _Past:
        return self._openers(self._workspace.exposures)

    @cached_property
    def _published(self) -> _Past:
        there = np.fromiter(self._pool.row_of.values(), np.intp, len(self._pool.row_of))
        at = np.nan_to_num(self._pool.published[there], nan=-np.inf)  # no date counts as always
        return _Past.of(at, self._items[there])

    @cached_property
    def _topics(self) -> int:
        return _number(self._pool.topics)


def _of_items(pool: Pool, prints: Bytes) -> Numbers:
    """(n,) a number for each row, of the item and of what it builds on that is there."""
    halves = np.ascontiguousarray(prints).view(np.uint64)
    own = _mixed(halves[:, 0], halves[:, 1])
    pairs, out = prerequisites(pool), own.copy()
    np.add.at(out, pairs.item, _mixed(own[pairs.needed]))
    return out


def _of_vectors(vectors: NDArray[np.float32]) -> Numbers:
    """(m,) a number for each row of (m, d)."""
    bits = np.ascontiguousarray(vectors, np.float32).view(np.uint32).astype(np.uint64)
    places = _mixed(np.arange(vectors.shape[1])) | np.uint64(1)
    return np.asarray((bits * places).sum(axis=1, dtype=np.uint64))


def _number(named: Any) -> int:
    """A number for what has a representation that never changes."""
    return int.from_bytes(blake2b(repr(named).encode(), digest_size=8).digest(), "little")


def _mixed(*columns: NDArray[Any]) -> Numbers:
    """(m,) one number for each row of these columns; the order of columns counts."""
    out = np.zeros(columns[0].size, np.uint64)
    for column in columns:
        wide = np.float64 if column.dtype.kind == "f" else np.int64
        bits = column if column.dtype == np.uint64 else column.astype(wide).view(np.uint64)
        out = (out + _FIRST) ^ bits
        out = (out ^ (out >> np.uint64(30))) * _SECOND
        out ^= out >> np.uint64(27)
    return out
