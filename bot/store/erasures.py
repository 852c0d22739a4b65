"""Who had their data deleted: keyed hashes, which no import and no welcome can be matched around.

The key is that of the journal of withdrawals, beside the database: who finds the rows learns no
name from them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select

from bot.ports import Refused
from bot.store import tables
from bot.store.database import Unit
from bot.store.upsert import chunks
from bot.store.withdrawals import Withdrawals


class Erasures:
    """Reads and writes the erasures of one workspace."""

    def __init__(self, unit: Unit) -> None:
        self._session = unit.session
        self._workspace = unit.workspace
        self._beside = unit.beside

    def note(self, member: str, ids: Iterable[str], whose: Mapping[str, Any], at: datetime) -> bool:
        """Note that somebody asked for it, under all their ids; False where they had asked.

        Raises Refused where there is no home to keep the key in, or the key is lost.
        """
        journal = self._journal()
        name = journal.name_of(self._workspace, member, makes_key=True)
        if self._session.get(tables.Erasure, (self._workspace, name)) is not None:
            return False
        self._session.add(self._row(name, at, dict(whose)))
        for other in sorted(set(ids) - {member}):
            self._session.add(self._row(journal.name_of(self._workspace, other), at, None))
        self._session.flush()
        return True

    def among(self, ids: Iterable[str]) -> frozenset[str]:
        """Those of `ids` that are erased. Raises Refused where the key is lost."""
        if not self._any():
            return frozenset()
        journal = self._journal()
        found: set[str] = set()
        for some in chunks(set(ids)):
            names = {journal.name_of(self._workspace, one): one for one in some}
            known = select(tables.Erasure.name).where(
                tables.Erasure.workspace_id == self._workspace, tables.Erasure.name.in_(names)
            )
            found.update(names[name] for name in self._session.scalars(known))
        return frozenset(found)

    def forgive(self, ids: Iterable[str]) -> bool:
        """Somebody came back by themselves; False where nobody of these was erased and done."""
        journal = self._journal()
        names = [journal.name_of(self._workspace, one) for one in ids]
        mine = tables.Erasure.workspace_id == self._workspace, tables.Erasure.name.in_(names)
        gone = delete(tables.Erasure).where(*mine, tables.Erasure.done_at.is_not(None))
        return bool(self._session.scalars(gone.returning(tables.Erasure.name)).all())

    def pending(self) -> Sequence[tables.Erasure]:
        """Those that are not done yet, the first that asked first."""
        return self._session.scalars(
            select(tables.Erasure)
            .where(
                tables.Erasure.workspace_id == self._workspace,
                tables.Erasure.whose.is_not(None),
                tables.Erasure.done_at.is_(None),
            )
            .order_by(tables.Erasure.asked_at, tables.Erasure.name)
        ).all()

    def finish(self, asked_at: datetime, name: str, at: datetime) -> None:
        """Nothing but the hashes is left of this one."""
        row = self._session.get_one(tables.Erasure, (self._workspace, name))
        row.whose = None
        for one in self._session.scalars(
            select(tables.Erasure).where(
                tables.Erasure.workspace_id == self._workspace,
                tables.Erasure.asked_at == asked_at,
                tables.Erasure.whose.is_(None),
                tables.Erasure.done_at.is_(None),
            )
        ):
            one.done_at = at
        self._session.flush()

    def last_done(self) -> datetime | None:
        """When the last one was done: what was read before may still hold their words."""
        return self._session.scalar(
            select(func.max(tables.Erasure.done_at)).where(
                tables.Erasure.workspace_id == self._workspace
            )
        )

    def done_since(self, moment: datetime) -> int:
        """How many asked for it from a moment on, and are gone."""
        count = select(func.count(tables.Erasure.asked_at.distinct())).where(
            tables.Erasure.workspace_id == self._workspace,
            tables.Erasure.asked_at >= moment,
            tables.Erasure.done_at.is_not(None),
        )
        return self._session.scalar(count) or 0

    def _any(self) -> bool:
        some = select(tables.Erasure.name).where(tables.Erasure.workspace_id == self._workspace)
        return self._session.scalar(some.limit(1)) is not None

    def _journal(self) -> Withdrawals:
        if self._beside is None:
            raise Refused(
                "Deleting needs OVERTURE_HOME, where the key of the hash is kept that stays."
            )
        return self._beside.withdrawals

    def _row(self, name: str, at: datetime, whose: dict[str, Any] | None) -> tables.Erasure:
        return tables.Erasure(workspace_id=self._workspace, name=name, asked_at=at, whose=whose)
