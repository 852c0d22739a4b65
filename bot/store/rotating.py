"""Seals everything anew with the newest key, in small steps beside the running bot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, and_, select, tuple_, type_coerce, update
from sqlalchemy import Table as CoreTable
from sqlalchemy.types import Text

from bot.ports import Progress, Refused, silent
from bot.store.database import Store
from bot.store.opening import sealed_columns
from bot.store.sealing import MARK, Sealer
from bot.store.types import sealer_of

AT_ONCE = 200
"""rows in one transaction: on SQLite nobody else writes meanwhile"""


@dataclass(frozen=True, slots=True)
class Rotated:
    """How many values were sealed anew, and how many were so already."""

    changed: int
    same: int
    key: str


def rotate(store: Store, progress: Progress = silent) -> Rotated:
    """Seal what is not sealed with the newest key; stopped and begun again it goes on.

    A value that changed meanwhile was written with the newest key by whoever changed it, and is
    left alone. Raises Refused for a value whose key is missing: what was done until then stays.
    """
    sealer = sealer_of(store.engine.dialect)
    newest = sealer.newest
    if newest is None:
        raise Refused("Sealing is off (OVERTURE_SEALING). Switch it on, then rotate.")
    changed = same = 0
    columns = sealed_columns()
    for position, (table, column) in enumerate(columns):
        progress(f"{table.name}.{column.name}", position, len(columns))
        after: tuple[Any, ...] | None = None
        while True:
            seen, done, after = _step(store, sealer, f"{MARK}{newest}:", table, column, after)
            changed, same = changed + done, same + seen - done
            if after is None:
                break
    progress("done", len(columns), len(columns))
    return Rotated(changed, same, newest)


def _step(
    store: Store,
    sealer: Sealer,
    mark: str,
    table: CoreTable,
    column: Column[Any],
    after: tuple[Any, ...] | None,
) -> tuple[int, int, tuple[Any, ...] | None]:
    """(values seen, values changed, the last key of this step or None at the end)."""
    key, stored = list(table.primary_key.columns), type_coerce(column, Text)
    query = select(*key, stored).order_by(*key).limit(AT_ONCE)
    if after is not None:
        query = query.where(tuple_(*key) > tuple_(*after))
    with store.writing("") as unit:
        rows = unit.session.execute(query).all()
        seen = done = 0
        for *name, value in rows:
            if not value or value == "{}":
                continue
            seen += 1
            if value.startswith(mark):
                continue
            anew = sealer.seal(sealer.open(value))
            is_it = and_(*(part == one for part, one in zip(key, name, strict=True)))
            statement = (
                update(table)
                .where(is_it, stored == value)
                .values({column.name: type_coerce(anew, Text)})
            )
            unit.session.execute(statement)
            done += 1
        unit.commit()
    last = tuple(rows[-1][: len(key)]) if len(rows) == AT_ONCE else None
    return seen, done, last
