"""Arms of experiments that were stopped, by a guardrail or a person, and those that run again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select

from bot.store import tables
from bot.store.database import Unit


class ArmStops:
    """Reads and writes the stops of one workspace.

    An arm that was resumed keeps its row, with nobody in `stopped_by`: what happened before then
    does not count against it again.
    """

    def __init__(self, unit: Unit) -> None:
        self._session = unit.session
        self._workspace = unit.workspace

    def stopped(self) -> Mapping[str, frozenset[str]]:
        """The arms that are stopped, by experiment."""
        found: dict[str, set[str]] = defaultdict(set)
        for row in self.rows():
            if row.stopped_by:
                found[row.experiment].add(row.arm)
        return {name: frozenset(arms) for name, arms in found.items()}

    def get(self, experiment: str, arm: str) -> tables.ArmStop | None:
        return self._session.get(tables.ArmStop, (self._workspace, experiment, arm))

    def rows(self) -> list[tables.ArmStop]:
        return list(
            self._session.scalars(
                select(tables.ArmStop)
                .where(tables.ArmStop.workspace_id == self._workspace)
                .order_by(tables.ArmStop.experiment, tables.ArmStop.arm)
            )
        )

    def stop(
        self, experiment: str, arm: str, at: datetime, by: str, figures: Mapping[str, Any]
    ) -> bool:
        """Stop an arm; False where it was stopped before. `by` is a guardrail or a person."""
        known = self.get(experiment, arm)
        if known is not None and known.stopped_by:
            return False
        if known is None:
            known = tables.ArmStop(workspace_id=self._workspace, experiment=experiment, arm=arm)
            self._session.add(known)
        known.stopped_at, known.stopped_by, known.figures = at, by, dict(figures)
        self._session.flush()
        return True

    def resume(self, experiment: str, arm: str, at: datetime) -> bool:
        """Let an arm run again; False where it was not stopped."""
        known = self.get(experiment, arm)
        if known is None or not known.stopped_by:
            return False
        known.stopped_at, known.stopped_by, known.figures = at, "", {}
        return True
