"""What we would change or keep for a member, and what they said to that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from bot.ids import digest
from bot.store import tables
from bot.store.database import Unit
from recsys.promises import SOURCE


class Proposals:
    """Reads and writes the proposals of one workspace."""

    def __init__(self, unit: Unit) -> None:
        self._session = unit.session
        self._workspace = unit.workspace

    def get(self, proposal: str) -> tables.Proposal | None:
        row = self._session.get(tables.Proposal, proposal)
        return row if row is not None and row.workspace_id == self._workspace else None

    def open(self, member: str, thread: str | None, now: datetime) -> tables.Proposal | None:
        """The one that a member was asked about last, in this thread or in any, unanswered."""
        table = tables.Proposal
        found = self._session.scalars(
            select(table)
            .where(
                table.workspace_id == self._workspace,
                table.member_id == member,
                table.answered_at.is_(None),
                table.expires_at > now,
            )
            .order_by(table.asked_at.desc())
        )
        here = (row for row in found if thread is None or row.payload.get("thread") == thread)
        return next(here, None)

    def kept(self, member: str, now: datetime) -> Sequence[tables.Item]:
        """What a member said yes to and that is still kept for them, the next first."""
        item = tables.Item
        return self._session.scalars(
            select(item)
            .where(
                item.workspace_id == self._workspace,
                item.addressed_to == member,
                item.source == SOURCE,
                item.withdrawn_at.is_(None),
                item.expires_at > now,
            )
            .order_by(item.expires_at, item.id)
        ).all()

    def add(
        self,
        member: str,
        kind: str,
        payload: Mapping[str, Any],
        key: str,
        now: datetime,
        expires_at: datetime,
    ) -> tables.Proposal:
        """Note what was proposed; one that was noted under this key is returned as it is."""
        row_id = "pr_" + digest(self._workspace, member, key)
        known = self.get(row_id)
        if known is not None:
            return known
        row = tables.Proposal(
            id=row_id,
            workspace_id=self._workspace,
            member_id=member,
            kind=kind,
            payload=dict(payload),
            asked_at=now,
            expires_at=expires_at,
        )
        self._session.add(row)
        self._session.flush()
        return row
