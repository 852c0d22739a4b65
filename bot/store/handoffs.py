"""Members who asked for a person: who waits, for how long, and who took it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from bot.ids import digest
from bot.store import tables
from bot.store.database import Unit


class Handoffs:
    """Reads and writes the hand-offs of one workspace."""

    def __init__(self, unit: Unit) -> None:
        self._session = unit.session
        self._workspace = unit.workspace

    def get(self, handoff: str) -> tables.Handoff | None:
        row = self._session.get(tables.Handoff, handoff)
        return row if row is not None and row.workspace_id == self._workspace else None

    def waiting(self) -> Sequence[tables.Handoff]:
        """Those that nobody took, the oldest first."""
        table = tables.Handoff
        mine = table.workspace_id == self._workspace, table.taken_at.is_(None)
        return self._session.scalars(select(table).where(*mine).order_by(table.asked_at)).all()

    def of(self, member: str) -> tables.Handoff | None:
        """The one that a member waits for."""
        return next((row for row in self.waiting() if row.member_id == member), None)

    def ask(
        self, member: str, opener: str | None, conversation: str | None, now: datetime
    ) -> tuple[tables.Handoff, bool]:
        """Note that a member asked for a person; False beside it where they did so already.

        Who waits for one, and asks about something else, waits from now on for that.
        """
        waiting = self.of(member)
        if waiting is not None:
            same_place = opener is not None or waiting.conversation_id == conversation
            if waiting.opener_id == opener and same_place:
                return waiting, False
            waiting.opener_id, waiting.conversation_id, waiting.shared = opener, conversation, None
            waiting.asked_at, waiting.reminders, waiting.reminded_at = now, 0, None
            return waiting, True
        row = tables.Handoff(
            id="ho_" + digest(self._workspace, member, now.isoformat()),
            workspace_id=self._workspace,
            member_id=member,
            opener_id=opener,
            conversation_id=conversation,
            asked_at=now,
        )
        self._session.add(row)
        self._session.flush()
        return row, True

    def take_back(self, member: str, opener: str) -> bool:
        """A member needs no person any more; False where none was asked for, or one took it."""
        waiting = self.of(member)
        if waiting is None or waiting.opener_id != opener:
            return False
        self._session.delete(waiting)
        self._session.flush()
        return True
