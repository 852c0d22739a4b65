"""Who runs a job: the one whose row is first."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError

from bot.store import tables
from bot.store.database import Unit


class Jobs:
    """Reads and writes the job runs of one workspace."""

    def __init__(self, unit: Unit) -> None:
        self._session = unit.session
        self._workspace = unit.workspace

    def take(self, job: str, slot: str, now: datetime) -> bool:
        """Claim a slot of a job; False where it is claimed already."""
        if self._session.get(tables.JobRun, (self._workspace, job, slot)) is not None:
            return False
        row = tables.JobRun(workspace_id=self._workspace, job=job, slot=slot, started_at=now)
        try:
            with self._session.begin_nested():
                self._session.add(row)
        except IntegrityError:
            return False
        return True

    def release(self, job: str, slot: str) -> None:
        """Give a claimed slot back: its job failed, and whoever comes next may try."""
        self._session.execute(
            delete(tables.JobRun).where(
                tables.JobRun.workspace_id == self._workspace,
                tables.JobRun.job == job,
                tables.JobRun.slot == slot,
                tables.JobRun.finished_at.is_(None),
            )
        )

    def finish(self, job: str, slot: str, now: datetime, summary: dict[str, Any]) -> None:
        """Note when a job ended and what it came to."""
        row = self._session.get_one(tables.JobRun, (self._workspace, job, slot))
        row.finished_at, row.summary = now, summary
