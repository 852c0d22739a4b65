"""Messages of which nobody knows whether they arrived, and what a person says of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select

from bot.ports import Refused
from bot.store import tables
from bot.store.audit import Audit
from bot.store.database import Unit


class Unresolved:
    """Reads and settles the unresolved rows of one workspace."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    def list(self) -> Sequence[tables.Outbox]:
        """Those that wait for a person, the oldest call first."""
        table = tables.Outbox
        return self._unit.session.scalars(
            select(table)
            .where(table.workspace_id == self._unit.workspace, table.state == "unresolved")
            .order_by(table.called_at, table.id)
        ).all()

    def settle(
        self, row_id: str, *, arrived: bool, by: str, now: datetime, window: timedelta
    ) -> None:
        """Write down what a person found out. Nothing is ever sent again because of it.

        What arrived was sent when its call began, and its window closes `window` after that.

        Raises:
            Refused: there is no such row, or it waits for nobody.
        """
        session = self._unit.session
        row = session.get(tables.Outbox, row_id, with_for_update=True)
        if row is None or row.workspace_id != self._unit.workspace:
            raise Refused(f"there is no message {row_id!r}; `overture unresolved` lists them")
        if row.state != "unresolved":
            who = f", settled by {row.settled_by}" if row.settled_by else ""
            raise Refused(f"message {row_id} is {row.state}{who}: there is nothing to settle")
        row.state, row.settled_by = "sent" if arrived else "withdrawn", by
        row.reason = "settled"
        at = row.called_at or row.created_at
        row.sent_at = at if arrived else None
        opener = session.get(tables.Opener, row.opener_id) if row.opener_id else None
        if opener is not None:
            opener.state = row.state
            if arrived:
                opener.sent_at, opener.window_closes_at = at, at + window
                opener.address = row.address
        Audit(self._unit).append(now, by, f"unresolved.{row.state}", row_id)
