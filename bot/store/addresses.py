"""Which conversations a workspace has, where several of an organisation know the same person."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import exists, func, select

from bot.store import tables
from bot.store.database import Unit


def nearness(unit: Unit, address: str, thread: str | None) -> tuple[bool, bool, float]:
    """How near a workspace is to a conversation of the channel's; the greatest is the nearest.

    Whether we spoke there in this thread, whether it is where a member hears from us, and when we
    last did (epoch seconds, 0 where we never did).
    """
    row, identity = tables.Outbox, tables.Identity
    here = row.workspace_id == unit.workspace, row.address == address
    in_thread = exists().where(*here, row.message_ref == thread)
    owned = exists().where(identity.workspace_id == unit.workspace, identity.address == address)
    last: datetime | None = unit.session.scalar(select(func.max(row.sent_at)).where(*here))
    return (
        thread is not None and bool(unit.session.scalar(select(in_thread))),
        bool(unit.session.scalar(select(owned))),
        last.timestamp() if last is not None else 0.0,
    )
