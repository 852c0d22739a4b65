"""Was it sent? The conversation is asked, until it is certain either way or a person has to say.

look for the delivery's id ── found ──► sent
  │
absent ── before the settle time is over, or nothing later is shown ──► look again
  │
absent twice, both times after something was shown that was sent later ──► absent
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.delivery.histories import Histories
from bot.delivery.steps import Steps, pause
from bot.ports import ChannelError, Transient
from bot.store.outbox import Row

READ_GAP_SECONDS = 10.0
"""between the two reads that must find nothing"""
LAG_SECONDS = 60.0
"""until conversations are looked at again that do not show what was sent later"""
GIVE_UP = timedelta(hours=1)
"""a conversation that cannot be read for so long leaves its row to a person"""
ABSENT = "absent"

Believable = Callable[[datetime, datetime, datetime], datetime | None]
"""`bot.delivery.witness.Witness.believable_from`"""


@dataclass(frozen=True)
class Settling:
    """Settles rows whose call began, `settle` after which an absence may count."""

    histories: Histories
    steps: Steps
    believable: Believable
    settle: timedelta

    def settle_row(self, row: Row, called_at: datetime, now: datetime) -> str:
        """`ABSENT` for certain, the state the row ended in, or empty while it is not known."""
        settled = called_at + self.settle
        asked: datetime | None = row.not_before
        failed: ChannelError | None = None
        if now >= settled:
            try:
                asked = self.believable(called_at, row.not_before, now)
            except ChannelError as error:
                failed = error
        # a clock that was put back meanwhile lets the call lie ahead of the message
        since = min(called_at, row.created_at)
        try:
            found = self.histories.find(row, since, asked or row.not_before, now)
        except ChannelError as error:
            return self._unread(row, now, error)
        if found is not None:
            return self.steps.sent(row, found, called_at, seen_at=now)
        if now < settled:
            return self.steps.look(row, settled, "not seen yet")
        if failed is not None:
            return self._unread(row, now, failed)
        if asked is None:
            return self._lags(row, now)
        if row.absent_reads == 0:
            again = now + timedelta(seconds=READ_GAP_SECONDS)
            return self.steps.look(row, again, "absent once", 1)
        return ABSENT

    def _unread(self, row: Row, now: datetime, error: ChannelError) -> str:
        """A conversation was not read: again later, and not for ever."""
        since = row.unread_since or now
        rests = isinstance(error, Transient) and error.retry_after > 0
        answered = self.histories.answered_at
        # while others are read, it only waits for its turn
        if now >= since + GIVE_UP and not (rests and answered is not None and answered > since):
            return self.steps.end(row, "unresolved", f"cannot be settled: {error}")
        # a reading that was cut short goes on where it stopped: it is still the one that was due
        at = row.not_before if rests else now + timedelta(seconds=pause(error, row))
        return self.steps.look(row, at, str(error), row.absent_reads, since)

    def _lags(self, row: Row, now: datetime) -> str:
        since = row.unread_since or now
        if now >= since + GIVE_UP:
            return self.steps.end(row, "unresolved", "what was sent later is not shown either")
        again = now + timedelta(seconds=LAG_SECONDS)
        return self.steps.look(row, again, "conversations lag", unread_since=since)
