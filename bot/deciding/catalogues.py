"""The pool as it serves: laid out in memory while it is small, else over a snapshot on disk.

What differs from the snapshot is a delta: the store says what was touched since it was last asked,
and after a restart what is not as the snapshot's prints say. A new snapshot takes the delta's place
once it fills half of the room for later rows, which is a twentieth of the items.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from operator import attrgetter
from pathlib import Path
from time import perf_counter
from urllib.parse import quote

from bot.ports import Progress, silent
from bot.store import marks
from bot.store.database import Store
from bot.store.items import Items
from bot.store.live_pool import LivePool
from bot.store.marks import OF_ITEMS, Marks
from recsys import snapshot
from recsys.catalogue import Catalogue, lay_out
from recsys.delta import Delta, differing, moved
from recsys.encoder import Encoder
from recsys.overlay import overlay
from recsys.pool import item_text
from recsys.snapshot import Opened, SnapshotError
from recsys.types import Floats, Item

log = logging.getLogger("overture.catalogues")

_CONTENT = attrgetter(*(field.name for field in fields(Item)))
"""every field of an item; as a tuple an unknown level (nan) is equal to itself"""

MARGIN = timedelta(minutes=10)
"""read again before the last mark: who commits late, or has a slow clock, is not missed"""


@dataclass(frozen=True, eq=False)
class Standing:
    """A catalogue over a snapshot, and how far the items were read for it."""

    base: Opened
    delta: Delta
    catalogue: Catalogue
    at: datetime
    marks: Marks


@dataclass
class Catalogues:
    """The catalogue of a workspace: the same object while nothing changes."""

    store: Store
    encoder: Encoder
    root: Path | None
    """where snapshots are kept; None keeps none"""
    snapshot_from: int
    """items from which a pool stands on a snapshot"""
    seconds_embedding: float = 0.0
    """what the last reading spent on it"""
    _memory: Catalogue | None = None
    _standing: Standing | None = None

    def read(
        self, workspace: str, now: datetime, progress: Progress = silent
    ) -> tuple[Catalogue, Marks]:
        """The items published by `now`, and how far they were read."""
        self.seconds_embedding = 0.0
        with self.store.reading(workspace) as unit:
            found = marks.read(unit, OF_ITEMS)
            count = LivePool(unit).count(published_by=now)
            small = self.root is None or count < self.snapshot_from
            items = Items(unit).pool(published_by=now) if small else ()
        if self.root is None or small:
            return self._in_memory(items, progress), found
        root = self.root / quote(workspace, safe="")
        base = self._opened(root)
        delta = None if base is None else self._delta(base, workspace, now, count)
        if base is None or delta is None or delta.is_due(base):
            base, delta = self._built(root, workspace, now, progress), Delta()
        catalogue = self._over(base, delta, progress)
        self._standing = Standing(base, delta, catalogue, now, found)
        return catalogue, found

    def read_at(self, workspace: str, at: datetime, upto: Marks, name: str) -> Catalogue:
        """As it was at these marks, over the snapshot `name` where that is still kept.

        Without it rows stand elsewhere and words are as rare as they are in this pool alone, so
        what comes last in a slate may come out differently.
        """
        with self.store.reading(workspace) as unit:
            items = Items(unit).pool(published_by=at, as_of=upto)
        if not name or self.root is None:
            return self._in_memory(items, silent)
        try:
            base = snapshot.load(self.root / quote(workspace, safe=""), name)
        except SnapshotError as error:
            log.warning("a decision is made again without its snapshot: %s", error)
            return self._in_memory(items, silent)
        delta = differing(base, items)
        return overlay(base, delta, self._embedded(delta.late, silent), self.encoder.name)

    def _in_memory(self, items: tuple[Item, ...], progress: Progress) -> Catalogue:
        items = tuple(sorted(items, key=_by_id))
        known = self._memory
        if known is None or list(map(_CONTENT, known.items)) != list(map(_CONTENT, items)):
            vectors = self._embedded(items, progress)
            known = self._memory = lay_out(items, vectors, self.encoder.name)
        return known

    def _opened(self, root: Path) -> Opened | None:
        """The snapshot that serves; damaged ones are named in the log, and the former serves."""
        last = self._standing
        if last is not None and last.base.folder.parent == root and last.base.folder.is_dir():
            return last.base  # another process that built newer ones may have removed its files
        self._standing = None
        try:
            opened = snapshot.open_current(root)
        except SnapshotError as error:
            log.info("building a snapshot: %s", error)
            return None
        for problem in opened.problems:
            log.error("refused a snapshot, the former serves: %s", problem)
        if opened.encoder != self.encoder.name:
            log.info("building a snapshot: vectors are those of %s", opened.encoder)
            return None
        return opened

    def _delta(self, base: Opened, workspace: str, now: datetime, count: int) -> Delta:
        """What differs from the snapshot: what was touched lately, if that explains the count."""
        last = self._standing
        with self.store.reading(workspace) as unit:
            if last is not None and last.at <= now:
                touched = LivePool(unit).since(last.marks, MARGIN, published=(last.at, now))
                delta = moved(base, last.delta, touched)
                if delta.leaves(base) == count:
                    return delta
            return differing(base, LivePool(unit).stream(published_by=now))

    def _over(self, base: Opened, delta: Delta, progress: Progress) -> Catalogue:
        last = self._standing
        if last is not None and last.base is base and last.delta.is_same(delta):
            return last.catalogue
        return overlay(base, delta, self._embedded(delta.late, progress), self.encoder.name)

    def _built(self, root: Path, workspace: str, now: datetime, progress: Progress) -> Opened:
        """Build a snapshot beside the one that serves, and open it."""
        with self.store.reading(workspace) as unit:
            items = sorted(LivePool(unit).stream(published_by=now), key=_by_id)
        made = lay_out(items, self._embedded(items, progress), self.encoder.name)
        name = snapshot.save(root, made.pool, made.indexes, items, self.encoder.name)
        log.info("a snapshot of %d items stands at %s", len(items), root / name)
        return snapshot.load(root, name)

    def _embedded(self, items: Sequence[Item], progress: Progress) -> Floats:
        began = perf_counter()
        vectors = self.encoder.encode(
            [item_text(item) for item in items],
            lambda done, total: progress("Reading the pool", done, total),
        )
        self.seconds_embedding += perf_counter() - began
        return vectors


def _by_id(item: Item) -> str:
    return item.id
