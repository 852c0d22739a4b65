"""Finds items that may be one thing told twice, by keys that are kept beside their columns."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, update

from bot.store import tables
from bot.store.database import Unit
from bot.store.likeness import title_key, url_key
from bot.store.upsert import chunks

Item = tables.Item
_came: ColumnElement[Any] = func.coalesce(Item.first_at, Item.imported_at)
BY: tuple[tuple[str, str], ...] = (
    ("address", "url_key"),
    ("text", "text_hash"),
    ("title", "title_key"),
)
"""what twins share, from the surest to the least sure, and the column that tells"""


class TwinRows:
    """Reads and writes what items have in common, in one workspace."""

    def __init__(self, unit: Unit) -> None:
        self._session = unit.session
        self._workspace = unit.workspace

    def uncompared(self, limit: int) -> Sequence[tables.Item]:
        """Items that were not held against the others yet, the oldest first.

        Those that are meant for one member are nobody's twin: they would tell of each other.
        """
        return self._session.scalars(
            select(Item)
            .where(*self._common(), Item.compared_at.is_(None))
            .order_by(Item.imported_at, Item.id)
            .limit(limit)
        ).all()

    def key(self, row: tables.Item) -> None:
        """Keys of an item from before there were any."""
        row.url_key, row.title_key = url_key(row.url), title_key(row.title)
        self._session.flush()

    def twin(self, row: tables.Item) -> tuple[str, str] | None:
        """(by what, id) of the oldest other item that shares a key; None where there is none."""
        for name, column in BY:
            value = getattr(row, column)
            if value is None:
                continue
            found = self._session.scalar(
                select(Item.id)
                .where(*self._older(row), getattr(Item, column) == value)
                .order_by(_came, Item.id)
                .limit(1)
            )
            if found is not None:
                return name, found
        return None

    def older(self, row: tables.Item, ids: Sequence[str]) -> str | None:
        """The first of these items, in their order, that was here before this one."""
        if not ids:
            return None
        there = self._session.scalars(select(Item.id).where(*self._older(row), Item.id.in_(ids)))
        found = frozenset(there)
        return next((one for one in ids if one in found), None)

    def known(self, keys: Sequence[tuple[str | None, str, str | None]]) -> frozenset[Any]:
        """Those of these (address, text, title) keys that an item here has already."""
        found: set[Any] = set()
        for place, (_, column) in enumerate(BY):
            wanted = [key[place] for key in keys if key[place] is not None]
            of = getattr(Item, column)
            for some in chunks(wanted):
                found |= set(self._session.scalars(select(of).where(*self._common(), of.in_(some))))
        return frozenset(found)

    def settle(self, ids: Sequence[str], at: datetime) -> None:
        """Note that items were compared."""
        for some in chunks(ids):
            self._session.execute(
                update(Item)
                .where(Item.workspace_id == self._workspace, Item.id.in_(some))
                .values(compared_at=at)
            )

    def _older(self, row: tables.Item) -> tuple[Any, ...]:
        came = row.first_at or row.imported_at
        first = or_(Item.id < row.id, Item.compared_at.is_not(None))
        before = or_(_came < came, and_(_came == came, first, Item.id != row.id))
        return (*self._common(), before)

    def _common(self) -> tuple[Any, ...]:
        return (
            Item.workspace_id == self._workspace,
            Item.withdrawn_at.is_(None),
            Item.rejected_at.is_(None),
            Item.addressed_to.is_(None),
        )
