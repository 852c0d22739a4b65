"""One database, SQLite or PostgreSQL, and the unit of work over it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from threading import BoundedSemaphore, RLock
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError
from sqlalchemy.orm import Session

from bot.ports import BadInput
from bot.store.beside import Beside
from bot.store.sealing import Sealer
from bot.store.types import UNSEALED

BUSY_SECONDS = 30
"""how long a writer waits for another one on SQLite"""
READERS = 2
"""units of one process that read SQLite at once: they wait for nothing but the processor, and the
more of them there are, the more of it goes into taking turns"""
PATIENCE_SECONDS = 0.1
"""until a reader goes beside them all the same: some read for long"""

_PRAGMAS = (
    "journal_mode=WAL",
    "foreign_keys=ON",
    "synchronous=NORMAL",
    "secure_delete=ON",  # what is deleted is overwritten, not only forgotten
    "cache_size=-32768",  # KiB; each pass reads the past whole, and of 2 MB most is read twice
)


def connect(url: str, sealer: Sealer = UNSEALED) -> Engine:
    """An engine for `url`; makes the folder of an SQLite file.

    `sealer` seals what the engine writes and opens what it reads; without one it does neither,
    see `bot.store.opening`.

    Raises:
        BadInput: the address is neither SQLite's nor PostgreSQL's.
    """
    address = _parse(url)
    if address.get_backend_name() == "sqlite":
        if address.database and address.database != ":memory:":
            Path(address.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(
            address, hide_parameters=True, connect_args={"timeout": BUSY_SECONDS}
        )
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    else:
        engine = create_engine(
            address, hide_parameters=True, pool_pre_ping=True, connect_args=_KEEPALIVES
        )
    engine.dialect.overture_sealer = sealer  # type: ignore[attr-defined]
    return engine


_KEEPALIVES = {
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
    "options": "-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3",
}
"""Both sides notice within half a minute that the other machine is gone: its locks go with it."""


def _parse(url: str) -> URL:
    try:
        address = make_url(url)
    except ArgumentError:
        address = None
    if address is not None and address.get_backend_name() == "postgresql":
        return address.set(drivername="postgresql+psycopg")
    if address is not None and address.get_backend_name() == "sqlite":
        return address
    raise BadInput(
        "OVERTURE_DATABASE_URL: should look like sqlite:///var/overture.db or"
        " postgresql://user:password@host/database"
    )


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we begin ourselves, see _begin_sqlite
    # it would need the writer's lock, and counts only before anything is in the file
    if connection.execute("PRAGMA page_count").fetchone()[0] == 0:
        connection.execute("PRAGMA auto_vacuum=INCREMENTAL")
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    # a deferred transaction that turns into a writer fails at once when another one writes
    writes = connection.get_execution_options().get("overture_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


class Unit:
    """One transaction for one workspace; what is not committed on purpose is rolled back."""

    def __init__(self, session: Session, workspace: str, beside: Beside | None = None) -> None:
        self.session = session
        self.workspace = workspace
        self.beside = beside
        """files beside the database; None for a database without a home, as in simulations"""
        self._afterwards: list[Callable[[], None]] = []

    def afterwards(self, act: Callable[[], None]) -> None:
        """Run `act` once what was written is committed; never where it is rolled back."""
        self._afterwards.append(act)

    def commit(self) -> None:
        self.session.commit()
        acts, self._afterwards = self._afterwards, []
        for act in acts:
            act()


class Store:
    """Opens units of work; repositories (`Items(unit)`, `Members(unit)` …) work inside one."""

    def __init__(self, engine: Engine, beside: Beside | None = None) -> None:
        self.engine = engine
        self.beside = beside
        self._writing = engine.execution_options(overture_writes=True)
        # SQLite lets whoever waits for its one writer sleep and ask again, which starves some:
        # threads of this process wait for each other here instead
        alone = engine.dialect.name == "sqlite"
        self._turn: AbstractContextManager[object] = RLock() if alone else nullcontext()
        self._readers = BoundedSemaphore(READERS) if alone else None

    @contextmanager
    def reading(self, workspace: str) -> Iterator[Unit]:
        """A transaction that only reads."""
        with self._place(), Session(self.engine, expire_on_commit=False) as session:
            yield Unit(session, workspace, self.beside)

    @contextmanager
    def writing(self, workspace: str) -> Iterator[Unit]:
        """A transaction that may write; on SQLite it excludes all other writers."""
        with self._turn, Session(self._writing, expire_on_commit=False) as session:
            yield Unit(session, workspace, self.beside)

    @contextmanager
    def _place(self) -> Iterator[None]:
        """A place among the readers, as soon as one is free."""
        readers = self._readers
        is_mine = readers is not None and readers.acquire(timeout=PATIENCE_SECONDS)
        try:
            yield
        finally:
            if readers is not None and is_mine:
                readers.release()

    def close(self) -> None:
        self.engine.dispose()
