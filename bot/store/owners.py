"""Who is alive: a lock that a process holds as long as it lives, and others can try.

A lease that ran out does not say that its owner is dead: it may have slept between its last word
to the database and its call to Slack, and make that call when it wakes. The operating system
(SQLite: a file lock) or the database (PostgreSQL: a session's advisory lock) lets go of the lock
only when the process has ended.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from bot.ids import digest, seed_of

LOOKS = 5

IsDead = Callable[[str], bool]
"""Whether an owner has certainly ended; True for one that never was."""


@dataclass(frozen=True)
class Owner:
    """One owner of rows, alive until `close` or the end of its process."""

    name: str
    is_dead: IsDead
    close: Callable[[], None]
    hold: Callable[[], None] = lambda: None
    """take the lock again where it was lost: a database that is started anew knows of none"""


def be_owner(engine: Engine, name: str) -> Owner:
    """Take the lock of `name`, which nobody else may ever use.

    Raises:
        ValueError: somebody alive bears this name.
    """
    if engine.dialect.name == "postgresql":
        return _on_postgresql(engine, name)
    database = engine.url.database
    if not database or database == ":memory:":  # no other process can see these rows
        return Owner(name, lambda other: other != name, lambda: None)
    return _on_sqlite(Path(f"{database}.owners"), name)


def _on_sqlite(folder: Path, name: str) -> Owner:
    folder.mkdir(parents=True, exist_ok=True)
    mine = FileLock(_file(folder, name))
    try:
        mine.acquire(timeout=0)
    except Timeout:
        raise _taken(name) from None

    def is_dead(other: str) -> bool:
        path = _file(folder, other)
        if not path.exists():
            return True
        try:
            with FileLock(path).acquire(timeout=0):
                path.unlink(missing_ok=True)
        except Timeout:
            return False
        return True

    def close() -> None:
        _file(folder, name).unlink(missing_ok=True)
        mine.release()

    return Owner(name, is_dead, close)


def _file(folder: Path, name: str) -> Path:
    return folder / f"{digest('owner', name)}.lock"


def _on_postgresql(engine: Engine, name: str) -> Owner:
    session = _Session(engine, name)
    session.take()

    def is_dead(other: str) -> bool:
        with engine.connect() as looking:
            # shared: several may look at the same one at once, and none is taken for it
            key = {"key": seed_of("owner", other)}
            free = bool(looking.scalar(_LOOK, key))
            if free:
                looking.execute(_UNLOOK, key)
            return free

    return Owner(name, is_dead, session.close, session.hold)


class _Session:
    """The one connection, outside of the pool, as long as which the lock lives."""

    def __init__(self, engine: Engine, name: str) -> None:
        self._engine = engine
        self._name = name
        self._connection: Connection | None = None
        self._guard = threading.Lock()

    def take(self) -> None:
        """Raises ValueError where somebody alive bears the name."""
        connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        connection.detach()
        # somebody who looks whether we live holds the lock for a moment
        if not any(_try_lock(connection, self._name) for _ in range(LOOKS)):
            connection.close()
            raise _taken(self._name)
        self._connection = connection

    def hold(self) -> None:
        """Raises what the database raises while it cannot be reached."""
        with self._guard:
            try:
                if self._connection is not None:
                    self._connection.execute(_ALIVE)
                    return
            except DBAPIError:
                self.close()
            self.take()

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            # the server ends a session when it gets to it, and others may look before that
            with contextlib.suppress(SQLAlchemyError):  # a lost connection has let go of it already
                connection.execute(_UNLOCK, {"key": seed_of("owner", self._name)})
            with contextlib.suppress(DBAPIError):
                connection.close()


_ALIVE = text("SELECT 1")
_LOCK = text("SELECT pg_try_advisory_lock(:key)")
_UNLOCK = text("SELECT pg_advisory_unlock(:key)")
_LOOK = text("SELECT pg_try_advisory_lock_shared(:key)")
_UNLOOK = text("SELECT pg_advisory_unlock_shared(:key)")


def _try_lock(connection: Connection, name: str) -> bool:
    return bool(connection.scalar(_LOCK, {"key": seed_of("owner", name)}))


def _taken(name: str) -> ValueError:
    return ValueError(f"an owner called {name!r} is alive: give this one a name of its own")
