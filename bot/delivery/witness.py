"""May an absence be believed? Only where conversations show what was certainly sent later.

A conversation's history can lag behind what was said in it, for longer than any settle time. Then
"it is not there" says nothing. Our own later messages tell: one that was sent after the call in
question, and whose sending was confirmed, has to be visible, else nothing recent is. Where nothing
was sent since, there is nothing to go by, and the settle time decides alone.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.ports import Channel, Receipt
from bot.store.database import Store
from bot.store.outbox import OutboxRows, Row

WITNESSES = 3
"""later messages that are looked for, at most"""


def find(channel: Channel, row: Row, since: datetime) -> Receipt | None:
    """Look for a row's message where it was sent to. Raises `ChannelError`."""
    return channel.find(row.address or "", row.id, since, row.content.get("thread") or None)


def shows_later(store: Store, workspace: str, channel: Channel, called_at: datetime) -> bool:
    """Whether a message is visible that was sent after the call at `called_at` was over.

    True where there was none. Raises `ChannelError` where a conversation cannot be read.
    """
    over = called_at + timedelta(seconds=channel.call_deadline)
    with store.reading(workspace) as unit:
        later = OutboxRows(unit).sent_after(over, WITNESSES)
    return not later or any(find(channel, row, row.created_at) is not None for row in later)
