"""What members said and touched, as columns; only what each of them agreed to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import compress, pairwise
from types import MappingProxyType
from typing import Any

import numpy as np
from sqlalchemy import select, true, type_coerce

from bot.reading.moments import seconds
from bot.store import marks, tables
from bot.store.database import Unit
from bot.store.marks import Marks
from bot.store.types import Stored, raw, sealer_of
from recsys.encoder import Encoder
from recsys.pool import clean_text
from recsys.types import Floats, MemberId, Pool, Rows, SignalKind, Signals

Open = Callable[[str], str]

KINDS = {kind.name.lower(): int(kind) for kind in SignalKind}


@dataclass(frozen=True, eq=False)
class Words:
    """The vectors of what was said, by the words as they are stored, sealed: a reading old at most.

    Every reading makes a new one, of nothing but the texts that it read: what was deleted, edited
    or is not agreed to any more is gone from here with the next reading. Most readings find
    nearly all words here, and need not open them.
    """

    row_of: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    vectors: Floats = field(default_factory=lambda: np.zeros((0, 0), np.float32))

    def __len__(self) -> int:
        return len(self.row_of)

    def now(self, texts: Sequence[str], opened: Open, encoder: Encoder) -> Words:
        """Those of `texts` and no others; only what is not known here is opened and encoded."""
        distinct = dict.fromkeys(texts)
        fresh = [text for text in distinct if text not in self.row_of]
        if not fresh and len(distinct) == len(self):
            return self
        kept = [text for text in distinct if text in self.row_of]
        vectors = np.zeros((len(distinct), encoder.width), np.float32)
        if kept:
            vectors[: len(kept)] = self.vectors[[self.row_of[text] for text in kept]]
        if fresh:
            vectors[len(kept) :] = encoder.encode([clean_text(opened(text)) for text in fresh])
        row_of = {text: row for row, text in enumerate([*kept, *fresh])}
        return Words(MappingProxyType(row_of), vectors)


NOTHING = Words()


@dataclass(frozen=True, eq=False)
class Heard:
    """Each member's signals, ascending by time."""

    signals: Mapping[MemberId, Signals]
    words: Words
    texts: int
    """how many signals are known by their own words"""


def read(
    unit: Unit,
    pool: Pool,
    encoder: Encoder,
    granted: Mapping[str, frozenset[str]] | None,
    known: Words,
    upto: Marks | None = None,
) -> Heard:
    """Read everybody's; `granted` says what each agreed to, None reads all.

    `known` is what the reading before came to: it spares encoding the same words again. With
    `upto`, only what had been heard at these marks.
    """
    said = _said(unit, granted, upto)
    if not said:
        return Heard({}, NOTHING, 0)
    members, kinds, at, items, places, texts = said
    row_of, column_of = pool.row_of, {name: column for column, name in enumerate(pool.channels)}
    rows = np.array([row_of.get(one, -1) if one else -1 for one in items], np.int32)
    words = known.now(texts, sealer_of(unit.session.get_bind().dialect).open, encoder)
    columns = Signals(
        at=seconds(at),
        kind=np.array([KINDS[kind] for kind in kinds], np.int8),
        row=rows,
        channel=np.array([column_of.get(place, -1) for place in places], np.int32),
        vectors=_vectors(rows, texts, words, pool),
    )
    return Heard(_by_member(members, columns), words, sum(map(bool, texts)))


def _said(
    unit: Unit, granted: Mapping[str, frozenset[str]] | None, upto: Marks | None
) -> tuple[tuple[Any, ...], ...]:
    """Columns of all signals by member and time; none where there is no signal.

    Member, kind, moment, item, channel and text, the last as it is stored.
    """
    heard = true() if upto is None else marks.known("signals", upto.signals)
    # the table's own columns: there is nothing here that the mapper could add
    signal = tables.Signal.__table__.c
    rows = unit.session.execute(
        select(
            signal.member_id,
            signal.kind,
            type_coerce(signal.at, Stored),
            signal.item_id,
            signal.channel_id,
            raw(signal.text),
            signal.purpose,
        )
        .where(signal.workspace_id == unit.workspace, heard)
        .order_by(signal.member_id, signal.at, signal.id)
    ).all()
    columns = tuple(zip(*rows, strict=True))
    if columns and granted is not None:
        agreed = {(member, purpose) for member, purposes in granted.items() for purpose in purposes}
        kept = [pair in agreed for pair in zip(columns[0], columns[-1], strict=True)]
        columns = tuple(tuple(compress(one, kept)) for one in columns) if any(kept) else ()
    return columns[:-1]


def _vectors(items: Rows, texts: Sequence[str], words: Words, pool: Pool) -> Floats:
    """What was said, by its own words; the item's vector where a signal touched one in silence."""
    own = np.array([words.row_of[text] for text in texts], np.intp)
    vectors = words.vectors[own]
    wordless = np.asarray(~words.vectors.any(axis=1))
    silent = wordless[own] & (items >= 0)
    vectors[silent] = pool.vectors[items[silent]]
    return vectors


def _by_member(members: Sequence[str], columns: Signals) -> dict[MemberId, Signals]:
    starts = [0, *(i for i, (a, b) in enumerate(pairwise(members), 1) if a != b)]
    return {
        MemberId(members[first]): Signals(
            columns.at[first:end],
            columns.kind[first:end],
            columns.row[first:end],
            columns.channel[first:end],
            columns.vectors[first:end],
        )
        for first, end in pairwise([*starts, len(members)])
    }
