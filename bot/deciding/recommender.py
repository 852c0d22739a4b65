"""The recommender as it serves: one view of pool, past and model, replaced as a whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from threading import Lock
from time import perf_counter

from bot.deciding.catalogues import Catalogues
from bot.ports import Progress, Refused, silent
from bot.reading.heard import NOTHING, Heard
from bot.reading.memory import Memory
from bot.reading.memory import load as load_memory
from bot.settings import RecommenderSettings
from bot.store.database import Store
from bot.store.items import Items
from bot.store.marks import OF_ITEMS, Marks
from bot.store.topics import Topics
from recsys.assembly import assemble
from recsys.catalogue import Catalogue
from recsys.encoder import Encoder
from recsys.model import PRIOR_VERSION, LoadedModel, Manifest
from recsys.pipeline import Pipeline
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


@dataclass(frozen=True, eq=False)
class Origin:
    """When and how far a view was read, and of what catalogue."""

    at: datetime
    marks: Marks
    catalogue: Catalogue


@dataclass(frozen=True)
class View:
    """What one pass sees: nothing in it changes under its feet."""

    pipeline: Pipeline
    scorer: PriorScorer | BoosterScorer
    memory: Memory
    version: Version
    problems: tuple[str, ...]
    """models that could not serve, and why"""
    preparation: Preparation
    origin: Origin
    pinned: frozenset[ItemId] = frozenset()
    """items that curators want considered for everybody"""
    titles: Mapping[str, str] = field(default_factory=dict)
    """how topics are called, by slug"""

    @property
    def loaded(self) -> LoadedModel | None:
        """The model; None for the prior."""
        return self.scorer.loaded if isinstance(self.scorer, BoosterScorer) else None

    @property
    def manifest(self) -> Manifest | None:
        """What is known of the model; None of the prior."""
        return None if self.loaded is None else self.loaded.manifest

    def under(self, loaded: LoadedModel | None) -> View:
        """The same pool and past under another model, or under the prior's formula."""
        version = PRIOR_VERSION if loaded is None else loaded.version
        if version == self.version:
            return self
        scorer = scorer_for(loaded, self.pipeline.pool)
        pipeline = replace(self.pipeline, scorer=scorer)
        return replace(self, pipeline=pipeline, scorer=scorer, version=version)

    @property
    def items(self) -> Mapping[ItemId, Item]:
        """Items by id; those of a large pool are read from the disk, one by one."""
        return _ById(self.origin.catalogue)

    def item(self, row: int) -> Item:
        found: Item = self.origin.catalogue.items[row]
        return found

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
        snapshots: Path | None = None,
    ) -> None:
        self._store = store
        self._encoder = encoder
        self._registry = registry
        self._settings = settings
        self._view: View | None = None
        self._catalogues = Catalogues(store, encoder, snapshots, settings.snapshot_from)
        self._heard: Heard = NOTHING
        self._refreshing = Lock()

    @property
    def view(self) -> View:
        """The view that serves. Raises Refused before the first `refresh`."""
        if self._view is None:
            raise Refused("the recommender is not ready yet; it needs one refresh")
        return self._view

    @property
    def read_at(self) -> datetime | None:
        """When the view that serves was read; None before the first `refresh`."""
        return None if self._view is None else self._view.origin.at

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
        Whoever comes meanwhile waits, and reads what came since: a snapshot is built once, and no
        view takes the place of one that was read later.
        """
        with self._refreshing:
            return self._refreshed(workspace, now, assume_consent, progress)

    def _refreshed(
        self, workspace: str, now: datetime, assume_consent: bool, progress: Progress
    ) -> View:
        begin = perf_counter()
        embedded = self._encoder.embedded
        catalogue, of_items = self._catalogues.read(workspace, now, progress)
        embedding = self._catalogues.seconds_embedding
        pool = catalogue.pool
        with self._store.reading(workspace) as unit:
            memory = load_memory(
                unit,
                pool,
                self._encoder,
                assume_consent=assume_consent,
                known=NOTHING if self._view is None else self._view.memory.heard,
            )
            pinned, titles = Items(unit).pinned(), Topics(unit).titles()
        fresh = self._encoder.embedded - embedded
        serving = self._registry.load_serving(now.timestamp())
        scorer = scorer_for(serving.loaded, pool)
        self._view = View(
            pipeline=assemble(pool, catalogue.indexes, scorer, epsilon=self._settings.epsilon),
            scorer=scorer,
            memory=memory,
            version=serving.version,
            problems=serving.problems,
            origin=Origin(now, _joined(memory.marks, of_items), catalogue),
            preparation=Preparation(
                items=len(catalogue),
                embedded=fresh,
                reused=len(catalogue) + memory.heard.texts - fresh,
                seconds_embedding=round(embedding, 3),
                seconds_loading=round(perf_counter() - begin - embedding, 3),
            ),
            pinned=frozenset(map(ItemId, pinned)),
            titles=titles,
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
        snapshot: str = "",
    ) -> View:
        """The view as it was when it was read `at` these marks, with this model; it never serves.

        What was withdrawn from us, reworded or deleted since cannot be as it was: whoever asks has
        to compare fingerprints.
        """
        catalogue = self._catalogues.read_at(workspace, at, upto, snapshot)
        with self._store.reading(workspace) as unit:
            memory = load_memory(unit, catalogue.pool, self._encoder, known=self._heard, upto=upto)
        self._heard = memory.heard
        scorer = scorer_for(loaded, catalogue.pool)
        return View(
            pipeline=assemble(catalogue.pool, catalogue.indexes, scorer, epsilon=epsilon),
            scorer=scorer,
            memory=memory,
            version=PRIOR_VERSION if loaded is None else loaded.version,
            problems=(),
            preparation=Preparation(len(catalogue), 0, 0, 0.0, 0.0),
            origin=Origin(at, upto, catalogue),
        )


class _ById(Mapping[ItemId, Item]):
    """The items of a catalogue by id."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def __getitem__(self, item: ItemId) -> Item:
        found: Item = self._catalogue.items[self._catalogue.pool.row_of[item]]
        return found

    def __iter__(self) -> Iterator[ItemId]:
        return iter(self._catalogue.pool.row_of)

    def __len__(self) -> int:
        return len(self._catalogue)


def _joined(of_past: Marks, of_items: Marks) -> Marks:
    return replace(of_past, **{name: getattr(of_items, name) for name in OF_ITEMS})
