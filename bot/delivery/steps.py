"""What becomes of a row in its owner's hands: each step one guarded change, committed at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from bot.delivery.tally import end_of
from bot.ports import ChannelError, Receipt, Transient
from bot.store.calls import Calls
from bot.store.database import Unit
from bot.store.ledger import Ledger
from bot.store.outbox import OutboxRows, Row

STAYS = ""
"""what a step says of a row that is still on its way"""
FIRST_LOOK_SECONDS = 5.0
LONGEST_BACKOFF = 300.0

ClosesAt = Callable[[datetime], datetime]
"""When the window of an opener closes that was sent at this moment."""
Done = TypeVar("Done")


@dataclass(frozen=True)
class Steps:
    """The steps that one owner may take; for a row that is not theirs any more they do nothing.

    Each says the state in which the row left the queue, or `STAYS`.
    """

    ledger: Ledger
    owner: str
    closes_at: ClosesAt

    def sent(
        self, row: Row, receipt: Receipt, at: datetime, seen_at: datetime | None = None
    ) -> str:
        """It arrived; `seen_at` says when its conversation showed it, where that was asked."""
        closes = self.closes_at(at)
        marked = self.change(
            lambda rows: rows.mark_sent(row, self.owner, receipt, at, closes, seen_at)
        )
        return "sent" if marked else STAYS

    def end(self, row: Row, state: str, reason: str) -> str:
        """It leaves the queue as failed, withdrawn, expired or unresolved."""
        ended = self.change(lambda rows: rows.end(row, self.owner, state, reason))
        return end_of(state, reason) if ended else STAYS

    def look(
        self,
        row: Row,
        at: datetime,
        reason: str,
        reads: int = 0,
        unread_since: datetime | None = None,
    ) -> str:
        """It may have happened: look for it at that time."""
        self.change(lambda rows: rows.look_again(row, self.owner, at, reason, reads, unread_since))
        return STAYS

    def put_back(self, row: Row, at: datetime, reason: str) -> str:
        """It certainly did not happen, and may at that time."""
        self.change(lambda rows: rows.put_back(row, self.owner, at, reason))
        return STAYS

    def later(self, row: Row, now: datetime, error: ChannelError) -> str:
        """It certainly did not happen: later again, and nothing else while the channel rests."""
        again = now + timedelta(seconds=pause(error, row))

        def rest(unit: Unit) -> None:
            if isinstance(error, Transient) and error.retry_after > 0:
                Calls(unit).hold(now + timedelta(seconds=error.retry_after))
            OutboxRows(unit).put_back(row, self.owner, again, str(error))

        self.ledger.write(rest)
        return STAYS

    def change(self, act: Callable[[OutboxRows], Done]) -> Done:
        return self.ledger.write(lambda unit: act(OutboxRows(unit)))


def pause(error: ChannelError, row: Row) -> float:
    """Seconds until the next try: what the channel asks for, else longer each time."""
    asked = error.retry_after if isinstance(error, Transient) else 0.0
    return max(asked, min(LONGEST_BACKOFF, FIRST_LOOK_SECONDS * 2.0 ** min(row.attempts, 6)))
