"""Who is alive: a lock that a process holds as long as it lives, and others can try.

A lease that ran out does not say that its owner is dead: it may have slept between its last word
to the database and its call to Slack, and make that call when it wakes. The operating system
(SQLite: a file lock) or the database (PostgreSQL: a session's advisory lock) lets go of the lock
only when the process has ended.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout
from sqlalchemy import Connection, Engine, text

from bot.ids import digest, seed_of


@dataclass(frozen=True)
class Owner:
    """One owner of rows, alive until `close` or the end of its process."""

    name: str
    is_dead: Callable[[str], bool]
    """whether another owner has certainly ended; True for one that never was"""
    close: Callable[[], None]


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
    # outside of the pool: the lock lives as long as this one session
    session = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    session.detach()
    if not _try_lock(session, name):
        session.close()
        raise _taken(name)

    def is_dead(other: str) -> bool:
        with engine.connect() as looking:
            free = _try_lock(looking, other)
            if free:
                looking.execute(_UNLOCK, {"key": seed_of("owner", other)})
            return free

    return Owner(name, is_dead, session.close)


_LOCK = text("SELECT pg_try_advisory_lock(:key)")
_UNLOCK = text("SELECT pg_advisory_unlock(:key)")


def _try_lock(connection: Connection, name: str) -> bool:
    return bool(connection.scalar(_LOCK, {"key": seed_of("owner", name)}))


def _taken(name: str) -> ValueError:
    return ValueError(f"an owner called {name!r} is alive: give this one a name of its own")
