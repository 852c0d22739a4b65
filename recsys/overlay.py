"""Changes over a snapshot: nothing of it is copied, embedded or indexed again.

Items that came or changed get rows after the snapshot's last, in room that its columns were saved
with; what is gone, and the former version of what changed, leaves an empty row, which is never
published. The columns are mapped copy-on-write, so only the pages that change take memory, and
whoever still ranks by the former view sees none of it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recsys.catalogue import Catalogue
from recsys.delta import Delta
from recsys.indexes import Indexes, VectorIndex, exact
from recsys.layout import POOL_ARRAYS, private_columns
from recsys.pool import ORDER_STEP, build, item_text
from recsys.snapshot import Opened
from recsys.stored_items import prints_of
from recsys.types import Floats, Item, ItemId, Pool

EMPTY: Mapping[str, Any] = {
    "published": np.inf, "not_before": np.inf, "expires": -np.inf, "level": np.nan,
    "approved": False, "words": 0, "asks": False, "terms": 0, "address": 0, "heading": 0,
    "topic": False, "author": -1, "channel": -1, "addressee": -1, "mention": -1,
}  # fmt: skip
"""what stands in the row of an item that is gone; other columns say nothing without these"""


def overlay(base: Opened, delta: Delta, vectors: Floats, encoder: str) -> Catalogue:
    """The catalogue of a snapshot and what changed since; `vectors` are those of `delta.late`.

    Raises ValueError where there is no room for so many items.
    """
    if not delta:
        return Catalogue(base.pool, base.indexes, base.parts.items, encoder, base.name)
    if len(delta.late) > base.parts.room:
        raise ValueError(f"{len(delta.late)} items do not fit into the room for {base.parts.room}")
    late = build(delta.late, vectors)
    pool = _pool(base, delta, late)
    indexes = Indexes(
        VectorIndex(base.indexes.dense.main, exact(late.vectors).main, base.indexes.dense.recall),
        base.indexes.keywords.extended([item_text(item) for item in delta.late]),
    )
    items = _Joined(base.parts.items, delta.late)
    whole = Catalogue(pool, indexes, items, encoder, base.name)
    whole.__dict__["prints"] = np.concatenate([base.parts.prints, prints_of(delta.late)])
    return whole


def _pool(base: Opened, delta: Delta, late: Pool) -> Pool:
    n, end = len(base.pool), len(base.pool) + len(late)
    new = {item: n + row for item, row in late.row_of.items()}
    emptied = [base.pool.row_of[i] for i in chain(delta.gone, new) if i in base.pool.row_of]
    columns = {name: each[:end] for name, each in private_columns(base.folder).items()}
    named, codes = _renamed(base.pool, late)
    topics = _topics(base.pool, late, emptied)
    if topics != base.pool.topics:
        columns["topic"] = _placed(columns["topic"], base.pool.topics, topics)
    for name in POOL_ARRAYS:
        columns[name][n:end] = (
            _placed(late.topic, late.topics, topics)
            if name == "topic"
            else codes.get(name, getattr(late, name))
        )
        if name in EMPTY:
            columns[name][emptied] = EMPTY[name]
    columns["order"][n:end] = _order(base.pool, late)
    return Pool(
        ids=(*base.pool.ids, *late.ids),
        row_of=_Overlaid(base.pool.row_of, new, delta.gone),
        topics=topics,
        builds_on=_builds_on(base, delta, new, frozenset(emptied)),
        **named,
        **columns,
    )


_NAMED = {
    "kinds": "kind", "authors": "author", "channels": "channel", "sources": "source",
    "audiences": "audience", "addressees": "addressee", "mentions": "mention",
}  # fmt: skip


def _renamed(base: Pool, late: Pool) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Names of both, the later ones last, and the codes of the late items among them."""
    named: dict[str, Any] = {}
    codes: dict[str, NDArray[Any]] = {}
    for names, column in _NAMED.items():
        known = {name: at for at, name in enumerate(getattr(base, names))}
        places = [known.setdefault(name, len(known)) for name in getattr(late, names)]
        code = getattr(late, column)
        named[names] = tuple(known)
        codes[column] = np.array([*places, -1], code.dtype)[code]  # -1 is the last
    return named, codes


