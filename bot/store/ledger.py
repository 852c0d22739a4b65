"""Writes of several threads, several in one commit.

Each thread waits until its own write is committed. While one commits, the writes of the others
gather, and the next of them takes all that have gathered along. So at a high rate a commit is
shared by many, and on SQLite no thread ever waits for the file that another one of us has locked.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from bot.store.database import Store, Unit

Done = TypeVar("Done")


@dataclass
class _Wish:
    act: Callable[[Unit], Any]
    first: Callable[[Unit], None] | None
    over: bool = False
    result: Any = None
    error: Exception | None = None


class Ledger:
    """Writes into one workspace of a store, from any thread."""

    def __init__(self, store: Store, workspace: str) -> None:
        self._store = store
        self._workspace = workspace
        self._gathering = threading.Lock()
        self._writing = threading.Lock()
        self._wishes: list[_Wish] = []

    def write(
        self, act: Callable[[Unit], Done], first: Callable[[Unit], None] | None = None
    ) -> Done:
        """Run `act` in a transaction; what it returned, once that is committed.

        `first` runs before anything else of the transaction, once for all who ask for the same: a
        lock that is taken there is never waited for with rows in hand.

        Raises what `act` or the store raises; then nothing of that transaction was written, and
        all who share it are told.
        """
        wish = _Wish(act, first)
        with self._gathering:
            self._wishes.append(wish)
        with self._writing:
            if not wish.over:
                with self._gathering:
                    gathered, self._wishes = self._wishes, []
                self._commit(gathered)
        if wish.error is not None:
            raise wish.error
        done: Done = wish.result
        return done

    def _commit(self, wishes: list[_Wish]) -> None:
        try:
            with self._store.writing(self._workspace) as unit:
                for first in {wish.first: None for wish in wishes if wish.first is not None}:
                    first(unit)
                for wish in wishes:
                    wish.result = wish.act(unit)
                unit.commit()
        except Exception as error:
            for wish in wishes:
                wish.error = error
        finally:
            for wish in wishes:
                wish.over = True
