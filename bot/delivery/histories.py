"""What conversations show of our deliveries: few readings, shared by all rows that need one.

An app may be allowed one reading a minute, of fifteen messages. So a reading serves every row of
its conversation that waited for one when it began; one that was cut short by a pause goes on
where it stopped; a pause holds the readings of all processes, and nothing but readings; and what
was seen is noted, for it is a witness to others (see `bot.delivery.witness`).
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.ports import Ambiguous, Channel, Receipt, Transient
from bot.store.calls import Calls
from bot.store.database import Store
from bot.store.ledger import Ledger
from bot.store.outbox import Row
from bot.store.sightings import Sightings

MOST_PAGES = 200
KEPT = 256
"""conversations whose last reading is remembered"""

_Place = tuple[str, str]


@dataclass
class _Reading:
    """A conversation as it was when the reading began, or the newest part of it."""

    began: datetime
    since: datetime
    found: dict[str, Receipt] = field(default_factory=dict)
    pages: int = 0
    further: str | None = ""
    """where it goes on; None once it is whole"""


class Histories:
    """The readings of one process, for one workspace."""

    def __init__(self, store: Store, workspace: str, channel: Channel, ledger: Ledger) -> None:
        self._store, self._workspace = store, workspace
        self._channel, self._ledger = channel, ledger
        self._known: OrderedDict[_Place, _Reading] = OrderedDict()
        self._guard = threading.Lock()
        self._at_work: dict[_Place, threading.Lock] = {}
        self._one_by_one = threading.Lock()
        self._is_limited = False
        self.answered_at: datetime | None = None
        """when a conversation could last be read"""

    def find(self, row: Row, since: datetime, asked: datetime, now: datetime) -> Receipt | None:
        """Where a row's message stands, in a reading from `since` on that began after `asked`.

        None is certain about everything that the channel showed then. Raises `ChannelError`.
        """
        place = row.address or "", str(row.content.get("thread") or "")
        with self._guard:
            lock = self._at_work.setdefault(place, threading.Lock())
        with lock:  # whoever waits finds what the other one has read for both
            reading = self._begun(place, since, asked, now)
            while row.id not in reading.found and reading.further is not None:
                self._go_on(place, reading, now)
        return reading.found.get(row.id)

    def _begun(self, place: _Place, since: datetime, asked: datetime, now: datetime) -> _Reading:
        with self._guard:
            known = self._known.get(place)
            if known is None or known.began < asked or known.since > since:
                known = self._known[place] = _Reading(now, since)
            self._known.move_to_end(place)
            while len(self._known) > KEPT:
                gone, _ = self._known.popitem(last=False)
                self._at_work.pop(gone, None)
            return known

    def _go_on(self, place: _Place, reading: _Reading, now: datetime) -> None:
        if reading.pages >= MOST_PAGES:
            raise Ambiguous(f"{place[0]}: more than {MOST_PAGES} pages since {reading.since}")
        turn: AbstractContextManager[object] = (
            self._one_by_one if self._is_limited else nullcontext()
        )
        with turn:
            self._stop_while_held(now)
            try:
                page = self._channel.read(
                    place[0], reading.since, place[1] or None, reading.further or None
                )
            except Transient as error:
                if error.retry_after > 0:
                    self._hold(now + timedelta(seconds=error.retry_after))
                raise
        reading.pages += 1
        reading.found |= page.found
        reading.further = page.further
        self.answered_at = now
        if page.found:
            self._note(tuple(page.found), now)

    def _stop_while_held(self, now: datetime) -> None:
        with self._store.reading(self._workspace) as unit:
            held = Calls(unit).stands(now).reads_held_until
        if held is not None:
            self._is_limited = True
            raise Transient("conversations may not be read yet", (held - now).total_seconds())

    def _hold(self, until: datetime) -> None:
        self._is_limited = True
        self._ledger.write(lambda unit: Calls(unit).hold(until, readings=True))

    def _note(self, seen: tuple[str, ...], now: datetime) -> None:
        self._ledger.write(lambda unit: Sightings(unit).note(seen, now))
