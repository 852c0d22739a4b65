"""What is due: rows are claimed, wait for their turn, and expire.

The claim of a row says who works on it; only `bot.store.calls` says that a call begins. Between the
two the row may be taken by anybody once its lease is over: whoever comes too late cannot begin.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import (
    Boolean,
    Integer,
    Select,
    and_,
    bindparam,
    exists,
    or_,
    select,
)
from sqlalchemy.orm import aliased

from bot.ids import draw, seed_of
from bot.store import tables
from bot.store.calls import Calls
from bot.store.database import Unit
from bot.store.outbox import OPEN, OutboxRows, Row, read
from bot.store.owners import IsDead
from bot.store.types import Moment

LATE = timedelta(minutes=5)
"""an opener so much over its time leaves with the others that are, spread out and not at once"""
FEW = 5
"""so many at once are no burst"""
SPREAD = timedelta(minutes=10)
HANGING = timedelta(hours=1)
"""a call whose owner lives, and has said nothing since, is left to a person after so long"""


class Due:
    """Reads and writes what is due in the outbox of one workspace."""

    def __init__(self, unit: Unit) -> None:
        self._session = unit.session
        self._workspace = unit.workspace
        self._rows = OutboxRows(unit)
        self._calls = Calls(unit)

    def claim(
        self,
        owner: str,
        now: datetime,
        lease_until: datetime,
        is_dead: IsDead,
        limit: int = 1,
        leaving_out: Collection[object] = (),
    ) -> list[Row]:
        """The oldest rows that are due, now the owner's; one at most of each member.

        Due are queued rows, and sending ones that nobody works on: given back by their owner, or
        left by one whose lease has run out and who is dead. Before its call began a row is taken
        from the living as well. Nothing is due while the channel rests, and nothing that has to
        be looked for while conversations may not be read.
        """
        stands = self._calls.stands(now)
        if stands.held_until is not None:
            return []
        given = {"workspace": self._workspace, "now": now, "most": limit}
        given["reads"] = stands.reads_held_until is None
        found = self._session.scalars(
            _claimable(), {**given, "not_these": tuple(leaving_out)}
        ).all()
        mine: dict[str, tables.Outbox] = {}
        for row in found:
            others = row.owner is not None and row.owner != owner
            if others and row.called_at is not None and not is_dead(str(row.owner)):
                self._leave(row, now, lease_until)
            elif row.member_id not in mine:
                row.state, row.owner, row.lease_until = "sending", owner, lease_until
                mine[row.member_id] = row
        self._session.flush()
        return [read(row) for row in mine.values()]

    def next_members(self, by: datetime, limit: int) -> list[str]:
        """Members who are about to be written to first, the earliest first."""
        table = tables.Outbox
        return list(
            self._session.scalars(
                select(table.member_id)
                .where(
                    table.workspace_id == self._workspace,
                    table.state == "queued",
                    table.kind != "answer",
                    table.not_before <= by,
                )
                .order_by(table.not_before, table.id)
                .limit(limit)
            )
        )

    def _leave(self, row: tables.Outbox, now: datetime, lease_until: datetime) -> None:
        """Its owner may still act: look again later, or leave it to a person."""
        if row.lease_until is not None and now < row.lease_until + HANGING:
            row.not_before = lease_until
            return
        row.state, row.reason = "unresolved", f"its sender {row.owner} hangs, neither dead nor done"
        row.owner = row.lease_until = None
        if row.opener_id is not None:
            self._rows.opener(row.opener_id, state="unresolved")

    def tidy(self, now: datetime) -> int:
        """Give late openers a time of their own, and expire what is too late; how many did."""
        self.spread(now)
        return self.expire(now)

    def expire(self, now: datetime) -> int:
        """Queued and held rows that are too old to be said; returns how many."""
        late = self._waiting(tables.Outbox.expires_at <= now, states=("queued", "held"))
        for row in late:
            row.state, row.reason = "expired", "expired"
            if row.opener_id is not None:
                self._rows.opener(row.opener_id, state="expired")
        return len(late)

    def spread(self, now: datetime) -> int:
        """Give openers that are long over their time one of their own: no burst of them leaves.

        So it is after an outage, or after a rest that the channel asked for.
        """
        late = self._waiting(
            tables.Outbox.kind == "opener",
            tables.Outbox.not_before <= now - LATE,
            tables.Outbox.expires_at > now,
        )
        if len(late) <= FEW:
            return 0
        for row in late:
            left = min(SPREAD, row.expires_at - now)
            row.not_before = now + left * draw(seed_of(row.id, now.date()), "spread")
        return len(late)

    def _waiting(
        self, *which: object, states: tuple[str, ...] = ("queued",)
    ) -> list[tables.Outbox]:
        return list(
            self._session.scalars(
                select(tables.Outbox)
                .where(
                    tables.Outbox.workspace_id == self._workspace,
                    tables.Outbox.state.in_(states),
                    *which,  # type: ignore[arg-type]
                )
                .with_for_update(skip_locked=True)
            )
        )


# Written once: to build these statements takes longer than to run them.


@cache
def _claimable() -> Select[tables.Outbox]:
    table, earlier = tables.Outbox, aliased(tables.Outbox)
    now = bindparam("now", type_=Moment)
    nobody_s = or_(table.owner.is_(None), table.lease_until <= now)
    due = or_(table.state == "queued", and_(table.state == "sending", nobody_s))
    # one conversation in order: nothing overtakes what is being sent, no answer another one
    first = and_(
        earlier.workspace_id == table.workspace_id,
        earlier.member_id == table.member_id,
        earlier.state.in_(OPEN),
        or_(
            earlier.created_at < table.created_at,
            and_(earlier.created_at == table.created_at, earlier.id < table.id),
        ),
        or_(
            and_(earlier.owner.is_not(None), earlier.lease_until > now),
            and_(earlier.kind == "answer", table.kind == "answer"),
        ),
    )
    return (
        select(table)
        .where(
            table.workspace_id == bindparam("workspace"),
            due,
            or_(table.called_at.is_(None), bindparam("reads", type_=Boolean)),
            table.not_before <= now,
            table.id.not_in(bindparam("not_these", expanding=True)),
            ~exists().where(first),
        )
        .order_by(table.created_at, table.id)
        .limit(bindparam("most", type_=Integer))
        .with_for_update(skip_locked=True, of=table)
    )
