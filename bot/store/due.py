"""What is due: rows are claimed, expire, wait for their turn, and begin to be sent.

The claim of a row says who works on it; only `begin` says that a call begins. Between the two the
row may be taken by anybody once its lease is over: whoever comes too late cannot begin any more.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Literal, NamedTuple

from sqlalchemy import (
    Boolean,
    Integer,
    Select,
    and_,
    bindparam,
    exists,
    func,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.orm import aliased

from bot.ids import draw, seed_of
from bot.store import tables
from bot.store.database import Unit
from bot.store.outbox import OPEN, OutboxRows, Row, read
from bot.store.owners import IsDead
from bot.store.types import Moment

PACE = timedelta(seconds=1)
"""Slack takes one message a second a channel"""
LATE = timedelta(minutes=5)
"""an opener so much over its time leaves with the others that are, spread out and not at once"""
FEW = 5
"""so many at once are no burst"""
SPREAD = timedelta(minutes=10)
HANGING = timedelta(hours=1)
"""a call whose owner lives, and has said nothing since, is left to a person after so long"""

NO_BUDGET = 1_000_000

Begun = Literal["called", "waits", "lost", "workspace_stopped", "workspace_budget"]
STOPPED = ("workspace_stopped", "workspace_budget")
"""what a row was withdrawn for, since that holds for all of the workspace"""


class _State(NamedTuple):
    """What holds for all rows of a workspace."""

    killed_at: datetime | None = None
    held_until: datetime | None = None
    reads_held_until: datetime | None = None


class Due:
    """Reads and writes what is due in the outbox of one workspace."""

    def __init__(self, unit: Unit) -> None:
        self._session = unit.session
        self._workspace = unit.workspace
        self._rows = OutboxRows(unit)

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
        state = self._state()
        if _lasts(state.held_until, now):
            return []
        reads = not _lasts(state.reads_held_until, now)
        given = {"workspace": self._workspace, "now": now, "most": limit, "reads": reads}
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

    def lock_budget(self) -> None:
        """Hold what `begin` counts until the unit ends; taken before any row is.

        On SQLite a writing unit already excludes every other one.
        """
        if self._session.get_bind().dialect.name == "postgresql":
            lock = {"key": seed_of("budget", self._workspace)}
            self._session.execute(text("SELECT pg_advisory_xact_lock(:key)"), lock)

    def begin(self, row: Row, owner: str, address: str, now: datetime, budget: int) -> Begun:
        """Say that the call begins, unless somebody or something stands against it by now.

        `budget` is how many openers the workspace may get on one UTC day; who gives one has
        locked it.
        """
        state = self._state()
        if state.killed_at is not None:
            # since it was checked, it may have waited for its turn: the switch works at once
            ended = self._rows.end(row, owner, "withdrawn", "workspace_stopped")
            return "workspace_stopped" if ended else "lost"
        if (held := _lasts(state.held_until, now)) is not None:
            return "waits" if self._rows.put_back(row, owner, held, "held") else "lost"
        if row.kind == "opener" and budget < NO_BUDGET and self._called_today(now) >= budget:
            ended = self._rows.end(row, owner, "withdrawn", "workspace_budget")
            return "workspace_budget" if ended else "lost"
        last = self._last_called(address, now)
        if last is not None:
            return "waits" if self._rows.put_back(row, owner, last + PACE, "pace") else "lost"
        return "called" if self._rows.mark_called(row, owner, address, now) else "lost"

    def _last_called(self, address: str, now: datetime) -> datetime | None:
        """When a conversation was last written to, if that is less than a second ago."""
        if self._session.get_bind().dialect.name == "postgresql":
            lock = {"key": seed_of("address", self._workspace, address)}
            if not self._session.scalar(text("SELECT pg_try_advisory_xact_lock(:key)"), lock):
                return now  # another process is just beginning
        given = {"since": now - PACE, "until": now + PACE, "address": address}
        return self._session.scalar(_last_call(), {**given, "workspace": self._workspace})

    def _called_today(self, now: datetime) -> int:
        midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        day = {"workspace": self._workspace, "midnight": midnight}
        return self._session.scalar(_called_since(), day) or 0

    def held_until(self, now: datetime) -> datetime | None:
        """Until when the channel asked us to leave this workspace alone; None where it does not."""
        return _lasts(self._state().held_until, now)

    def _state(self) -> _State:
        found = self._session.execute(_workspace(), {"workspace": self._workspace}).first()
        return _State(*found) if found is not None else _State()

    def hold(self, until: datetime) -> None:
        """Leave the channel alone until then: every process sees it."""
        workspace = tables.Workspace
        sooner = or_(workspace.held_until.is_(None), workspace.held_until < until)
        self._session.execute(
            update(workspace)
            .where(workspace.id == self._workspace, sooner)
            .values(held_until=until)
            .execution_options(synchronize_session=False)
        )

    def tidy(self, now: datetime) -> int:
        """Give late openers a time of their own, and expire what is too late; how many did."""
        self.spread(now)
        return self.expire(now)

    def expire(self, now: datetime) -> int:
        """Rows that wait and are too old to be said; returns how many.

        So is an answer that was begun, and whose arrival was set aside: no other one could grow.
        """
        waits = ("queued", "held", "streaming")
        late = self._waiting(tables.Outbox.expires_at <= now, states=waits)
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


def _lasts(until: datetime | None, now: datetime) -> datetime | None:
    """Until when, where that is still to come."""
    return until if until is not None and now < until else None


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


@cache
def _last_call() -> Select[datetime | None]:
    table = tables.Outbox
    return select(func.max(table.called_at)).where(
        table.workspace_id == bindparam("workspace"),
        table.called_at > bindparam("since", type_=Moment),
        table.called_at < bindparam("until", type_=Moment),
        table.address == bindparam("address"),
    )


@cache
def _called_since() -> Select[int]:
    table = tables.Outbox
    return (
        select(func.count())
        .select_from(table)
        .where(
            table.workspace_id == bindparam("workspace"),
            table.called_at >= bindparam("midnight", type_=Moment),
            table.kind == "opener",
        )
    )


@cache
def _workspace() -> Select[datetime | None, datetime | None, datetime | None]:
    table = tables.Workspace
    state = table.killed_at, table.held_until, table.reads_held_until
    return select(*state).where(table.id == bindparam("workspace"))
