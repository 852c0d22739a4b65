"""Who runs a job: the one whose row is first, and after their death whoever comes next."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.exc import IntegrityError

from bot.store import tables
from bot.store.database import Unit
from bot.store.owners import IsDead


class Jobs:
    """Reads and writes the job runs of one workspace."""

    def __init__(self, unit: Unit) -> None:
        self._session = unit.session
        self._workspace = unit.workspace

    def take(
        self, job: str, slot: str, now: datetime, owner: str = "", is_dead: IsDead | None = None
    ) -> bool:
        """Claim a slot of a job; False where it is claimed already, by somebody still at it.

        Without `is_dead` everybody is taken to live.
        """
        known = self._session.get(tables.JobRun, (self._workspace, job, slot))
        if known is not None:
            return self._take_over(known, now, owner, is_dead)
        row = tables.JobRun(
            workspace_id=self._workspace, job=job, slot=slot, owner=owner, started_at=now
        )
        try:
            with self._session.begin_nested():
                self._session.add(row)
        except IntegrityError:
            return False
        return True

    def _take_over(
        self, row: tables.JobRun, now: datetime, owner: str, is_dead: IsDead | None
    ) -> bool:
        if row.finished_at is not None or not _is_orphan(row, is_dead):
            return False
        changed = self._session.execute(
            update(tables.JobRun)
            .where(
                tables.JobRun.workspace_id == self._workspace,
                tables.JobRun.job == row.job,
                tables.JobRun.slot == row.slot,
                tables.JobRun.owner.is_not_distinct_from(row.owner),
                tables.JobRun.finished_at.is_(None),
            )
            .values(owner=owner, started_at=now)
        )
        assert isinstance(changed, CursorResult)
        return bool(changed.rowcount)

    def orphans(self, since: datetime, is_dead: IsDead) -> frozenset[tuple[str, str]]:
        """Jobs and slots that somebody began since then and did not live to finish."""
        rows = self._session.scalars(
            select(tables.JobRun).where(
                tables.JobRun.workspace_id == self._workspace,
                tables.JobRun.finished_at.is_(None),
                tables.JobRun.started_at >= since,
            )
        )
        return frozenset((row.job, row.slot) for row in rows if _is_orphan(row, is_dead))

    def release(self, job: str, slot: str, owner: str = "") -> None:
        """Give a claimed slot back: its job failed, and whoever comes next may try."""
        self._session.execute(
            delete(tables.JobRun).where(
                tables.JobRun.workspace_id == self._workspace,
                tables.JobRun.job == job,
                tables.JobRun.slot == slot,
                tables.JobRun.owner == owner,
                tables.JobRun.finished_at.is_(None),
            )
        )

    def finish(self, job: str, slot: str, now: datetime, summary: dict[str, Any]) -> None:
        """Note when a job ended and what it came to."""
        row = self._session.get_one(tables.JobRun, (self._workspace, job, slot))
        row.finished_at, row.summary = now, summary


def _is_orphan(row: tables.JobRun, is_dead: IsDead | None) -> bool:
    """Whether who ran it is dead; a row without an owner is from before there were any."""
    return is_dead is not None and (row.owner is None or is_dead(row.owner))
