"""Openers that a person looks at before they leave; an edit is kept beside its original."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, select, update

from bot.store import tables
from bot.store.database import Unit


class Reviews:
    """Reads and writes the reviews of one workspace."""

    def __init__(self, unit: Unit) -> None:
        self._session = unit.session
        self._workspace = unit.workspace

    def ask(self, opener: tables.Opener, at: datetime) -> None:
        """Let an opener wait for a person."""
        self._session.add(
            tables.Review(
                workspace_id=self._workspace,
                opener_id=opener.id,
                state="waiting",
                asked_at=at,
                original=opener.text,
            )
        )

    def waiting(self) -> Sequence[tuple[tables.Review, tables.Opener]]:
        """Reviews that are still asked for, of openers that may still leave; the oldest first."""
        rows = self._session.execute(
            select(tables.Review, tables.Opener)
            .join(tables.Opener, tables.Opener.id == tables.Review.opener_id)
            .where(
                tables.Review.workspace_id == self._workspace,
                tables.Review.state == "waiting",
                tables.Opener.state == "held",
            )
            .order_by(tables.Review.asked_at, tables.Review.opener_id)
        )
        return [(review, opener) for review, opener in rows]

    def edited(self) -> Sequence[tables.Review]:
        """Reviews whose opener was edited, the newest first."""
        return self._decided("edited")

    def answered(self) -> Sequence[tables.Review]:
        """Reviews that came back with a note, the newest first."""
        return self._decided("answered")

    def last_edits(self, most: int) -> Sequence[tuple[tables.Review, tables.Item]]:
        """The last openers that were edited and may leave, with what they are about."""
        opener, item = tables.Opener, tables.Item
        about = and_(item.workspace_id == opener.workspace_id, item.id == opener.item_id)
        rows = self._session.execute(
            select(tables.Review, item)
            .join(opener, opener.id == tables.Review.opener_id)
            .join(item, about)
            .where(
                tables.Review.workspace_id == self._workspace,
                tables.Review.state == "edited",
            )
            .order_by(tables.Review.decided_at.desc(), tables.Review.opener_id)
            .limit(most)
        )
        return [(review, found) for review, found in rows]

    def _decided(self, state: str) -> Sequence[tables.Review]:
        return self._session.scalars(
            select(tables.Review)
            .where(tables.Review.workspace_id == self._workspace, tables.Review.state == state)
            .order_by(tables.Review.decided_at.desc(), tables.Review.opener_id)
        ).all()

    def get(self, opener_id: str) -> tables.Review | None:
        return self._session.get(tables.Review, (self._workspace, opener_id), with_for_update=True)

    def release(self, opener: tables.Opener, now: datetime) -> None:
        """Put a held opener on its way, with the text that it has now."""
        row = self.row(opener.id)
        if row is not None and row.state == "held":
            content = {**row.payload["content"], "text": opener.text}
            row.payload = {**row.payload, "content": content}
            row.state, row.not_before = "queued", max(now, row.not_before)
        opener.state = "queued"

    def withdraw(self, opener: tables.Opener, reason: str) -> None:
        """Let a held opener never leave."""
        self._session.execute(
            update(tables.Outbox)
            .where(
                tables.Outbox.workspace_id == self._workspace,
                tables.Outbox.opener_id == opener.id,
                tables.Outbox.state == "held",
            )
            .values(state="withdrawn", reason=reason)
        )
        opener.state = "withdrawn"

    def row(self, opener_id: str) -> tables.Outbox | None:
        """The row of the outbox that an opener leaves by."""
        return self._session.scalar(
            select(tables.Outbox)
            .where(
                tables.Outbox.workspace_id == self._workspace,
                tables.Outbox.opener_id == opener_id,
                tables.Outbox.kind == "opener",
            )
            .with_for_update()
        )
