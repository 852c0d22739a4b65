"""What arrived: stored before it is acknowledged, worked off in order per conversation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from bot.ports import Arrival
from bot.store.database import Store, Unit
from bot.store.inbox import Entry, InboxRows

ATTEMPTS = 5
"""a row that failed so often is set aside with its error, and no longer holds up the others"""

After = Callable[[], None]
"""What may only happen once the row's transaction has committed, such as redrawing a message."""

Act = Callable[[Unit], After | None]
"""The effects of one arrival, written in the transaction that also marks its row done."""

Handler = Callable[[Arrival, datetime], Act]
"""Reads and thinks (a model may be asked) before the transaction, and returns what to write."""


@dataclass
class Worked:
    """What one round did."""

    done: int = 0
    failed: int = 0
    errors: list[str] = field(default_factory=list)


class Inbox:
    """Keeps arrivals and hands each to `handle` once; effects and completion are one commit.

    What happens after the commit (redrawing what the member pressed) may be lost in a crash: it is
    repeatable and shows nothing that the rows do not say.
    """

    def __init__(self, store: Store, workspace: str, handle: Handler) -> None:
        self._store = store
        self._workspace = workspace
        self._handle = handle

    def receive(self, arrival: Arrival, now: datetime) -> bool:
        """Store an arrival; False for one that is known. It is safe once this returns."""
        with self._store.writing(self._workspace) as unit:
            fresh = InboxRows(unit).add(arrival, now)
            unit.commit()
        return fresh

    def work(self, now: datetime, limit: int = 1000) -> Worked:
        """Work off what waits, oldest first, one row of a conversation after the other."""
        worked = Worked()
        stuck: set[str] = set()
        while worked.done + worked.failed < limit:
            entry = self._next(stuck)
            if entry is None:
                return worked
            try:
                after = self._work_one(entry, now)
            except Exception as error:  # one bad payload must not stop the rest
                stuck.add(entry.arrival.conversation)
                worked.failed += 1
                worked.errors.append(_told(entry, error))
                self._note_failure(entry, error, now)
                continue
            if after is not None:
                worked.done += 1
                self._follow_up(entry, after, worked)
        return worked

    def _follow_up(self, entry: Entry, after: After, worked: Worked) -> None:
        try:
            after()
        except Exception as error:  # the row is done; its drawing must not stop the rest either
            worked.errors.append(_told(entry, error))

    def _next(self, stuck: set[str]) -> Entry | None:
        with self._store.reading(self._workspace) as unit:
            return InboxRows(unit).first_open(stuck)

    def _work_one(self, entry: Entry, now: datetime) -> After | None:
        """What is left to do after the commit; None where another process was faster."""
        act = self._handle(entry.arrival, now)
        with self._store.writing(self._workspace) as unit:
            rows = InboxRows(unit)
            if not rows.still_open(entry.id):
                return None
            after = act(unit)
            rows.finish(entry.id, now)
            unit.commit()
        return after or _nothing

    def _note_failure(self, entry: Entry, error: Exception, now: datetime) -> None:
        with self._store.writing(self._workspace) as unit:
            InboxRows(unit).fail(entry.id, type(error).__name__, now, give_up_after=ATTEMPTS)
            unit.commit()

    def waiting(self) -> dict[str, int]:
        """How many rows wait, and how many were set aside."""
        with self._store.reading(self._workspace) as unit:
            return InboxRows(unit).counts()


def moment(payload: Mapping[str, Any], now: datetime) -> datetime:
    """When an arrival happened, by the channel's own clock, and never later than now."""
    return min(datetime.fromtimestamp(float(payload["at"]), UTC), now)


def _nothing() -> None:
    """Nothing is left to do after the commit."""


def _told(entry: Entry, error: Exception) -> str:
    return f"inbox row {entry.id}: {type(error).__name__}: {error}"
