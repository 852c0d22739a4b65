"""The recommender as it serves: one view of pool, past and model, replaced as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from operator import attrgetter
from time import perf_counter

from bot.heard import NOTHING
from bot.memory import Memory
from bot.memory import load as load_memory
from bot.ports import Progress, Refused, silent
from bot.settings import RecommenderSettings
from bot.store.database import Store
from bot.store.items import Items
from recsys.assembly import assemble
from recsys.encoder import Encoder
from recsys.indexes import Indexes, build_indexes
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

    def item(self, row: int) -> Item:
        return self.items[self.pipeline.pool.ids[row]]

    def ids(self, rows: Rows) -> list[ItemId]:
        return [self.pipeline.pool.ids[row] for row in rows]


@dataclass(frozen=True, eq=False)
class Catalogue:
    """The items as they were read, and what was laid out of them."""

    items: tuple[Item, ...]
    pool: Pool
    indexes: Indexes

    def is_of(self, items: tuple[Item, ...]) -> bool:
        """Whether these are the same items, in every field; else it all has to be built anew."""
        return list(map(_CONTENT, self.items)) == list(map(_CONTENT, items))


_CONTENT = attrgetter(*(field.name for field in fields(Item)))
"""every field of an item; as a tuple an unknown level (nan) is equal to itself"""


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
            preparation=Preparation(
                items=len(items),
                embedded=fresh,
                reused=len(items) + memory.texts - fresh,
                seconds_embedding=round(embedding, 3),
                seconds_loading=round(perf_counter() - begin - embedding, 3),
            ),
        )
        return self._view

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
