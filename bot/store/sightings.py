"""What conversations showed of what was sent."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, func, select, update

from bot.store import tables
from bot.store.database import Unit
from bot.store.outbox import Row, read


class Sightings:
    """Reads and writes what was seen in the conversations of one workspace."""

    def __init__(self, unit: Unit) -> None:
        self._session = unit.session
        self._workspace = unit.workspace

    def sent_after(self, moment: datetime, limit: int) -> list[Row]:
        """The first rows that were sent by a call which began after a moment."""
        called = tables.Outbox.called_at
        sent = select(tables.Outbox).where(*self._sent(moment)).order_by(called).limit(limit)
        return [read(row) for row in self._session.scalars(sent)]

    def first_after(self, moment: datetime) -> datetime | None:
        """When one of those rows was first seen, if any was."""
        return self._session.scalar(
            select(func.min(tables.Outbox.seen_at)).where(*self._sent(moment))
        )

    def note(self, ids: Collection[str], now: datetime) -> None:
        """Conversations show these messages; those that were sent are witnesses now."""
        table = tables.Outbox
        self._session.execute(
            update(table)
            .where(
                table.workspace_id == self._workspace,
                table.id.in_(ids),
                table.state == "sent",
                table.seen_at.is_(None),
            )
            .values(seen_at=now)
            .execution_options(synchronize_session=False)
        )

    def _sent(self, moment: datetime) -> tuple[ColumnElement[bool], ...]:
        table = tables.Outbox
        mine = table.workspace_id == self._workspace
        return mine, table.state == "sent", table.called_at > moment
