"""An owner is dead when its process is, and not before."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable

import pytest
from sqlalchemy import text

from bot.store.database import Store
from bot.store.owners import be_owner

LIVING = (
    "import sys, time\n"
    "from bot.store.database import connect\n"
    "from bot.store.owners import be_owner\n"
    "owner = be_owner(connect(sys.argv[1]), 'theirs')\n"
    "print('alive', flush=True)\n"
    "time.sleep(60)\n"
)


def test_alive_until_closed(store: Store) -> None:
    mine, other = be_owner(store.engine, "mine"), be_owner(store.engine, "other")
    assert not other.is_dead("mine")
    mine.close()
    assert _soon(lambda: other.is_dead("mine"))
    assert other.is_dead("never was")
    other.close()


def test_a_name_is_borne_once(store: Store) -> None:
    mine, other = be_owner(store.engine, "mine"), be_owner(store.engine, "other")
    with pytest.raises(ValueError, match="mine"):
        be_owner(store.engine, "mine")
    mine.close()
    assert _soon(lambda: other.is_dead("mine"))
    other.close()
    be_owner(store.engine, "mine").close()


def test_a_stopped_process_is_alive_and_a_killed_one_is_dead(
    store: Store, database_url: str
) -> None:
    mine = be_owner(store.engine, "mine")
    theirs = subprocess.Popen(
        [sys.executable, "-c", LIVING, database_url], stdout=subprocess.PIPE, text=True
    )
    try:
        assert theirs.stdout is not None
        assert theirs.stdout.readline() == "alive\n"
        theirs.send_signal(signal.SIGSTOP)
        assert not mine.is_dead("theirs")
    finally:
        theirs.kill()
        theirs.communicate(timeout=10)
    end = time.monotonic() + 5
    while not mine.is_dead("theirs"):
        assert time.monotonic() < end, "the lock outlived its process"
        time.sleep(0.05)
    mine.close()


ENDS_SESSIONS = text(
    "SELECT pg_terminate_backend(pid) FROM pg_locks JOIN pg_database ON oid = database"
    " WHERE locktype = 'advisory' AND datname = current_database() AND pid <> pg_backend_pid()"
)


def test_a_lock_that_the_database_lost_is_taken_again(store: Store) -> None:
    """A server that is started anew knows nothing of who lives."""
    mine = be_owner(store.engine, "mine")
    other = be_owner(store.engine, "other")
    if store.engine.dialect.name == "postgresql":
        with store.engine.connect() as connection:
            connection.execute(ENDS_SESSIONS)
        assert _soon(lambda: other.is_dead("mine"))
    mine.hold()
    mine.hold()
    assert not other.is_dead("mine")
    mine.close()
    assert _soon(lambda: other.is_dead("mine"))
    other.close()


def _soon(holds: Callable[[], bool]) -> bool:
    """Whether it comes to hold: a server takes a moment to end a session, and its locks."""
    end = time.monotonic() + 5
    while not holds() and time.monotonic() < end:
        time.sleep(0.01)
    return holds()
