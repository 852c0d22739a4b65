"""The outbox's rows of answers: those that are said while they are written, and those sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import exists, func, select

from bot.store import tables
from bot.store.calls import Calls
from bot.store.database import Unit
from bot.store.outbox import OPEN, OutboxRows

STREAMING = "streaming"
"""the state of a row whose answer is being said; the outbox leaves it alone"""
TO = "answer:"
"""how the key of an answer begins, before that of the arrival which it answers"""


class Answers:
    """Reads and writes the answers of one workspace."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    def find(self, key: str) -> tables.Outbox | None:
        """The row of an answer, by its key."""
        table = tables.Outbox
        mine = table.workspace_id == self._unit.workspace, table.dedupe_key == key
        return self._unit.session.scalar(select(table).where(*mine))

    def at(self, member: str, message_ref: str) -> tables.Outbox | None:
        """The answer to a member that stands at this place."""
        table = tables.Outbox
        mine = table.workspace_id == self._unit.workspace, table.member_id == member
        here = table.message_ref == message_ref, table.kind == "answer"
        return self._unit.session.scalar(select(table).where(*mine, *here))

    def thread_of(self, member: str, message_ref: str) -> str | None:
        """The thread of the answer that stands at this place; None where it opens one itself."""
        row = self.at(member, message_ref)
        content = row.payload.get("content") if row is not None else None
        return (content or {}).get("thread")  # emptied once it is old

    def anywhere(self, address: str, message_ref: str) -> tables.Outbox | None:
        """The answer that stands at this place, whomever it went to."""
        table = tables.Outbox
        mine = table.workspace_id == self._unit.workspace, table.kind == "answer"
        here = table.message_ref == message_ref, table.address == address
        return self._unit.session.scalar(select(table).where(*mine, *here))

    def orphans(self, before: datetime) -> Sequence[tables.Outbox]:
        """Answers that were begun before then, to what is worked on by nobody any more."""
        table, inbox = tables.Outbox, tables.Inbox
        waits = exists().where(
            inbox.workspace_id == table.workspace_id,
            inbox.key == func.substr(table.dedupe_key, len(TO) + 1),
            inbox.done_at.is_(None),
        )
        mine = table.workspace_id == self._unit.workspace, table.state == STREAMING
        return self._unit.session.scalars(
            select(table).where(*mine, table.called_at <= before, ~waits)
        ).all()

    def begin(
        self,
        key: str,
        member: str,
        address: str,
        content: Mapping[str, Any],
        now: datetime,
        expires_at: datetime,
    ) -> str | None:
        """Note that an answer begins, and return its id; None while it has to wait its turn."""
        table, mine = tables.Outbox, self._unit.workspace
        others = exists().where(
            table.workspace_id == mine,
            table.member_id == member,
            table.kind == "answer",
            table.state.in_((*OPEN, STREAMING)),
        )
        session = self._unit.session
        if Calls(self._unit).stands(now).held_until is not None or session.scalar(select(others)):
            return None
        OutboxRows(self._unit).add(
            member=member,
            kind="answer",
            dedupe_key=key,
            content=content,
            expires_at=expires_at,
            now=now,
            address=address,
        )
        session.flush()
        row = self.find(key)
        assert row is not None
        row.state, row.called_at = STREAMING, now
        return row.id
