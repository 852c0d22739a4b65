"""The recommender as it serves: one view of pool, past and model, replaced as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from time import perf_counter

from bot.memory import Memory
from bot.memory import load as load_memory
from bot.ports import Progress, Refused, silent
from bot.settings import RecommenderSettings
from bot.store.database import Store
from bot.store.items import Items
from recsys.assembly import assemble
from recsys.encoder import Encoder
from recsys.indexes import build_indexes
from recsys.pipeline import Pipeline
from recsys.pool import build, item_text
from recsys.ranker import BoosterScorer, PriorScorer, scorer_for
from recsys.registry import Registry
from recsys.types import Item, ItemId, Query, Rows, Slate, Version


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
        embedded, reused = self._encoder.embedded, self._encoder.reused
        with self._store.reading(workspace) as unit:
            items = Items(unit).pool(published_by=now)
        texts = [item_text(item) for item in items]
        started = perf_counter()
        vectors = self._encoder.encode(
            texts, lambda done, total: progress("Reading the pool", done, total)
        )
        embedding = perf_counter() - started
        pool = build(items, vectors)
        with self._store.reading(workspace) as unit:
            memory = load_memory(unit, pool, self._encoder, assume_consent=assume_consent)
        serving = self._registry.load_serving(now.timestamp())
        scorer = scorer_for(serving.loaded, pool)
        self._view = View(
            items={item.id: item for item in items},
            pipeline=assemble(
                pool, build_indexes(pool, items), scorer, epsilon=self._settings.epsilon
            ),
            scorer=scorer,
            memory=memory,
            version=serving.version,
            problems=serving.problems,
            preparation=Preparation(
                items=len(items),
                embedded=self._encoder.embedded - embedded,
                reused=self._encoder.reused - reused,
                seconds_embedding=round(embedding, 3),
                seconds_loading=round(perf_counter() - begin - embedding, 3),
            ),
        )
        return self._view
