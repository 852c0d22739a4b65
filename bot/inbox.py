"""What arrived: stored before it is acknowledged, worked off in order per conversation."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from structlog.contextvars import bound_contextvars

from bot.at_once import work_off
from bot.ports import Arrival
from bot.store.database import Store, Unit
from bot.store.inbox import Entry, InboxRows
from bot.store.owners import Owner

ATTEMPTS = 5
"""a row that failed so often is set aside with its error, and no longer holds up the others"""

LEASE = timedelta(minutes=2)
"""how long one may think about a row, until another takes it up: longer than any model may take"""

ROUND_SECONDS = 30.0
"""one `work` takes up nothing more after so long: the next one knows the time anew"""

LOOKS_SECONDS = 0.1
"""how often more is looked for while some are thought about: a press is seen to work at once"""

ALONE = Owner("one", lambda other: False, lambda: None)
"""an owner who knows of no others"""

After = Callable[[], None]
"""What may only happen once the row's transaction has committed, such as redrawing a message."""

Act = Callable[[Unit], After | None]
"""The effects of one arrival, written in the transaction that also marks its row done."""

Handler = Callable[[Arrival, datetime], Act]
"""Reads and thinks (a model may be asked) before the transaction, and returns what to write."""

log = logging.getLogger("overture.inbox")


@dataclass
class Worked:
    """What one round did; an error's text may quote what was said, so it is not for the log."""

    done: int = 0
    failed: int = 0
    errors: list[str] = field(default_factory=list)


class Inbox:
    """Keeps arrivals and hands each to `handle` once; effects and completion are one commit.

    What happens after the commit (redrawing what the member pressed) may be lost in a crash: it is
    repeatable and shows nothing that the rows do not say. `elapsed` counts seconds by a clock that
    only goes forward.
    """

    def __init__(
        self,
        store: Store,
        workspace: str,
        handle: Handler,
        owner: Owner = ALONE,
        elapsed: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._workspace = workspace
        self._handle = handle
        self._owner = owner
        self._elapsed = elapsed
        self._stopping = threading.Event()
        self._rings: Callable[[], None] = _nothing

    def rings(self, act: Callable[[], None]) -> None:
        """Call `act`, which must be quick, whenever something new was stored."""
        self._rings = act

    def stop(self) -> None:
        """Take up nothing more; what is thought about is finished."""
        self._stopping.set()

    def receive(self, arrival: Arrival, now: datetime) -> bool:
        """Store an arrival; False for one that is known. It is safe once this returns."""
        with self._store.writing(self._workspace) as unit:
            fresh = InboxRows(unit).add(arrival, now)
            unit.commit()
        if fresh:
            self._rings()
        return fresh

    def work(self, now: datetime, limit: int = 1000, threads: int = 1) -> Worked:
        """Work off what waits, oldest first, one row of a conversation after the other.

        With several `threads` as many conversations are worked on at once. However much arrives
        meanwhile, it ends: a conversation that failed waits for the next round.
        """
        began = self._elapsed()

        def present() -> datetime:
            # whole seconds: what happens in one moment bears one time
            return now + timedelta(seconds=int(self._elapsed() - began))

        until = now + timedelta(seconds=ROUND_SECONDS)
        round_ = _Round(self._store, self._workspace, self._handle, self._owner.name, present)
        said = work_off(
            lambda free, at_work: self._claim(round_, free),
            round_.work_one,
            threads=threads,
            limit=limit,
            goes_on=lambda: present() < until and not self._stopping.is_set(),
            again=LOOKS_SECONDS,
        )
        return Worked(said["done"], said["failed"], round_.errors)

    def _claim(self, round_: _Round, free: int) -> list[Entry]:
        now = round_.present()
        who = self._owner.name, now, now + LEASE, self._owner.is_dead
        with self._store.reading(self._workspace) as unit:
            if not InboxRows(unit).any_waiting():  # mostly so: nobody's writing is held up
                return []
        with self._store.writing(self._workspace) as unit:
            entries = InboxRows(unit).claim(*who, free, round_.stuck)
            unit.commit()
        return entries

    def waiting(self) -> dict[str, int]:
        """How many rows wait, and how many were set aside."""
        with self._store.reading(self._workspace) as unit:
            return InboxRows(unit).counts()


@dataclass
class _Round:
    """One round of one owner: what failed in it, and which conversations wait for the next."""

    store: Store
    workspace: str
    handle: Handler
    owner: str
    present: Callable[[], datetime]
    stuck: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def work_one(self, entry: Entry) -> str:
        """``done``, ``failed``, or empty where another one was faster."""
        conversation = entry.arrival.conversation
        with bound_contextvars(
            workspace=self.workspace, arrival=entry.id, conversation=conversation
        ):
            return self._work(entry)

    def _work(self, entry: Entry) -> str:
        try:
            after = self._write(entry)
        except Exception as error:  # one bad payload must not stop the rest
            log.exception("an arrival could not be worked off")
            self.stuck.append(entry.arrival.conversation)
            self.errors.append(_told(entry, error))
            self._note_failure(entry, error)
            return "failed"
        if after is None:
            self.stuck.append(entry.arrival.conversation)
            return ""
        try:
            after()
        except Exception as error:  # the row is done; its drawing must not stop the rest either
            log.exception("what follows an arrival could not be shown")
            self.errors.append(_told(entry, error))
        return "done"

    def _write(self, entry: Entry) -> After | None:
        """What is left to do after the commit; None where the row is not ours any more."""
        act = self.handle(entry.arrival, self.present())
        with self.store.writing(self.workspace) as unit:
            rows = InboxRows(unit)
            if not rows.take(entry.id, self.owner):
                return None
            after = act(unit)
            rows.finish(entry.id, self.present())
            unit.commit()
        return after or _nothing

    def _note_failure(self, entry: Entry, error: Exception) -> None:
        name = type(error).__name__
        with self.store.writing(self.workspace) as unit:
            InboxRows(unit).fail(entry.id, self.owner, name, self.present(), give_up_after=ATTEMPTS)
            unit.commit()


def moment(payload: Mapping[str, Any], now: datetime) -> datetime:
    """When an arrival happened, by the channel's own clock, and never later than now.

    Now, where the channel does not say.
    """
    at = float(payload.get("at") or 0)
    return min(datetime.fromtimestamp(at, UTC), now) if at > 0 else now


def in_turn(*afters: After | None) -> After | None:
    """All of these, one after the other; None where there is none."""
    left = [after for after in afters if after is not None]

    def after() -> None:
        for one in left:
            one()

    return after if left else None


def _nothing() -> None:
    """Nothing is left to do after the commit."""


def _told(entry: Entry, error: Exception) -> str:
    return f"inbox row {entry.id}: {type(error).__name__}: {error}"
