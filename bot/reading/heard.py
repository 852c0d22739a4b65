"""What members said and touched, as columns; only what each of them agreed to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, select, true, type_coerce

from bot.reading.moments import seconds
from bot.store import marks, tables
from bot.store.database import Unit
from bot.store.marks import Marks
from bot.store.types import Stored, raw, sealer_of
from bot.store.upsert import chunks
from recsys.encoder import Encoder
from recsys.pool import clean_text
from recsys.types import Floats, MemberId, Moments, Pool, Rows, SignalKind, Signals

Open = Callable[[str], str]

Stamp = tuple[Any, ...]
"""count, last number, last moment, changes, and what was agreed to; see `_stamps`"""

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
        if len(kept) == len(self) and kept:  # nothing went: all stay where they are
            kept = list(self.row_of)
            vectors[: len(kept)] = self.vectors
        elif kept:
            vectors[: len(kept)] = self.vectors[[self.row_of[text] for text in kept]]
        if fresh:
            vectors[len(kept) :] = encoder.encode([clean_text(opened(text)) for text in fresh])
        row_of = {text: row for row, text in enumerate([*kept, *fresh])}
        return Words(MappingProxyType(row_of), vectors)


NO_WORDS = Words()


@dataclass(frozen=True, eq=False)
class Said:
    """One member's signals as they are stored, ascending by time."""

    stamp: Stamp
    at: Moments
    kind: NDArray[np.int8]
    items: tuple[str | None, ...]
    places: tuple[str | None, ...]
    texts: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Heard:
    """Each member's signals, ascending by time."""

    signals: Mapping[MemberId, Signals]
    words: Words
    said: Mapping[str, Said]
    """what this reading found, for the next one; of each member who did anything, and nothing
    where it went no further than some marks"""
    pool: Pool | None = None
    """whose rows they touch"""

    @property
    def texts(self) -> int:
        """How many signals are known by their own words."""
        return sum(sum(map(bool, one.texts)) for one in self.said.values())


NOTHING = Heard({}, NO_WORDS, {})


def read(
    unit: Unit,
    pool: Pool,
    encoder: Encoder,
    granted: Mapping[str, frozenset[str]] | None,
    known: Heard = NOTHING,
    upto: Marks | None = None,
) -> Heard:
    """Read everybody's; `granted` says what each agreed to, None reads all.

    `known` is what the reading before came to: only members of whom something is not as it was
    are read again, and the same words are not encoded twice. With `upto`, only what had been heard
    at these marks, of everybody.
    """
    stamps = _stamps(unit, granted)
    kept = {
        member: one
        for member, one in known.said.items()
        if upto is None and stamps.get(member) == one.stamp
    }
    fresh = {member: stamp for member, stamp in stamps.items() if member not in kept}
    found = kept | _said(unit, fresh, upto, everybody=not kept)
    said = {member: found[member] for member in sorted(found)}
    texts = [text for one in said.values() for text in one.texts]
    if not texts:
        return Heard({}, NO_WORDS, said)
    words = known.words.now(texts, sealer_of(unit.session.get_bind().dialect).open, encoder)
    same = kept if known.pool is pool else {}
    column_of = {name: column for column, name in enumerate(pool.channels)}

    def laid_out(one: Said) -> Signals:
        rows = _places(one.items, pool.row_of)
        places = _places(one.places, column_of)
        return Signals(one.at, one.kind, rows, places, _vectors(rows, one.texts, words, pool))

    signals = {
        MemberId(m): known.signals[MemberId(m)] if m in same else laid_out(one)
        for m, one in said.items()
        if one.texts
    }
    return Heard(signals, words, said if upto is None else {}, pool)


def _stamps(unit: Unit, granted: Mapping[str, frozenset[str]] | None) -> dict[str, Stamp]:
    """What changes with anything that is known of a member's signals.

    They come, each with a number of its own, and go with time, the oldest first. What is edited or
    deleted is counted: the number of the last one comes again where that went. Consent changes too.
    """
    signal, member = tables.Signal, tables.Member
    rows = unit.session.execute(
        select(
            signal.member_id,
            func.count(),
            func.max(signal.id),
            func.max(type_coerce(signal.at, Stored)),
        )
        .where(signal.workspace_id == unit.workspace)
        .group_by(signal.member_id)
    ).all()
    reworded = dict(
        unit.session.execute(
            select(member.id, member.reworded).where(member.workspace_id == unit.workspace)
        ).all()
    )
    return {
        who: (
            *told,
            reworded.get(who, 0),
            None if granted is None else granted.get(who, frozenset()),
        )
        for who, *told in rows
    }


def _said(
    unit: Unit, stamps: Mapping[str, Stamp], upto: Marks | None, *, everybody: bool
) -> dict[str, Said]:
    """The signals of these members, of the purposes in their stamps."""
    heard = true() if upto is None else marks.known("signals", upto.signals)
    # the table's own columns: there is nothing here that the mapper could add
    signal = tables.Signal.__table__.c
    query = (
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
    )
    some = [query] if everybody else [query.where(signal.member_id.in_(c)) for c in chunks(stamps)]
    rows = [row for one in some for row in unit.session.execute(one)]
    by_member = {m: list(own) for m, own in groupby(rows, key=itemgetter(0)) if m in stamps}
    return {m: _told(stamp, by_member.get(m, [])) for m, stamp in stamps.items()}


def _told(stamp: Stamp, rows: Sequence[Any]) -> Said:
    purposes = stamp[-1]
    agreed = [row for row in rows if purposes is None or row[-1] in purposes]
    _, kinds, at, items, places, texts, _ = zip(*agreed, strict=True) if agreed else ((),) * 7
    kind = np.array([KINDS[kind] for kind in kinds], np.int8)
    return Said(stamp, seconds(at), kind, items, places, texts)


def _places(names: Sequence[str | None], place_of: Mapping[Any, int]) -> Rows:
    return np.array([place_of.get(one, -1) if one else -1 for one in names], np.int32)


def _vectors(items: Rows, texts: Sequence[str], words: Words, pool: Pool) -> Floats:
    """What was said, by its own words; the item's vector where a signal touched one in silence."""
    vectors = words.vectors[[words.row_of[text] for text in texts]]
    silent = ~vectors.any(axis=1) & (items >= 0)
    vectors[silent] = pool.vectors[items[silent]]
    return vectors
