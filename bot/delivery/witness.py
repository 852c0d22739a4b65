"""May an absence be believed? Only where conversations show what was certainly sent later.

A conversation's history can lag behind what was said in it, for longer than any settle time. Then
"it is not there" says nothing. Our own later messages tell: one that was sent after the call in
question, and whose sending was confirmed, has to be visible, else nothing recent is. Where nothing
was sent since, there is nothing to go by, and the settle time decides alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.delivery.histories import Histories
from bot.ports import ChannelError
from bot.store.database import Store
from bot.store.sightings import Sightings

WITNESSES = 3
"""later messages that are looked for, at most"""


@dataclass(frozen=True)
class Witness:
    """Asks for messages that were sent later; what one row found out serves all."""

    store: Store
    workspace: str
    histories: Histories
    call_deadline: float
    """seconds after which a call has certainly ended"""

    def believable_from(
        self, called_at: datetime, asked: datetime, now: datetime
    ) -> datetime | None:
        """From when on it counts that a message of a call at `called_at` is not shown.

        None while nothing is shown that was sent after that call. Where nothing was sent, from
        `asked` on. Raises `ChannelError` where a conversation cannot be read and no other shows.
        """
        over = called_at + timedelta(seconds=self.call_deadline)
        with self.store.reading(self.workspace) as unit:
            seen = Sightings(unit).first_after(over)
            later = [] if seen is not None else Sightings(unit).sent_after(over, WITNESSES)
        if seen is not None:
            return max(seen, asked)
        failed: ChannelError | None = None
        for row in later:
            try:
                if self.histories.find(row, row.created_at, asked, now) is not None:
                    return max(now, asked)
            except ChannelError as error:
                failed = error
        if failed is not None:
            raise failed
        return None if later else asked
