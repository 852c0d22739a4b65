"""Insert-or-update in bulk, in the words of SQLite and PostgreSQL; updates that are built once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import Table as CoreTable
from sqlalchemy import Update, bindparam
from sqlalchemy import update as sql_update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from bot.store.tables import Table

AT_ONCE = 500
"""values in one IN (…): both databases take far more, but plan these quickly"""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Saved:
    """How many rows a bulk save met for the first time, changed, and found as they were."""

    new: int = 0
    changed: int = 0
    same: int = 0

    @property
    def total(self) -> int:
        return self.new + self.changed + self.same


def upsert(
    session: Session,
    table: type[Table],
    rows: Sequence[Mapping[str, Any]],
    *,
    key: Sequence[str],
    update: Sequence[str] = (),
) -> None:
    """Insert `rows`, all with the same columns; where `key` exists, set the `update` columns.

    Without `update` an existing row stays as it is. `key` names the columns of a primary key or
    unique constraint.
    """
    if not rows:
        return
    target = table.__table__
    assert isinstance(target, CoreTable)
    dialect = session.get_bind().dialect.name
    insert = (postgresql if dialect == "postgresql" else sqlite).insert(target)
    columns = {name: insert.excluded[name] for name in update}
    statement = (
        insert.on_conflict_do_update(index_elements=key, set_=columns)
        if columns
        else insert.on_conflict_do_nothing(index_elements=key)
    )
    session.execute(statement, [dict(row) for row in rows])


@cache
def update_where(table: type[Table], columns: tuple[str, ...], where: tuple[str, ...]) -> Update:
    """An update that sets `columns` where the columns `where` equal the parameters ``of_…``.

    Kept for the next time: to build it takes longer than to run it.
    """
    target = table.__table__
    assert isinstance(target, CoreTable)
    return (
        sql_update(target)
        .where(*(target.c[name] == bindparam(f"of_{name}") for name in where))
        .values({name: bindparam(name) for name in columns})
    )


def chunks(values: Iterable[T], size: int = AT_ONCE) -> Iterator[tuple[T, ...]]:
    """`values` in pieces that fit one statement."""
    pending: list[T] = []
    for value in values:
        pending.append(value)
        if len(pending) == size:
            yield tuple(pending)
            pending = []
    if pending:
        yield tuple(pending)
