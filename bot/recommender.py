"""The recommender as it serves: one view of pool, past and model, replaced as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from functools import cached_property
from hashlib import blake2b
from operator import attrgetter
from time import perf_counter

import numpy as np

from bot.heard import NOTHING, Words
from bot.memory import Memory
from bot.memory import load as load_memory
from bot.ports import Progress, Refused, silent
from bot.settings import RecommenderSettings
from bot.store import marks
from bot.store.database import Store
from bot.store.items import Items
from bot.store.marks import OF_ITEMS, Marks
from recsys.assembly import assemble
from recsys.encoder import Encoder
from recsys.indexes import Indexes, build_indexes
from recsys.model import PRIOR_VERSION, LoadedModel, Manifest
from recsys.pipeline import Pipeline
from recsys.pool import build, item_text
from recsys.ranker import BoosterScorer, PriorScorer, scorer_for
from recsys.registry import Registry
from recsys.types import Item, ItemId, Pool, Query, Rows, Slate, Version


@dataclass(frozen=True)
class Preparation:
    """What it took to get ready, in seconds and texts; part of a run's summary."""

    items: int
    embedded: int
    reused: int
    seconds_embedding: float
    seconds_loading: float


@dataclass(frozen=True, eq=False)
class Catalogue:
    """The items as they were read, and what was laid out of them."""

    items: tuple[Item, ...]
    pool: Pool
    indexes: Indexes

    def is_of(self, items: tuple[Item, ...]) -> bool:
        """Whether these are the same items, in every field; else it all has to be built anew."""
        return list(map(_CONTENT, self.items)) == list(map(_CONTENT, items))

    @cached_property
    def fingerprint(self) -> str:
        """A hash of all that the stages may read of the items."""
        told = blake2b(digest_size=16)
        told.update("\0".join(self.pool.ids).encode())
        for field in fields(Pool):
            value = getattr(self.pool, field.name)
            if isinstance(value, np.ndarray):
                told.update(np.ascontiguousarray(value).tobytes())
        return told.hexdigest()


_CONTENT = attrgetter(*(field.name for field in fields(Item)))
"""every field of an item; as a tuple an unknown level (nan) is equal to itself"""


@dataclass(frozen=True, eq=False)
class Origin:
    """When and how far a view was read, and of what catalogue."""

    at: datetime
    marks: Marks
    catalogue: Catalogue


@dataclass(frozen=True)
class View:
    """What one pass sees: nothing in it changes under its feet."""

    items: Mapping[ItemId, Item]
    pipeline: Pipeline
    scorer: PriorScorer | BoosterScorer
    memory: Memory
    version: Version
    problems: tuple[str, ...]
    """models that could not serve, and why"""
    preparation: Preparation
    origin: Origin

    @property
    def manifest(self) -> Manifest | None:
        """What is known of the model; None of the prior."""
        return self.scorer.loaded.manifest if isinstance(self.scorer, BoosterScorer) else None

    def item(self, row: int) -> Item:
        return self.items[self.pipeline.pool.ids[row]]

    def ids(self, rows: Rows) -> list[ItemId]:
        return [self.pipeline.pool.ids[row] for row in rows]


class Recommender:
    """Holds the current view; `refresh` builds the next one beside it and swaps."""

    def __init__(
        self,
        store: Store,
        encoder: Encoder,
        registry: Registry,
        settings: RecommenderSettings,
    ) -> None:
        self._store = store
        self._encoder = encoder
        self._registry = registry
        self._settings = settings
        self._view: View | None = None
        self._catalogue: Catalogue | None = None
        self._words: Words = NOTHING

    @property
    def view(self) -> View:
        """The view that serves. Raises Refused before the first `refresh`."""
        if self._view is None:
            raise Refused("the recommender is not ready yet; it needs one refresh")
        return self._view

    def recommend(self, query: Query) -> Slate:
        return self.view.pipeline.run(query)

    def refresh(
        self,
        workspace: str,
        now: datetime,
        *,
        assume_consent: bool = False,
        progress: Progress = silent,
    ) -> View:
        """Read pool and past, embed what is new, take the model that is promoted now.

        Items and signals later than `now` may be read, and are cut off by every query's moment.
        """
        begin = perf_counter()
        embedded = self._encoder.embedded
        with self._store.reading(workspace) as unit:
            items = Items(unit).pool(published_by=now)
            of_items = marks.read(unit, OF_ITEMS)
        catalogue, embedding = self._lay_out(items, progress)
        pool = catalogue.pool
        with self._store.reading(workspace) as unit:
            memory = load_memory(
                unit,
                pool,
                self._encoder,
                assume_consent=assume_consent,
                known=NOTHING if self._view is None else self._view.memory.words,
            )
        fresh = self._encoder.embedded - embedded
        serving = self._registry.load_serving(now.timestamp())
        scorer = scorer_for(serving.loaded, pool)
        self._view = View(
            items={item.id: item for item in items},
            pipeline=assemble(pool, catalogue.indexes, scorer, epsilon=self._settings.epsilon),
            scorer=scorer,
            memory=memory,
            version=serving.version,
            problems=serving.problems,
            origin=Origin(now, _joined(memory.marks, of_items), catalogue),
            preparation=Preparation(
                items=len(items),
                embedded=fresh,
                reused=len(items) + memory.texts - fresh,
                seconds_embedding=round(embedding, 3),
                seconds_loading=round(perf_counter() - begin - embedding, 3),
            ),
        )
        return self._view

    def view_at(
        self,
        workspace: str,
        at: datetime,
        upto: Marks,
        loaded: LoadedModel | None,
        *,
        epsilon: float,
    ) -> View:
        """The view as it was when it was read `at` these marks, with this model; it never serves.

        What was withdrawn from us, reworded or deleted since cannot be as it was: whoever asks has
        to compare fingerprints.
        """
        with self._store.reading(workspace) as unit:
            items = Items(unit).pool(published_by=at, as_of=upto)
        catalogue, _ = self._lay_out(items, silent)
        with self._store.reading(workspace) as unit:
            memory = load_memory(unit, catalogue.pool, self._encoder, known=self._words, upto=upto)
        self._words = memory.words
        scorer = scorer_for(loaded, catalogue.pool)
        return View(
            items={item.id: item for item in items},
            pipeline=assemble(catalogue.pool, catalogue.indexes, scorer, epsilon=epsilon),
            scorer=scorer,
            memory=memory,
            version=PRIOR_VERSION if loaded is None else loaded.version,
            problems=(),
            preparation=Preparation(len(items), 0, 0, 0.0, 0.0),
            origin=Origin(at, upto, catalogue),
        )

    def _lay_out(self, items: tuple[Item, ...], progress: Progress) -> tuple[Catalogue, float]:
        """Pool and indexes of these items, and the seconds that embedding them took.

        Where nothing about them changed, it is what is at hand.
        """
        known = self._catalogue
        if known is not None and known.is_of(items):
            return known, 0.0
        texts = [item_text(item) for item in items]
        began = perf_counter()
        vectors = self._encoder.encode(
            texts, lambda done, total: progress("Reading the pool", done, total)
        )
        seconds = perf_counter() - began
        pool = build(items, vectors)
        self._catalogue = Catalogue(items, pool, build_indexes(pool, items))
        return self._catalogue, seconds


def _joined(of_past: Marks, of_items: Marks) -> Marks:
    return replace(of_past, **{name: getattr(of_items, name) for name in OF_ITEMS})
