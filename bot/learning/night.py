"""The night: windows close, labels are learned from, and a new model serves if it may."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from bot.deciding.recommender import Recommender, View
from bot.store.database import Store
from bot.store.openers import Openers
from bot.store.outcomes import Outcomes
from recsys.evaluation.slices import compare
from recsys.labels import HISTORY, OUTCOME, Lesson, history_lessons, lessons
from recsys.made_of import Kept, Key, MadeOf
from recsys.model import PRIOR_VERSION, Model
from recsys.registry import Registry
from recsys.training import JUDGE_SHARE, TrainingResult, train
from recsys.types import Floats, OutcomeKind, Version

HISTORY_DAYS = 365
"""how far back weak labels are taken from"""


@dataclass(frozen=True)
class Trained:
    """What a training run came to; a refused model is registered too where there is one."""

    version: Version | None
    served_before: Version
    result: TrainingResult

    def summary(self) -> dict[str, Any]:
        return {
            "version": self.version,
            "served_before": self.served_before,
            "promoted": self.result.promoted,
            "reason": self.result.reason,
            "origin": self.result.origin,
            "counts": dict(self.result.counts),
            "metrics": dict(self.result.metrics),
        }


@dataclass(frozen=True)
class Night:
    """Closes windows and trains; called by the scheduler, a command or the demo."""

    store: Store
    workspace: str
    recommender: Recommender
    registry: Registry
    window: timedelta
    seed: int
    _last: list[dict[Key, Floats]] = field(default_factory=list, init=False, repr=False)
    """matrices of the lessons of the night before, where they may be used again: most lessons have
    the same features tonight"""

    def close_windows(self, now: datetime) -> int:
        """Close every opener whose window is over; no answer by then means ignored.

        Returns how many were closed.
        """
        with self.store.writing(self.workspace) as unit:
            over = Openers(unit).window_closed(now)
            outcomes = Outcomes(unit)
            for opener in over:
                if not outcomes.of(opener.id):
                    closes = opener.window_closes_at or now
                    outcomes.record(opener, OutcomeKind.IGNORED, closes)
                opener.state, opener.closed_at = "closed", now
            unit.commit()
        return len(over)

    def train(
        self, now: datetime, origin: Literal["outcome", "history"], *, promote: bool = True
    ) -> Trained:
        """Fit, judge, register, and promote where the verdict allows.

        The recommender must have been refreshed as of `now`.
        """
        view = self.recommender.view
        serving = self.registry.load_serving(now.timestamp())
        states, pool = list(view.memory.states.values()), view.pipeline.pool
        made_of = MadeOf(states, view.memory.workspace, pool, view.origin.catalogue.prints)
        features = Kept(made_of, self._last[0] if self._last else {})
        self._last[:] = [features.asked]  # whoever says `forget` meanwhile means this night too
        result = train(
            self._lessons(view, now.timestamp(), origin),
            pool,
            seed=self.seed,
            now=now.timestamp(),
            serving=serving.loaded,
            origin=origin,
            features=features,
        )
        version = self.registry.register(result) if result.model is not None else None
        if promote and version is not None and result.promoted:
            self.registry.promote(version)
        return Trained(version, serving.version, result)

    def forget(self) -> None:
        """Work out everything anew tonight, as when somebody's data are deleted."""
        self._last.clear()

    def compare(self, now: datetime, first: str, second: str) -> dict[str, Any]:
        """Two versions on the last quarter of the closed openers, by slice, as JSON.

        The recommender must have been refreshed as of `now`. Raises RegistryError for a version
        that is unknown or cannot be loaded.
        """
        models = {version: self._model(version) for version in (first, second)}
        view = self.recommender.view
        known = list(self._lessons(view, now.timestamp(), OUTCOME))
        judged = known[int(len(known) * (1 - JUDGE_SHARE)) :]
        a, b = (models[version][0] for version in (first, second))
        sliced = compare(a, b, judged, view.pipeline.pool, seed=self.seed)
        return {
            "first": first,
            "second": second,
            "lessons": len(judged),
            "seen": {
                version: sum(lesson.at <= until for lesson in judged)
                for version, (_, until) in models.items()
            },
            "slices": [one.as_json() for one in sliced],
        }

    def _model(self, version: str) -> tuple[Model, float]:
        """A version and the last moment that it learned from; the prior learned from none."""
        if version == PRIOR_VERSION:
            return Model(), -math.inf
        loaded = self.registry.load(Version(version))
        return loaded.model, loaded.manifest.window[1]

    def _lessons(self, view: View, now: float, origin: str) -> Iterator[Lesson]:
        states = list(view.memory.states.values())
        if origin == OUTCOME:
            return lessons(states, view.memory.workspace, now, window=self.window.total_seconds())
        if origin == HISTORY:
            start = now - HISTORY_DAYS * 86_400
            pool = view.pipeline.pool
            return history_lessons(states, view.memory.workspace, pool, start, now)
        raise ValueError(f"unknown origin {origin!r}")
