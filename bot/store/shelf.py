"""The quiet shelf: items that wait on members' home tabs, good but not sure enough to speak of."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import delete, select, update

from bot.store import tables
from bot.store.database import Unit
from bot.store.upsert import upsert


class Shelf:
    """Reads and writes the shelves of one workspace."""

    def __init__(self, unit: Unit) -> None:
        self._session = unit.session
        self._workspace = unit.workspace

    def put(
        self, member: str, item: str, *, decision: str, why: str, at: datetime, until: datetime
    ) -> None:
        """Put an item there; one that is there already stays as it is, its time and all."""
        row = {
            "workspace_id": self._workspace,
            "member_id": member,
            "item_id": item,
            "decision_id": decision,
            "why": why,
            "put_at": at,
            "until": until,
        }
        upsert(self._session, tables.Shelved, [row], key=("workspace_id", "member_id", "item_id"))

    def get(self, member: str, item: str) -> tables.Shelved | None:
        return self._session.get(tables.Shelved, (self._workspace, member, item))

    def lying(self, member: str, now: datetime) -> Sequence[tables.Shelved]:
        """What lies there untouched at `now`, the newest first."""
        shelved = tables.Shelved
        return self._session.scalars(
            select(shelved)
            .where(
                shelved.workspace_id == self._workspace,
                shelved.member_id == member,
                shelved.until > now,
                shelved.opened_at.is_(None),
                shelved.dismissed_at.is_(None),
            )
            .order_by(shelved.put_at.desc(), shelved.item_id)
        ).all()

    def clear(self, member: str) -> None:
        """Take away what was not touched yet; what was turned down stays turned down."""
        shelved = tables.Shelved
        self._session.execute(
            delete(shelved).where(
                shelved.workspace_id == self._workspace,
                shelved.member_id == member,
                shelved.opened_at.is_(None),
                shelved.dismissed_at.is_(None),
            )
        )

    def dismissed(self, member: str) -> frozenset[str]:
        """Items that this member did not want from there."""
        shelved = tables.Shelved
        return frozenset(
            self._session.scalars(
                select(shelved.item_id).where(
                    shelved.workspace_id == self._workspace,
                    shelved.member_id == member,
                    shelved.dismissed_at.is_not(None),
                )
            )
        )

    def seen(self, member: str, items: Collection[str], at: datetime) -> None:
        """Note when the home tab first showed these."""
        shelved = tables.Shelved
        self._session.execute(
            update(shelved)
            .where(
                shelved.workspace_id == self._workspace,
                shelved.member_id == member,
                shelved.item_id.in_(sorted(items)),
                shelved.seen_at.is_(None),
            )
            .values(seen_at=at)
        )
