"""What curators did, with what was there before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from bot.store import tables
from bot.store.database import Unit


class Curations:
    """Reads and writes the curations of one workspace."""

    def __init__(self, unit: Unit) -> None:
        self._session = unit.session
        self._workspace = unit.workspace

    def add(
        self,
        batch: str,
        item: str,
        action: str,
        before: Mapping[str, Any],
        after: Mapping[str, Any],
        *,
        at: datetime,
        who: str,
    ) -> None:
        """Note one change of one item, as JSON before and after it."""
        self._session.add(
            tables.Curation(
                workspace_id=self._workspace,
                batch=batch,
                item_id=item,
                at=at,
                who=who[:128],
                action=action,
                before=dict(before),
                after=dict(after),
            )
        )
        self._session.flush()

    def of_batch(self, batch: str) -> Sequence[tables.Curation]:
        """What was done at once and not taken back, the last change first."""
        return self._session.scalars(
            select(tables.Curation)
            .where(
                tables.Curation.workspace_id == self._workspace,
                tables.Curation.batch == batch,
                tables.Curation.undone_at.is_(None),
            )
            .order_by(tables.Curation.id.desc())
        ).all()

    def last_batch(self, who: str, item: str | None = None) -> str | None:
        """The last thing that somebody did and did not take back, to one item or to any."""
        mine = tables.Curation.workspace_id == self._workspace
        query = select(tables.Curation.batch).where(
            mine, tables.Curation.who == who[:128], tables.Curation.undone_at.is_(None)
        )
        if item is not None:
            query = query.where(tables.Curation.item_id == item)
        return self._session.scalar(query.order_by(tables.Curation.id.desc()).limit(1))

    def added_by(self, who: str) -> frozenset[str]:
        """Items that somebody put into the pool themselves."""
        return frozenset(
            self._session.scalars(
                select(tables.Curation.item_id).where(
                    tables.Curation.workspace_id == self._workspace,
                    tables.Curation.who == who[:128],
                    tables.Curation.action == "added",
                )
            )
        )

    def forget(self, item: str) -> None:
        """Let go of the words of an item whose author took them back; it cannot be undone."""
        self._session.execute(
            update(tables.Curation)
            .where(tables.Curation.workspace_id == self._workspace, tables.Curation.item_id == item)
            .values(before={}, after={})
        )
