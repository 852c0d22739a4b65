"""What is old in the database, by class of data: found, counted, and made to go."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, func, or_, select, update

from bot.store import tables
from bot.store.database import Store, Unit
from bot.store.types import raw

Where = Callable[[datetime], tuple[ColumnElement[bool], ...]]


@dataclass(frozen=True, slots=True)
class Old:
    """Rows of one table that are older than a moment: deleted, or emptied of what `clears` names.

    A row that is emptied keeps its ids, times and figures: what was counted stays counted.
    """

    table: type[tables.Table]
    where: Where
    clears: Mapping[str, Any] | None = None

    def count(self, unit: Unit, before: datetime) -> int:
        query = select(func.count()).select_from(self.table).where(*self._of(unit, before))
        return unit.session.scalar(query) or 0

    def end(self, unit: Unit, before: datetime) -> int:
        """Make them go; returns how many."""
        where = self._of(unit, before)
        count = self.count(unit, before)
        if count and self.clears is None:
            unit.session.execute(delete(self.table).where(*where))
        elif count:
            changed = update(self.table).where(*where).values(dict(self.clears or {}))
            unit.session.execute(changed.execution_options(synchronize_session=False))
        return count

    def _of(self, unit: Unit, before: datetime) -> tuple[ColumnElement[bool], ...]:
        mine: ColumnElement[bool] = self.table.__table__.c.workspace_id == unit.workspace
        return (mine, *self.where(before))


def signals(purpose: str) -> Old:
    signal = tables.Signal
    return Old(signal, lambda before: (signal.purpose == purpose, signal.at < before))


PROPOSALS = Old(tables.Proposal, lambda before: (tables.Proposal.asked_at < before,))
TURNS = Old(tables.Turn, lambda before: (tables.Turn.at < before,))
INBOX = Old(tables.Inbox, lambda before: (tables.Inbox.done_at < before,))
CORRECTIONS = Old(tables.Correction, lambda before: (tables.Correction.came_at < before,))
OUTBOX = Old(
    tables.Outbox,
    lambda before: (
        tables.Outbox.state.in_(("sent", "failed", "withdrawn", "expired", "streaming")),
        tables.Outbox.created_at < before,
        raw(tables.Outbox.payload) != "{}",
    ),
    {"payload": {}},
)
OPENERS = Old(
    tables.Opener,
    lambda before: (
        tables.Opener.created_at < before,
        or_(raw(tables.Opener.text) != "", raw(tables.Opener.why) != ""),
    ),
    {"text": "", "why": ""},
)
REVIEWS = Old(tables.Review, lambda before: (tables.Review.asked_at < before,))
SHELF = Old(tables.Shelved, lambda before: (tables.Shelved.until < before,))
INPUTS = Old(
    tables.Decision,
    lambda before: (
        tables.Decision.at < before,
        or_(tables.Decision.inputs.is_not(None), raw(tables.Decision.why) != ""),
    ),
    {"inputs": None, "why": ""},
)
CURATIONS = Old(
    tables.Curation,
    lambda before: (tables.Curation.at < before, raw(tables.Curation.after) != "{}"),
    {"before": {}, "after": {}},
)
JOB_RUNS = Old(tables.JobRun, lambda before: (tables.JobRun.finished_at < before,))


def scrub(store: Store) -> None:
    """Let go of the room that deleted rows took, on SQLite; PostgreSQL's autovacuum does it there.

    Deleted bytes were overwritten at once (`secure_delete`); the journal still holds the pages as
    they were, until it is written back and cut to nothing.
    """
    if store.engine.dialect.name != "sqlite":
        return
    connection = store.engine.raw_connection()
    try:
        plain: Any = connection.driver_connection  # a transaction would keep the journal
        plain.executescript("PRAGMA incremental_vacuum; PRAGMA wal_checkpoint(TRUNCATE);")
    finally:
        connection.close()
