"""The one way to open the database that the settings name: sealed, with its files beside it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Column, Engine, func, select
from sqlalchemy import Table as CoreTable

from bot.settings import Settings
from bot.store.beside import Beside
from bot.store.database import Store, connect
from bot.store.schema import require_current
from bot.store.sealing import MARK, MARK_LENGTH, Sealer, make_key_file
from bot.store.tables import Table
from bot.store.types import Sealed, SealedJson, raw

KEY_FILE = "keys"


def open_store(settings: Settings) -> Store:
    """The store of these settings; makes a file of keys where there is none yet.

    Raises:
        BadInput: the database's address is wrong.
        Refused: the database is behind or ahead of this code, or sealed with a key that is
            missing; the message names the setting.
    """
    engine = connect(settings.database_url)
    try:
        require_current(engine)
        sealer = sealer_for(settings, engine)
        seal_with(engine, sealer)
        _must_open_newest(engine, sealer)
    except Exception:
        engine.dispose()
        raise
    return Store(engine, Beside(settings.home))


def seal_with(engine: Engine, sealer: Sealer) -> None:
    engine.dialect.overture_sealer = sealer  # type: ignore[attr-defined]


def sealer_for(settings: Settings, engine: Engine) -> Sealer:
    """The sealer that the settings ask for.

    A key is made only where nothing is sealed yet: beside words that need a lost key, a new one
    would hide that it is lost.
    """
    if not settings.sealing:
        return Sealer()
    if settings.keys:
        return Sealer([key.get_secret_value() for key in settings.keys])
    file = settings.home / KEY_FILE
    if not file.exists():
        lost = next((name for name in sealing_keys(engine) if name), None)
        if lost is not None:
            Sealer().open(f"{MARK}{lost}:")
        make_key_file(file)
    return Sealer(file=file)


def sealed_columns() -> tuple[tuple[CoreTable, Column[Any]], ...]:
    """Every column that is sealed, with its table."""
    return tuple(
        (table, column)
        for table in Table.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, Sealed | SealedJson)
    )


def sealing_keys(engine: Engine) -> Iterator[str]:
    """The names of the keys that stored values are sealed with; empty for values that are not."""
    with engine.connect() as connection:
        for _table, column in sealed_columns():
            mark = func.substr(raw(column), 1, MARK_LENGTH)
            marks = select(mark).where(raw(column) != "", raw(column) != "{}").distinct()
            for (found,) in connection.execute(marks):
                yield found[len(MARK) : -1] if found.startswith(MARK) else ""


def _must_open_newest(engine: Engine, sealer: Sealer) -> None:
    """Refuse early: what was written last in each table must open."""
    with engine.connect() as connection:
        for table, column in sealed_columns():
            if "id" not in table.columns:
                continue
            newest = select(raw(column)).order_by(table.columns["id"].desc()).limit(1)
            value = connection.scalar(newest)
            if value is not None:
                sealer.open(value)
