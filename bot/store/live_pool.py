"""The pool as it is read for ranking: how many items, all of them, or those that were touched."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, or_, select

from bot.store import marks, tables
from bot.store.database import Unit
from bot.store.items import as_item
from bot.store.marks import Marks
from recsys import types

STREAMED = 1_000
"""rows that are held at once while all are gone through"""


class LivePool:
    """Items of one workspace that are published and not withdrawn, as `Items.pool` gives them."""

    def __init__(self, unit: Unit) -> None:
        self._session = unit.session
        self._workspace = unit.workspace

    def count(self, *, published_by: datetime) -> int:
        """How many there are."""
        return self._session.scalars(select(func.count()).where(*self._live(published_by))).one()

    def stream(self, *, published_by: datetime) -> Iterator[types.Item]:
        """All of them, in any order, without ever holding all."""
        query = select(tables.Item.__table__).where(*self._live(published_by))
        found = self._session.execute(query.execution_options(yield_per=STREAMED))
        for row in found.mappings():
            yield as_item(dict(row))

    def since(
        self, read: Marks, margin: timedelta, *, published: tuple[datetime, datetime]
    ) -> dict[types.ItemId, types.Item | None]:
        """Items that were touched after the marks, or from a margin before them, or published so.

        None for those that are withdrawn, or not published by the end of `published`.
        """
        first, last = published
        touched = [tables.Item.published_at.between(first - margin, last)]
        for name in marks.OF_ITEMS:
            mark, column = getattr(read, name), marks.column(name)
            touched.append(column.is_not(None) if mark is None else column >= mark - margin)
        query = select(tables.Item.__table__).where(
            tables.Item.workspace_id == self._workspace, or_(*touched)
        )
        found: dict[types.ItemId, types.Item | None] = {}
        for row in self._session.execute(query).mappings():
            there = row["withdrawn_at"] is None and row["published_at"] <= last
            found[types.ItemId(row["id"])] = as_item(dict(row)) if there else None
        return found

    def addressed(self, since: datetime, until: datetime) -> dict[str, datetime]:
        """When something was last there for a member by name, of what was after `since`."""
        item = tables.Item
        lately = item.approved_at > since, item.changed_at > since, item.not_before > since
        found: dict[str, datetime] = {}
        for member, *moments in self._session.execute(
            select(item.addressed_to, item.approved_at, item.changed_at, item.not_before).where(
                item.workspace_id == self._workspace,
                item.addressed_to.is_not(None),
                item.withdrawn_at.is_(None),
                item.approved_at.is_not(None),
                or_(item.expires_at.is_(None), item.expires_at > until),
                or_(*lately),
            )
        ):
            there = max(moment for moment in moments if moment is not None)
            if member is not None and since < there <= until:
                found[member] = max(there, found.get(member, there))
        return found

    def _live(self, published_by: datetime) -> tuple[ColumnElement[bool], ...]:
        return (
            tables.Item.workspace_id == self._workspace,
            tables.Item.withdrawn_at.is_(None),
            tables.Item.published_at <= published_by,
        )
