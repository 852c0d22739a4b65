"""The inbox's rows."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, exists, func, or_, select, update
from sqlalchemy.orm import aliased

from bot.ports import Arrival
from bot.store import tables
from bot.store.database import Unit
from bot.store.owners import IsDead
from bot.store.upsert import upsert

OTHERS = 64
"""conversations that others may be at, beside those that are asked for"""

FIRST_PAUSE = timedelta(seconds=5)
"""after a first failure; four times as long after each further one"""


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

    def claim(
        self,
        owner: str,
        now: datetime,
        lease_until: datetime,
        is_dead: IsDead,
        limit: int = 1,
        leaving_out: Collection[str] = (),
    ) -> list[Entry]:
        """The oldest rows that wait, one of each conversation, now the owner's.

        A conversation whose first row somebody else is at is left to them, until their lease is
        over or they are dead; so is one that failed, until its pause is over; and so are the
        conversations left out.
        """
        table, earlier = tables.Inbox, aliased(tables.Inbox)
        before = and_(
            earlier.workspace_id == table.workspace_id,
            earlier.done_at.is_(None),
            earlier.conversation == table.conversation,
            earlier.id < table.id,
        )
        found = self._session.scalars(
            select(table)
            .where(
                table.workspace_id == self._workspace,
                table.done_at.is_(None),
                table.conversation.not_in(leaving_out),
                or_(
                    table.owner.is_not(None),
                    table.lease_until.is_(None),
                    table.lease_until <= now,  # nobody's: the end of its pause
                ),
                ~exists().where(before),
            )
            .order_by(table.id)
            .limit(limit + OTHERS)
            .with_for_update(skip_locked=True, of=table)
        ).all()
        free = [row for row in found if _is_free(row, owner, now, is_dead)][:limit]
        for row in free:
            row.owner, row.lease_until = owner, lease_until
        self._session.flush()
        return [Entry(row.id, _arrival(row)) for row in free]

    def take(self, row_id: int, owner: str) -> bool:
        """Take the row to write what follows from it; False where it is not ours any more."""
        found = self._session.scalar(
            select(tables.Inbox.id)
            .where(
                tables.Inbox.id == row_id,
                tables.Inbox.done_at.is_(None),
                tables.Inbox.owner == owner,
            )
            .with_for_update()
        )
        return found is not None

    def finish(self, row_id: int, now: datetime) -> None:
        """Mark the row done. Its key stays, so that a repetition is known; its words do not."""
        self._session.execute(
            update(tables.Inbox)
            .where(tables.Inbox.id == row_id)
            .values(done_at=now, error="", payload={}, owner=None, lease_until=None)
        )

    def fail(
        self, row_id: int, owner: str, error: str, now: datetime, *, give_up_after: int
    ) -> None:
        """Count a failure, and let the row rest, longer each time; after too many it is set aside.

        A row that another process has taken meanwhile stays theirs.
        """
        row = self._session.get_one(tables.Inbox, row_id, with_for_update=True)
        if row.done_at is not None or row.owner != owner:
            return
        row.owner, row.lease_until = None, now + FIRST_PAUSE * 4**row.attempts
        row.attempts += 1
        row.error = error
        if row.attempts >= give_up_after:
            row.done_at, row.lease_until = now, None

    def any_waiting(self) -> bool:
        """Whether anything waits to be worked off; cheap enough to be asked all the time."""
        waits = exists().where(
            tables.Inbox.workspace_id == self._workspace, tables.Inbox.done_at.is_(None)
        )
        return bool(self._session.scalar(select(waits)))

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


def _is_free(row: tables.Inbox, owner: str, now: datetime, is_dead: IsDead) -> bool:
    if row.owner is None or row.lease_until is None or row.lease_until <= now:
        return True
    return row.owner != owner and is_dead(row.owner)


def _arrival(row: tables.Inbox) -> Arrival:
    return Arrival(row.key, row.kind, row.conversation, row.payload)  # type: ignore[arg-type]
