"""Feeds that are asked for news by themselves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from bot.store import tables
from bot.store.database import Unit


class Feeds:
    """Reads and writes the feeds of one workspace."""

    def __init__(self, unit: Unit) -> None:
        self._session = unit.session
        self._workspace = unit.workspace

    def get(self, feed_id: str) -> tables.Feed | None:
        return self._session.get(tables.Feed, (self._workspace, feed_id))

    def list(self) -> Sequence[tables.Feed]:
        """All of them, in the order in which they were added."""
        return self._session.scalars(
            select(tables.Feed)
            .where(tables.Feed.workspace_id == self._workspace)
            .order_by(tables.Feed.added_at, tables.Feed.id)
        ).all()

    def due(self, now: datetime) -> Sequence[str]:
        """Ids of those that are to be asked by `now`, the most overdue first."""
        return self._session.scalars(
            select(tables.Feed.id)
            .where(
                tables.Feed.workspace_id == self._workspace,
                tables.Feed.paused_at.is_(None),
                tables.Feed.next_at <= now,
            )
            .order_by(tables.Feed.next_at, tables.Feed.id)
        ).all()

    def add(self, feed: tables.Feed) -> None:
        self._session.add(feed)
        self._session.flush()

    def remove(self, feed: tables.Feed) -> None:
        """Forget a feed; its items stay."""
        self._session.delete(feed)
        self._session.flush()
