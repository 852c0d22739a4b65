"""Twins: what comes in is held against what is there, flagged, and merged when a curator says so.

Nothing is ever removed for being like another item. The newer of two is flagged, and an item of a
feed that approves by itself waits for a person once it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import numpy as np

from bot.deciding.recommender import Recommender
from bot.store import tables
from bot.store.database import Store
from bot.store.items import stored
from bot.store.twins import TwinRows
from recsys.encoder import Encoder
from recsys.filters import SAME
from recsys.pool import item_text
from recsys.types import Item

AT_ONCE = 200
"""items that are compared in one transaction"""
NEAREST = 5
APPROVER = "feed:"
"""how the name begins of what approved an item that nobody looked at"""
WORDS: Mapping[str, str] = {
    "address": "the same address",
    "text": "the same words",
    "title": "the same title",
    "meaning": "nearly the same words",
}


class Alike(Protocol):
    """Knows which items say nearly the same."""

    def alike(self, items: Sequence[Item], now: datetime) -> Sequence[Sequence[str]]:
        """For each item the ids of others that say nearly the same, the nearest first."""
        ...


@dataclass(frozen=True)
class Meaning:
    """By their vectors, over the pool of the view that serves."""

    recommender: Recommender
    encoder: Encoder
    workspace: str

    def alike(self, items: Sequence[Item], now: datetime) -> Sequence[Sequence[str]]:
        pool = self.recommender.refresh(self.workspace, now).pipeline.pool
        vectors = self.encoder.encode([item_text(item) for item in items])
        found = []
        for item, vector in zip(items, vectors, strict=True):
            near = pool.vectors @ vector
            best = [int(row) for row in np.argsort(-near)[: NEAREST + 1] if near[row] >= SAME]
            ids = [pool.ids[row] for row in best]
            found.append([one for one in ids if one and one != item.id])
        return found


@dataclass(frozen=True)
class Twins:
    """Holds items that nobody compared yet against all others."""

    store: Store
    workspace: str
    alike: Alike | None = None
    """None where only keys tell"""

    def sweep(self, now: datetime) -> int:
        """Compare what waits to be; returns how many twins were found."""
        found = 0
        while True:
            compared, flagged = self._some(now)
            found += flagged
            if compared < AT_ONCE:
                return found

    def _some(self, now: datetime) -> tuple[int, int]:
        with self.store.reading(self.workspace) as unit:
            items = [stored(row) for row in TwinRows(unit).uncompared(AT_ONCE)]
        if not items:
            return 0, 0
        near = self.alike.alike(items, now) if self.alike is not None else [()] * len(items)
        of: dict[str, Sequence[str]] = dict(zip((str(i.id) for i in items), near, strict=True))
        with self.store.writing(self.workspace) as unit:
            rows = TwinRows(unit)
            waiting = rows.uncompared(AT_ONCE)
            for row in waiting:
                rows.key(row)
            flagged = sum(_flag(rows, row, of.get(row.id, ())) for row in waiting)
            rows.settle([row.id for row in waiting], now)
            unit.commit()
        return len(waiting), flagged


def _flag(rows: TwinRows, row: tables.Item, near: Sequence[str]) -> bool:
    found = rows.twin(row)
    if found is None and (meant := rows.older(row, near)) is not None:
        found = "meaning", meant
    if found is None:
        return False
    row.twin_by, row.twin_of = found
    if (row.approved_by or "").startswith(APPROVER):
        row.approved_at = row.approved_by = None
        row.changed_at = max(row.changed_at or row.imported_at, row.imported_at)
    return True
