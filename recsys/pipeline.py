"""The one screen that everything in `recsys` hangs on: fetch, fuse, filter, score, select."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from recsys.types import (
    Candidates,
    Dropped,
    Flags,
    Found,
    Pick,
    Pool,
    Query,
    Ranked,
    Rows,
    Slate,
    SourceFailure,
)


class Source(Protocol):
    """Proposes rows of the pool for a query, best first, at most `query.limit`."""

    @property
    def name(self) -> str: ...

    def fetch(self, query: Query) -> Found: ...


class Fuser(Protocol):
    """Merges what the sources found into one list without repeats, at most `limit` long."""

    def __call__(self, found: Iterable[Found], limit: int) -> Candidates: ...


class Filter(Protocol):
    """Says for each row whether it may stay; True keeps."""

    @property
    def name(self) -> str: ...

    def keeps(self, query: Query, pool: Pool, rows: Rows) -> Flags: ...


class Scorer(Protocol):
    """Ranks candidates by utility; one matrix per query."""

    def score(self, query: Query, candidates: Candidates) -> Ranked: ...


class Selector(Protocol):
    """Chooses one ranked candidate, or none where there is none, with its propensity."""

    def pick(self, query: Query, ranked: Ranked) -> Pick | None: ...


@dataclass(frozen=True)
class Pipeline:
    """One pool snapshot with its stages; replaced as a whole, never changed."""

    pool: Pool
    sources: tuple[Source, ...]
    fuse: Fuser
    filters: tuple[Filter, ...]
    scorer: Scorer
    selector: Selector

    def run(self, query: Query) -> Slate:
        """Pick the one item worth this member's attention at this moment.

        A source that raises is left out and named in the slate's failures; every other stage
        raises as it is.
        """
        found, failures = self._fetch(query)
        retrieved = self.fuse(found, query.limit)
        kept, dropped = self.sift(query, retrieved)
        ranked = self.scorer.score(query, kept)
        chosen = self.selector.pick(query, ranked)
        return Slate(query, retrieved, dropped, ranked, chosen, failures)

    def _fetch(self, query: Query) -> tuple[list[Found], tuple[SourceFailure, ...]]:
        found: list[Found] = []
        failures: list[SourceFailure] = []
        for source in self.sources:
            try:
                found.append(source.fetch(query))
            except Exception as error:  # one broken source must not silence the others
                failures.append(SourceFailure(source.name, f"{type(error).__name__}: {error}"))
        return found, tuple(failures)

    def sift(self, query: Query, retrieved: Candidates) -> tuple[Candidates, Dropped]:
        """Apply the filters in order; a row is dropped by the first that refuses it."""
        by = np.full(len(retrieved), -1, dtype=np.int16)
        for position, rule in enumerate(self.filters):
            kept = rule.keeps(query, self.pool, retrieved.rows)
            by[(by < 0) & ~kept] = position
        gone = by >= 0
        dropped = Dropped(retrieved.rows[gone], by[gone], tuple(f.name for f in self.filters))
        return retrieved.take(np.flatnonzero(~gone)), dropped