def _topics(base: Pool, late: Pool, emptied: Sequence[int]) -> tuple[Any, ...]:
    """Topics that an item still has, ascending."""
    lost = np.flatnonzero(base.topic[emptied].any(axis=0))
    left = base.topic[:, lost].sum(axis=0) - base.topic[emptied][:, lost].sum(axis=0)
    ended = {base.topics[at] for at, count in zip(lost, left, strict=True) if not count}
    return tuple(sorted((set(base.topics) - ended) | set(late.topics)))


def _placed(matrix: NDArray[Any], of: Sequence[Any], among: Sequence[Any]) -> NDArray[Any]:
    """The columns of topics `of` at their places `among` others; of the rest, nothing."""
    if tuple(of) == tuple(among):
        return matrix
    at = {topic: place for place, topic in enumerate(among)}
    out = np.zeros((len(matrix), len(among)), np.bool_)
    for place, topic in enumerate(of):
        if topic in at:
            out[:, at[topic]] = matrix[:, place]
    return out


def _order(base: Pool, late: Pool) -> NDArray[np.int64]:
    """Late items between those of the snapshot, by id; a changed one where it stood."""
    out = np.empty(len(late), np.int64)
    between = 0
    last = -1
    for row, item in enumerate(late.ids):
        place = bisect_left(base.ids, item)
        if place < len(base) and base.ids[place] == item:
            out[row] = place * ORDER_STEP
            continue
        between = between + 1 if place == last else 1
        last = place
        out[row] = (place - 1) * ORDER_STEP + between
    return out


def _builds_on(
    base: Opened, delta: Delta, new: Mapping[ItemId, int], emptied: frozenset[int]
) -> tuple[tuple[int, ...], ...]:
    """Rows that each item builds on, where what was built on may have moved, gone or come."""
    ids, row_of = base.pool.ids, base.pool.row_of
    before = list(base.pool.builds_on)
    for row, needs in enumerate(before):
        if needs and not emptied.isdisjoint(needs):
            moved = (new.get(ids[n], -1) if n in emptied else n for n in needs)
            before[row] = tuple(n for n in moved if n >= 0)
    for item, at in new.items():
        for row in base.parts.awaited.get(item, ()):
            before[row] = (*before[row], at)
    for row in emptied:
        before[row] = ()
    after = [
        tuple(
            new.get(need, row_of.get(need, -1))
            for need in item.builds_on
            if need in new or (need in row_of and need not in delta.gone)
        )
        for item in delta.late
    ]
    return (*before, *after)


@dataclass(frozen=True, eq=False)
class _Joined(Sequence[Item]):
    """One list of items after another."""

    first: Sequence[Item]
    then: Sequence[Item]

    def __len__(self) -> int:
        return len(self.first) + len(self.then)

    def __getitem__(self, row: Any) -> Any:
        place = range(len(self))[row]
        n = len(self.first)
        return self.first[place] if place < n else self.then[place - n]


class _Overlaid(Mapping[ItemId, int]):
    """Rows by item, without copying those of the snapshot."""

    def __init__(
        self, base: Mapping[ItemId, int], new: Mapping[ItemId, int], gone: frozenset[ItemId]
    ) -> None:
        self._base, self._new, self._gone = base, new, gone

    def __getitem__(self, item: ItemId) -> int:
        found = self._new.get(item)
        if found is not None:
            return found
        if item in self._gone:
            raise KeyError(item)
        return self._base[item]

    def __iter__(self) -> Iterator[ItemId]:
        hidden = self._gone
        yield from (i for i in self._base if i not in hidden and i not in self._new)
        yield from self._new

    def __len__(self) -> int:
        replaced = sum(1 for item in self._new if item in self._base)
        return len(self._base) - len(self._gone) - replaced + len(self._new)
