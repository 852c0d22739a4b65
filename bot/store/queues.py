"""How much waits, and for how long: what operators watch of the outbox and the inbox."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import func, select

from bot.store import tables
from bot.store.database import Unit
from bot.store.outbox import OPEN


def queues(unit: Unit, now: datetime, workspaces: Sequence[str]) -> Mapping[str, float]:
    """Counts, and ages in seconds, of these workspaces together, by the names of
    `bot.telemetry.metrics.GAUGES`."""
    outbox, inbox = tables.Outbox, tables.Inbox
    waiting, oldest = unit.session.execute(
        select(func.count(), func.min(outbox.not_before)).where(
            outbox.workspace_id.in_(workspaces), outbox.state.in_(OPEN)
        )
    ).one()
    unresolved = unit.session.scalar(
        select(func.count()).where(
            outbox.workspace_id.in_(workspaces), outbox.state == "unresolved"
        )
    )
    arrived, first = unit.session.execute(
        select(func.count(), func.min(inbox.received_at)).where(
            inbox.workspace_id.in_(workspaces), inbox.done_at.is_(None)
        )
    ).one()
    handoff = tables.Handoff
    asking, asked = unit.session.execute(
        select(func.count(), func.min(handoff.asked_at)).where(
            handoff.workspace_id.in_(workspaces), handoff.taken_at.is_(None)
        )
    ).one()
    return {
        "outbox_waiting": waiting,
        "outbox_oldest_seconds": _age(oldest, now),
        "outbox_unresolved": unresolved or 0,
        "inbox_waiting": arrived,
        "inbox_oldest_seconds": _age(first, now),
        "handoffs_waiting": asking,
        "handoffs_oldest_seconds": _age(asked, now),
    }


def _age(since: datetime | None, now: datetime) -> float:
    """Seconds since a moment; 0 where there is none, or where it is still to come."""
    return 0.0 if since is None else max(0.0, (now - since).total_seconds())
