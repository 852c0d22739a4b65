"""The inbox's rows."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update

from bot.ports import Arrival
from bot.store import tables
from bot.store.database import Unit
from bot.store.upsert import upsert


@dataclass(frozen=True, slots=True)
class Entry:
    """An arrival with its row's id."""

    id: int
    arrival: Arrival


class InboxRows:
    """Reads and writes the inbox of one workspace."""

    def __init__(self, unit: Unit) -> None:
        self._session = unit.session
        self._workspace = unit.workspace

    def add(self, arrival: Arrival, now: datetime) -> bool:
        """Add an arrival; False where its key is known."""
        if self._count(tables.Inbox.key == arrival.key):
            return False
        row = {
            "workspace_id": self._workspace,
            "key": arrival.key,
            "kind": arrival.kind,
            "conversation": arrival.conversation,
            "payload": dict(arrival.payload),
            "received_at": now,
        }
        upsert(self._session, tables.Inbox, [row], key=("workspace_id", "key"))
        return True

    def first_open(self, leaving_out: Collection[str] = ()) -> Entry | None:
        """The oldest row that waits, outside the conversations left out."""
        query = select(tables.Inbox).where(
            tables.Inbox.workspace_id == self._workspace, tables.Inbox.done_at.is_(None)
        )
        if leaving_out:
            query = query.where(tables.Inbox.conversation.not_in(leaving_out))
        row = self._session.scalar(query.order_by(tables.Inbox.id).limit(1))
        if row is None:
            return None
        arrival = Arrival(row.key, row.kind, row.conversation, row.payload)  # type: ignore[arg-type]
        return Entry(row.id, arrival)

    def still_open(self, row_id: int) -> bool:
        """Take the row; False where another process has done it meanwhile."""
        found = self._session.scalar(
            select(tables.Inbox.id)
            .where(tables.Inbox.id == row_id, tables.Inbox.done_at.is_(None))
            .with_for_update()
        )
        return found is not None

    def finish(self, row_id: int, now: datetime) -> None:
        """Mark the row done. Its key stays, so that a repetition is known; its words do not."""
        self._session.execute(
            update(tables.Inbox)
            .where(tables.Inbox.id == row_id)
            .values(done_at=now, error="", payload={})
        )

    def fail(self, row_id: int, error: str, now: datetime, *, give_up_after: int) -> None:
        """Count a failure; after too many the row is set aside, done with its error.

        A row that another process has done meanwhile stays done.
        """
        row = self._session.get_one(tables.Inbox, row_id, with_for_update=True)
        if row.done_at is not None:
            return
        row.attempts += 1
        row.error = error
        if row.attempts >= give_up_after:
            row.done_at = now

    def counts(self) -> dict[str, int]:
        """Rows that wait, rows set aside with an error."""
        return {
            "waiting": self._count(tables.Inbox.done_at.is_(None)),
            "set_aside": self._count(tables.Inbox.done_at.is_not(None), tables.Inbox.error != ""),
        }

    def _count(self, *where: Any) -> int:
        query = select(func.count()).select_from(tables.Inbox)
        found = self._session.scalar(
            query.where(tables.Inbox.workspace_id == self._workspace, *where)
        )
        return found or 0
