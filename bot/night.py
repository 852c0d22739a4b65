"""The night: windows close, labels are learned from, and a new model serves if it may."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from bot.recommender import Recommender, View
from bot.store.database import Store
from bot.store.openers import Openers
from bot.store.outcomes import Outcomes
from recsys.labels import HISTORY, OUTCOME, Lesson, history_lessons, lessons
from recsys.registry import Registry
from recsys.training import TrainingResult, train
from recsys.types import OutcomeKind, Version

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
        result = train(
            self._lessons(view, now.timestamp(), origin),
            view.pipeline.pool,
            seed=self.seed,
            now=now.timestamp(),
            serving=serving.loaded,
            origin=origin,
        )
        version = self.registry.register(result) if result.model is not None else None
        if promote and version is not None and result.promoted:
            self.registry.promote(version)
        return Trained(version, serving.version, result)

    def _lessons(self, view: View, now: float, origin: str) -> Iterator[Lesson]:
        states = list(view.memory.states.values())
        if origin == OUTCOME:
            return lessons(states, view.memory.workspace, now, window=self.window.total_seconds())
        if origin == HISTORY:
            start = now - HISTORY_DAYS * 86_400
            pool = view.pipeline.pool
            return history_lessons(states, view.memory.workspace, pool, start, now)
        raise ValueError(f"unknown origin {origin!r}")
